# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# Debug kernels, such as 6.1-debug: Debian's source of that version, built with debug.config.
# They lie in the cache as kernels that were fetched do.  Sourced after lib.sh.
#
# KASAN and UBSAN look at the module's code only, which is built with them: so the kernel is
# half as long in building and twice as fast.

# fetch_debug NAME: makes kernel/NAME-amd64, with release, image and headers as fill_release,
# fetch_image and fetch_headers leave them.
fetch_debug()
{
	cached "kernel/$1-amd64" fill_debug "${1%-debug}"
}

fill_debug()
{
	local dir=$1 base=$2 tree config=$rig_dir/debug.config tools
	fetch_headers "$base" amd64
	tools=toolchain/${suite%-backports}-amd64-$compiler-source
	cached "$tools" fill_source_tools
	tree=$dir/headers/usr/src/source
	mkdir -p "$tree" "$dir/image"
	say "fetching the source of $base from $suite"
	download "$suite" amd64 "$dir/deb" "linux-source-$base"
	dpkg-deb --fsys-tarfile "$dir"/deb/*.deb | tar -xO "./usr/src/linux-source-$base.tar.xz" |
		xz -dc | tar -x -C "$tree" --strip-components=1 --no-same-owner
	rm -rf "$dir/deb"
	cp "$config" "$tree/debug.config"
	say "building $base with debug.config, which takes long: see $dir/log"
	# shellcheck disable=SC2016 # expanded by the inner shell
	"$rig_dir/enter" "$cache/$tools" "$tree" -- /usr/bin/env -C "$tree" nice -n 5 sh -e -c '
		make tinyconfig
		scripts/kconfig/merge_config.sh -m .config debug.config
		make olddefconfig
		make "-j$1" KASAN_SANITIZE=n UBSAN_SANITIZE=n bzImage modules
	' build "$(nproc)" >"$dir/log" 2>&1 || {
		tail -n 40 "$dir/log" >&2
		die "$base does not build with debug.config"
	}
	awk -v kernel="$base" 'NR == FNR { has[$0]; next } /=/ && !($0 in has) { print kernel " cannot have " $0 }' \
		"$tree/.config" "$config" >&2
	release=$(cat "$tree/include/config/kernel.release")
	cp "$tree/arch/x86/boot/bzImage" "$dir/image/vmlinuz"
	cp "$tree/System.map" "$dir/image/"
	: >"$dir/image/load"
	keep_headers "$tree"
	echo "CC = $compiler" >"$tree/.kernelvariables"
	mv "$tree" "${tree%/*}/linux-headers-$release"
	echo "$release $suite" >"$dir/release"
}

# fill_source_tools DIR: what a kernel's source is built with.
fill_source_tools()
{
	# bison has its skeletons there, and perl its modules
	local unwanted=(--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*'
		--exclude='./usr/share/locale/*' --exclude='./usr/share/info/*')
	say "fetching $compiler and tools from $suite"
	apt_context "${suite%-backports}" amd64
	plant_tree "$1" "${suite%-backports}" "$compiler" libc6-dev libelf-dev flex bison bc perl gzip hostname
	ln -sf "$compiler" "$1/usr/bin/gcc"
}

# keep_headers TREE: removes from a kernel's tree what modules are not built with.
keep_headers()
{
	(
		cd "$1" || exit
		find . -mindepth 1 -maxdepth 1 -type d ! -name arch ! -name include ! -name scripts ! -name tools \
			-exec rm -rf {} +
		find arch -mindepth 1 -maxdepth 1 -type d ! -name x86 -exec rm -rf {} +
		find tools -mindepth 1 -maxdepth 1 -type d ! -name objtool -exec rm -rf {} +
		find arch -name '*.[oacS]' -delete
		find . -maxdepth 1 -type f -size +4M -delete
	)
}
