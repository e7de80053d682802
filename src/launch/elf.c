/* elf.c - reads PT_INTERP of a 64-bit ELF program, every offset bounded. */
#include "launch/elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"

#define HEADERS_MAX	256

static int
read_at(int fd, void *p, size_t n, uint64_t at)
{
	if (at > INT64_MAX)
		return ERR_FORMAT;
	return pread(fd, p, n, (off_t)at) == (ssize_t)n ? 0 : ERR_FORMAT;
}

static int
read_name(int fd, const Elf64_Phdr *ph, char **loader)
{
	char *name;
	int r;

	if (ph->p_filesz < 2 || ph->p_filesz > PATH_MAX_LEN)
		return ERR_FORMAT;
	if ((name = malloc(ph->p_filesz)) == NULL)
		return ERR_NOMEM;
	if ((r = read_at(fd, name, ph->p_filesz, ph->p_offset)) == 0 &&
	    (name[0] != '/' || name[ph->p_filesz - 1] != '\0'))
		r = ERR_FORMAT;
	if (r != 0) {
		free(name);
		return r;
	}
	*loader = name;
	return 0;
}

int
elf_loader(int fd, char **loader)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	size_t i;
	int r;

	*loader = NULL;
	if ((r = read_at(fd, &eh, sizeof(eh), 0)) != 0)
		return r;
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_machine != EM_X86_64 ||
	    (eh.e_type != ET_EXEC && eh.e_type != ET_DYN) ||
	    eh.e_phentsize != sizeof(ph) || eh.e_phnum > HEADERS_MAX)
		return ERR_FORMAT;
	for (i = 0; i < eh.e_phnum; i++) {
		if ((r = read_at(fd, &ph, sizeof(ph),
		    eh.e_phoff + i * sizeof(ph))) != 0)
			return r;
		if (ph.p_type == PT_INTERP)
			return read_name(fd, &ph, loader);
	}
	return 0;
}
