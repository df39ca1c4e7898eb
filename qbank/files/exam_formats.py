"""The JSON of computer exam rooms: a paper without its key, the key apart, and the answers that come back.

Three records, whose schemas `qbank schema --file exam-paper`, `exam-key` and `exam-answers` print. Answers are those that
an exam on screen saves; a program of an exam room that writes the same record is read by `qbank sitting add` too.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from qbank.core.authored import Authored, Many

PAPER_FORMAT, KEY_FORMAT, ANSWERS_FORMAT = "qbank-exam-paper", "qbank-exam-key", "qbank-exam-answers"
Hex16 = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Hex64 = Annotated[str, Field(pattern="^(?:[0-9a-f]{64})?$")]
Way = Literal["one", "several", "judge", "blanks", "number", "text", "match", "order", "none"]
Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=40_000)]


class ExamText(Authored):
    """One text: as the bank has it (Markdown with LaTeX between dollars), and as HTML with MathML and pictures inside."""

    markdown: str
    html: str


class ExamChoice(Authored):
    """An option by its printed letter, or a prompt by its printed number."""

    name: str
    text: ExamText


class ExamQuestion(Authored):
    """One question, or a part of a case."""

    name: str
    number: int
    part: int
    kind: str
    way: Way
    marks: float
    scored: bool
    stem: ExamText
    options: Many[ExamChoice]
    prompts: Many[ExamChoice]
    rows: int
    stimulus: int


class ExamSection(Authored):
    """A titled run of questions."""

    title: str
    instruction: ExamText
    marks_each: float
    questions: Many[ExamQuestion]


class ExamStimulus(Authored):
    """A text that several questions, or the parts of a case, refer to."""

    title: str
    text: ExamText


class ExamPaper(Authored):
    """A paper without its key."""

    format: Literal["qbank-exam-paper"]
    version: Literal[1]
    paper: str
    title: str
    subject: str
    language: Literal["zh", "en"]
    digest: Hex16
    shown: Hex16
    minutes: int
    marks: float
    notices: Many[ExamText]
    stimuli: Many[ExamStimulus]
    sections: Many[ExamSection]


class ExamPoint(Authored):
    """One point of a marking guide."""

    text: str
    marks: float


class ExamKeyEntry(Authored):
    """The key of one question."""

    name: str
    item: str
    kind: str
    marks: float
    scored: bool
    answer: str
    order: str
    rule: dict[str, Any]
    guide: Many[ExamPoint]


class ExamKey(Authored):
    """The key of a paper."""

    format: Literal["qbank-exam-key"]
    version: Literal[1]
    paper: str
    digest: Hex16
    form_digest: Hex16
    marks: float
    cut: float
    keys: Many[ExamKeyEntry]


class ExamCandidate(Authored):
    """Who answered."""

    number: Annotated[str, Field(min_length=1, max_length=60)]
    name: Short


class ExamEvent(Authored):
    """Something unusual: the page was away for a while, or the system's clock jumped."""

    at: int
    seconds: int
    what: Literal["away", "clock"]


class ExamAnswers(Authored):
    """The answers of one candidate to one paper."""

    format: Literal["qbank-exam-answers"]
    version: Literal[1]
    paper: Short
    digest: Hex16
    shown: Hex16
    candidate: ExamCandidate
    attempt: Annotated[str, Field(max_length=64)]
    sequence: Annotated[int, Field(ge=0)]
    started: Annotated[str, Field(max_length=40)]
    submitted: Annotated[str, Field(max_length=40)]
    seconds_used: Annotated[int, Field(ge=0)]
    seconds_allowed: Annotated[int, Field(ge=0)]
    reason: Literal["candidate", "time"]
    answers: dict[Short, Long | Annotated[Many[Long], Field(max_length=40)]]
    marked: Annotated[Many[Short], Field(max_length=2000)]
    events: Annotated[Many[ExamEvent], Field(max_length=1000)]
    checksum: Hex64
    signature: Hex64
