// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter.  It runs verified programs only, so indices and jumps are taken
 * as they are; what is checked here are types, and what they lead to.
 *
 * A call takes the registers above its function register as the new frame: arguments
 * are already in place.  A frame begins with every register that is no argument nil,
 * so that whatever scratch_collect() finds in a register is a value.
 *
 * The budget is charged where control goes back: a loop pass costs the length of its
 * body, a call the length of its function.  So the count is an upper bound, and
 * straight code pays nothing.  Work on strings costs a step for every eight bytes.
 */
#include "insn.h"
#include "quick.h"

_Static_assert(sizeof(struct kp_value) == 16, "operand() counts on it");

/* The registers that an instruction names, bits moved to where a register's offset has them. */
static __always_inline struct kp_value *operand(struct kp_value *R, u32 bits)
{
	return (struct kp_value *)((u8 *)R + (bits & (0xff * sizeof(*R))));
}

static __always_inline struct kp_value *reg_a(struct kp_value *R, u32 insn)
{
	return operand(R, insn >> 4);
}

static __always_inline struct kp_value *reg_b(struct kp_value *R, u32 insn)
{
	return operand(R, insn >> 12);
}

static __always_inline struct kp_value *reg_c(struct kp_value *R, u32 insn)
{
	return operand(R, insn >> 20);
}

/* The function that a call of *a runs, and what it has captured, or NULL; NULL: *a is no function. */
static __always_inline const struct kp_func *callee(const struct kp_prog *prog, const struct kp_value *a,
						    struct kp_table **env)
{
	*env = NULL;
	if (likely(a->type == KTAP_T_FUNC))
		return &prog->funcs[a->i];
	if (a->type != KTAP_T_CLOSURE)
		return NULL;
	*env = a->t;
	return &prog->funcs[a->func];
}

/*
 * Makes func the function of the frame, which is the top one or the one above it, with
 * registers from regs on: its arguments are there, env is what it has captured.  False:
 * there are not so many registers.
 */
static __always_inline bool enter(struct kp_ctx *ctx, struct kp_frame *frame, const struct kp_func *func,
				  struct kp_value *regs, u32 nargs, struct kp_table *env)
{
	u32 base = regs - ctx->regs, top = base + func->nregs;

	if (unlikely(top > ctx->nregs))
		return false;
	kp_insn_nil(regs + nargs, regs + func->nregs);
	if (unlikely(env)) {
		regs[func->nparams].t = env;
		regs[func->nparams].type = KTAP_T_TABLE;
	}
	/* the caller may have registers above all of ours: they stay roots, for they will be looked at again */
	if (frame != ctx->frames && frame[-1].top > top)
		top = frame[-1].top;
	frame->func = func;
	frame->base = base;
	frame->top = top;
	ctx->top = top;
	return true;
}

/* The arguments that a call hands over: no more than the function has parameters. */
static __always_inline u32 min_args(u32 insn, const struct kp_func *func)
{
	return KTAP_INSN_B(insn) < func->nparams ? KTAP_INSN_B(insn) : func->nparams;
}

/* Whether the operands in B and C, or in B alone, are integers, which *b and *c then are. */
static __always_inline bool two_ints(struct kp_value *R, u32 insn, s64 *b, s64 *c)
{
	const struct kp_value *left = reg_b(R, insn), *right = reg_c(R, insn);

	*b = left->i;
	*c = right->i;
	return likely(left->type == KTAP_T_INT && right->type == KTAP_T_INT);
}

static __always_inline bool one_int(struct kp_value *R, u32 insn, s64 *b)
{
	const struct kp_value *left = reg_b(R, insn);

	*b = left->i;
	return likely(left->type == KTAP_T_INT);
}

/* 1: b < c, or b <= c; 0: not; or an error. */
static __always_inline int ordered(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c, bool or_equal)
{
	if (likely(b->type == KTAP_T_INT && c->type == KTAP_T_INT))
		return or_equal ? b->i <= c->i : b->i < c->i;
	return kp_insn_compare(ctx, b, c, or_equal);
}

/* 1: equal, 0: not; or an error. */
static __always_inline int equal(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c)
{
	return likely(!kp_value_is_bytes(b)) ? kp_value_equal(b, c) : kp_insn_equal_bytes(ctx, b, c);
}

/* Quotient and remainder by what is not 0; the most negative number by -1 wraps. */
static __always_inline s64 quotient(s64 b, s64 c)
{
	return unlikely(c == -1) ? (s64)(0 - (u64)b) : kp_port_div(b, c);
}

static __always_inline s64 modulo(s64 b, s64 c)
{
	return unlikely(c == -1) ? 0 : kp_port_mod(b, c);
}

/*
 * One step of a numeric loop: a[1] are the passes that are left, as kp_insn_for_prepare() has counted
 * them.  Bytecode may have replaced the numbers since: so types are read again.
 */
static __always_inline bool for_step(struct kp_value *a)
{
	if (unlikely(a[0].type != KTAP_T_INT || a[1].type != KTAP_T_INT || a[2].type != KTAP_T_INT) || !a[1].i)
		return false;
	a[1].i = (u64)a[1].i - 1;
	a[0].i = (u64)a[0].i + (u64)a[2].i;
	kp_value_int(&a[3], a[0].i);
	return true;
}

static int builtin_call(struct kp_ctx *ctx, u32 id, struct kp_value *args, u32 n)
{
	const struct kp_builtin_info *info = &kp_builtin_infos[id];

	if (unlikely(!(info->where & ctx->where)))
		return kp_ctx_error(ctx, KTAP_ERR_CONTEXT, NULL);
	if (unlikely(info->needs_event && !ctx->ev.event))
		return kp_ctx_error(ctx, KTAP_ERR_NO_EVENT, NULL);
	return kp_builtin_table[id](ctx, args, n);
}

/*
 * Makes the context ready for a function that nobody calls.  Register 0 takes its
 * result, its frame begins above (frames[0].base is 1 from the start) and always
 * fits: KTAP_MAX_REGS are less than the registers of any context.
 */
static __always_inline void begin(struct kp_ctx *ctx, const struct kp_func *func)
{
	struct kp_value *reg = ctx->regs + 2, *end = ctx->regs + func->nregs + 1;
	struct kp_frame *frame = ctx->frames;
	u32 top = func->nregs + 1;

	ctx->scratch_used = 0;
	ctx->depth = 1;
	ctx->top = top;
	frame->func = func;
	frame->top = top;
	/* the result, and the register that every function has */
	kp_value_nil(&ctx->regs[0]);
	kp_value_nil(&ctx->regs[1]);
	for (; reg < end; reg++)
		kp_value_nil(reg);
}

/* The code of an instruction is a case, and what a host jumps to. */
#if KP_PORT_JUMP_TABLES
#define OP(name)	KTAP_OP_##name : op_##name
#else
#define OP(name)	KTAP_OP_##name
#endif

/*
 * The dispatch loop.
 *
 * Kernels that guard indirect jumps compile a switch to a tree of comparisons.  So what
 * handlers mostly consist of has a switch of its own there, with a shallow tree.  A host jumps
 * from the end of one instruction to the code of the next one.
 *
 * pc is at the instruction in execution, and ctx->pc is set to it before whatever may end in an
 * error or a warning.
 */
int kp_interp_exec(struct kp_ctx *ctx, const struct kp_verified *v, const struct kp_func *func)
{
#if KP_PORT_JUMP_TABLES
	static const void *const targets[] = {
#define KP_OP(name, ...)	&&op_##name,
#include "../uapi/ktap/opcodes.def"
#undef KP_OP
	};
#endif
	const struct kp_prog *prog = v->prog;
	struct kp_frame *frame = ctx->frames;
	const u32 *pc = func->code;
	struct kp_value *R = ctx->regs + 1;
	struct kp_value *a;
	const struct kp_value *b;
	struct kp_table *env;
	u32 insn;
	long jump;
	s64 x, y;
	bool truth;
	int err;

	begin(ctx, func);
	for (;; pc++) {
next:
		insn = *pc;
		a = reg_a(R, insn);
#if KP_PORT_JUMP_TABLES
		goto *targets[KTAP_INSN_OP(insn)];
#endif
		switch (KTAP_INSN_OP(insn)) {
		case OP(GETFROZEN):
			/* process context may be inside the main chunk, which still writes it */
			if (likely(ctx->where & KP_CTX_PROBE)) {
				*a = ctx->vm->cells[KTAP_INSN_BX(insn)].val;
				continue;
			}
			goto get_cell;
		case OP(MOVE):
			*a = *reg_b(R, insn);
			continue;
		case OP(LOADI):
			kp_value_int(a, KTAP_INSN_SBX(insn));
			continue;
		case OP(LOADK):
			*a = prog->consts[KTAP_INSN_BX(insn)];
			continue;
		case OP(BUILTIN):
			ctx->pc = pc;
			err = builtin_call(ctx, KTAP_INSN_B(insn), a, KTAP_INSN_C(insn));
			if (unlikely(err || ctx->exiting))
				goto out;
			continue;
		case OP(FIELD):
			err = kp_field_get(ctx, KTAP_INSN_BX(insn), a);
			if (unlikely(err))
				goto result;
			continue;
		case OP(ADDTABLEI):
			if (likely(a->type == KTAP_T_TABLE) &&
			    likely(kp_quick_add(ctx, a->t, reg_b(R, insn), KTAP_INSN_SC(insn))))
				continue;
			ctx->pc = pc;
			err = kp_insn_table_addi(ctx, a, reg_b(R, insn), KTAP_INSN_SC(insn));
			goto done;
		case OP(ADDCELLI):
			err = kp_cell_add(&ctx->vm->cells[KTAP_INSN_BX(insn)], KTAP_INSN_A(insn));
			if (unlikely(err))
				goto add_result;
			continue;
		case OP(JEQI):
			truth = a->type == KTAP_T_INT && a->i == KTAP_INSN_SC(insn);
			goto test;
		case OP(JF):
			if (kp_value_true(a))
				continue;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case OP(RET0):
			kp_value_nil(&R[-1]);
			goto leave;
#if !KP_PORT_JUMP_TABLES
		}

		switch (KTAP_INSN_OP(insn)) {
#endif
		case OP(LOADNIL):
			kp_insn_nil(a, a + KTAP_INSN_B(insn) + 1);
			continue;
		case OP(LOADBOOL):
			kp_value_bool(a, KTAP_INSN_B(insn));
			continue;
		case OP(ARG):
			b = reg_b(R, insn);
			if (b->type == KTAP_T_INT && (u64)b->i < prog->nargs)
				*a = prog->args[b->i];
			else
				kp_value_nil(a);
			continue;
		case OP(LOADF):
			a->i = KTAP_INSN_BX(insn);
			a->type = KTAP_T_FUNC;
			continue;
		case OP(CLOSURE):
			if (unlikely(a->type != KTAP_T_TABLE))
				goto no_table;
			a->func = KTAP_INSN_BX(insn);
			a->type = KTAP_T_CLOSURE;
			continue;

		case OP(GETCELL):
get_cell:
			kp_value_nil(a);
			err = kp_cell_get(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], a);
			if (unlikely(err))
				goto result;
			continue;
		case OP(SETCELL):
			err = kp_cell_set(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], a);
			if (unlikely(err)) {
				err = kp_insn_refused(err, a);
				goto result;
			}
			continue;
		case OP(ADDCELL):
			ctx->pc = pc;
			err = likely(a->type == KTAP_T_INT) ?
			      kp_cell_add(&ctx->vm->cells[KTAP_INSN_BX(insn)], a->i) :
			      kp_insn_cell_add_other(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], a);
			if (unlikely(err))
				goto add_result;
			continue;

		case OP(ADD):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, (u64)x + (u64)y);
			continue;
		case OP(SUB):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, (u64)x - (u64)y);
			continue;
		case OP(MUL):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, (u64)x * (u64)y);
			continue;
		case OP(DIV):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			if (unlikely(y == 0))
				goto div_zero;
			kp_value_int(a, quotient(x, y));
			continue;
		case OP(MOD):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			if (unlikely(y == 0))
				goto mod_zero;
			kp_value_int(a, modulo(x, y));
			continue;
		case OP(BAND):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, x & y);
			continue;
		case OP(BOR):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, x | y);
			continue;
		case OP(BXOR):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, x ^ y);
			continue;
		case OP(SHL):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, y < 0 || y > 63 ? 0 : (u64)x << y);
			continue;
		case OP(SHR):
			if (!two_ints(R, insn, &x, &y))
				goto arith;
			kp_value_int(a, x >> (y < 0 || y > 63 ? 63 : y));
			continue;
		case OP(ADDI):
			if (!one_int(R, insn, &x))
				goto arith;
			kp_value_int(a, (u64)x + (u64)(s64)KTAP_INSN_SC(insn));
			continue;
		case OP(NEG):
			if (!one_int(R, insn, &x))
				goto arith;
			kp_value_int(a, 0 - (u64)x);
			continue;
		case OP(BNOT):
			if (!one_int(R, insn, &x))
				goto arith;
			kp_value_int(a, ~x);
			continue;
		case OP(NOT):
			kp_value_bool(a, !kp_value_true(reg_b(R, insn)));
			continue;
		case OP(CONCAT):
			ctx->pc = pc;
			err = kp_insn_concat(ctx, a, reg_b(R, insn), KTAP_INSN_C(insn));
			goto done;

		case OP(EQ):
			ctx->pc = pc;
			err = equal(ctx, reg_b(R, insn), reg_c(R, insn));
			if (unlikely(err < 0))
				goto out;
			kp_value_bool(a, err);
			continue;
		case OP(NE):
			ctx->pc = pc;
			err = equal(ctx, reg_b(R, insn), reg_c(R, insn));
			if (unlikely(err < 0))
				goto out;
			kp_value_bool(a, !err);
			continue;
		case OP(LT):
			ctx->pc = pc;
			err = ordered(ctx, reg_b(R, insn), reg_c(R, insn), false);
			if (unlikely(err < 0))
				goto out;
			kp_value_bool(a, err);
			continue;
		case OP(LE):
			ctx->pc = pc;
			err = ordered(ctx, reg_b(R, insn), reg_c(R, insn), true);
			if (unlikely(err < 0))
				goto out;
			kp_value_bool(a, err);
			continue;
		case OP(EQI):
			b = reg_b(R, insn);
			kp_value_bool(a, b->type == KTAP_T_INT && b->i == KTAP_INSN_SC(insn));
			continue;
		case OP(NEI):
			b = reg_b(R, insn);
			kp_value_bool(a, b->type != KTAP_T_INT || b->i != KTAP_INSN_SC(insn));
			continue;
		case OP(LTI):
			if (!one_int(R, insn, &x))
				goto not_ordered;
			kp_value_bool(a, x < KTAP_INSN_SC(insn));
			continue;
		case OP(LEI):
			if (!one_int(R, insn, &x))
				goto not_ordered;
			kp_value_bool(a, x <= KTAP_INSN_SC(insn));
			continue;
		case OP(GTI):
			if (!one_int(R, insn, &x))
				goto not_ordered;
			kp_value_bool(a, x > KTAP_INSN_SC(insn));
			continue;
		case OP(GEI):
			if (!one_int(R, insn, &x))
				goto not_ordered;
			kp_value_bool(a, x >= KTAP_INSN_SC(insn));
			continue;

		case OP(JMP):
			jump = KTAP_INSN_SAX(insn);
			goto jump;
		case OP(JT):
			if (!kp_value_true(a))
				continue;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case OP(JEQ):
			ctx->pc = pc;
			err = equal(ctx, a, reg_c(R, insn));
			goto compared;
		case OP(JLT):
			ctx->pc = pc;
			err = ordered(ctx, a, reg_c(R, insn), false);
			goto compared;
		case OP(JLE):
			ctx->pc = pc;
			err = ordered(ctx, a, reg_c(R, insn), true);
			goto compared;
		case OP(JLTI):
			if (unlikely(a->type != KTAP_T_INT))
				goto not_ordered;
			truth = a->i < KTAP_INSN_SC(insn);
			goto test;
		case OP(JLEI):
			if (unlikely(a->type != KTAP_T_INT))
				goto not_ordered;
			truth = a->i <= KTAP_INSN_SC(insn);
			goto test;
		case OP(FORPREP):
			ctx->pc = pc;
			err = kp_insn_for_prepare(ctx, a);
			goto loop;
		case OP(FORLOOP):
			if (!for_step(a))
				continue;
			/* always back, the verifier has seen to it */
			pc += KTAP_INSN_SBX(insn);
			ctx->budget += KTAP_INSN_SBX(insn);
			if (likely(ctx->budget >= 0))
				continue;
			goto spent;
		case OP(PAIRS):
			ctx->pc = pc;
			err = kp_insn_pairs(ctx, a, reg_b(R, insn));
			goto done;
		case OP(NEXT):
			ctx->pc = pc;
			err = kp_insn_next(ctx, a);
			goto loop;
		case OP(SORT):
			ctx->pc = pc;
			err = kp_insn_sort(ctx, a, reg_b(R, insn), KTAP_INSN_C(insn));
			goto done;
		case OP(SORTNEXT):
			ctx->pc = pc;
			err = kp_insn_sort_next(ctx, a);
			goto loop;
		case OP(SORTTELL):
			ctx->pc = pc;
			err = kp_insn_sort_tell(ctx, a, reg_b(R, insn));
			goto done;
		case OP(UNTUPLE):
			ctx->pc = pc;
			err = kp_insn_untuple(ctx, a, reg_b(R, insn), KTAP_INSN_C(insn));
			goto done;

		case OP(NEWTABLE):
			ctx->pc = pc;
			err = kp_insn_table_new(ctx, a, &prog->tables[KTAP_INSN_BX(insn)]);
			goto done;
		case OP(GETTABLE):
			b = reg_b(R, insn);
			/* a may be b or c: the result goes there when both were read */
			if (likely(b->type == KTAP_T_TABLE) &&
			    likely(kp_quick_get(ctx, b->t, reg_c(R, insn), a)))
				continue;
			ctx->pc = pc;
			err = kp_insn_table_get(ctx, a, reg_b(R, insn), reg_c(R, insn));
			goto done;
		case OP(HASKEY):
			ctx->pc = pc;
			err = kp_insn_table_has(ctx, a, reg_b(R, insn), reg_c(R, insn));
			goto done;
		case OP(SETTABLE):
			if (likely(a->type == KTAP_T_TABLE) &&
			    likely(kp_quick_set(ctx, a->t, reg_b(R, insn), reg_c(R, insn))))
				continue;
			ctx->pc = pc;
			err = kp_insn_table_set(ctx, a, reg_b(R, insn), reg_c(R, insn));
			goto done;
		case OP(ADDTABLE):
			b = reg_c(R, insn);
			if (likely(a->type == KTAP_T_TABLE && b->type == KTAP_T_INT) &&
			    likely(kp_quick_add(ctx, a->t, reg_b(R, insn), b->i)))
				continue;
			ctx->pc = pc;
			err = kp_insn_table_add(ctx, a, reg_b(R, insn), b);
			goto done;
		case OP(AGGTABLE):
			ctx->pc = pc;
			err = kp_insn_table_sample(ctx, a, reg_b(R, insn), reg_c(R, insn));
			goto done;
		case OP(DELKEY):
			ctx->pc = pc;
			err = kp_insn_table_delete(ctx, a, reg_b(R, insn));
			goto done;
		case OP(TUPLE):
			ctx->pc = pc;
			err = kp_insn_tuple(ctx, a, reg_b(R, insn), KTAP_INSN_C(insn));
			goto done;

		case OP(CALL):
			func = callee(prog, a, &env);
			if (unlikely(!func))
				goto not_callable;
			ctx->budget -= func->ncode;
			if (unlikely(ctx->budget < 0)) {
				ctx->pc = pc;
				err = kp_ctx_spent(ctx);
				if (err)
					goto out;
			}
			if (unlikely(ctx->depth == ctx->nframes))
				goto stack_full;
			if (unlikely(!enter(ctx, frame + 1, func, a + 1, min_args(insn, func), env)))
				goto stack_full;
			frame->pc = pc;
			frame++;
			ctx->depth++;
			R = a + 1;
			pc = func->code;
			goto next;
		case OP(TAILCALL):
			func = callee(prog, a, &env);
			if (unlikely(!func))
				goto not_callable;
			ctx->budget -= func->ncode;
			if (unlikely(ctx->budget < 0)) {
				ctx->pc = pc;
				err = kp_ctx_spent(ctx);
				if (err)
					goto out;
			}
			/* the arguments move down to where this frame begins */
			memmove(R, a + 1, min_args(insn, func) * sizeof(*R));
			if (unlikely(!enter(ctx, frame, func, R, min_args(insn, func), env)))
				goto stack_full;
			pc = func->code;
			goto next;
		case OP(RET):
			R[-1] = *a;
leave:
			if (frame == ctx->frames)
				return 0;
			frame--;
			ctx->depth--;
			ctx->top = frame->top;
			pc = frame->pc;
			R = ctx->regs + frame->base;
			continue;
		default:
			kp_port_unreachable();
			continue;
		}

loop:
		/* 1: the body of a loop follows; 0: it is jumped over; or an error */
		if (unlikely(err < 0))
			goto out;
		if (err)
			continue;
		jump = KTAP_INSN_SBX(insn);
		goto jump;

compared:
		if (unlikely(err < 0))
			goto out;
		truth = err;
test:
		/* a comparison came out as `truth`: the jump that follows is made or skipped */
		pc++;
		jump = truth == KTAP_INSN_B(insn) ? KTAP_INSN_SAX(*pc) : 0;
jump:
		pc += jump;
		if (jump >= 0)
			continue;
		ctx->budget += jump;
		if (likely(ctx->budget >= 0))
			continue;
spent:
		ctx->pc = pc + 1;
		err = kp_ctx_spent(ctx);
		goto done;

no_table:
		ctx->pc = pc;
		err = kp_ctx_error(ctx, KTAP_ERR_GET_TYPE, NULL);
		goto out;

not_callable:
		ctx->pc = pc;
		err = kp_insn_not_callable(ctx, a);
		goto out;

stack_full:
		ctx->pc = pc;
		err = kp_ctx_error(ctx, KTAP_ERR_STACK_OVERFLOW, NULL);
		goto out;

arith:
		ctx->pc = pc;
		err = kp_insn_arith(ctx, insn, R);
		goto done;

div_zero:
		ctx->pc = pc;
		err = kp_ctx_error(ctx, KTAP_ERR_DIV_ZERO, NULL);
		goto out;

mod_zero:
		ctx->pc = pc;
		err = kp_ctx_error(ctx, KTAP_ERR_MOD_ZERO, NULL);
		goto out;

not_ordered:
		ctx->pc = pc;
		err = kp_ctx_error(ctx, KTAP_ERR_CMP_TYPE, NULL);
		goto out;

add_result:
		ctx->pc = pc;
		if (err == -EINVAL) {
			err = kp_ctx_error(ctx, KTAP_ERR_ADD_TYPE, NULL);
			goto out;
		}
result:
		ctx->pc = pc;
		err = kp_ctx_result(ctx, err);
done:
		if (unlikely(err))
			goto out;
	}
out:
	ctx->depth = 0;
	return err;
}

int kp_interp_run(struct kp_ctx *ctx, const struct kp_verified *v, const struct kp_func *func,
		  struct kp_value *result)
{
	int err;

	ctx->exiting = 0;
	ctx->budget = ctx->where & KP_CTX_PROCESS ? KP_PROCESS_SLICE : func->budget;
	err = kp_interp_exec(ctx, v, func);
	ctx->depth = 0;
	ctx->top = 0;
	if (result)
		*result = ctx->regs[0];
	return err;
}

bool kp_interp_filter(struct kp_ctx *ctx, const struct kp_func *filter)
{
	ctx->budget = filter->budget;
	return !kp_interp_exec(ctx, ctx->vm->verified, filter) && kp_value_true(&ctx->regs[0]);
}
