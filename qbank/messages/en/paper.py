"""Texts printed on papers, keys and answer sheets."""

TEXTS: dict[str, str] = {
    # Head and foot of every page
    "page": "Page {page} of {pages}",
    "paper_code": "Paper code: {code}",
    "conditions": "Time allowed: {minutes} minutes · Full marks: {marks}",
    # Candidate's strip
    "seal": "",
    "seal_notice": "Do not write answers in this margin",
    "notices": "Instructions to candidates",
    # Table of scores
    "score_number": "Section",
    "score": "Score",
    "marker": "Marker",
    "total": "Total",
    # Sections
    "ordinals": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    "section": "Section {ordinal}. {title}",
    "section_note": "({span}. {instruction} {marks})",
    "span_one": "Question {first}",
    "span": "Questions {first}–{last}",
    "section_marks": "Marks: {each} each, {total} in all.",
    "number": "{number}.",
    "letter": "{letter}.\u00a0",
    "bracket": "(\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0)",
    "answer_here": "Answer:",
    # Key
    "key": "Answer key",
    "key_number": "No.",
    "key_answer": "Key",
    # Answer sheet
    "sheet": "Answer sheet",
    "sheet_how": "How to mark",
    "sheet_rule_1": "Fill in your candidate number column by column.",
    "sheet_rule_2": "Fill the box with a 2B pencil; erase cleanly to change.",
    "sheet_rule_3": "Keep the sheet clean, its corner marks and code free.",
    "sheet_right": "Right",
    "sheet_wrong": "Wrong",
    "sheet_id": "Candidate number",
    "sheet_code": "Form code",
    "sheet_code_alt": "QR code with the paper code {code}, the form digest {digest} and the page {page}",
    # Texts that cannot be printed
    "fail_where": "{item} ({place})",
    "fail_line": "{where}: {what}",
    "fail_head": "head of the paper",
    "fail_formula": "formula not understood: {detail}",
    "fail_chemistry": "chemical formula not understood: {detail}",
    "fail_macro": "LaTeX outside dollars: {detail}",
    "fail_image": "images cannot be printed yet: {detail}",
    "fail_nesting": "nested too deeply: {detail}",
    "fail_length": "text too long: {detail} characters",
    "fail_glyph": "the fonts of the paper have no character {detail}",
    "fail_markup": "markup that is not allowed: {detail}",
}
