# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# Installed Debian systems as disk images.  Sourced after lib.sh.

# Raised when the making of roots changes, so that those made before are not used.
root_format=2

# disk_root SUITE ARCH PACKAGES: sets disk, the image of a system of that suite
# with those packages, made once for each such combination.  Next to it lie
# `files`, the names of its libraries and module lists, and boot/RELEASE, an image
# directory (see lib.sh) for each kernel among the packages.
disk_root()
{
	local suite=$1 arch=$2 packages=$3 key
	packages=$(tr -s ' ,' '\n' <<<"$packages" | sort -u | xargs)
	key=$(cksum <<<"$root_format $packages" | cut -d ' ' -f 1)
	cached "root/$suite-$arch-$key" fill_root "$suite" "$arch" "$packages"
	disk=$cache/root/$suite-$arch-$key/disk
}

# plant_system DIR SUITE PACKAGES OPTION...: that suite with those packages, installed in DIR
# without documentation. Options go to mmdebstrap.
plant_system()
{
	local dir=$1 suite=$2 packages release address
	# shellcheck disable=SC2086 # a list of words
	packages=$(printf '%s,' $3)
	need mmdebstrap mmdebstrap
	rm -rf "$dir"
	suites_of "$suite" | while read -r release address; do
		echo "deb [signed-by=$keyring] $address $release main"
	done >"$dir.list"
	# shellcheck disable=SC2016 # expanded by mmdebstrap's shell
	mmdebstrap --quiet --include="${packages%,}" \
		--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook='rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*' \
		"${@:4}" "$suite" "$dir" "$dir.list" >&2 && rm -f "$dir.list"
}

fill_root()
{
	local dir=$1 suite=$2 arch=$3 packages=$4 size release
	need mke2fs e2fsprogs
	[ "$(id -u)" = 0 ] || die "--root debian is made with chroot and needs root"
	say "installing $suite ($arch)${packages:+ with $packages}"
	mkdir -p "$dir"
	# no initramfs: the rig brings its own
	INITRD=No again "install $suite ($arch)" plant_system "$dir/tree" "$suite" \
		"systemd-sysv udev kmod procps $packages" --variant=minbase --architectures="$arch"
	(cd "$dir/tree" && find usr/lib* \( -name '*.so*' -o -name 'modules.dep' \) ! -type d) |
		sed 's,^,/,' >"$dir/files"
	for release in "$dir"/tree/usr/lib/modules/*/; do
		[ -d "$release/kernel" ] || continue
		installed_image "$dir" "$(basename "$release")"
	done
	size=$(du -sm "$dir/tree" | cut -f 1)
	truncate -s "$((size * 5 / 4 + 2048))M" "$dir/disk"
	mke2fs -q -F -t ext4 -O ^has_journal -d "$dir/tree" "$dir/disk"
	rm -rf "$dir/tree"
}

# installed_image DIR RELEASE: what boots a kernel that is installed in DIR/tree.
installed_image()
{
	local dir=$1 release=$2 parts=$1/parts file
	mkdir -p "$parts/boot" "$parts/modules" "$dir/boot/$release"
	for file in "$dir/tree/boot/vmlinuz-$release" "$dir/tree/usr/lib/modules/$release/vmlinuz"; do
		[ ! -f "$file" ] || cp "$file" "$parts/boot/"
	done
	mv "$dir/tree/usr/lib/modules/$release/kernel" "$parts/modules/kernel"
	lay_out_image "$dir/boot/$release" "$parts"
	mv "$parts/modules/kernel" "$dir/tree/usr/lib/modules/$release/kernel"
	rm -rf "$parts"
}

# installed_kernel PATTERN: sets image and release to the newest kernel installed
# on the disk whose name contains PATTERN.
installed_kernel()
{
	local dir=${disk%/*}/boot
	release=$(find "$dir" -mindepth 1 -maxdepth 1 -name "*$1*" -printf '%f\n' 2>/dev/null |
		sort -V | tail -n 1)
	[ -n "$release" ] || die "no kernel '*$1*' is installed in the root: name one in --packages"
	image=$dir/$release
}
