"""Word files."""

TEXTS: dict[str, str] = {
    "Z501": "cannot serve as a Word template: {detail}",
    "Z501.hint": "save it from Word as .docx, without macros and links to other files; the easiest template is a file printed with --to docx whose styles were changed",
    "Z507": "--to {to} makes nothing of a candidate's own: it prints each paper that somebody on the roster sits, once, and no lists",
    "Z507.hint": "--to pdf makes personal papers and the lists of each room, --to docx the lists, --to exam a page for each candidate",
    "Z508": "Word files are the same for all candidates: names, numbers and QR codes are not on them; the lists of each room are written",
    "Z508.hint": "personal papers and answer sheets that can be scanned are printed with --to pdf",
}
