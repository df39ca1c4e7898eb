"""Forms in which a whole paper leaves that are no parts of it: the user's word → files by name.

A writer gets the form, the paper as the candidate meets it (pictures and all) and the bank, and gives the files with
what does not travel; `qbank print` puts them into its folder. No file is written where there is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qbank.core.bank import Bank
from qbank.core.form import Form
from qbank.core.presentation import Paper
from qbank.files.interchange.qti import Version
from qbank.problem import Problem


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """shuffle : whether options are ordered anew for each candidate, pinned ones in their place"""

    shuffle: bool = False


PackageWriter = Callable[[Form, Paper, Bank, PackageOptions], tuple[dict[str, bytes], list[Problem]]]
"""(form, paper, bank, options) → files by name, and what does not travel or went wrong"""


def _qti(version: Version) -> PackageWriter:
    def write(form: Form, paper: Paper, bank: Bank, options: PackageOptions) -> tuple[dict[str, bytes], list[Problem]]:
        from qbank.workflow.qti import qti_paper

        data, problems = qti_paper(form, paper, bank, version, shuffle=options.shuffle)
        return ({f"{paper.code}-{version}.zip": data} if data else {}), problems

    return write


PACKAGES: dict[str, PackageWriter] = {
    "qti3": _qti("qti3"),
    "qti21": _qti("qti21"),
}
