"""Word files."""

TEXTS: dict[str, str] = {
    "Z501": "cannot serve as a Word template: {detail}",
    "Z501.hint": "save it from Word as .docx, without macros and links to other files; the easiest template is a file printed with --to docx whose styles were changed",
}
