/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sema - what the names of a script mean: variables, functions, built-ins,
 * event data, probes. Filled by bind.c and check.c, read by codegen.c.
 */
#ifndef KP_COMPILE_SEMA_H
#define KP_COMPILE_SEMA_H

#include "ast.h"

/* Where a function may run; the letters are those of builtins.def. */
enum {
	KP_IN_MAIN = 1,	   /* M: the main chunk and trace_end */
	KP_IN_TICK = 2,	   /* T */
	KP_IN_PROFILE = 4, /* P without an event */
	KP_IN_EVENT = 8,   /* P and E */
	KP_IN_HANDLER = KP_IN_PROFILE | KP_IN_EVENT,
};

/* How a function uses a variable that may hold a table. */
enum kp_use_kind {
	KP_USE_ACCUMULATE, /* t[k] += v, t[k] <<< v */
	KP_USE_READ,	   /* of its elements, or by a built-in */
	KP_USE_WRITE,	   /* of the variable itself, v = … */
	KP_USE_OTHER,
};

struct kp_use {
	struct kp_use *next;
	const struct kp_func *func;
	enum kp_use_kind kind;
};

enum kp_storage {
	KP_STORE_REGISTER, /* of the function that declares it */
	KP_STORE_CELL,	   /* shared by all functions */
	KP_STORE_ENV,	   /* in the environment of its scope, shared with functions in it */
	KP_STORE_NONE,	   /* a constant: every mention of it is its `value` */
};

/*
 * An environment: a table with the variables of a scope that functions inside the scope
 * use, made each time the scope is entered. Under key 0 it has the one around it.
 */
struct kp_env {
	struct kp_env *next;   /* of all */
	struct kp_env *up;     /* of the scope around it, of the enclosing function too */
	struct kp_func *func;  /* that makes it */
	bool repeated;	       /* may be entered more than once: else its variables are cells */
	uint32_t nslots;       /* plan: variables in it, from key 1 on; 0: it is never made */
	struct kp_table *site; /* plan */
	int reg;	       /* codegen: where @func has it */
};

/* A function uses a variable of another one. */
struct kp_capture {
	struct kp_capture *next;
	struct kp_var *var;
	struct kp_func *func;
};

struct kp_var {
	struct kp_var *next; /* bind: in its scope; globals: all of them */
	const struct kp_str *name;
	struct kp_span at;    /* declaration, or first mention of a global */
	struct kp_span first; /* first mention */
	struct kp_func *func; /* that declares it; main for globals */
	struct kp_env *env;   /* of its scope; NULL for globals */
	bool global;	      /* never declared */
	bool parameter;
	bool captured;		   /* mentioned in another function than @func */
	bool written_outside;	   /* written in a function that is not main */
	bool stored_into;	   /* v[k] = … */
	bool warned;		   /* of being used before anything is assigned */
	bool refused;		   /* an error has been reported for the name */
	bool initialized;	   /* declared with a value */
	bool loop;		   /* of for: there need not be a use for it */
	const struct kp_stmt *own; /* bind: declares the name with a value that mentions it */
	struct kp_span
		skipped_at; /* bind: the continue that jumps over it, to where it is visible */
	unsigned int mentions;
	unsigned int stores; /* mentions that only say where a value goes */
	unsigned int writes;
	struct kp_span write_at;   /* the first write */
	struct kp_span capture_at; /* the first mention in another function */
	struct kp_expr *value;	   /* the only value ever written, when it is unconditional */
	unsigned int types;	   /* infer: of its values, KP_TYPE_* */
	bool early;		   /* constants: may be read before it is set */
	struct kp_func
		*function;   /* constants: the only one it ever holds, so it needs no storage */
	struct kp_use *uses; /* check */
	bool quantize;	     /* check: print_quantize(v) */
	const struct kp_expr *linear; /* check: the arguments of print_lquantize(v, …), or NULL */
	struct kp_table *site;	      /* check: where its only table is made */
	bool implicit; /* check: a table from the start, as only t[k] = … is ever said */
	enum kp_storage storage; /* check */
	uint32_t cell;		 /* check, of KP_STORE_CELL */
	uint32_t slot;		 /* plan, of KP_STORE_ENV */
	int reg;		 /* codegen, of KP_STORE_REGISTER */
};

/* An edge of the call graph: the function mentions @func. */
struct kp_callee {
	struct kp_callee *next;
	struct kp_func *func;
};

/* A place where tables are made. */
struct kp_table {
	struct kp_table *next;
	uint32_t index;
	uint32_t flags; /* KTAP_TABLE_* */
	uint32_t hint;
	int64_t low, high, step; /* of print_lquantize; else 0 */
};

struct kp_field {
	struct kp_field *next;
	uint32_t number;
	const struct kp_str *name; /* or NULL */
	uint32_t index;		   /* of an unnamed one */
};

struct kp_probe {
	struct kp_probe *next;
	unsigned int kind;	   /* enum ktap_probe_kind */
	const struct kp_str *spec; /* or NULL */
	struct kp_func *filter;	   /* or NULL */
	struct kp_func *handler;
	struct kp_span at;
};

struct kp_sema {
	struct kp_cc *cc;
	/* bind */
	struct kp_func *main; /* head of the list of functions */
	uint32_t nfuncs;
	struct kp_hash globals; /* name -> struct kp_var */
	struct kp_env *envs;
	struct kp_capture *captures;
	struct kp_var **declared;
	size_t ndeclared, declared_cap;
	bool hidden; /* some are in no scope, after an error: a free name can be one of them */
	/* check */
	struct kp_var **cells;
	uint32_t ncells;
	struct kp_table *tables;
	uint32_t ntables;
	struct kp_hash field_index; /* name, or \0 and index -> struct kp_field */
	struct kp_field *fields;
	uint32_t nfields;
	struct kp_probe *probes;
	uint32_t nprobes;
	const struct kp_stmt *end; /* the trace_end that runs: the last one */
	struct kp_var *arg;	   /* the table of script arguments, when it is mentioned */
	struct kp_stmt *options, **last_option;
	uint32_t noptions;
	struct kp_cdecls *cdecls; /* of cdef, or NULL */
};

/**
 * kp_bind - find the variable of every name and number the functions.
 * @main: from kp_parse(). Errors go to the diagnostics.
 */
void kp_bind(struct kp_sema *sema, struct kp_func *main);

/**
 * kp_constants - find the variables that stand for one function or one constant, and put
 * the constants where they are mentioned.
 */
void kp_constants(struct kp_sema *sema);

/** kp_var_constant - the constant that @var always is, or NULL. */
const struct kp_expr *kp_var_constant(const struct kp_cc *cc, const struct kp_var *var);

/** kp_capture - find the functions that need the environment they are made in. */
void kp_capture(struct kp_sema *sema);

/** kp_env_live - the innermost environment from @env outwards that is made, or NULL. */
struct kp_env *kp_env_live(struct kp_env *env);

/** kp_var_in_env - does @var live in an environment, unless it is a constant? */
bool kp_var_in_env(const struct kp_var *var);

/**
 * kp_fold - replace @e by its value when its operands, which are folded already,
 * are constants. What would be a script error at run time is left alone.
 */
void kp_fold(struct kp_cc *cc, struct kp_expr *e);

/**
 * kp_check - give built-ins, event data and probes their meaning, decide where each
 * variable lives, and refuse what cannot run.
 */
void kp_check(struct kp_sema *sema);

/** kp_check_sorts - is the call that a loop walks sort_pairs(), not pairs()? */
bool kp_check_sorts(const struct kp_expr *call);

/** kp_warn - report what is almost surely a mistake. */
void kp_warn(struct kp_sema *sema);

/** kp_warn_probe - report @s, a probe, timer or trace_end, when it does nothing or never runs. */
void kp_warn_probe(const struct kp_sema *sema, const struct kp_stmt *s);

/** kp_prune - drop what cannot run. */
void kp_prune(struct kp_sema *sema);

/**
 * kp_format_check - check a call of printf whose format @args is a constant.
 * Only kinds that are known now, of constants, are compared.
 */
void kp_format_check(struct kp_cc *cc, const struct kp_expr *args);

#endif
