# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# The guest of tests/qemu/run: its machine, its files, and the verdict on its
# kernel's log.  Sourced after lib.sh; works on the variables of run.

# shellcheck source=tests/qemu/toolchain.sh
. "$rig_dir/toolchain.sh"
# shellcheck source=tests/qemu/root.sh
. "$rig_dir/root.sh"

# qemu_for ARCH: sets the program, the machine and the names of its devices.
qemu_for()
{
	virtio_serial=virtio-serial-pci
	virtio_blk=virtio-blk-pci
	console=ttyS0
	boot_options=cryptomgr.notests
	case $1 in
	amd64 | i386)
		qemu="qemu-system-x86_64"
		# A kernel that finds this clears and copies memory with instructions that are emulated
		# byte by byte. Counts of instructions stay comparable with those of other machines.
		machine=(-machine q35 -cpu "max,erms=$([ -n "$icount" ] && echo on || echo off)")
		boot_options+=" nokaslr reboot=t tsc=reliable no_timer_check"
		need $qemu qemu-system-x86
		;;
	arm64)
		qemu="qemu-system-aarch64"
		machine=(-machine virt -cpu 'max,pauth-impdef=on')
		console=ttyAMA0
		need $qemu qemu-system-arm
		;;
	armhf)
		qemu="qemu-system-arm"
		machine=(-machine 'virt,highmem=off' -cpu cortex-a15)
		console=ttyAMA0
		need $qemu qemu-system-arm
		;;
	ppc64el)
		qemu="qemu-system-ppc64"
		machine=(-machine pseries -cpu power9)
		console=hvc0
		need $qemu qemu-system-ppc
		;;
	s390x)
		qemu="qemu-system-s390x"
		machine=(-machine "s390-ccw-virtio" -cpu max)
		virtio_serial="virtio-serial-ccw"
		virtio_blk="virtio-blk-ccw"
		console=ttysclp0
		need $qemu qemu-system-misc
		;;
	*) die "unknown architecture '$1'" ;;
	esac
}

# prepare_kernel: sets image, the directory with vmlinuz, modules and their load
# order; modules, the one with what a disk needs; release; and suite, where the
# guest's small programs come from.  Makes the disk, if one is wanted.
prepare_kernel()
{
	case $kernel in
	installed | installed:*)
		[ "$root" = debian ] || die "--kernel $kernel is for --root debian"
		disk_root "$suite_wanted" "$arch" "$packages"
		installed_kernel "$(cut -s -d : -f 2 <<<"$kernel")"
		suite=$suite_wanted
		modules=$image
		;;
	*/*)
		[ -d "$kernel" ] || die "no directory $kernel with an unpacked kernel package"
		suite=bookworm
		image=$work/image
		mkdir "$image"
		lay_out_image "$image" "$kernel"
		release=$(find "$kernel" -path '*/modules/*/kernel' -printf '%h\n' -quit | xargs -r basename)
		modules=$image
		;;
	*)
		[[ $kernel != *-debug || $root = minimal ]] || die "--kernel $kernel is for --root minimal"
		fetch_image "$kernel" "$arch"
		image=$cache/kernel/$kernel-$arch/image
		[ "$root" = minimal ] || fetch_modules "$kernel" "$arch"
		[ "$root" = minimal ] || disk_root "$suite_wanted" "$arch" "${packages//%r/$release}"
		;;
	esac
	case $kernel in
	installed* | */*)
		[ -z "$module" ] || [ -n "$module_file" ] ||
			die "--kernel $kernel needs --module FILE or --no-module"
		;;
	esac
	apt_context "$suite" "$arch"
}

# fill_busybox DIR SUITE ARCH
fill_busybox()
{
	download "$2" "$3" "$1/deb" busybox-static
	extract_deb "$1"/deb/*.deb "$1/tree"
	find "$1/tree" -name busybox -type f -exec mv {} "$1/busybox" \;
	rm -rf "$1/deb" "$1/tree"
}

# fill_init FILE ARCH COMPILER...: the guest's first process.
fill_init()
{
	local out=$1 arch=$2
	if [ "$arch" = amd64 ]; then
		gcc -O2 -Wall -Wextra -Werror -static -o "$out" "$rig_dir/init.c"
	else
		"$rig_dir/enter" "$cache/$toolchain" "$cache" "$rig_dir" -- \
			"$(triplet "$arch")-$compiler" -O2 -Wall -Wextra -Werror -static \
			-o "$out" "$rig_dir/init.c"
	fi
}

# guest_path PATH: where a path of the guest really lies, /bin being a link.
guest_path()
{
	case $1 in
	/bin/* | /sbin/* | /lib/* | /lib64/* | /libx32/*) echo "/usr$1" ;;
	/*) echo "$1" ;;
	*) die "'$1' is not an absolute path of the guest" ;;
	esac
}

# put HOST GUEST: one file or directory of this machine into the guest's tree,
# with the libraries that its programs are linked to.
put()
{
	local from=$1 to
	to=$files$(guest_path "$2")
	[ -e "$from" ] || die "cannot copy $from: there is no such file"
	mkdir -p "${to%/*}"
	if [ -d "$from" ]; then
		mkdir -p "$to"
		cp -RL --preserve=mode,timestamps "$from/." "$to/"
	else
		cp -L --preserve=mode,timestamps "$from" "$to"
	fi
	find "$to" -type f -perm /111 -exec grep -q -a '^.ELF' {} \; -print >>"$work/programs"
}

# libraries_of PROGRAM: its loader and libraries, by the names they have in the
# guest; none, if it is static.
libraries_of()
{
	if [ "$arch" != amd64 ]; then
		foreign_libraries_of "$1"
	elif ldd "$1" >"$work/ldd" 2>/dev/null; then
		sed -nE 's,^(.* => )?[[:space:]]*(/[^ ]+) \(.*,\2,p' "$work/ldd"
	fi
}

# The same for a program of another architecture, from the tree it was built in.
foreign_libraries_of()
{
	local name
	readelf -l "$1" | sed -n 's,.*program interpreter: \(.*\)\],\1,p'
	readelf -d "$1" | sed -n 's,.*(NEEDED).*\[\(.*\)\],\1,p' | while read -r name; do
		case $name in
		ld*) continue ;;
		esac
		name=/lib/$(multiarch "$arch")/$name
		[ -e "$tool_tree$name" ] || name=/usr$name
		echo "$name"
		foreign_libraries_of "$tool_tree$name"
	done
}

# put_libraries: the libraries of all programs put so far that the root lacks.
put_libraries()
{
	local program lib to from=''
	[ -s "$work/programs" ] || return 0
	if [ "$arch" != amd64 ]; then
		need readelf binutils
		prepare_tool "$arch"
		from=$tool_tree
	fi
	while read -r program; do
		libraries_of "$program"
	done <"$work/programs" | sort -u | while read -r lib; do
		to=$(guest_path "$lib")
		if [ ! -e "$files$to" ] && ! root_has "$to"; then
			mkdir -p "$files${to%/*}"
			cp -L "$from$lib" "$files$to"
		fi
	done
}

# root_has PATH: whether the root on the disk has that file already.
root_has()
{
	[ "$root" = debian ] && grep -qxF -- "$1" "${disk%/*}/files"
}

# make_payload COMMAND...: the guest's initramfs at $work/initrd.
make_payload()
{
	local rig=$work/tree/rig name copy
	mkdir -p "$rig/modules" "$work/tree/usr/"{bin,sbin,lib,lib64}
	for name in bin sbin lib lib64; do
		ln -s "usr/$name" "$work/tree/$name"
	done
	cached "busybox/$suite-$arch" fill_busybox "$suite" "$arch"
	cp "$cache/busybox/$suite-$arch/busybox" "$work/tree/usr/bin/"
	name=init/$arch-$(cksum <"$rig_dir/init.c" | cut -d ' ' -f 1)
	[ "$arch" = amd64 ] || prepare_build "$kernel" "$arch"
	cached "$name" fill_init "$arch"
	cp "$cache/$name" "$work/tree/init"
	copy_modules "$image" load
	files=$work/tree
	if [ "$root" = debian ]; then
		copy_modules "$modules" load.disk
		files=$work/tree/payload
		mkdir "$files"
		touch "$rig/disk"
	fi
	printf '%s\0' "$@" >"$rig/argv"
	: >"$work/programs"

	for copy in "${copies[@]}"; do
		[[ $copy == ?*:/* ]] || die "--copy $copy is not HOSTPATH:/GUESTPATH"
		put "${copy%:/*}" "/${copy##*:/}"
	done
	put_module "$rig"
	put_tool
	put_libraries
	[ -z "$systemd" ] || put_service
	(cd "$work/tree" && find . | cpio -o -H newc -R 0:0 --quiet) >"$work/initrd"
}

# copy_modules DIR LIST: the modules of a list, and the list, into the guest.
copy_modules()
{
	cp "$1/$2" "$work/tree/rig/"
	sed "s,^,$1/modules/," "$1/$2" | xargs -r -d '\n' cp -t "$work/tree/rig/modules"
}

put_module()
{
	local rig=$1 name=ktapvm
	if [ -n "$module_file" ]; then
		name=$(basename "$module_file" .ko)
		put "$module_file" "/lib/modules/$release/updates/$name.ko"
		root_has "/usr/lib/modules/$release/modules.dep" ||
			echo "updates/$name.ko:" >"$files/usr/lib/modules/$release/modules.dep"
		[ -z "$insmod" ] || cp "$module_file" "$rig/insmod"
	fi
	echo "${name//-/_}" >"$rig/module"
}

# put_service: lets the root's own init start the command when it is up.
put_service()
{
	local units=$files/etc/systemd/system
	mkdir -p "$units/multi-user.target.wants" "$files/rig"
	cp "$work/tree/init" "$files/rig/init"
	cat >"$units/ktap-rig.service" <<-EOF
		[Unit]
		Description=command of the rig
		After=multi-user.target
		[Service]
		Type=oneshot
		TimeoutStartSec=infinity
		ExecStart=/rig/init --service
	EOF
	ln -s ../ktap-rig.service "$units/multi-user.target.wants/"
	touch "$work/tree/rig/service"
}

put_tool()
{
	local program=$top_dir/build/ktap
	[ -n "$tool" ] || return 0
	[ "$arch" = amd64 ] || program=$("$rig_dir/build-tool" "$arch")
	[ -e "$program" ] || die "$program is missing: build it ('make user'), or say --no-tool"
	put "$program" /usr/bin/ktap
}

# What a kernel says when something is wrong, at the start of a message.
complaint='(WARNING:|(\[ )?BUG:|BUG [a-z]|Oops|Internal error|Kernel panic|kernel BUG at|general protection fault'
complaint+='|Unable to handle kernel|watchdog: BUG|rcu: INFO:|INFO: (rcu|task)'
complaint+='|UBSAN:|refcount_t:|list_(add|del) corruption|double fault|stack segment'
complaint+='|Call Trace:|Call trace:|unreferenced object|Kernel stack overflow|Out of memory)'

# judge: exits with the verdict on the run, printing the log when it is bad.
judge()
{
	local bad
	# the boot of a stock kernel under emulation is not what is judged
	bad=$(sed -E -e '0,/ktap-rig: begin/d' -e 's/\r//g' -e 's/^(\[ *[0-9.]+\](\[ *[TC][0-9]+\])? ?)+//' "$log" |
		awk -v complaint="^$complaint" '!bad && $0 ~ complaint { bad = $0 } END { print bad }')
	if [ -n "$begun" ] && [ -n "$late" ]; then
		report "the command ran longer than $timeout seconds"
		exit 124
	elif [ -n "$bad" ]; then
		report "the kernel complained: $bad"
		exit 125
	elif [ -n "$trouble" ]; then
		report "${trouble%$'\n'}"
		exit 125
	elif [ -z "$begun" ]; then
		cat "$work/qemu.log" >&2
		report "the guest did not come up (QEMU's status: $qemu_status)"
		exit 125
	elif [ -z "$status" ]; then
		report "the guest ended before the command"
		exit 125
	elif [ -n "$hung" ]; then
		report "the guest hung after the command"
		exit 125
	fi
	exit "$status"
}

# report TEXT: the kernel's log and, last, what is wrong.
report()
{
	{
		echo "----- kernel log ($kernel, $arch) -----"
		cat "$log"
		echo "----- end of kernel log -----"
	} >&2
	say "$1"
}
