// SPDX-License-Identifier: GPL-2.0-only
/* Output into a pipe whose writers do not wait: nothing is lost, and a signal ends the waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "run/out.h"

#define MUCH (1u << 20) /* more than a pipe holds */

static int fds[2];
static atomic_bool ended;

static struct kp_out make(void)
{
	struct kp_out out = { 0 };

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	out.fd = fds[1];
	kp_buf_fill(&out.text, 'x', MUCH);
	return out;
}

static void *read_all(void *arg)
{
	size_t *len = arg;
	char text[4096];
	ssize_t n;

	while ((n = read(fds[0], text, sizeof(text))) > 0)
		*len += (size_t)n;
	return NULL;
}

static void waits(void **state)
{
	struct kp_out out = make();
	pthread_t thread;
	size_t len = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, read_all, &len), 0);
	assert_int_equal(kp_out_close(&out), 0);
	pthread_join(thread, NULL);
	assert_int_equal(len, MUCH);
	close(fds[0]);
}

static void interrupt(int sig)
{
	(void)sig;
}

static void *kick(void *arg)
{
	const pthread_t *writer = arg;

	while (!ended) {
		pthread_kill(*writer, SIGUSR1);
		usleep(1000);
	}
	return NULL;
}

static void is_interrupted(void **state)
{
	struct sigaction action = { .sa_handler = interrupt };
	struct kp_out out = make();
	pthread_t thread, self = pthread_self();

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(pthread_create(&thread, NULL, kick, &self), 0);
	kp_out_flush(&out);
	ended = true;
	pthread_join(thread, NULL);
	assert_int_equal(kp_out_close(&out), -EINTR);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits),
		cmocka_unit_test(is_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
