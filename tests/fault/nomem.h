/* nomem.h - what nomem.so tells whoever preloaded it. */
#ifndef TESTS_FAULT_NOMEM_H
#define TESTS_FAULT_NOMEM_H

struct nomem_report {
	long	 count;		/* allocations asked for */
	long	 failed;	/* of them refused */
};

#endif
