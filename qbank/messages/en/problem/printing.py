"""Layouts, papers of a room, templates of a centre."""

TEXTS: dict[str, str] = {
    "Z901": "the print template is wrong: {detail}",
    "Z901.hint": "correct it there; a template may name /settings.typ and files of its own folder only",
    "Z905": "only {parts} are printed for a roster, and this paper has none of those asked for",
    "Z905.hint": "leave out --part, or write --part paper",
    "Z906": "a word of the roster cannot be printed: {detail}",
    "Z906.hint": "check the name; write a character that no font has in another form",
    "Z907": "seat {seat} of room {room} is already taken by line {first}",
    "Z907.hint": "correct the seat",
    "Z909": "the print template did not come to an end within {seconds} s, or wanted more memory than it may have",
    "Z909.hint": "look at its loops and at functions that call themselves",
    "Z910": "room {room} has {n} candidates; one accessible file holds at most {most} of these papers",
    "Z910.hint": "give the candidates several rooms in the roster (a file is made for each), or print without --accessible",
    "Z902": "there is no template folder {folder}, or no centre.typ in it",
    "Z902.hint": "the folder lies in the workspace and holds centre.typ at least",
    "Z903": "a template file is too large, or there are too many (at most {megabytes} MB each, {n} files)",
    "Z903.hint": "make pictures smaller, move away what does not belong there",
    "Z904": "a template fetches no package and runs no code put together from text: {found}",
    "Z904.hint": "put the file into the template's folder and name it",
    "Z908": "{item} is {status}, not released, and cannot stand in a booklet",
    "Z908.hint": "a booklet holds released items only; write purpose: practice in the blueprint",
}
