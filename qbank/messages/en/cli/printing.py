"""Layouts, papers of a room, templates of a centre."""

TEXTS: dict[str, str] = {
    "print.only_pdf": "--layout, --large and --booklet are for PDF and Word (--to pdf, --to docx)",
    "print.only_for": "{option} is only for {forms}",
    "print.whole_booklet": "--booklet is printed whole, for anybody: leave out {options}",
    "print.only_room": "--accessible is for the papers of a room: --to pdf with --roster; PDFs of single papers are PDF/UA and PDF/A anyway",
    "option.--accessible": "papers of a roster as PDF/UA and PDF/A too, for screen readers: less than 0.2 s a candidate",
    "option.--layout": "sheet of the paper: a4, or a3 (A3 lying, two columns, folded as 8K papers are)",
    "option.--large": "large print: letters of 18 points",
    "option.--booklet": "practice booklet: released items, with answers and rationales at the end",
}
