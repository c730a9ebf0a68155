// SPDX-License-Identifier: GPL-2.0-only
/*
 * depth [N]: makes N (1) getppid() system calls from three_deep(), which two_deep() calls,
 * which one_deep() calls, with frame pointers.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Who looks at its frame has one, and ends with a plain return. */
static void *volatile frame;
#define WITH_FRAME()	(frame = __builtin_frame_address(0))

/* The call itself is in line, as a function of the C library may keep no frame pointer. */
static long call(void)
{
	long nr = SYS_getppid;

#if defined(__x86_64__)
	__asm__ volatile("syscall" : "+a"(nr) : : "rcx", "r11", "memory");
#elif defined(__i386__)
	__asm__ volatile("int $0x80" : "+a"(nr) : : "memory");
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0");

	__asm__ volatile("svc 0" : "=r"(x0) : "r"(x8) : "memory");
	nr = x0;
#else
	nr = syscall(nr);
#endif
	return nr;
}

long __attribute__((noinline)) three_deep(int n)
{
	long sum = 0;

	WITH_FRAME();
	while (n-- > 0)
		sum += call();
	return sum;
}

long __attribute__((noinline)) two_deep(int n)
{
	WITH_FRAME();
	return three_deep(n) + 1;
}

long __attribute__((noinline)) one_deep(int n)
{
	WITH_FRAME();
	return two_deep(n) + 1;
}

int main(int argc, char **argv)
{
	WITH_FRAME();
	return one_deep(argc > 1 ? atoi(argv[1]) : 1) == 0;
}
