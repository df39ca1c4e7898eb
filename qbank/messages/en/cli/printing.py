"""Layouts, papers of a room, templates of a centre."""

TEXTS: dict[str, str] = {
    "print.only_pdf": "--layout, --large, --booklet and --roster are for PDF (--to pdf)",
    "option.--layout": "sheet of the paper: a4, or a3 (A3 lying, two columns, folded as 8K papers are)",
    "option.--large": "large print: letters of 18 points",
}
