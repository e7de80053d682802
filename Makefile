# Sekisho.  make            the programs
#           make check      unit tests
#           make asan       the same under ASan and UBSan
#           make lint       floors, links, style, man pages, clang-tidy, cppcheck
#           make fuzz       every fuzzer for FUZZ_SECONDS (60)
#           make check-all  everything, with full repetitions
# B is the build folder; one folder of src is one archive, one line of
# src/FLOORS says what it may include and so what it is linked with.

B	?= build
CC	:= gcc
LIBEXEC	= $(B)/bin

WARN	= -std=gnu11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-qual \
	  -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	  -Wwrite-strings -Wimplicit-fallthrough -Wundef -Werror
HARDEN	= -fPIE -fstack-protector-strong -fstack-clash-protection \
	  -fcf-protection -D_FORTIFY_SOURCE=3 -ftrivial-auto-var-init=zero
OPT	= -O2 -g
ifdef SAN
HARDEN	= -fPIE -fsanitize=address,undefined -fno-sanitize-recover=all \
	  -fno-omit-frame-pointer
OPT	= -O1 -g
LDSAN	= -fsanitize=address,undefined
endif
CPPFLAGS += -D_GNU_SOURCE -Isrc -Iinclude -I. -I$(B)/gen
CFLAGS	= $(OPT) $(WARN) $(HARDEN) -MMD -MP
LDFLAGS	= -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(LDSAN)

# Libraries by the folder that alone may include their headers.
LIBS_ssh	= -lssh
# modules find our crypt_r() before libcrypt's (src/login/crypt_once.c)
LIBS_login	= -lpam -lcrypt -Wl,--export-dynamic-symbol=crypt_r
ifdef SAN	# ASan's crypt_r() needs the real one there before pam_unix brings it
LIBS_login	+= -Wl,--no-as-needed -lcrypt -Wl,--as-needed
endif
LIBS_store	= -lsqlite3
LIBS_crypt	= -lcrypto
LIBS_filter	= -lseccomp
LIBS_record	= -lzstd
LIBS_config	= -lconfig
LIBS_json	= -ljansson

FOLDERS := $(shell sed -n 's/^\([a-z][a-z]*\):.*/\1/p' src/FLOORS)
deps	= $(shell sed -n 's/^$(1)://p' src/FLOORS)
archive	= $(foreach f,$(1) $(call deps,$(1)),$(B)/lib/$(f).a)
libs	= $(foreach f,$(1) $(call deps,$(1)),$(LIBS_$(f)))

# program = its main in bastion/, the folder that is its body
PROGS	= sekishod:listen sekisho-load:load sekisho-monitor:monitor \
	  sekisho-net:net sekisho-record:recorder sekisho-exec:launch \
	  sekisho-ledgerd:ledgerd sekisho:cli sekisho-keyd:keyd \
	  sekisho-verify:verify
NAMES	= $(foreach p,$(PROGS),$(firstword $(subst :, ,$(p))))
BINS	= $(NAMES:%=$(B)/bin/%)

all: $(BINS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

define folder_rule
SRC_$(1) := $$(wildcard src/$(1)/*.c)
$(B)/lib/$(1).a: $$(SRC_$(1):%.c=$(B)/obj/%.o)
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$^
$(1): $(B)/lib/$(1).a
TESTS_$(1) := $$(patsubst tests/unit/%.c,$(B)/unit/%,$$(wildcard tests/unit/$(1)/*_test.c))
$$(TESTS_$(1)): $(B)/unit/%: $(B)/obj/tests/unit/%.o $(call archive,$(1))
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$< -Wl,--start-group $(call archive,$(1)) \
	    -Wl,--end-group $(call libs,$(1)) $$(LIBS_$(1)) -lcmocka
check-$(1): $$(TESTS_$(1))
	@for t in $$^; do echo "== $$$$t"; $$$$t || exit 1; done
UNITS += $$(TESTS_$(1))
.PHONY: $(1) check-$(1)
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rule,$(f))))

define prog_rule
$(B)/bin/$(1): $(B)/obj/bastion/$(1).o $(call archive,$(2))
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$< -Wl,--start-group $(call archive,$(2)) \
	    -Wl,--end-group $$(call libs,$(2))
endef
# of OpenSSL these need SHA-256 alone, which is 20 KB of code; the shared
# library costs each process 0.5 ms and 400 KB of its own
$(B)/bin/sekisho-monitor $(B)/bin/sekisho-record $(B)/bin/sekisho-exec: \
    LIBS_crypt = -l:libcrypto.a
$(foreach p,$(PROGS),$(eval $(call prog_rule,$(firstword $(subst :, ,$(p))),$(lastword $(subst :, ,$(p))))))

units: $(UNITS)

check: all units
	@scripts/run-units $(UNITS)

# The sandbox and the roles against the real kernel; root.  A file names
# behind "links:" the folders it needs besides base.
CONFINE	:= $(patsubst tests/confine/%.c,$(B)/confine/%,$(wildcard tests/confine/*_test.c))
folders_of = $(shell sed -n 's/.*links: \([a-z ]*\).*/\1/p' $(1))
.SECONDEXPANSION:
$(CONFINE): $(B)/confine/%: $(B)/obj/tests/confine/%.o \
    $$(foreach f,base $$(call folders_of,tests/confine/$$*.c),$$(B)/lib/$$(f).a)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(foreach f,$(call folders_of,tests/confine/$*.c),$(LIBS_$(f))) -lcmocka
$(filter $(B)/confine/launch%,$(CONFINE)): $(B)/obj/tests/confine/launch_drive.o \
    $(B)/obj/tests/confine/launch_helper.o
check-sandbox: all $(CONFINE)
	@SEKISHO_BIN=$(abspath $(B))/bin scripts/run-sandbox $(CONFINE)

# The bench: probes of tests/bench (those with a line "links:"), run beside sshd
# and others.  BENCH=quick: few rounds.  Root.  tests/bench/README.md
BENCH_PROGS := $(patsubst tests/bench/%.c,$(B)/bench/%,$(shell grep -l 'links:' tests/bench/*.c))
$(BENCH_PROGS): $(B)/bench/%: $(B)/obj/tests/bench/%.o \
    $$(foreach f,base $$(call folders_of,tests/bench/$$*.c),$$(B)/lib/$$(f).a)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(foreach f,$(call folders_of,tests/bench/$*.c),$(LIBS_$(f)))
$(B)/bench/probe: $(B)/obj/tests/bench/client.o $(B)/obj/tests/bench/crowd.o
bench-programs: $(BENCH_PROGS)
bench:
	@B=$(B) tests/bench/run $(BENCH)

# Programs that units start confine themselves, which no sanitizer survives:
# they are the plain ones.  A test that does so itself says "no-asan:".
NO_ASAN	= $(patsubst tests/unit/%.c,build-asan/unit/%, \
	  $(shell grep -l 'no-asan:' tests/unit/*/*_test.c))
asan: all
	@$(MAKE) B=build-asan SAN=1 units
	@mkdir -p build-asan/bin && cp $(B)/bin/* build-asan/bin/
	@UNIT_SECONDS=600 scripts/run-units $(filter-out $(NO_ASAN), \
	    $(patsubst $(B)/%,build-asan/%,$(UNITS)))

# Fuzzers: clang's libFuzzer with ASan and UBSan; the corpus is kept in
# tests/fuzz/corpus/NAME and grows there only by hand.
FUZZ_SECONDS ?= 60
FUZZERS	:= $(patsubst tests/fuzz/%_fuzz.c,build-fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
$(FUZZERS): build-fuzz/%: tests/fuzz/%_fuzz.c $(wildcard src/*/*.c src/*/*.h)
	@mkdir -p $(@D)
	@echo "  FUZZ $@"
	@clang -g -O1 -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -std=gnu11 $(CPPFLAGS) -o $@ $< \
	    $(foreach f,base $(call folders_of,$<),$(wildcard src/$(f)/*.c)) \
	    $(foreach f,$(call folders_of,$<),$(LIBS_$(f)))
fuzz: $(FUZZERS)
	@scripts/run-fuzzers $(FUZZ_SECONDS) $(FUZZERS)

# lint: the tree's own checks, then three compilers' opinions.
SOURCES	= $(foreach f,$(FOLDERS),$(SRC_$(f))) $(wildcard bastion/*.c)
lint: all
	@scripts/check-floors
	@scripts/check-links $(B)/bin
	@scripts/check-style | grep -v '(warning)' || true
	@scripts/check-style >/dev/null
	@scripts/check-man
	@scripts/make-completion --check
	@scripts/run-lint $(SOURCES)

check-all:
	@scripts/check --all

clean:
	rm -rf build build-asan build-fuzz

include packaging/install.mk
-include $(wildcard scripts/*.mk)
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.PHONY: all units check asan lint fuzz check-all \
    check-sandbox clean bench bench-programs
