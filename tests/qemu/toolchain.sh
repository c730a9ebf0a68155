# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# The compiler a kernel's headers ask for.  On a machine of the kernel's own
# suite that is the machine's compiler.  Else it is a small tree with make and
# that compiler, unpacked from the kernel's suite and entered by chroot, so that
# neither the version of gcc nor that of libc matters.  Sourced after lib.sh.

# shellcheck source=tests/qemu/debug.sh
. "$rig_dir/debug.sh"

# triplet ARCH: GNU name of a Debian architecture.
triplet()
{
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	i386) echo i686-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	armhf) echo arm-linux-gnueabihf ;;
	ppc64el) echo powerpc64le-linux-gnu ;;
	s390x) echo s390x-linux-gnu ;;
	*) die "unknown architecture '$1'" ;;
	esac
}

# multiarch ARCH: directory of its libraries below /usr/lib.
multiarch()
{
	triplet "$1" | sed s/i686/i386/
}

# cross_prefix ARCH: CROSS_COMPILE for it, empty for amd64.
cross_prefix()
{
	[ "$1" = amd64 ] || echo "$(triplet "$1")-"
}

# prepare_build NAME ARCH: fetches what a module build needs and sets build_dir,
# a directory for `make -C $build_dir M=... modules`.
prepare_build()
{
	local name=$1 arch=$2 host_suite
	fetch_headers "$name" "$arch"
	# shellcheck source=/dev/null
	host_suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	if [ "$arch" = amd64 ] && [ "$suite" = "$host_suite" ] && command -v "$compiler" >/dev/null; then
		build_dir=$headers
		return
	fi
	toolchain="toolchain/${suite%-backports}-$arch-$compiler"
	cached "$toolchain" fill_toolchain "$suite" "$arch" "$compiler"
	build_dir=$cache/kernel/$name-$arch/build
	cached "kernel/$name-$arch/build" fill_build_dir "$arch"
}

# fill_toolchain DIR SUITE ARCH COMPILER: what headers demand besides themselves.
fill_toolchain()
{
	local dir=$1 suite=${2%-backports} arch=$3 compiler=$4 packages
	apt_context "$suite" amd64
	if [ "$arch" = amd64 ]; then
		packages=$compiler
	else
		packages="$compiler-$(triplet "$arch" | tr _ -) libc6-dev-$arch-cross"
	fi
	! has_package "$suite" amd64 pahole || packages+=" pahole"
	# kbuild's own programs need these libraries; their names change with the suite
	packages+=" $(in_context "$suite" amd64 apt-cache pkgnames lib |
		grep -xE 'libelf1(t64)?|libssl[0-9.]+(t64)?' | sort -V | tail -n 2)"
	say "fetching $compiler ($arch) from $suite"
	# shellcheck disable=SC2086 # a list of words
	plant_tree "$dir" "$suite" $packages
}

# plant_tree DIR SUITE PACKAGE...: a tree to enter, with a shell, make and those
# amd64 packages.
plant_tree()
{
	local dir=$1 name
	mkdir -p "$dir"/{dev,proc,tmp,usr/{bin,sbin,lib,lib64}}
	for name in bin sbin lib lib64; do
		ln -s "usr/$name" "$dir/$name"
	done
	add_packages "$dir" "$2" amd64 make dash sed grep mawk coreutils findutils diffutils "${@:3}"
	ln -sf mawk "$dir/usr/bin/awk"
}

# What else of packages is left out.
unwanted=(--exclude='./usr/share/*')

# add_packages DIR SUITE ARCH PACKAGE...: unpacks packages and all they depend on.
# They are not installed: nothing in them needs its scripts.
add_packages()
{
	local dir=$1 suite=$2 arch=$3 deb
	mkdir -p "$dir/deb/partial"
	again "download ${*:4} from $suite ($arch)" fetch "$suite" "$arch" -y --download-only \
		-o "Dir::Cache::Archives=$dir/deb" install "${@:4}"
	for deb in "$dir"/deb/*.deb; do
		extract_deb "$deb" "$dir" "${unwanted[@]}" --exclude='*/sanitizer/*' --exclude='*/cc1plus' --exclude='*/lto1'
	done
	rm -rf "$dir/deb"
}

# The suite whose libraries the command is built with for other architectures.
tool_suite=bookworm

# prepare_tool ARCH: sets tool_tree, where the command can be compiled for another
# architecture with that one's libraries.
prepare_tool()
{
	tool_tree=$cache/toolchain/$tool_suite-$1-command
	cached "toolchain/$tool_suite-$1-command" fill_tool_tree "$1"
}

fill_tool_tree()
{
	local dir=$1 arch=$2 link target
	apt_context $tool_suite amd64
	apt_context $tool_suite "$arch"
	say "fetching the libraries of the command ($arch) from $tool_suite"
	plant_tree "$dir" $tool_suite "gcc-$(triplet "$arch" | tr _ -)" pkgconf
	add_packages "$dir" $tool_suite "$arch" libc6-dev libelf-dev libdw-dev libtraceevent-dev
	# QEMU's user mode follows links from outside of the tree
	find "$dir" -type l -lname '/*' -printf '%P %l\n' | while read -r link target; do
		ln -sfnr "$dir$target" "$dir/$link"
	done
}

# fill_build_dir DIR ARCH: a makefile that passes every target and variable on to
# the headers' makefile inside the toolchain tree.
fill_build_dir()
{
	local dir=$1 arch=$2
	mkdir -p "$dir"
	cat >"$dir/Makefile" <<-EOF
		# Runs the makefile of the kernel's headers inside the compiler's tree;
		# variables of the command line travel in MAKEFLAGS.
		.DEFAULT_GOAL := all
		%: ; @'$rig_dir/enter' '$cache/$toolchain' '$cache' '\$(M)' -- \\
			\$(MAKE) -C '$headers' \$@
		export CROSS_COMPILE := $(cross_prefix "$arch")
		Makefile: ;
	EOF
}
