"""Forms in which a whole paper leaves that are no parts of it: the user's word → files by name.

A writer gets the form, the paper as the candidate meets it (pictures and all) and the bank, and gives the files with
what does not travel; `qbank print` puts them into its folder. No file is written where there is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qbank.core.bank import Bank
from qbank.core.form import Form
from qbank.core.presentation import Paper
from qbank.files.interchange.qti import Version
from qbank.files.roster import Person
from qbank.problem import Problem
from qbank.workflow.unprintable import unprintable

if TYPE_CHECKING:
    from qbank.workflow.unprintable import Tell


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """shuffle : whether options are ordered anew for each candidate, pinned ones in their place ; minutes : time allowed on
    screen, None for the paper's ; submit : an address that a page posts answers to, else it saves a file ; persons : of this
    paper, each of whom gets a page, or anybody one page where it is empty ; tell : what says where a text stands that cannot
    be shown"""

    shuffle: bool = False
    minutes: int | None = None
    submit: str = ""
    persons: tuple[Person, ...] = ()
    tell: Tell = unprintable


PackageWriter = Callable[[Form, Paper, Bank, PackageOptions], tuple[dict[str, bytes], list[Problem]]]
"""(form, paper, bank, options) → files by name, and what does not travel or went wrong"""


def _qti(version: Version) -> PackageWriter:
    def write(form: Form, paper: Paper, bank: Bank, options: PackageOptions) -> tuple[dict[str, bytes], list[Problem]]:
        from qbank.workflow.qti import qti_paper

        data, problems = qti_paper(form, paper, bank, version, shuffle=options.shuffle)
        return ({f"{paper.code}-{version}.zip": data} if data else {}), problems

    return write


def _exam(form: Form, paper: Paper, bank: Bank, options: PackageOptions) -> tuple[dict[str, bytes], list[Problem]]:
    from qbank.workflow.exam import exam_files

    return exam_files(form, paper, bank, minutes=options.minutes, submit=options.submit, persons=options.persons, tell=options.tell)


def _json(form: Form, paper: Paper, bank: Bank, options: PackageOptions) -> tuple[dict[str, bytes], list[Problem]]:
    from qbank.workflow.exam import exam_json

    return exam_json(form, paper, bank, minutes=options.minutes, tell=options.tell)


PACKAGES: dict[str, PackageWriter] = {
    "qti3": _qti("qti3"),
    "qti21": _qti("qti21"),
    "exam": _exam,
    "json": _json,
}
