/* version.h - the version every program prints. */
#ifndef SEKISHO_VERSION_H
#define SEKISHO_VERSION_H

#define SEKISHO_VERSION	"0.1"

#endif
