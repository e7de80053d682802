# make install    programs, man pages, samples and unit below $(DESTDIR)$(PREFIX)
# make uninstall  takes them away again, and nothing else
# make deb        build a Debian package: $(B)/sekisho_VERSION_ARCH.deb
PREFIX	?= /usr/local
DESTDIR	?=

# by the environment: quotes and blanks in a path are nobody's syntax
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export DESTDIR := $(DESTDIR)

install: all
	@packaging/install $(B)/bin
	@echo "Sekisho is in $$DESTDIR$$PREFIX; next: sudo $$PREFIX/bin/sekisho setup"

uninstall:
	@packaging/install --uninstall $(B)/bin

deb: all
	@packaging/deb $(B)/bin $(B)

.PHONY: install uninstall deb
