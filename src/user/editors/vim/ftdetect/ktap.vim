" SPDX-License-Identifier: GPL-2.0-only
autocmd BufNewFile,BufRead *.kp setfiletype ktap
autocmd BufNewFile,BufRead * if getline(1) =~# '^#!.*\<ktap\>' | setfiletype ktap | endif
