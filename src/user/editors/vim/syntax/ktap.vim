" SPDX-License-Identifier: GPL-2.0-only
" Vim syntax file of the language ktap(7).
if exists("b:current_syntax")
	finish
endif

" no lists of syn keyword: some words of the language are words of it, too
syn match ktapBuiltin "\%(\.\)\@<!\<\%(@BUILTINS@\|pairs\|sort_pairs\|ptable\|table_count\)\>"
syn match ktapBuiltin "\<\%(@MEMBERS@\)\>"
syn match ktapBuiltin "\<table\.new\>\|\<kdebug\.\w\+\|\<timer\.\w\+\|\<ffi\.\w\+"
syn match ktapKeyword "\<\%(@KEYWORDS@\|option\|delete\|cdef\)\>"
syn match ktapConstant "\<\%(nil\|true\|false\)\>"
syn match ktapData "\%(\.\)\@<!\<\%(arg[0-9]\?\|retval\)\>\|\<args\.\w\+"

syn match ktapNumber "\<\%(0[xX]\x\+\|\d\+\)\>"
syn match ktapOperator "[-+*/%^&|~<>=!?]\|\.\."
syn match ktapTimer "\<\%(tick\|profile\)-\d\+\%(s\|sec\|ms\|msec\|us\|usec\|hz\)\>"
syn match ktapEvent "\%(\<trace\s\+\)\@<=[^[:blank:]\"'\[{/;]\%(\%(\s\+function\>\)\@![^{/]\)*"

syn match ktapEscape "\\\%([abfnrtvz\\\"']\|x\x\x\|\d\{1,3}\|$\)" contained
syn match ktapFormat "%[-+ #0]*\%(\d\+\|\*\)\?\%(\.\%(\d\+\|\*\)\?\)\?\%(\%(ll\?\|[jzt]\)\?[diuxXo]\|[csp%]\)" contained
syn region ktapString start=+"+ skip=+\\.+ end=+"\|$+ contains=ktapEscape,ktapFormat
syn region ktapString start=+'+ skip=+\\.+ end=+'\|$+ contains=ktapEscape,ktapFormat
syn region ktapString start="\[\z(=*\)\[" end="\]\z1\]"

syn keyword ktapTodo TODO FIXME XXX contained
syn match ktapComment "#.*" contains=ktapTodo
syn match ktapComment "\%(\w\|\]\)\@<!--.*" contains=ktapTodo
syn region ktapComment start="--\[\z(=*\)\[" end="\]\z1\]" contains=ktapTodo

syn sync minlines=100

hi def link ktapKeyword Keyword
hi def link ktapConstant Constant
hi def link ktapBuiltin Function
hi def link ktapData Identifier
hi def link ktapNumber Number
hi def link ktapOperator Operator
hi def link ktapTimer PreProc
hi def link ktapEvent PreProc
hi def link ktapEscape SpecialChar
hi def link ktapFormat SpecialChar
hi def link ktapString String
hi def link ktapTodo Todo
hi def link ktapComment Comment

let b:current_syntax = "ktap"
