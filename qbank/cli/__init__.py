"""Words and options → workflow → print → exit status; a verb's module loads when that verb runs."""
