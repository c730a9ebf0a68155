// SPDX-License-Identifier: GPL-2.0-only
#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "util/near.h"

#define HELP_COLUMN 26 /* of the text behind the name of an option */

struct parse {
	struct kp_args *args;
	const struct kp_view *v;
	const char *name;
	uint32_t noptions;
	bool wants_args; /* it reads `arg` */
};

/* ---- what is wrong ---- */

static int refuse(const struct parse *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct parse *p, const char *fmt, ...)
{
	struct kp_message m = { .kind = KP_MESSAGE_USAGE };
	va_list ap;

	kp_message_put(&m, "%s: ", p->name);
	va_start(ap, fmt);
	kp_message_vput(&m, fmt, ap);
	va_end(ap);
	kp_report_message(&m);
	return -EINVAL;
}

static struct ktap_image_option get_option(const struct parse *p, uint32_t i)
{
	struct ktap_image_option o = { 0 };

	kp_view_option(p->v, i, &o);
	return o;
}

static int refuse_option(const struct parse *p, const char *word, size_t len)
{
	struct kp_message m = { .kind = KP_MESSAGE_USAGE };
	struct kp_view_string name;
	struct kp_near near;
	uint32_t i;

	kp_message_put(&m, KP_MSG_NO_OPTION, p->name, (int)len, word);
	kp_near_init(&near, word + 2, len - 2);
	for (i = 0; i < p->noptions; i++) {
		name = kp_view_string(p->v, get_option(p, i).name);
		kp_near_try(&near, name.data, name.len);
	}
	if (near.best)
		kp_message_hint(&m, KP_MSG_NEAR_OPTION, (int)near.best_len, near.best);
	else
		kp_message_hint(&m, KP_MSG_SEE_SCRIPT, p->name);
	kp_report_message(&m);
	return -EINVAL;
}

/* ---- help ---- */

/* A line of a comment that says something to readers. */
static bool is_prose(struct kp_view_string line)
{
	uint32_t i = 1;

	if (line.len < 2 || line.data[1] == '!' || memmem(line.data, line.len, "SPDX-", 5))
		return false;
	while (i < line.len && (line.data[i] == ' ' || line.data[i] == '#'))
		i++;
	return i < line.len;
}

/* The first paragraph of the comment that the script begins with. */
static void print_comment(const struct kp_view *v)
{
	struct kp_view_string text;
	bool any = false;
	uint32_t line;

	for (line = 1; kp_view_source_line(v, line, &text); line++) {
		if (!text.len || text.data[0] != '#' || (any && !is_prose(text)))
			break;
		if (!is_prose(text))
			continue;
		any = true;
		text.data += text.data[1] == ' ' ? 2 : 1;
		printf("%.*s\n", (int)(text.len - 1 - (text.data[-1] == ' ')), text.data);
	}
	if (any)
		putchar('\n');
}

static void print_option(const struct parse *p, const struct ktap_image_option *o)
{
	struct kp_view_string name = kp_view_string(p->v, o->name), text;
	bool string = o->type == KTAP_CONST_STR;
	int column;

	column = printf("  --%.*s %s", (int)name.len, name.data, string ? "TEXT" : "N");
	printf("%*s", column < HELP_COLUMN ? HELP_COLUMN - column : 2, "");
	if (o->help != KTAP_NONE) {
		text = kp_view_string(p->v, o->help);
		printf("%.*s ", (int)text.len, text.data);
	}
	if (string) {
		text = kp_view_string(p->v, (uint32_t)o->value);
		printf("(\"%.*s\")\n", (int)text.len, text.data);
	} else {
		printf("(%" PRId64 ")\n", (int64_t)o->value);
	}
}

static void print_help(const struct parse *p)
{
	struct ktap_image_option o;
	uint32_t i;

	print_comment(p->v);
	printf("usage: ktap %s%s%s [-- COMMAND [ARG...]]\n", p->name,
	       p->noptions ? " [options]" : "", p->wants_args ? " [ARG...]" : "");
	for (i = 0; i < p->noptions; i++) {
		o = get_option(p, i);
		print_option(p, &o);
	}
	printf("  %-*sprint this\n", HELP_COLUMN - 2, "-h, --help");
}

/* ---- values ---- */

/* A whole number as the language writes them, or with @base 10 in decimal only. */
static bool parse_number(const char *text, int base, int64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoll(text, &end, base);
	if (errno == ERANGE && !base && *text == '0') {
		/* bits, as scripts write them: all 64 of them without a sign */
		errno = 0;
		*n = (int64_t)strtoull(text, &end, base);
	}
	return end != text && !*end && !errno && *text > ' ';
}

static int set_text(const struct parse *p, struct kp_arg *arg, const char *text)
{
	size_t len = strlen(text);

	if (len > KTAP_MAX_STRING)
		return refuse(p, KP_MSG_LONG_ARGUMENT, KTAP_MAX_STRING);
	*arg = (struct kp_arg){ .text = text, .len = (uint32_t)len };
	return 0;
}

static int set_option(const struct parse *p, uint32_t i, const char *value)
{
	struct ktap_image_option o = get_option(p, i);
	struct kp_view_string name = kp_view_string(p->v, o.name);
	struct kp_arg *arg = &p->args->v[i];

	if (o.type == KTAP_CONST_STR)
		return set_text(p, arg, value);
	if (!parse_number(value, 0, &arg->number))
		return refuse(p, KP_MSG_OPTION_NUMBER, (int)name.len, name.data, value);
	return 0;
}

static void set_default(const struct parse *p, uint32_t i)
{
	struct ktap_image_option o = get_option(p, i);
	struct kp_view_string text;

	if (o.type == KTAP_CONST_STR) {
		text = kp_view_string(p->v, (uint32_t)o.value);
		p->args->v[i] = (struct kp_arg){ .text = text.data, .len = text.len };
	} else {
		p->args->v[i] = (struct kp_arg){ .number = (int64_t)o.value };
	}
}

/* Does @word mean the option @name? A name of the language has no "-", so that stands for "_". */
static bool is_name(const char *word, struct kp_view_string name)
{
	uint32_t i;

	for (i = 0; i < name.len; i++)
		if (word[i] != name.data[i] && (word[i] != '-' || name.data[i] != '_'))
			return false;
	return true;
}

/* The option that @word, of which @len bytes are the name, means; or p->noptions. */
static uint32_t find_option(const struct parse *p, const char *word, size_t len)
{
	struct kp_view_string name;
	uint32_t i;

	for (i = 0; i < p->noptions; i++) {
		name = kp_view_string(p->v, get_option(p, i).name);
		if (len == name.len + 2 && is_name(word + 2, name))
			break;
	}
	return i;
}

/* --NAME=VALUE, or --NAME and *@next: then *@took is set. */
static int parse_option(const struct parse *p, const char *word, const char *next, bool *took)
{
	size_t len = strcspn(word, "=");
	uint32_t i = find_option(p, word, len);

	if (i == p->noptions)
		return refuse_option(p, word, len);
	if (word[len])
		return set_option(p, i, word + len + 1);
	if (!next)
		return refuse(p, KP_MSG_OPTION_VALUE, word);
	*took = true;
	return set_option(p, i, next);
}

/* Arguments that are decimal numbers become numbers, but for the name of the script. */
static int add_argument(const struct parse *p, const char *word)
{
	struct kp_args *a = p->args;
	struct kp_arg *arg = &a->v[a->n];

	if (!p->wants_args)
		return refuse(p, KP_MSG_NO_ARGUMENTS, word);
	a->n++;
	if (a->n > p->noptions + 1 && parse_number(word, 10, &arg->number))
		return 0;
	return set_text(p, arg, word);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "-h") || !strcmp(word, "--help");
}

static int parse_words(const struct parse *p, char *const *words, int nwords)
{
	bool options = p->noptions || !p->wants_args, took;
	int i, ret = 0;

	for (i = 0; !ret && i < nwords; i++) {
		took = false;
		if (options && is_help(words[i])) {
			print_help(p);
			return 1;
		}
		if (options && !strncmp(words[i], "--", 2))
			ret = parse_option(p, words[i], i + 1 < nwords ? words[i + 1] : NULL,
					   &took);
		else
			ret = add_argument(p, words[i]);
		i += took;
	}
	return ret;
}

int kp_args_parse(struct kp_args *a, const struct kp_view *v, const char *name, char *const *words,
		  int nwords)
{
	struct parse p = { a, v, name, v->noptions, kp_view_flags(v) & KTAP_INFO_ARGS };
	uint32_t i;
	int ret;

	*a = (struct kp_args)KP_ARGS_INIT;
	if (nwords > (int)(KTAP_MAX_ARGS - 1 - p.noptions))
		return refuse(&p, KP_MSG_MANY_ARGUMENTS, KTAP_MAX_ARGS - 1 - p.noptions);
	a->v = calloc(p.noptions + 1 + (size_t)nwords, sizeof(*a->v));
	if (!a->v) {
		kp_report_error(KP_MSG_NO_MEMORY);
		return -ENOMEM;
	}
	for (i = 0; i < p.noptions; i++)
		set_default(&p, i);
	a->n = p.noptions;
	ret = p.wants_args ? add_argument(&p, name) : 0;
	return ret ? ret : parse_words(&p, words, nwords);
}

void kp_args_free(struct kp_args *a)
{
	free(a->v);
	*a = (struct kp_args)KP_ARGS_INIT;
}
