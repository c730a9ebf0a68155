/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gen - what the files of the code generator share.
 *
 * Registers are a stack: parameters, then the variables of the open blocks, then
 * temporaries of the expression that is being evaluated. cg->top is the first
 * free one; whoever takes temporaries puts it back.
 *
 * The instruction set is described in uapi/ktap/opcodes.def. Two of its rules
 * shape the code: a call leaves nothing defined above its result, so calls are
 * made at the top; and no register may be read that is not written on every path.
 */
#ifndef KP_COMPILE_GEN_H
#define KP_COMPILE_GEN_H

#include "codegen.h"
#include "ktap/bytecode.h"

struct kp_loop {
	struct kp_loop *up;
	struct kp_pending *breaks, *continues;
};

/* The function that code is made for. */
struct kp_gen {
	struct kp_program *prog;
	struct kp_cc *cc;
	const struct kp_func *func;
	int top;     /* first free register */
	int nregs;   /* most ever used */
	int env_reg; /* of a closure: its environment */
	struct kp_loop *loop;
	struct kp_span at; /* of the innermost statement whose code is made */
	bool failed;	   /* a limit was reported for this function */
};

/* ---- emit.c ---- */

/** kp_program_constant - number of the constant @payload, a number or the number of a string. */
uint32_t kp_program_constant(struct kp_program *prog, bool is_string, uint64_t payload);

/** kp_program_limit - report that there are too many @what when @n is the first over @max. */
void kp_program_limit(struct kp_program *prog, uint32_t n, uint32_t max, const char *what);

/** kp_emit - append an instruction that stands for the text @at; returns its number. */
uint32_t kp_emit(struct kp_gen *cg, uint32_t insn, struct kp_span at);

/* The same from operands, of the formats ABC, and ABX or ASBX. */
uint32_t kp_emit_abc(struct kp_gen *cg, enum ktap_opcode op, int a, int b, int c,
		     struct kp_span at);
uint32_t kp_emit_abx(struct kp_gen *cg, enum ktap_opcode op, int a, uint32_t bx, struct kp_span at);

/** kp_emit_here - number of the next instruction. */
uint32_t kp_emit_here(const struct kp_gen *cg);

/** kp_emit_fail - report a limit, the first of the function only; the text may name the function and its length. */
void kp_emit_fail(struct kp_gen *cg, enum kp_tag tag, struct kp_span at);

/** kp_emit_take - take @n registers in a row at the top; returns the first. */
int kp_emit_take(struct kp_gen *cg, int n, struct kp_span at);

/** kp_emit_target - make the jump that is instruction @at go to @target. */
void kp_emit_target(struct kp_gen *cg, uint32_t at, uint32_t target);

/** kp_emit_wait - let the jump that is instruction @at wait in @list for its target. */
void kp_emit_wait(struct kp_gen *cg, struct kp_pending **list, uint32_t at);

/** kp_emit_arrive - make all jumps of @list go to the next instruction. */
void kp_emit_arrive(struct kp_gen *cg, const struct kp_pending *list);

/* Jump always: to an instruction, or to one that is awaited in @list. */
void kp_emit_jump_to(struct kp_gen *cg, uint32_t target, struct kp_span at);
void kp_emit_jump(struct kp_gen *cg, struct kp_pending **list, struct kp_span at);

/* ---- gen_expr.c ---- */

/**
 * kp_gen_to - evaluate @e into @dst.
 * @fresh: nothing reads @dst during that, so it may hold intermediate values;
 *	   otherwise @e must be kp_gen_writes_last().
 */
void kp_gen_to(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh);

/**
 * kp_gen_writes_last - does the code for @e write its destination with its last
 * instruction only, so that a variable which @e reads can be the destination?
 */
bool kp_gen_writes_last(const struct kp_expr *e);

/** kp_gen_temp - a new temporary that holds @e. */
int kp_gen_temp(struct kp_gen *cg, const struct kp_expr *e);

/** kp_gen_any - some register that holds @e, only to be read. */
int kp_gen_any(struct kp_gen *cg, const struct kp_expr *e);

/** kp_gen_any_in - the same; @dst is used as the temporary when it is fresh. */
int kp_gen_any_in(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh);

/** kp_gen_row - evaluate a list into new registers in a row; returns how many. */
int kp_gen_row(struct kp_gen *cg, const struct kp_expr *e);

/** kp_gen_call - the call @e, by @op (CALL or TAILCALL), in registers from @base, the top one. */
void kp_gen_call(struct kp_gen *cg, const struct kp_expr *e, int base, enum ktap_opcode op);

/* Constants, and the value of a variable. */
void kp_gen_number(struct kp_gen *cg, int dst, int64_t number, struct kp_span at);
void kp_gen_string(struct kp_gen *cg, int dst, const struct kp_str *str, struct kp_span at);
void kp_gen_load(struct kp_gen *cg, const struct kp_var *var, int dst, struct kp_span at);
void kp_gen_store(struct kp_gen *cg, const struct kp_var *var, int src, struct kp_span at);

/** kp_gen_is_frozen - is @var written by the main chunk alone? */
bool kp_gen_is_frozen(const struct kp_var *var);

/* ---- gen_op.c ---- */

/**
 * kp_gen_test - jump when the truth of @e is @when; the jumps wait in @list. No value
 * is made for && || !, only jumps.
 */
void kp_gen_test(struct kp_gen *cg, const struct kp_expr *e, bool when, struct kp_pending **list);

/** kp_gen_binary - the operation @e with two operands, as kp_gen_to(). */
void kp_gen_binary(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh);

/** kp_gen_opcode - the instruction for an operator; > >= and `in` have their operands swapped. */
enum ktap_opcode kp_gen_opcode(enum kp_operator op);

/** kp_gen_is_small - is @e a number that fits eight bits of an instruction? */
bool kp_gen_is_small(const struct kp_expr *e);

/* ---- gen_env.c ---- */

/** kp_gen_scope - enter a scope: make its environment, which stays in a new register, if it has one. */
void kp_gen_scope(struct kp_gen *cg, struct kp_env *env, struct kp_span at);

/** kp_gen_scope_again - the next pass of a loop: a new environment with the values of the old. */
void kp_gen_scope_again(struct kp_gen *cg, struct kp_env *env, struct kp_span at);

/** kp_gen_closure - the value of @f, a closure when it needs one, into @dst. */
void kp_gen_closure(struct kp_gen *cg, const struct kp_func *f, int dst, struct kp_span at);

/** kp_gen_slot - registers with the environment and the key of @var, which lives there. */
void kp_gen_slot(struct kp_gen *cg, const struct kp_var *var, int *env, int *key,
		 struct kp_span at);

/* ---- gen_assign.c ---- */

/* The code of a statement of that kind. What kp_gen_local() and kp_gen_option() define stays in registers. */
void kp_gen_assign(struct kp_gen *cg, const struct kp_stmt *s);
void kp_gen_local(struct kp_gen *cg, const struct kp_stmt *s);
void kp_gen_option(struct kp_gen *cg, const struct kp_stmt *s);

/** kp_gen_define - give the variable of @name the value of register @reg, which becomes its own. */
void kp_gen_define(struct kp_gen *cg, const struct kp_name *name, int reg);

/* ---- gen_flow.c ---- */

/* The same; kp_gen_while() also for loops with three parts. */
void kp_gen_if(struct kp_gen *cg, const struct kp_stmt *s);
void kp_gen_while(struct kp_gen *cg, const struct kp_stmt *s);
void kp_gen_repeat(struct kp_gen *cg, const struct kp_stmt *s);
void kp_gen_for_num(struct kp_gen *cg, const struct kp_stmt *s);
void kp_gen_for_in(struct kp_gen *cg, const struct kp_stmt *s);

/* ---- gen_stmt.c ---- */

/** kp_gen_stmt - the code of a statement of any kind. */
void kp_gen_stmt(struct kp_gen *cg, const struct kp_stmt *s);

/** kp_gen_block - the code of a block; its variables are gone afterwards. */
void kp_gen_block(struct kp_gen *cg, const struct kp_block *block, struct kp_span at);

/** kp_gen_statements - the same inside the scope of the block, which is entered already. */
void kp_gen_statements(struct kp_gen *cg, const struct kp_block *block);

#endif
