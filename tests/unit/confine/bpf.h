/*
 * bpf.h - a classic-BPF interpreter for seccomp filters: what the kernel would answer, without a kernel.
 *
 * Header-only, for the tests of src/confine and src/filter.  A program that
 * jumps out of itself, reads beside the data or never returns gives
 * BPF_BROKEN, which no filter may answer.
 */
#ifndef UNIT_CONFINE_BPF_H
#define UNIT_CONFINE_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BPF_BROKEN	0xdeadbeefU

static inline uint32_t
bpf_alu(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return b < 32 ? a << b : 0;
	case BPF_RSH:
		return b < 32 ? a >> b : 0;
	case BPF_NEG:
		return 0U - a;
	default:
		return a;
	}
}

static inline int
bpf_test(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JSET:
		return (a & b) != 0;
	default:
		return 0;
	}
}

/* The answer (SECCOMP_RET_x and data) of a filter of "n" instructions to one call. */
static inline uint32_t
bpf_run(const struct sock_filter *f, size_t n, const struct seccomp_data *d)
{
	uint32_t a = 0, x = 0, mem[BPF_MEMWORDS] = { 0 }, b;
	size_t pc = 0;

	while (pc < n) {
		const struct sock_filter *i = &f[pc++];

		b = BPF_SRC(i->code) == BPF_X ? x : i->k;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (BPF_MODE(i->code) == BPF_IMM) {
				a = i->k;
				break;
			}
			if (BPF_MODE(i->code) == BPF_MEM) {
				if (i->k >= BPF_MEMWORDS)
					return BPF_BROKEN;
				a = mem[i->k];
				break;
			}
			if (i->k > sizeof(*d) - 4 || i->k % 4 != 0)
				return BPF_BROKEN;
			memcpy(&a, (const char *)d + i->k, 4);
			break;
		case BPF_LDX:
			x = BPF_MODE(i->code) == BPF_MEM &&
			    i->k < BPF_MEMWORDS ? mem[i->k] : i->k;
			break;
		case BPF_ST:
			if (i->k >= BPF_MEMWORDS)
				return BPF_BROKEN;
			mem[i->k] = a;
			break;
		case BPF_ALU:
			a = bpf_alu(BPF_OP(i->code), a, b);
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA)
				pc += i->k;
			else
				pc += bpf_test(BPF_OP(i->code), a, b) ?
				    i->jt : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? a : i->k;
		case BPF_MISC:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				x = a;
			else
				a = x;
			break;
		default:
			return BPF_BROKEN;
		}
	}
	return BPF_BROKEN;
}

#endif
