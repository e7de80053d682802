# fault.mk - the programs of tests/fault: drive (a whole gate in one process's hands), inject, nomem.so.
FAULT_SRC	= $(filter-out tests/fault/inject.c tests/fault/nomem.c,$(wildcard tests/fault/*.c))
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
fault: all $(B)/fault/drive $(B)/fault/inject $(B)/fault/nomem.so
.PHONY: fault
