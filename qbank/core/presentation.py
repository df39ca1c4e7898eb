"""What a reader is shown: a paper as an ordered tree of texts, free of layout and of file formats.

All texts are Markdown with LaTeX mathematics between dollars. A renderer turns a `Paper` into PDF, HTML or plain text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
AnswerSpace = Literal["bracket", "tick", "blank"]


@dataclass(frozen=True, slots=True)
class Question:
    """One printed question.

    number : as printed, counted through the whole paper from 1
    options : (printed letter, text) in printed order; empty where there is nothing to choose
    answer : the key as it is printed in the key sheet (``B``, ``√``, ``42.8 kg/t``)
    space : where the answer goes: in the stem's bracket, a tick/cross bracket after the stem, or a blank
    """

    item: str
    number: int
    kind: str
    stem: str
    options: tuple[tuple[str, str], ...]
    answer: str
    space: AnswerSpace
    marks: float


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A titled run of questions of equal marks, with the sentence that tells the candidate what to do."""

    title: str
    instruction: str
    marks_each: float
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper as the candidate meets it.

    title : e.g. 职业技能等级认定理论知识试卷 ; subject : e.g. 炼钢工（转炉炼钢工）四级/中级工
    code : the paper code printed on every page ; digest : short hash that ties the sheet to the form file
    notices : the numbered 注意事项 ; fields : what the candidate fills in (准考证号, 姓名, 单位 …)
    """

    title: str
    subject: str
    code: str
    digest: str
    language: Language
    minutes: int
    marks: float
    notices: tuple[str, ...]
    fields: tuple[str, ...]
    sections: tuple[PaperSection, ...]
