/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lex - characters to tokens.
 *
 * Most of the language needs one rule set. What follows `trace` does not: an
 * EVENTDEF is raw text, and a filter has glob patterns without quotes. The
 * parser knows where it is and calls kp_lex_eventdef() or
 * kp_lex_pattern() instead of kp_lex_next() there.
 */
#ifndef KP_COMPILE_LEX_H
#define KP_COMPILE_LEX_H

#include "cc.h"

/* KP_TOK(name, text): first the classes, then keywords, then punctuation, longest first. */
#define KP_TOKENS_CLASS(KP_TOK)        \
	KP_TOK(EOF, "<eof>")           \
	KP_TOK(ERROR, "<error>")       \
	KP_TOK(NAME, "<name>")         \
	KP_TOK(NUMBER, "<number>")     \
	KP_TOK(STRING, "<string>")     \
	KP_TOK(PATTERN, "<pattern>")   \
	KP_TOK(EVENTDEF, "<eventdef>") \
	KP_TOK(TIMER, "<timer>")

#define KP_TOKENS_KEYWORD(KP_TOK)                                                           \
	KP_TOK(AND, "and") KP_TOK(BREAK, "break") KP_TOK(CONTINUE, "continue")              \
	KP_TOK(DO, "do") KP_TOK(ELSE, "else") KP_TOK(ELSEIF, "elseif") KP_TOK(END, "end")   \
	KP_TOK(FALSE, "false") KP_TOK(FOR, "for") KP_TOK(FUNCTION, "function")              \
	KP_TOK(GOTO, "goto") KP_TOK(IF, "if") KP_TOK(IN, "in") KP_TOK(LOCAL, "local")       \
	KP_TOK(NIL, "nil") KP_TOK(NOT, "not") KP_TOK(OR, "or") KP_TOK(REPEAT, "repeat")     \
	KP_TOK(RETURN, "return") KP_TOK(THEN, "then") KP_TOK(TRACE, "trace")                \
	KP_TOK(TRACE_END, "trace_end") KP_TOK(TRUE, "true") KP_TOK(UNTIL, "until")          \
	KP_TOK(VAR, "var") KP_TOK(WHILE, "while")

#define KP_TOKENS_PUNCT(KP_TOK)                                                             \
	KP_TOK(AGGREGATE, "<<<") KP_TOK(ELLIPSIS, "...")                                    \
	KP_TOK(SHL, "<<") KP_TOK(SHR, ">>") KP_TOK(LE, "<=") KP_TOK(GE, ">=")               \
	KP_TOK(EQ, "==") KP_TOK(NE, "!=") KP_TOK(ANDAND, "&&") KP_TOK(OROR, "||")           \
	KP_TOK(CONCAT, "..") KP_TOK(LABEL, "::") KP_TOK(INC, "++") KP_TOK(DEC, "--")        \
	KP_TOK(ADDSET, "+=") KP_TOK(SUBSET, "-=") KP_TOK(MULSET, "*=")                      \
	KP_TOK(DIVSET, "/=") KP_TOK(MODSET, "%=") KP_TOK(ORSET, "|=")                       \
	KP_TOK(ANDSET, "&=") KP_TOK(XORSET, "^=")                                           \
	KP_TOK(PLUS, "+") KP_TOK(MINUS, "-") KP_TOK(STAR, "*") KP_TOK(SLASH, "/")           \
	KP_TOK(PERCENT, "%") KP_TOK(CARET, "^") KP_TOK(AMP, "&") KP_TOK(PIPE, "|")          \
	KP_TOK(TILDE, "~") KP_TOK(BANG, "!") KP_TOK(LESS, "<") KP_TOK(GREATER, ">")         \
	KP_TOK(ASSIGN, "=") KP_TOK(QUESTION, "?") KP_TOK(COLON, ":") KP_TOK(SEMI, ";")      \
	KP_TOK(COMMA, ",") KP_TOK(DOT, ".") KP_TOK(LPAREN, "(") KP_TOK(RPAREN, ")")         \
	KP_TOK(LBRACKET, "[") KP_TOK(RBRACKET, "]") KP_TOK(LBRACE, "{") KP_TOK(RBRACE, "}")

enum kp_tok {
#define KP_TOK(name, text) KP_TOK_##name,
	KP_TOKENS_CLASS(KP_TOK) KP_TOKENS_KEYWORD(KP_TOK) KP_TOKENS_PUNCT(KP_TOK)
#undef KP_TOK
	KP_TOK_COUNT
};

struct kp_token {
	enum kp_tok kind;
	struct kp_span at;
	bool first_on_line;	  /* only blanks before it on its line */
	int64_t number;		  /* NUMBER */
	const struct kp_str *str; /* NAME, STRING, PATTERN, EVENTDEF, TIMER */
};

/*
 * Reads @text from @pos to @end. The text is the script, or the content of a
 * string with escapes, all of which is then reported as being at @inside.
 */
struct kp_lex {
	struct kp_cc *cc;
	const char *text;
	uint32_t pos;
	uint32_t end;
	uint32_t last;	       /* end of the last token */
	bool target;	       /* set by the parser: in what a statement assigns, so that a `--`
				* glued to it is a decrement; elsewhere it opens a comment */
	struct kp_span inside; /* empty when @text is the script itself */
};

/** kp_lex_init - read the script of @cc from its start; skips a byte order mark. */
void kp_lex_init(struct kp_lex *lx, struct kp_cc *cc);

/**
 * kp_lex_inside - read the content of the string token @str, whose text still
 * lies in the script (@lx is what it came from).
 */
void kp_lex_inside(struct kp_lex *in, const struct kp_lex *lx, const struct kp_token *str);

/** kp_lex_peek - the character the next token starts with, -1 at the end. Reports nothing. */
int kp_lex_peek(const struct kp_lex *lx);

/** kp_lex_next - the next token; after a malformed one, which is reported, KP_TOK_ERROR. */
struct kp_token kp_lex_next(struct kp_lex *lx);

/**
 * kp_lex_eventdef - the text of one EVENTDEF up to a filter, @separator (',' or
 * ';'), '{' or the end of the line, without blanks around it.
 */
struct kp_token kp_lex_eventdef(struct kp_lex *lx, char separator);

/**
 * kp_lex_pattern - after `~`, `==` or `!=` in a filter: a value without quotes as
 * the kernel's filters have it. Gives PATTERN, or what kp_lex_next() gives
 * when the text starts no such value. @any: a plain word counts too.
 */
struct kp_token kp_lex_pattern(struct kp_lex *lx, bool any);

/** kp_tok_text - how messages spell a kind of token. */
const char *kp_tok_text(enum kp_tok kind);

#endif
