"""What a reader is shown: a paper as an ordered tree of texts, free of layout and of file formats.

All texts are Markdown with LaTeX mathematics between dollars. A renderer turns a `Paper` into PDF, HTML or plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["zh", "en"]
AnswerSpace = Literal["bracket", "tick", "blank", "lines", "parts"]
Part = Literal[
    "paper", "key", "answer-sheet", "marking-guide", "version-map", "task-notice", "task-paper", "task-record",
]  # fmt: skip
PARTS: tuple[Part, ...] = (
    "paper", "key", "answer-sheet", "marking-guide", "version-map", "task-notice", "task-paper", "task-record",
)  # fmt: skip
"""What is printed of a paper: 试卷, 标准答案, 答题卡, 评分标准, of versions 版本对照表, and of tasks 考核准备通知单, 考核试卷,
评分记录表."""

SheetName = Literal["a4", "a3"]
SHEETS: tuple[SheetName, ...] = ("a4", "a3")
"""What a paper is printed on: A4, or A3 lying with two columns, folded in the middle as 8K papers are."""


@dataclass(frozen=True, slots=True)
class PdfStyle:
    """How a PDF is laid out: its sheet, whether its letters are large (18 points), and whether it is a booklet to practise
    with: released questions, answers and rationales at the end."""

    sheet: SheetName = "a4"
    large: bool = False
    booklet: bool = False


PLAIN_PDF = PdfStyle()


@dataclass(frozen=True, slots=True)
class GuidePoint:
    """One point of a marking guide (评分要点): what earns how many marks."""

    text: str
    marks: float


@dataclass(frozen=True, slots=True)
class Supply:
    """One thing to have ready for a practical task: name, specification, how many of which unit, a note."""

    name: str
    spec: str = ""
    quantity: str = ""
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deduction:
    """What costs how many marks (扣分)."""

    text: str
    marks: float


@dataclass(frozen=True, slots=True)
class TaskStep:
    """One row of a marking sheet (评分记录表): what is examined, what is demanded, marks (配分), deductions."""

    title: str
    demand: str
    marks: float
    deductions: tuple[Deduction, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A practical task as its three sheets need it: 考核准备通知单, 考核试卷, 评分记录表.

    site, candidate : what the centre and what the candidate have ready ; requirements : 考核要求 ; vetoes : 否定项,
    each of which makes the whole task 0
    """

    minutes: int
    preparation_minutes: int
    site: tuple[Supply, ...]
    candidate: tuple[Supply, ...]
    requirements: tuple[str, ...]
    steps: tuple[TaskStep, ...]
    vetoes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedText:
    """A stimulus, printed once above the run of questions that refer to it.

    first, last : the printed numbers of these questions
    """

    stimulus: str
    title: str
    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Question:
    """One printed question.

    number : as printed, counted through the whole paper from 1; of a part, counted from 1 within its case
    options : (printed letter, text) in printed order; empty where there is nothing to choose
    answer : the key as it is printed in the key sheet (``B``, ``√``, ``42.8 kg/t``, a model answer)
    space : where the answer goes: in the stem's bracket, a tick/cross bracket after the stem, a blank, written lines,
        or in the parts
    prompts : (number, text), the left column of a matching question ; parts : sub-questions of a case, the case's own
    stem being the stimulus ; n_lines : lines for a written answer ; guide : the points of the marking guide ;
    task : a practical task ; shared : of the first question of a run, what stands above it ; scored : false where the
    marks are printed but do not count
    """

    item: str
    number: int
    kind: str
    stem: str
    options: tuple[tuple[str, str], ...]
    answer: str
    space: AnswerSpace
    marks: float
    prompts: tuple[tuple[str, str], ...] = ()
    parts: tuple[Question, ...] = ()
    n_lines: int = 0
    guide: tuple[GuidePoint, ...] = ()
    task: Task | None = None
    shared: SharedText | None = None
    scored: bool = True


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A titled run of questions of equal marks, with the sentence that tells the candidate what to do."""

    title: str
    instruction: str
    marks_each: float
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class VersionPlace:
    """Where a question stands in one version: its printed number, and its key there, empty where that is long."""

    item: str
    label: str
    answer: str


@dataclass(frozen=True, slots=True)
class VersionMap:
    """Which questions of the versions of a paper are the same (版本对照表).

    versions : (letter, paper code, digest) of each, the paper's own first ; sections : for each section of the paper its
    places in printed order, each with one entry a version
    """

    versions: tuple[tuple[str, str, str], ...]
    sections: tuple[tuple[tuple[VersionPlace, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper as the candidate meets it.

    title : e.g. 职业技能等级认定理论知识试卷 ; subject : e.g. 炼钢工（转炉炼钢工）四级/中级工
    code : the paper code printed on every page ; digest : eight digits of what is printed, which tie a sheet to
    its paper (`qbank.core.exam.printed_digest`)
    media : the bytes of the pictures that the texts name, by that path
    notices : the numbered 注意事项 ; fields : what the candidate fills in (准考证号, 姓名, 单位 …) ; version : the
    letter of a scrambled version, empty where a paper has but one ; version_map : of a paper with versions, for markers
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
    media: Mapping[str, bytes] = field(default_factory=dict)
    version: str = ""
    version_map: VersionMap | None = None
