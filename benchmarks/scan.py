"""How well answer sheets are read back, and what a sheet costs.

`python benchmarks/scan.py [--case NAME] [--seed N] [--json]`. The sheet is the printed one of a paper of 100 questions
from the steelmaking bank of tests/corpus, filled in by made-up hands: pencils from pale to dark, and in one row of
twenty something that a person must decide (several marks, an erased one, a pale one, ink beside the boxes, a tick, a
cross or a dot in a box). `fifty` and `thousand` vary everything that a scanner or a phone does at once: 100 to 300 dpi,
turned by up to 5° and by quarters, perspective, curl, shade, noise, blur, JPEG from quality 60. `sweep` turns and
coarsens one by one, `blots` has coffee rings.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from qbank.core.form import Form  # noqa: E402
from qbank.core.presentation import Paper  # noqa: E402
from qbank.kinds.presentation import present_paper  # noqa: E402
from qbank.omr import PageReading, SheetPaper, read_page  # noqa: E402
from qbank.omr.records import Gray  # noqa: E402
from qbank.omr.simulated import Filled, Scanner, blank_pages, drawn_page, filled_in, scanned  # noqa: E402
from qbank.render.sheet_layout import answer_sheet  # noqa: E402
from qbank.workflow.bank import usable_bank  # noqa: E402
from qbank.workflow.papers import assemble_papers  # noqa: E402
from qbank.workflow.scan import sheet_paper  # noqa: E402
from qbank.workflow.workspace import Workspace  # noqa: E402
from tests.corpus import CORPUS  # noqa: E402

PLANTED = 0.05
Draw = Callable[[np.random.Generator], Scanner]


def anyhow(rng: np.random.Generator) -> Scanner:
    """Return a scanner or a phone, everything about it drawn at random."""
    photo = rng.random() < 0.5
    return Scanner(
        dpi=rng.uniform(100, 300), turn=rng.uniform(-5, 5), quarter=int(rng.integers(4)),
        perspective=rng.uniform(0, 0.03) if photo else 0.0, shade=rng.uniform(0, 0.45) if photo else 0.05,
        noise=rng.uniform(2, 8), blur=rng.uniform(0.04, 0.2), quality=int(rng.integers(60, 91)),
        curl=rng.uniform(0, 1.5) if photo else 0.0, pencil=rng.uniform(0.45, 0.95),
    )  # fmt: skip


def fixed(**how: Any) -> Draw:
    """Return a scanner with some things set, the pencil at random."""
    return lambda rng: Scanner(pencil=rng.uniform(0.45, 0.95), **how)


CASES: dict[str, tuple[int, Draw]] = {"fifty": (50, anyhow)}
for _dpi in (100, 150, 200, 300):
    for _turn in (0, 2, 5):
        CASES[f"sweep-{_dpi}-{_turn}"] = (20, fixed(dpi=_dpi, turn=_turn, noise=5, quality=60))
CASES["photo-100"] = (20, fixed(dpi=100, turn=-5, perspective=0.03, shade=0.45, noise=8, blur=0.2, quality=60, curl=1.0))
CASES["blots"] = (50, fixed(blots=3))
CASES["thousand"] = (1000, anyhow)
"""case → (sheets, how each is taken)"""


@cache
def the_paper() -> tuple[Paper, SheetPaper, tuple[Gray, ...]]:
    """Return the paper, what is looked for on its answer sheets, and its blank pages."""
    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        root = Path(name)
        workspace = Workspace(CORPUS, "zh", str(root / "ledger.db"))
        made, problems = assemble_papers(CORPUS / "blueprints/bof-4-theory.yaml", workspace, n_forms=1, as_of="2026-11-25", into=root)
        assert made is not None, problems
        form: Form = made.forms[0]
    bank, _ = usable_bank(CORPUS / "banks/steelmaking")
    assert bank is not None
    paper, _ = present_paper(form, bank)
    assert paper is not None
    return paper, sheet_paper(form, paper.digest, answer_sheet(paper)), blank_pages(paper)


def sheets(case: str, seed: int) -> Iterator[tuple[Filled, Gray]]:
    """Yield what stands on each sheet of a case, and its picture."""
    n_sheets, how = CASES[case]
    _, looked_for, (blank,) = the_paper()
    for n in range(n_sheets):
        rng = np.random.default_rng([seed, n])
        scanner = how(rng)
        filled = filled_in(looked_for, rng, planted=PLANTED)
        yield filled, scanned(drawn_page(blank, looked_for, 1, filled, rng, pencil=scanner.pencil), rng, scanner)


def judged(found: object, filled: Filled) -> Counter[str]:
    """Return what became of the rows of a sheet: clear ones right, asked about or wrong; planted ones asked about or missed."""
    if not isinstance(found, PageReading):
        return Counter(unread=1)
    told = Counter(numbers_right=int((found.number, found.doubt) == (filled.number, "")))
    told["numbers_wrong"] += int(found.number != filled.number and not found.doubt)
    for row in found.rows:
        place = (row.question, row.part, row.row)
        if place in filled.planted:
            told["planted"] += 1
            told["missed"] += int(not row.doubt)
        else:
            told["clean"] += 1
            told["asked"] += int(bool(row.doubt))
            told["wrong"] += int(not row.doubt and row.marked != filled.answers[place])
    return told


def measure(case: str, seed: int) -> dict[str, object]:
    """Return cost and findings of one case; cost is of reading alone, the picture being in memory."""
    _, looked_for, _ = the_paper()
    told: Counter[str] = Counter()
    cpu = wall = worst = 0.0
    for filled, picture in sheets(case, seed):
        begun, began = time.process_time(), time.perf_counter()
        found = read_page(picture, [looked_for])
        spent = time.process_time() - begun
        cpu, wall, worst = cpu + spent, wall + time.perf_counter() - began, max(worst, spent)
        told += judged(found, filled)
    n_sheets = CASES[case][0]
    names = ("unread", "numbers_right", "numbers_wrong", "clean", "asked", "wrong", "planted", "missed")
    return {
        "case": case, "seed": seed, "sheets": n_sheets, "cpu_s": round(cpu, 2), "wall_s": round(wall, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), "cpu_s_a_sheet": round(cpu / n_sheets, 3),
        "worst_cpu_s": round(worst, 3), **{name: told[name] for name in names},
    }  # fmt: skip


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--case", action="append", choices=[*CASES])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    cv2.setNumThreads(1)
    names = ("sheets", "unread", "numbers_right", "clean", "asked", "wrong", "planted", "missed", "cpu_s_a_sheet", "worst_cpu_s")
    if not words.json:
        print(f"{'case':14}" + "".join(f"{name:>14}" for name in names))
    for case in words.case or CASES:
        row = measure(case, words.seed)
        print(json.dumps(row) if words.json else f"{case:14}" + "".join(f"{row[name]!s:>14}" for name in names), flush=True)


if __name__ == "__main__":
    main()
