/* elf.h - the one thing asked of an ELF file: which loader it names. */
#ifndef LAUNCH_ELF_H
#define LAUNCH_ELF_H

/*
 * *loader is a new string, or NULL for a static program.  ERR_FORMAT: not an
 * ELF program for x86-64, or its headers point outside the file.
 */
int elf_loader(int fd, char **loader);

#endif
