# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by the lint scripts: report() and the file lists.

failures=0

# report NAME COMMAND [ARGS...]: one TAP line; what COMMAND prints is shown when it fails. What takes
# long says how long.
report()
{
	local _name=$1 _output _start=$SECONDS
	shift
	if _output=$("$@" 2>&1 </dev/null); then
		echo "ok - $_name"
	else
		echo "not ok - $_name"
		[ -z "$_output" ] || sed 's/^/# /' <<<"$_output"
		failures=$((failures + 1))
	fi
	[ $((SECONDS - _start)) -lt 5 ] || echo "# took $((SECONDS - _start)) s"
}

# tracked PATTERN...: the files of the tree (not what a build left) that match the git patterns,
# one a line. Root may check a clone that belongs to somebody else.
# shellcheck disable=SC2120
tracked()
{
	git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@" |
		while read -r f; do
			[ ! -f "$f" ] || echo "$f"
		done
}

# scripts LANGUAGE...: the tracked files whose first line names one of the interpreters.
scripts()
{
	local f line want
	want="^#!.*/(env )?($(IFS='|'; echo "$*"))( |$)"
	# shellcheck disable=SC2119
	tracked | while read -r f; do
		IFS= read -r line < <(head -c 80 "$f" | tr -d '\0') || continue
		[[ ! $line =~ $want ]] || echo "$f"
	done
}
