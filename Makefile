# SPDX-License-Identifier: GPL-2.0-only
#
# Every product lands below build/; the sources are never written to.
# Variables a caller may set: CC CFLAGS LDFLAGS DESTDIR prefix KVER KDIR KP_WERROR KTAP_FUZZ_RUNS.

VERSION   := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
KP_WERROR ?= 1

prefix    ?= /usr/local
bindir    ?= $(prefix)/bin
datadir   ?= $(prefix)/share
mandir    ?= $(datadir)/man
vimdir    ?= $(datadir)/vim/vimfiles
zshdir    ?= $(datadir)/zsh/site-functions
vscodedir ?= $(datadir)/ktap-vscode
scriptdir := $(datadir)/ktap
dkmsdir   := /usr/src/ktap-$(VERSION)

# The running kernel when its headers are here, else the newest whose headers are.
KVER      ?= $(notdir $(patsubst %/build,%,$(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
		$(lastword $(shell ls -dv /lib/modules/*/build 2>/dev/null)))))
KDIR      ?= /lib/modules/$(KVER)/build
MODDIR    ?= build/module/$(KVER)

# V=1 shows the commands.
Q         := $(if $(V),,@)
ifeq ($(origin CC),default)
CC        := gcc
endif
CFLAGS    ?= -O2 -g
PKG_CONFIG ?= pkg-config
KP_CPPFLAGS = -Isrc/kernel -Isrc/kernel/uapi -Isrc/user -Ibuild/gen -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DKTAP_VERSION='"$(VERSION)"' -DKTAP_SCRIPTDIR='"$(scriptdir)"' \
	$(shell $(PKG_CONFIG) --cflags libtraceevent)
KP_CFLAGS  = -std=gnu11 -pthread -Wall -Wextra $(if $(filter 1,$(KP_WERROR)),-Werror)
KP_LIBS    = -pthread -Wl,--as-needed $(shell $(PKG_CONFIG) --libs libtraceevent) -ldw -lelf
SANITIZE  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

# The command is src/user and, for disassembly and --host, the VM that the module also contains.
SRCS      := $(shell find src/user -name '*.c') \
		$(wildcard src/kernel/vm/*.c src/kernel/builtin/*.c src/kernel/port/*_host.c)
OBJS      := $(SRCS:%.c=build/obj/%.o)
# What tests link: all but main(), and the ring, which is host code too.
TEST_OBJS := $(patsubst %.c,build/san/%.o,$(filter-out src/user/main.c,$(SRCS)) \
		$(wildcard src/kernel/transport/ring.c))
UNIT_SRCS := $(wildcard tests/unit/test_*.c)
UNIT_HELP := $(patsubst %.c,build/san/%.o,$(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c)))
UNIT_BINS := $(UNIT_SRCS:%.c=build/%)
FUZZ_BINS := $(patsubst %.c,build/%,$(wildcard tests/fuzz/fuzz_*.c))
# What tests run inside guests: programs that make events, and one that mutates images.
TRIGGERS  := $(patsubst %.c,build/triggers/%,$(notdir $(wildcard tests/triggers/*.c))) build/triggers/live
KERNEL_SRCS = $(shell find src/kernel -type f \( -name '*.[chS]' -o -name '*.def' -o -name 'Kbuild*' \) \
		! -name '*.mod.c')

.PHONY: all module user man check check-unit check-lang check-fuzz check-kernel check-rig \
	check-portable check-package triggers test-programs style lint bench demo deps editors deb rpm \
	install install-user install-library install-dkms uninstall print-cppflags clean help FORCE

all: user man editors ## what make does without a target: command, manual pages, editor support

help:            ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

user: build/ktap ## compile the command into build/ktap

build/ktap: $(OBJS)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(KP_LIBS)

# What objects have been compiled with besides their sources, but that ccache makes no difference;
# new only when it changes.
CONFIG     = $(VERSION) $(scriptdir) $(filter-out ccache,$(CC)) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(KP_WERROR)
build/gen/config: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CONFIG))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(CONFIG))' >$@

build/obj/%.o: %.c build/gen/config
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(CPPFLAGS) $(KP_CPPFLAGS) $(KP_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What is common to instructions is not worth a register in the loop that runs them, and each of
# them jumps to the next one by itself.
build/obj/src/kernel/vm/interp.o: KP_CFLAGS += -fno-gcse --param max-goto-duplication-insns=40

build/san/%.o: %.c build/gen/config
	@mkdir -p $(@D)
	@echo "  CC      $< (sanitized)"
	$(Q)$(CC) $(KP_CPPFLAGS) -Itests/unit $(KP_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

# Names and numbers of this ABI's system calls as the C library's headers have them, sorted by name.
build/gen/syscall_numbers.h:
	@mkdir -p $(@D)
	@echo '#include <sys/syscall.h>' | $(CC) $(CPPFLAGS) -E -dM - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/KP_SYSCALL(\1, __NR_\1)/p' | LC_ALL=C sort -t, -k1,1 > $@.tmp
	@test -s $@.tmp && mv $@.tmp $@

build/obj/src/user/event/syscall.o build/san/src/user/event/syscall.o: build/gen/syscall_numbers.h

build/san/libktap.a: $(TEST_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# The kernel that this test plays.
# Objects are compiled with 64-bit file offsets, so the C library's open() is open64() to the linker.
PLAYED := open64 openat64 ioctl syscall mount geteuid uname posix_spawn signalfd calloc strndup \
		kp_vm_init kp_vm_load kp_ctx_new
$(filter build/tests/unit/test_command%,$(UNIT_BINS)): WRAP = $(PLAYED:%=-Wl,--wrap=%)

build/tests/unit/%: build/san/tests/unit/%.o $(UNIT_HELP) build/san/libktap.a
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(SANITIZE) $(WRAP) -o $@ $^ $(KP_LIBS) -lcmocka

build/tests/fuzz/%: build/san/tests/fuzz/%.o build/san/libktap.a
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(KP_LIBS)

# Static: a guest has no libraries of this machine.
build/triggers/%: tests/triggers/%.c
	@mkdir -p $(@D) build/gen
	@echo "  CC      $@"
	$(Q)$(CC) $(KP_CFLAGS) -Isrc/kernel/uapi -O2 -static -MMD -MP -MF build/gen/$*.d -o $@ $<

build/triggers/%: tests/fuzz/%.c
	@mkdir -p $(@D) build/gen
	@echo "  CC      $@"
	$(Q)$(CC) $(KP_CFLAGS) -Isrc/kernel/uapi -O2 -static -MMD -MP -MF build/gen/$*.d -o $@ $<

triggers: $(TRIGGERS)

# All that checks compile, at once, for checks that run beside each other.
test-programs: user $(UNIT_BINS) $(FUZZ_BINS) triggers

.SECONDARY:
-include $(shell find build/obj build/san build/gen -name '*.d' 2>/dev/null)

# kbuild writes beside the sources, so it is given a tree of links, one tree for each kernel.
module:          ## build ktapvm.ko for KVER (or KDIR) into build/module/
	@test -n "$(KVER)" || { echo "no kernel headers below /lib/modules: set KVER= or KDIR=" >&2; exit 1; }
	@for f in $(KERNEL_SRCS:src/kernel/%=%); do \
		mkdir -p "$$(dirname "$(MODDIR)/$$f")" && ln -sf "$(CURDIR)/src/kernel/$$f" "$(MODDIR)/$$f" || exit; done
	$(MAKE) -C $(KDIR) M=$(abspath $(MODDIR)) KP_WERROR=$(KP_WERROR) \
		KP_VERSION=$(VERSION) CONFIG_DEBUG_INFO_BTF_MODULES= modules

check:           ## install what the checks need, then run every check
	tests/deps
	tests/check

check-unit: $(UNIT_BINS) ## unit tests on the host, with address and undefined-behaviour sanitizers
	@status=0; for t in $(UNIT_BINS); do CMOCKA_MESSAGE_OUTPUT=TAP tests/tap $$(basename $$t) $$t || status=1; done; \
		exit $$status

check-lang: user ## language tests, the examples of the manual pages, JSON and images, on the host VM
	tests/json build/ktap
	tests/image build/ktap
	tests/man/extract build/man-examples
	tests/man/sessions build/man-examples/session
	tests/run --host tests/lang build/man-examples/host

check-fuzz: $(FUZZ_BINS) ## fuzzers of images, sources, formats, scripts: ten minutes of a processor; KTAP_FUZZ_RUNS=0.1 a tenth
	@status=0; for t in $(FUZZ_BINS); do \
		KTAP_FUZZ_RUNS=$(KTAP_FUZZ_RUNS) tests/tap $$(basename $$t) $$t || status=1; done; exit $$status

check-kernel: user ## language, provider and robustness tests inside the kernels of the rig
	tests/kernel/matrix

check-rig:       ## what tests/qemu/run promises: verdicts on guests in trouble, options
	tests/qemu/selftest

check-portable: user ## commands built for other processors: the same images, the same output
	tests/portable

check-package:   ## build, install, use and purge the Debian and RPM packages
	tests/package/rpm
	tests/package/deb

style:           ## checkpatch on src/kernel, clang-format on src/user
	tests/lint/style

lint: user       ## sparse, cppcheck, shellcheck, include direction, man pages, one version everywhere
	tests/lint/run

bench: user      ## instructions: per event beside other tracers, of the VM beside Lua
	tests/bench/run

demo:            ## trace something now: on this kernel if it takes modules, else in a QEMU guest
	tests/deps build rig
	@$(MAKE) --no-print-directory user
	tests/demo

deps:            ## install what building and checking need (Debian, as root)
	tests/deps

man:             ## generate and collect the manual pages in build/man
	man/build build/man $(VERSION) $(scriptdir)

editors:         ## generate support for vim and VS Code in build/editors
	src/user/editors/build build/editors $(VERSION)

deb:             ## build the Debian packages into build/deb
	tests/package/build-deb build/deb

rpm:             ## build the RPM packages into build/rpm
	tests/package/build-rpm build/rpm

install: install-user install-library install-dkms ## install command, pages, scripts and module source below DESTDIR
	@echo "module source is in $(dkmsdir); 'dkms install ktap/$(VERSION)' builds it"

install-user: user man editors
	install -D -m 755 build/ktap $(DESTDIR)$(bindir)/ktap
	for f in build/man/*.[157]; do install -D -m 644 -t $(DESTDIR)$(mandir)/man$${f##*.} $$f || exit; done
	install -D -m 644 src/user/ktap.bash-completion $(DESTDIR)$(datadir)/bash-completion/completions/ktap
	install -D -m 644 src/user/ktap.zsh-completion $(DESTDIR)$(zshdir)/_ktap
	cd build/editors/vim && find . -type f -exec install -D -m 644 {} $(abspath $(DESTDIR)$(vimdir))/{} \;
	cd build/editors/vscode && find . -type f -exec install -D -m 644 {} $(abspath $(DESTDIR)$(vscodedir))/{} \;

install-library:
	cd library && find . -name '*.kp' -exec install -D -m 644 {} $(abspath $(DESTDIR)$(scriptdir))/{} \;

install-dkms:
	install -D -m 644 dkms.conf $(DESTDIR)$(dkmsdir)/dkms.conf
	for f in $(KERNEL_SRCS); do install -D -m 644 $$f $(DESTDIR)$(dkmsdir)/$$f || exit; done

# DKMS forgets the module while its source is still there.
uninstall:       ## remove what install put below DESTDIR, and the module from DKMS
	if [ -z "$(DESTDIR)" ] && command -v dkms >/dev/null && [ -n "$$(dkms status ktap/$(VERSION))" ]; then \
		dkms remove ktap/$(VERSION) --all; fi
	rm -f $(DESTDIR)$(bindir)/ktap $(DESTDIR)$(datadir)/bash-completion/completions/ktap $(DESTDIR)$(zshdir)/_ktap
	rm -f $(foreach d,syntax ftdetect,$(DESTDIR)$(vimdir)/$(d)/ktap.vim)
	rm -rf $(DESTDIR)$(vscodedir)
	rm -f $(foreach s,1 5 7,$(DESTDIR)$(mandir)/man$(s)/ktap.$(s) $(DESTDIR)$(mandir)/man$(s)/ktap-*.$(s))
	rm -rf $(DESTDIR)$(scriptdir) $(DESTDIR)$(dkmsdir)

# for tools that compile by themselves
print-cppflags:
	@echo $(KP_CPPFLAGS)

clean:           ## remove build/
	rm -rf build
