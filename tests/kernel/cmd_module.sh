#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The module is loaded when it is needed; when it cannot be, what helps is said.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
module=$(find "/usr/lib/modules/$(uname -r)" -name 'ktapvm.ko*')

says /sys/module/ktapvm/version "$(ktap -V | grep -oE '[0-9]+[.][0-9]+[.][0-9]+')"

# nobody but root
grep -qs '^nobody:' /etc/passwd || {
	mkdir -p /etc
	echo 'nobody:x:65534:65534:nobody:/:/bin/sh' >>/etc/passwd
}
chmod 711 "$work"
cp "$(command -v ktap)" ktap
expect 1 start-stop-daemon -S -c nobody -x "$work/ktap" -- -e 'print(1)'
says err 'error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON'
silent out
# compiling needs no privilege
expect 0 start-stop-daemon -S -c nobody -x "$work/ktap" -- --host -e 'print(1)'
is out 1

remove()
{
	rmmod ktapvm || complain "rmmod ktapvm: status $?"
}

remove
expect 0 ktap -e 'print("loaded by itself")'
is out 'loaded by itself'
grep -q '^ktapvm ' /proc/modules || complain "the module is not loaded"

remove
mv "$module" "$work/away"
expect 1 ktap -e 'print(1)'
says err "error: the module ktapvm is not installed for kernel $(uname -r)"
says err 'hint: apt install ktap-dkms'
expect 0 env KTAP_MODULE=$work/away ktap -e 'print("from a file")'
is out 'from a file'
remove

expect 1 env KTAP_MODULE=$work/nosuch ktap -e 'print(1)'
says err "error: cannot open the module $work/nosuch: No such file or directory"
echo garbage >garbage
expect 1 env KTAP_MODULE=$work/garbage ktap -e 'print(1)'
says err 'error: the module ktapvm is not built for kernel'

mv away "$module"
expect 0 ktap -e 'print("back")'
is out back

# what a kernel that takes only signed modules says; the answers are made up, because one that
# has been locked down stays so
remove
mv /sbin/modprobe modprobe
refusing()
{
	printf '#!/bin/sh\necho "modprobe: cannot insert ktapvm: %s" >&2\nexit 1\n' "$1" >/sbin/modprobe
	chmod +x /sbin/modprobe
	expect 1 ktap -e 'print(1)'
}
for text in 'Key was rejected by service' 'Required key not available'; do
	refusing "$text"
	says err 'error: the kernel refuses the module ktapvm: it is not signed with a key that Secure Boot trusts'
	says err 'hint: enrol the key that DKMS signs with, and restart: mokutil --import'
done
refusing 'Exec format error'
says err 'error: the module ktapvm is not built for kernel'
refusing 'Something unheard of'
says err 'error: cannot load the module ktapvm: modprobe: cannot insert ktapvm: Something unheard of'
if [ -e /sys/kernel/security/lockdown ]; then
	echo 'none [integrity] confidentiality' >lockdown
	mount --bind lockdown /sys/kernel/security/lockdown
	refusing 'Operation not permitted'
	says err 'it is not signed with a key that Secure Boot trusts'
	umount /sys/kernel/security/lockdown
fi
rm /sbin/modprobe
mv modprobe /sbin/modprobe
expect 0 ktap -e 'print("back again")'
is out 'back again'
finish
