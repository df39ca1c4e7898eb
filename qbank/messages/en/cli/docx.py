"""print --to docx."""

TEXTS: dict[str, str] = {
    "option.--word-template": "a Word file whose styles, page, head and foot are taken over, for --to docx",
}
