"""Verbs over items: check, show, new, schema."""

TEXTS: dict[str, str] = {
    "option.--no-cache": "check every file again, without the cache",
    "option.--kind": "kind of item",
    "option.--competency": "code of the competency",
    "option.--level": "5 junior … 1 senior technician",
    "option.--new-id": "the item's id; the next of the bank's pattern unless said",
    "option.--author": "who writes it",
    "option.--into": "file to write it to, behind its items; shown on the screen unless said",
    "new.item_only": "--kind and --competency belong to qbank new item (here stands {word!r})",
    "new.item_needs": "qbank new item needs --kind and --competency",
    "new.item_done": "written to {file}; fill it in, then run qbank check",
    "schema.short": "Schemas that let editors complete codes, kinds and keys",
    "schema.example": "qbank schema banks/steelmaking --write",
    "schema.wrote": "{n} schemas written to {folder}",
    "schema.merged": "entered in {file}",
    "schema.by_hand": "{file} holds comments or something unusual and was left alone; add these lines to it:",
    "option.--write": "write them into the workspace and enter them in VS Code's settings",
    "option.--modeline": "show the first line that other editors need in a file",
    "option.--file": "show the schema of this kind of file",
}
