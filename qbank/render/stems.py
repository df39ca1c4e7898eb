"""What is printed behind a stem: its marks, and an answer bracket where a table or picture would push it away.

They are put into the Markdown itself, behind its last line of words.
"""

from __future__ import annotations

import re
from dataclasses import replace

from qbank.core.presentation import Paper, Question
from qbank.messages import text
from qbank.render.labels import gap, marks_label, same_marks
from qbank.render.places import needs_bracket

PICTURE_LINE = re.compile(r"\s*!\[.*\]\([^)]*\)\s*$")
TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$|\s*\|\s*:?-+:?\s*\|\s*$")


def with_completed_stems(paper: Paper) -> Paper:
    """Return the paper with the marks behind each stem where they differ in a section, and behind each part of a case."""
    sections = []
    for section in paper.sections:
        differ = same_marks(section) is None
        questions = (
            question if question.task else _with_parts(paper, completed(paper, question, marked=differ)) for question in section.questions
        )
        sections.append(replace(section, questions=tuple(questions)))
    return replace(paper, sections=tuple(sections))


def _with_parts(paper: Paper, question: Question) -> Question:
    if not question.parts:
        return question
    return replace(question, parts=tuple(completed(paper, part, marked=True) for part in question.parts))


def completed(paper: Paper, question: Question, *, marked: bool) -> Question:
    """Return the question with what belongs behind its stem."""
    words = marks_label(paper, question.marks) if marked else ""
    if needs_bracket(question) and not ends_in_words(question.stem):
        words = text(paper.language, "paper.bracket") + (gap(paper) if words else "") + words
    return replace(question, stem=behind_words(question.stem, words, gap(paper))) if words else question


def ends_in_words(stem: str) -> bool:
    """Return whether the last line of a stem is neither of a table nor a picture.

    >>> ends_in_words("如图。\\n![图](a.png)"), ends_in_words("碱度为（　　）。")
    (False, True)
    """
    last = re.split(r"\n[ \t]*\n", stem.rstrip())[-1].split("\n")
    return not PICTURE_LINE.match(last[-1]) and not holds_table("\n".join(last))


def holds_table(text: str) -> bool:
    """Return whether a text holds the rule that stands under the head of a table.

    >>> holds_table("| a | b |\\n|---|--:|\\n| 1 | 2 |"), holds_table("a - b | c")
    (True, False)
    """
    return "-" in text and any(TABLE_RULE.match(line) for line in text.split("\n"))


def behind_words(stem: str, label: str, space: str) -> str:
    """Return the stem with a label behind its last line of words, or below it where there is none.

    >>> behind_words("如图（　　）。\\n![图](a.png)", "（2分）", "")
    '如图（　　）。（2分）\\n![图](a.png)'
    """
    blocks = re.split(r"(\n[ \t]*\n)", stem.rstrip())
    for index in range(len(blocks) - 1, -1, -1):
        lines = blocks[index].split("\n")
        n = len(lines)
        while n and (not lines[n - 1].strip() or PICTURE_LINE.match(lines[n - 1])):
            n -= 1
        if n and not holds_table(blocks[index]):
            lines[n - 1] = lines[n - 1].rstrip() + space + label
            blocks[index] = "\n".join(lines)
            return "".join(blocks)
    return f"{stem.rstrip()}\n\n{label}"
