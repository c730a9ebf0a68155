# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# Shared by the scripts of the rig: the cache, private apt directories, and the
# resolution of kernel names to Debian packages.  Sourced, never run.
#
# Everything fetched or built lies under $cache.  A thing is built in a
# temporary directory next to its place and renamed when it is whole, under a
# lock of its own, so that any number of runs can share one cache.

set -euo pipefail

rig_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_dir=$(cd "$rig_dir/../.." && pwd)
cache=${KTAP_RIG_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ktap-rig}
# Raised when what the cache holds is made in another way; what was made before is dropped then.
cache_format=1
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
prog=tests/qemu/${0##*/}

# die TEXT...: one message on stderr, status 125 (see README.md).
die()
{
	echo "$prog: $*" >&2
	exit 125
}

# say TEXT...: progress of slow, rare work (a cold cache), on stderr.
say()
{
	echo "$prog: $*" >&2
}

# need COMMAND PACKAGE: stops with the package to install if COMMAND is absent.
need()
{
	command -v "$1" >/dev/null || die "'$1' is missing: install the package '$2'"
}

# locked NAME COMMAND...: runs COMMAND while holding the cache's lock NAME.
locked()
{
	local lock=$1
	shift
	mkdir -p "$cache/locks"
	(
		flock 9
		"$@" 9>&-
	) 9>"$cache/locks/${lock//\//_}"
}

# check_cache: drops what an earlier version of these scripts has left in the cache.
check_cache()
{
	[ "$(cat "$cache/format" 2>/dev/null)" = $cache_format ] || locked format drop_cache
}

drop_cache()
{
	[ "$(cat "$cache/format" 2>/dev/null)" != $cache_format ] || return 0
	rm -rf "$cache"/{apt,bench,busybox,checkpatch,init,kernel,module,package-root,root,tool,toolchain}
	echo $cache_format >"$cache/format"
}

# cached PATH BUILDER ARGS...: makes $cache/PATH once.  BUILDER gets a temporary
# path to fill as its first argument, then ARGS.
cached()
{
	check_cache
	[ -e "$cache/$1" ] || locked "$1" fill_cache "$@"
}

fill_cache()
{
	local path=$cache/$1 builder=$2 tmp
	shift 2
	[ ! -e "$path" ] || return 0
	mkdir -p "${path%/*}"
	tmp=$path.tmp
	rm -rf "$tmp"
	"$builder" "$tmp" "$@"
	mv -T "$tmp" "$path"
}

# mirror main|security: address of the Debian archive this machine uses.
mirror()
{
	local want=$1
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
		awk -v want="$want" '
			{ kind = "main" }
			$2 ~ /-(updates|backports)/ { kind = "other" }
			$2 ~ /-security/ { kind = "security" }
			kind == want { print $1; exit }'
}

# suites_of SUITE: "release address" lines, what a system of that suite would use.
# Without a security archive the main one serves alone.
suites_of()
{
	local suite=$1 main security
	main=$(mirror main)
	security=$(mirror security)
	[ -n "$main" ] || die "apt knows no Debian archive (see apt-get indextargets)"
	case $suite in
	*-backports)
		echo "${suite%-backports} $main"
		echo "$suite $main"
		;;
	sid | forky)
		echo "$suite $main"
		;;
	*)
		echo "$suite $main"
		[ -z "$security" ] || echo "$suite-security $security"
		;;
	esac
}

# apt_context SUITE ARCH: makes a private apt directory with fresh indexes and an
# empty package status; its apt.conf is for APT_CONFIG.
apt_context()
{
	cached "apt/$1-$2" fill_apt_context "$@"
}

fill_apt_context()
{
	local dir=$1 suite=$2 arch=$3 final
	final=$cache/apt/$suite-$arch
	say "reading the package lists of $suite ($arch)"
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,etc/preferences.d}
	: >"$dir/status"
	apt_config "$dir" "$arch" >"$dir/apt.conf"
	suites_of "$suite" | while read -r release address; do
		echo "deb [signed-by=$keyring] $address $release main"
	done >"$dir/sources.list"
	if ! again "read the package lists of $suite" env APT_CONFIG="$dir/apt.conf" apt-get -qq update; then
		say "trying the main archive alone"
		sed -i '/-security main$/d' "$dir/sources.list"
		again "read the package lists of $suite" env APT_CONFIG="$dir/apt.conf" apt-get -qq update
	fi
	apt_config "$final" "$arch" >"$dir/apt.conf"
}

apt_config()
{
	local dir=$1 arch=$2
	cat <<-EOF
		Dir::State::Lists "$dir/lists";
		Dir::State::Status "$dir/status";
		Dir::Cache "$dir/cache";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::PreferencesParts "$dir/etc/preferences.d";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		Acquire::Retries "3";
		APT::Update::Error-Mode "any";
		Dpkg::Use-Pty "false";
	EOF
}

# in_context SUITE ARCH COMMAND...: runs an apt command in that private directory.
in_context()
{
	local config=$cache/apt/$1-$2/apt.conf
	shift 2
	APT_CONFIG=$config "$@"
}

# has_package SUITE ARCH PACKAGE
has_package()
{
	in_context "$1" "$2" apt-cache pkgnames "$3" | grep -qxF -- "$3"
}

# again WHAT COMMAND...: tries a few times, as the archive may be out of reach for a moment. When
# it is for long, says that it cannot WHAT.
again()
{
	local what=$1 pause
	shift
	for pause in 5 30; do
		if "$@"; then
			return
		fi
		say "cannot $what yet, next try in $pause seconds"
		sleep "$pause"
	done
	"$@" && return
	say "cannot $what"
	return 125
}

# fetch SUITE ARCH ARGUMENT...: runs apt-get there. Indexes that have aged past the archive are
# read anew.
fetch()
{
	local suite=$1 arch=$2
	in_context "$suite" "$arch" apt-get -qq "${@:3}" && return
	locked "apt-update-$suite-$arch" in_context "$suite" "$arch" apt-get -qq update
	in_context "$suite" "$arch" apt-get -qq "${@:3}"
}

# download SUITE ARCH DIR PACKAGE...: the newest .deb of each package into DIR.
download()
{
	mkdir -p "$3"
	(cd "$3" && again "download ${*:4} from $1 ($2)" fetch "$1" "$2" download "${@:4}") || exit 125
}

# kernel_name NAME ARCH: sets version, flavour and suites (in order of
# preference) for a name such as 6.1, 6.1-rt, 6.1-full or 6.1-debug.
kernel_name()
{
	local name=$1 arch=$2 variant=
	version=${name%%-*}
	[ "$name" = "$version" ] || variant=${name#*-}
	case $version in
	5.10) suites=bullseye ;;
	6.1) suites=bookworm ;;
	6.12) suites=trixie ;;
	7.2) suites="forky sid trixie-backports" ;;
	7.3) suites="trixie-backports sid" ;;
	*) die "no kernel '$name': known are 5.10 6.1 6.12 7.2 7.3, with -rt, -full or -debug" ;;
	esac
	case $arch:$variant in
	amd64:) flavour=cloud-amd64 ;;
	arm64:) flavour=cloud-arm64 ;;
	amd64:full) flavour=amd64 ;;
	arm64:full) flavour=arm64 ;;
	i386: | i386:full) flavour=686-pae ;;
	armhf: | armhf:full) flavour=armmp ;;
	ppc64el: | ppc64el:full) flavour=powerpc64le ;;
	s390x: | s390x:full) flavour=s390x ;;
	amd64:debug) flavour=debug ;;
	amd64:rt) flavour=rt-amd64 ;;
	arm64:rt) flavour=rt-arm64 ;;
	i386:rt) flavour=rt-686-pae ;;
	armhf:rt) flavour=rt-armmp ;;
	*) die "no kernel '$name' for '$arch'" ;;
	esac
}

# kernel_release NAME ARCH: fixes once which Debian kernel a name means, and sets
# release (as uname -r) and suite.
kernel_release()
{
	local file=kernel/$1-$2/release version flavour suites
	if [[ $1 = *-debug ]]; then
		kernel_name "$@"
		fetch_debug "$1"
	fi
	cached "$file" fill_release "$@"
	read -r release suite <"$cache/$file"
}

fill_release()
{
	local out=$1 name=$2 arch=$3 version flavour suites suite found
	kernel_name "$name" "$arch"
	for suite in $suites; do
		apt_context "$suite" "$arch"
		found=$(in_context "$suite" "$arch" apt-cache pkgnames linux-headers- |
			grep -E "^linux-headers-${version//./\\.}\\.[^-]*(-[0-9][^-]*)?-$flavour\$" |
			sort -V | tail -n 1) || continue
		echo "${found#linux-headers-} $suite" >"$out"
		return
	done
	die "no Debian kernel $version ($flavour) in: $suites"
}

# extract_deb DEB DIR [OPTION...]: unpacks a package; options such as --exclude go
# to tar.
extract_deb()
{
	local deb=$1 dir=$2
	shift 2
	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -x -C "$dir" --keep-directory-symlink --no-same-owner "$@"
}

# fetch_image NAME ARCH: the kernel's files at kernel/NAME-ARCH/image:
#   vmlinuz    the boot image
#   modules/   the kernel's own modules that the rig may load, uncompressed
#   load       those that carry the guest's input and output, in load order
#   load.disk  those that a root on a disk needs besides
# Where a distribution packs modules apart and the kernel has all that carries
# input and output built in, modules and load.disk are left to fetch_modules.
fetch_image()
{
	kernel_release "$1" "$2"
	cached "kernel/$1-$2/image" fill_image "$2"
}

# fetch_modules NAME ARCH: sets modules, the directory with modules/ and load.disk.
fetch_modules()
{
	fetch_image "$1" "$2"
	modules=$cache/kernel/$1-$2/image
	[ ! -e "$modules/load.disk" ] || return 0
	modules=$cache/kernel/$1-$2/modules
	cached "kernel/$1-$2/modules" fill_modules "$2"
}

fill_image()
{
	local dir=$1 arch=$2
	say "fetching kernel $release from $suite"
	if has_package "$suite" "$arch" "linux-modules-$release"; then
		unpack_packages "$dir/tree" "$arch" "linux-binary-$release" "linux-base-$release"
		[ "$(find "$dir/tree" -name 'config*' -type f -exec \
			grep -hcE '^CONFIG_VIRTIO_(PCI|CCW|CONSOLE)=y' {} +)" -ge 2 ] ||
			unpack_packages "$dir/tree" "$arch" "linux-modules-$release"
	else
		unpack_packages "$dir/tree" "$arch" "linux-image-$release"
	fi
	lay_out_image "$dir" "$dir/tree"
	rm -rf "$dir/tree"
}

fill_modules()
{
	local dir=$1 arch=$2
	say "fetching the modules of $release from $suite"
	unpack_packages "$dir/tree" "$arch" "linux-modules-$release"
	lay_out_modules "$dir" "$dir/tree"
	rm -rf "$dir/tree"
}

# unpack_packages TREE ARCH PACKAGE...: kernel packages without their large rest.
unpack_packages()
{
	local tree=$1 arch=$2 deb
	shift 2
	download "$suite" "$arch" "$tree.deb" "$@"
	for deb in "$tree.deb"/*.deb; do
		extract_deb "$deb" "$tree" --exclude='*/drivers/gpu/*' --exclude='*/drivers/media/*' \
			--exclude='*/sound/*' --exclude='*/drivers/net/*/*' --exclude='*/drivers/infiniband/*'
	done
	rm -rf "$tree.deb"
}

# The modules the rig takes out of a kernel package: for its devices and file
# systems, and a few that make events for tests.
rig_modules='/kernel/(drivers/virtio|lib|fs/(ext4|jbd2))/|/kernel/(crypto|arch)/.*crc'
rig_modules+='|/(virtio_(console|blk|ccw)|mbcache|loop|dummy|veth)\.ko'

# lay_out_image DIR TREE: fills an image directory from unpacked kernel packages.
lay_out_image()
{
	local dir=$1 tree=$2 file
	file=$(find "$tree" \( -name 'vmlinuz*' -o -name 'vmlinux-*' \) -type f | sort -V | tail -n 1)
	[ -n "$file" ] || die "no kernel image below $tree"
	cp "$file" "$dir/vmlinuz"
	: >"$dir/load"
	if [ -n "$(find "$tree" -name '*.ko*' -type f -print -quit)" ]; then
		lay_out_modules "$dir" "$tree"
	fi
}

lay_out_modules()
{
	local dir=$1 tree=$2 file name
	mkdir -p "$dir/modules"
	find "$tree" -type f -name '*.ko*' | grep -E "$rig_modules" | while read -r file; do
		name=${file##*/}
		name=${name%%.ko*}
		name=$dir/modules/${name//-/_}.ko
		case $file in
		*.xz) xz -dc "$file" >"$name" ;;
		*.zst) zstd -q -dc "$file" >"$name" ;;
		*) cp "$file" "$name" ;;
		esac
	done
	load_order "$dir/modules" virtio_pci virtio_ccw virtio_console >"$dir/load"
	load_order "$dir/modules" virtio_blk crc32c_generic crc32c_cryptoapi libcrc32c ext4 |
		awk 'FILENAME != "-" { early[$0]; next } !($0 in early)' "$dir/load" - >"$dir/load.disk"
}

# load_order DIR MODULE...: the modules that exist with all they need, each after
# what it needs.
load_order()
{
	local dir=$1 name needs
	shift
	for name; do
		name=${name//-/_}
		[ -e "$dir/$name.ko" ] || continue
		needs=$(modinfo -F depends "$dir/$name.ko")
		# shellcheck disable=SC2086 # a list of words
		load_order "$dir" ${needs//,/ }
		echo "$name.ko"
	done | awk '!seen[$0]++'
}

# fetch_headers NAME ARCH: what a module is built against, at
# kernel/NAME-ARCH/headers, laid out as in Debian (usr/src, usr/lib), with the
# paths in it changed to where it lies.
fetch_headers()
{
	kernel_release "$1" "$2"
	cached "kernel/$1-$2/headers" fill_headers "$1" "$2"
	headers=$cache/kernel/$1-$2/headers/usr/src/linux-headers-$release
	compiler=$(grep -ohE 'gcc-[0-9]+' "$headers/.kernelvariables" | head -n 1)
}

fill_headers()
{
	local dir=$1 final=$cache/kernel/$2-$3/headers arch=$3 deb packages kbuild
	say "fetching the headers of $release from $suite"
	packages=$(in_context "$suite" "$arch" apt-cache show "linux-headers-$release" |
		grep -oE 'linux-(headers-[^ ,]*-common(-rt)?|kbuild-[^ ,]*)' | sort -u)
	kbuild=$(grep -F linux-kbuild <<<"$packages")
	apt_context "$suite" amd64
	# shellcheck disable=SC2086 # a list of words
	download "$suite" "$arch" "$dir/deb" "linux-headers-$release" ${packages/"$kbuild"/}
	download "$suite" amd64 "$dir/deb" "$kbuild"
	for deb in "$dir"/deb/*.deb; do
		extract_deb "$deb" "$dir"
	done
	rm -rf "$dir/deb"
	sed -i "s,/usr/src/,$final/usr/src/," "$dir/usr/src/linux-headers-$release/Makefile"
}
