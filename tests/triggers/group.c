// SPDX-License-Identifier: GPL-2.0-only
/* group COMMAND [ARGUMENT]...: runs the command in a process group of its own, as a shell runs jobs. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: group COMMAND [ARGUMENT]...\n");
		return 2;
	}
	if (setpgid(0, 0)) {
		perror("setpgid");
		return 1;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
