# make install    programs, man pages, samples and unit below $(DESTDIR)$(PREFIX)
# make uninstall  takes them away again, and nothing else
# make deb        build a Debian package: $(B)/sekisho_VERSION_ARCH.deb
PREFIX	?= /usr/local
DESTDIR	?=

install: all
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' packaging/install $(B)/bin
	@echo "Sekisho is in $(DESTDIR)$(PREFIX); next: sudo $(PREFIX)/bin/sekisho setup"

uninstall:
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' packaging/install --uninstall $(B)/bin

deb: all
	@packaging/deb $(B)/bin $(B)

.PHONY: install uninstall deb
