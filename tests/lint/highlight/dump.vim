" SPDX-License-Identifier: GPL-2.0-only
" Prints the file with the name of each highlighted piece in front of it.
syntax on
filetype on
exe 'edit' $SAMPLE
exe 'redir!' '>' $OUT
silent echo 'filetype' &filetype
for line in range(1, line('$'))
	let text = getline(line)
	let shown = ''
	let last = ''
	for column in range(1, len(text))
		let name = synIDattr(synID(line, column, 1), 'name')
		let shown .= (name == last ? '' : '<' . name[4:] . '>') . text[column - 1]
		let last = name
	endfor
	silent echo shown
endfor
redir END
qall!
