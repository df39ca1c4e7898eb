"""Status, steps, roles; edits of files."""

TEXTS: dict[str, str] = {
    "E101": "the lines of item {id} are no longer what was read",
    "E101.hint": "somebody changed the file meanwhile; run the command again",
    "E102": "there is no item {id} in this file",
    "E102.hint": "check the id, or run the command again",
    "E103": "item {id} stands in this file more than once, so it is not clear which one to change",
    "E103.hint": "correct the repeated id first",
    "E104": "{key} of item {id} comes from defaults and cannot be extended for this item alone",
    "E104.hint": "write the whole {key} under this item first",
    "E105": "{key} of item {id} is no list, so nothing can be added",
    "E105.hint": "write it as a list, such as {key}: [A, B]",
    "E106": "item {id} cannot be changed without touching other lines; the file is left as it was",
    "E106.hint": "change it by hand, or rewrite the item with one key a line",
    "E107": "the items stand between square brackets, so none can be changed alone",
    "E107.hint": "write each item after a dash, in lines of its own",
    "E108": "the file changed after it was read; nothing was written",
    "E108.hint": "save and close it in your editor, then run the command again",
}
