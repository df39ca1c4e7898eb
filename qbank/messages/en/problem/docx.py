"""Word files."""

TEXTS: dict[str, str] = {
    "Z501": "cannot serve as a Word template: {detail}",
    "Z501.hint": "open it in Word and save it as .docx; the easiest template is a file printed with --to docx whose styles were changed",
    "Z502": "this is no Word file (found: {detail})",
    "Z502.hint": "a template is a .docx or .dotx; open an older .doc, or a file with a password, in Word and save it as .docx without one",
    "Z503": "a template with macros is not used: what is printed from it would carry them ({detail})",
    "Z503.hint": "save it from Word as .docx or .dotx, without macros",
    "Z504": "the Word template is too large: {detail}",
    "Z504.hint": "at most 20 MB, 100 MB unpacked and 2,000 parts; take large pictures out of it",
    "Z505": "the Word template fetches something from elsewhere: {detail}",
    "Z505.hint": "put linked pictures into the file (in Word: Edit links, Break link), and detach the template that it is based on",
    "Z506": "the Word template has no styles ({detail} is missing), and styles are what a template is for",
    "Z506.hint": "save it from Word as .docx; the easiest template is a file printed with --to docx whose styles were changed",
    "Z507": "--to {to} makes nothing of a candidate's own: it prints each paper that somebody on the roster sits, once, and no lists",
    "Z507.hint": "--to pdf makes personal papers and the lists of each room, --to docx the lists, --to exam a page for each candidate",
    "Z508": "Word files are the same for all candidates: names, numbers and QR codes are not on them; the lists of each room are written",
    "Z508.hint": "personal papers and answer sheets that can be scanned are printed with --to pdf",
    "Z509": "centre.typ is written for the PDF; a Word file takes name, logo, footer and instructions from qbank.yaml, but no blocks from it",
    "Z509.hint": "change styles, head and foot in a Word file and name it with --word-template",
}
