"""print --to docx."""

TEXTS: dict[str, str] = {
    "print.only_docx": "--word-template is for --to docx",
    "print.no_parts": "--to {to} is the whole paper and has no parts: leave out --part, or print parts with --to pdf, docx, html or txt",
    "option.--word-template": "a Word file whose styles, page, head and foot are taken over, for --to docx",
}
