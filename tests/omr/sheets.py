"""Answer sheets of real papers, filled in and scanned by made-up hands and machines, as files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from qbank.core.form import Form
from qbank.core.presentation import Paper
from qbank.kinds.presentation import present_paper
from qbank.omr.records import Gray, SheetPaper
from qbank.omr.simulated import Filled, Scanner, blank_pages, drawn_page, filled_in, scanned
from qbank.render.sheet_layout import answer_sheet
from qbank.workflow.paper_files import read_forms
from qbank.workflow.papers import bank_of
from qbank.workflow.scan import sheet_paper
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True)
class Printed:
    """A paper, what is looked for on its sheets, and the blank pages as they come from the printer."""

    root: Path
    form: Form
    paper: Paper
    looked_for: SheetPaper
    blank: tuple[Gray, ...]


@cache
def printed(path: Path, root: Path) -> Printed:
    """Return the answer sheet of the paper in a file."""
    (form,), problems = read_forms((path,))
    assert not problems
    bank, _ = bank_of(form, Workspace(root, "zh", str(root / "ledger.db")))
    assert bank is not None
    paper, problems = present_paper(form, bank)
    assert paper is not None and not problems
    return Printed(root, form, paper, sheet_paper(form, paper.digest, answer_sheet(paper)), blank_pages(paper))


def sheet(
    of: Printed, seed: int, how: Scanner | None = None, *, planted: float = 0.0, filled: Filled | None = None
) -> tuple[Filled, list[Gray]]:
    """Return what a candidate filled in, and the scans of all pages."""
    rng = np.random.default_rng(seed)
    how = how or Scanner()
    filled = filled or filled_in(of.looked_for, rng, planted=planted)
    pages = [drawn_page(blank, of.looked_for, n, filled, rng, pencil=how.pencil) for n, blank in enumerate(of.blank, start=1)]
    return filled, [scanned(page, rng, how) for page in pages]


def write_scans(folder: Path, of: Printed, n: int = 1, *, how: Scanner | None = None, planted: float = 0.0) -> list[Filled]:
    """Write the scans of some candidates as PNG files, one a page."""
    folder.mkdir(parents=True, exist_ok=True)
    told = []
    for seed in range(n):
        filled, pages = sheet(of, seed, how, planted=planted)
        told.append(filled)
        for page, picture in enumerate(pages, start=1):
            (folder / f"{of.form.id}-{seed}-{page}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return told
