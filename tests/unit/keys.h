/* keys.h - public keys made by ssh-keygen(1), and their fingerprints as it prints them. */
#ifndef UNIT_KEYS_H
#define UNIT_KEYS_H

#define KEY_ED25519_TYPE "ssh-ed25519"
#define KEY_ED25519 \
    "AAAAC3NzaC1lZDI1NTE5AAAAIFXRA0xe6qPcaGPuuf3s/K8Li0v4QQd+Ns3BbiXT" \
    "6sC3"
#define KEY_ED25519_PRINT "SHA256:f3Ti8w+vuiLCi7Lb4u/lO9Zj2NP6sYvTEEdcLt8uDnM"

#define KEY_ECDSA256_TYPE "ecdsa-sha2-nistp256"
#define KEY_ECDSA256 \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFZVb7mLyIjK" \
    "KK9goEgRcdkhsy/7Li/jwWvVdjbkcqPcYJSgjY71de38tLeCjcBOwAa7D28IXhMO" \
    "/qxibvRa7Gs="
#define KEY_ECDSA256_PRINT "SHA256:AvrNZjbkOM5aik0v+fFNMKPB+3nbDEBClmUuT2ULnb8"

#define KEY_ECDSA384_TYPE "ecdsa-sha2-nistp384"
#define KEY_ECDSA384 \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEFzbKabBqyn" \
    "gsba9Psy/es1u8NoBg53/4l8bzhTxP0qz+5XE93PSWGQheou2tMbUuUnU+xfpIYv" \
    "WLC32owQ8vYk60qMTj3HbRpgGwXCaP+pPSwm1pJ8fJWZ1Rz2mbrUlg=="
#define KEY_ECDSA384_PRINT "SHA256:FRetv3uv9CJTuDayfBAs7C5WUmiGQnkT4wUXIOro9Cg"

#define KEY_ECDSA521_TYPE "ecdsa-sha2-nistp521"
#define KEY_ECDSA521 \
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHIb47LOp4E" \
    "K/p2o0lOiQG3EIIQJVF+03J0bGmLrTmDwfDbRkXO9L3986hXoyuU7Jnvp5WgGNJf" \
    "RkbtYrvF3/FlrQCoWUCZJVU4cCsQdcBWwNQ95jFNXK4N64v6UGZxGiDVnSvKVe2N" \
    "o8EU5S15o8dqFshX725nRhY/lmY34Gbkc5/3kQ=="
#define KEY_ECDSA521_PRINT "SHA256:kh4QDFUqiJtyXOft5A5TQRQj8PcF5ERgn8UwthgnI3s"

#define KEY_RSA3072_TYPE "ssh-rsa"
#define KEY_RSA3072 \
    "AAAAB3NzaC1yc2EAAAADAQABAAABgQCyJdeifj6sDGbdS9Gv0/0+gBE4gUuuaCRc" \
    "vsay5Xvd/dnMq7kzNc+3IHdx4JGAkJwaRB4azhANQOJdQWcrTDnwdPIn3C4usjy4" \
    "IoENZbcDdX1qGvsodl97G2fZ2j3c5/FeyOU1SfQk0kguZqk4ONYZHz/Qe/C1P46z" \
    "fzRQnYp9qtYO/cVCMgeYu+CluDXygiIZhJNllw3vFZ0wOada6y/8mVZJzGfIDyZ+" \
    "Jj1vK0FQ5gG+s/cv8yl6EQYjfghjG50ucI22aKMZUwqy5EH85BC1A8AvYBjDX4V5" \
    "XzQXpVcHOkCfrBbF1K1kq1xrdZplyQSJWj5cgNlEMsXp5KblNuyzKFLQYeNprhrA" \
    "Sz047CgjgOcGxFrQ7mci4XaDnT7o/OTr88Al2Rsf/SoUueB+vZ/nCJUpe5YiCNpB" \
    "SJKMI9FtJrX6uOIEXVpfbI9TI0bqkeuvGVOY8e8KboCgOWVEOWx9ANmzyE/27GSV" \
    "H5uVf53r2vF8WMQEZo+4GpZ+MPlZA4U="
#define KEY_RSA3072_PRINT "SHA256:YNMsL97c6+6hMjGwbEzXRqvMUn6myQi0sp54th09fR0"

#define KEY_RSA2048_TYPE "ssh-rsa"
#define KEY_RSA2048 \
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQC05ljPcUESMmMVRBO3cKZXru9e8EnSoLKJ" \
    "t5Fiw/6GMbKaQeNVjsqbyWLkZSwSQaAe+MYoq9VNzH6vf/sNhjPRstqkuc6tjidE" \
    "0ZKl+YXfAAz5reKRhsz9aF2SYMfeAyTYZwD+cF66uRGX8PXGNECcQyQEXxtqHAOm" \
    "JT4EwdyeoCjftNFkOXlxoW4d7ZJy1ezTZiEDVrdqfX6rQXCSB+/9POvcNmdZKCOa" \
    "pXo9MVoz5aSo9WlK9sLeyoFKEd42SdXAVb1XVIBuJW6ZgnFRGl9Tm5CwHzWgQDp7" \
    "ljhhYpl7D69lCr9BSGrJrGCwPBC1mOGTVJUysgfiCUmqZ7NJfTfd"
#define KEY_RSA2048_PRINT "SHA256:UMtHdIfzyhtSLpRbEbzGAhPiedonDGXXKBtvV4iLZkg"

#endif
