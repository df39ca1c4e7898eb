"""A folder that takes in answers as candidates hand them in: each checked, filed under its candidate, none overwritten."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qbank.core.form import Form
from qbank.core.responses import plain_number
from qbank.files.answers.exam.checks import Accepting, of_papers, signatures
from qbank.files.answers.exam.documents import Handed, parse_handed, read_handed
from qbank.files.answers.exam.signature import canonical
from qbank.files.disk import write_bytes
from qbank.files.exam_formats import ExamAnswers
from qbank.problem import Problem, Span, error, has_errors, warning

MOST_EACH = 20
"""Different submissions that one candidate can hand in."""
LONGEST_NAME = 180
"""Bytes of a file's name before ``.json``; disks take 255."""
Outcome = Literal["kept", "again", "another", "refused"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of something handed in.

    outcome : kept, the candidate's first ; again, the same as before and nothing was written ; another, kept beside a
    different one of the same candidate ; refused, nothing was written ; file : its name ; receipt : 12 hexadecimal digits
    of what was handed in, "" where it is refused ; problems : why it is refused, or what somebody should look at
    """

    outcome: Outcome
    answers: ExamAnswers | None
    file: str
    receipt: str
    problems: tuple[Problem, ...]


class Inbox:
    """What a folder holds already, and what may come; several threads can hand in at once.

    forms : papers that are taken, any where it is empty ; accepting : how signatures are checked
    """

    def __init__(self, folder: Path, forms: Sequence[Form] = (), accepting: Accepting | None = None) -> None:
        self._folder, self._forms, self._accepting = folder, tuple(forms), accepting or Accepting()
        self._lock = threading.Lock()
        self._by_person: dict[str, dict[str, str]] = {}
        self._names: set[str] = set()
        for path in sorted(folder.glob("*.json")):
            self._names.add(path.name.casefold())
            handed, _ = read_handed(path)
            if handed is not None:
                self._mine(handed).setdefault(receipt_of(handed), path.name)

    @property
    def n_persons(self) -> int:
        """Return how many candidates the folder holds answers of."""
        return len(self._by_person)

    def take(self, data: bytes, sender: str) -> Taken:
        """Return what became of some bytes that came from ``sender``; raises OSError where the disk refuses.

        Nothing is kept that is no whole record, that does not fit its checksum, that is of another paper, or, where room
        codes are known, whose signature is of none of them.
        """
        handed, problems = parse_handed(data, sender)
        if handed is None:
            return Taken("refused", None, "", "", tuple(problems))
        if self._forms:
            problems += of_papers([handed], self._forms, self._accepting.shown)
        problems += [one for one in signatures([handed], self._accepting) if one.code != "Z718"]
        if has_errors(problems):
            return Taken("refused", handed.answers, "", "", tuple(problems))
        with self._lock:
            return self._file(handed, data, problems)

    def _file(self, handed: Handed, data: bytes, problems: list[Problem]) -> Taken:
        mine, receipt = self._mine(handed), receipt_of(handed)
        person = handed.answers.candidate.number
        if receipt in mine:
            return Taken("again", handed.answers, mine[receipt], receipt, tuple(problems))
        if len(mine) >= MOST_EACH:
            return Taken("refused", handed.answers, "", "", (error("Z731", Span(handed.name), person=person, n=MOST_EACH),))
        name = self._free_name(handed.answers)
        write_bytes(self._folder / name, data)
        self._names.add(name.casefold())
        if mine:
            others = ", ".join([*mine.values()])
            problems.append(warning("Z732", Span(name), person=person, n=len(mine) + 1, others=others))
        outcome: Outcome = "another" if mine else "kept"
        mine[receipt] = name
        return Taken(outcome, handed.answers, name, receipt, tuple(problems))

    def _mine(self, handed: Handed) -> dict[str, str]:
        return self._by_person.setdefault(plain_number(handed.answers.candidate.number), {})

    def _free_name(self, answers: ExamAnswers) -> str:
        """Return a name that no file has, on any disk: whatever came, it is one word without a dot in front."""
        stem = file_stem(answers.paper, answers.candidate.number)
        for n in range(1, len(self._names) + 3):
            name = f"{stem}.json" if n == 1 else f"{stem}~{n}.json"
            if name.casefold() not in self._names and not (self._folder / name).exists():
                return name
        raise FileExistsError(stem)


def receipt_of(handed: Handed) -> str:
    """Return 12 hexadecimal digits that tell one submission from another."""
    return hashlib.sha256(canonical(handed.data)).hexdigest()[:12]


def file_stem(paper: str, number: str) -> str:
    """Return the name of a candidate's file without ``.json``, as the page itself gives it.

    >>> file_stem("bof-1-A", "2026/001"), file_stem("..", "../../etc")
    ('bof-1-A-2026_001', 'paper_-.._.._etc')
    """
    words = [re.sub(r"[^\w.-]", "_", word) for word in (paper, number)]
    whole = "-".join(words)
    if whole.startswith((".", "~")):
        whole = "paper_" + whole.lstrip(".~")
    return whole.encode("utf-8")[:LONGEST_NAME].decode("utf-8", "ignore")
