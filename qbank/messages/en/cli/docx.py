"""print --to docx."""

TEXTS: dict[str, str] = {
    "print.only_docx": "--word-template is for --to docx",
    "option.--word-template": "a Word file whose styles, page, head and foot are taken over, for --to docx",
}
