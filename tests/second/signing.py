"""Ed25519 (RFC 8032) and SHA-256, the only cryptography of a store."""
import functools
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Order of the base point.  A signature whose S is not below it is refused (RFC 8032, 5.1.7): otherwise
# every signature would have a second form that also verifies.
ORDER = 2**252 + 27742317777372353535851937790883648493


def sha256(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


@functools.lru_cache(maxsize=65536)
def verify(public_key, signature, message):
    if len(public_key) != 32 or len(signature) != 64:
        return False
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
