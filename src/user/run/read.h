/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * read - the thread that reads the rings of a session, in time order, and writes
 * what they show.
 */
#ifndef KP_RUN_READ_H
#define KP_RUN_READ_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktap/abi.h>

#include "transport/reader.h"

#include "out.h"
#include "render.h"

struct kp_read {
	int device;
	struct kp_out *out;
	struct kp_render *render;
	struct kp_reader *rings; /* of the CPUs that have been online */
	uint32_t *cpus;		 /* their numbers */
	uint64_t *given;	 /* by ring: the tail that the kernel knows */
	unsigned int n;
	uint32_t possible; /* how many CPU numbers there are */
	uint64_t looked;   /* when it was seen which CPUs have one, ns */
	size_t map_len;
	size_t stride;
	pthread_t thread;
	int wake;	     /* eventfd: look again now */
	int bell;	     /* eventfd: output or script failed, something asked for is done */
	atomic_uint asked;   /* how often kp_read_sync() was called */
	atomic_uint done;    /* and how many of the calls have been answered */
	atomic_bool finish;  /* nothing more will be written: read the rest and end */
	atomic_bool failed;  /* output or script failed */
	atomic_bool abandon; /* end at once */
	atomic_bool ended;
};

/**
 * kp_read_start - map the rings and start reading.
 * @r:      what kp_read_join() later releases
 * @device: a session that is loaded
 * @cpus, @status: of the session
 *
 * Returns 0 or -errno.
 */
int kp_read_start(struct kp_read *r, int device, uint32_t cpus, const struct ktap_status *status,
		  struct kp_render *render, struct kp_out *out);

/**
 * kp_read_sync - have what is in the rings now shown and written.
 *
 * Does not wait: the bell rings when it is done, and @r->done is then @r->asked.
 */
void kp_read_sync(struct kp_read *r);

/** kp_read_finish - the session is stopped: let the thread read what is left, then end. */
void kp_read_finish(struct kp_read *r);

/** kp_read_abandon - let the thread end at once, even when it waits for its output. */
void kp_read_abandon(struct kp_read *r);

/** kp_read_bell - silence the bell; what it rang for is in @r from before it rings. */
void kp_read_bell(struct kp_read *r);

/** kp_read_join - wait for the end of the thread and release everything. */
void kp_read_join(struct kp_read *r);

#endif
