# fault.mk - the programs of tests/fault: drive (a whole gate in one process's hands), inject, nomem.so, shaker.
FAULT_SRC	= $(filter-out tests/fault/inject.c tests/fault/nomem.c tests/fault/shaker.c,$(wildcard tests/fault/*.c))
FAULT_FOLDERS	= wire crypt json record base

$(B)/fault/drive: $(FAULT_SRC:%.c=$(B)/obj/%.o) $(FAULT_FOLDERS:%=$(B)/lib/%.a)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(foreach f,$(FAULT_FOLDERS),$(LIBS_$(f)))
$(B)/fault/inject: $(B)/obj/tests/fault/inject.o $(B)/lib/base.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^
$(B)/fault/nomem.so: tests/fault/nomem.c tests/fault/nomem.h
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CPPFLAGS) -O2 -g $(WARN) -Wno-redundant-decls -fPIC -shared -o $@ $<
$(B)/fault/shaker: $(B)/obj/tests/fault/shaker.o
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^
# The gate of shake: as delivered, but its monitor asks nobody for a sign of
# life.  Each PING wakes whoever sleeps over something undone.
QUIET_TIMERS	= $(B)/obj/fault/timers
$(QUIET_TIMERS).c: src/monitor/timers.c
	@mkdir -p $(@D)
	@sed 's/^\(#define PING_MS\)[^0-9]*[0-9]*/\1 600000/' $< >$@
	@! cmp -s $< $@
$(QUIET_TIMERS).o: $(QUIET_TIMERS).c
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(B)/fault/bin/sekisho-monitor: $(B)/obj/bastion/sekisho-monitor.o $(QUIET_TIMERS).o $(call archive,monitor)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(call libs,monitor)
$(B)/fault/bin/sekisho-monitor: LIBS_crypt = -l:libcrypto.a
$(B)/fault/bin/%: $(B)/bin/%
	@mkdir -p $(@D)
	@cp --remove-destination $< $@
fault: all $(B)/fault/drive $(B)/fault/inject $(B)/fault/nomem.so $(B)/fault/shaker $(NAMES:%=$(B)/fault/bin/%)
.PHONY: fault
