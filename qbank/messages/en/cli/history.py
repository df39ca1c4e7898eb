"""history."""

TEXTS: dict[str, str] = {
    "history.short": "One item through all sittings, or the items out of control",
    "history.example": "qbank history BOF4-BCC-01 --to html",
    "history.working": "looking at all items…",
    "history.one_or_all": "give an item or --all, not both",
    "history.no_picture": "the list of all items has no picture: use html or pdf, or give an item",
    "history.wrote": "wrote {path}",
    "history.facility": "{item} facility {low} to {high}",
    "history.b": "{item} b {low} to {high}",
    "history.one_item": "the chart of one item: qbank history {item} --to html",
    "option.--all": "list all items out of control, furthest off first",
    "history.option.--to": "write history/ITEM.html, .svg or .pdf; may be repeated",
    "history.option.--csv": "write the table of sittings as a CSV file",
}
