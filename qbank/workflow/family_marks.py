"""equate --family: marks of a sitting of a family's papers on the scale of the family, and the cut of each paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.equating.family_marks import FamilyMarks, family_marks
from qbank.core.family import Family
from qbank.core.form import paper_of
from qbank.files.family import ENDING, family_digest, read_family
from qbank.files.tables import Cell, write_csv
from qbank.ledger import BY_FAMILY, PaperCut, awaiting, bank_of, read_history
from qbank.messages import Language, text
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, warning
from qbank.workflow.family_curves import THETA, asked_of, curves_of, of_one_scale
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import passed
from qbank.workflow.uncalibrated import uncalibrated_problems
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FamilyScored:
    """marks : see `FamilyMarks`, papers in the order of the sitting's ; flips : rows of the persons whose verdict by the raw
    cut of the sitting is another one than by marks of the family"""

    scored: ScoredSitting
    family: Family
    marks: FamilyMarks
    flips: tuple[int, ...]

    def verdict(self) -> NDArray[np.bool_]:
        """Return who reaches the cut of the paper, and so that of the sitting with marks of the family, (n_persons,)."""
        return self.marks.passes


def score_by_family(id: str, path: Path, workspace: Workspace, *, bank_path: Path | None = None) -> tuple[FamilyScored | None, list[Problem]]:
    """Return the marks of a sitting on the scale of the family that its papers come from.

    The scale is the mean over the family's papers of the expected marks, the same for every sitting whoever sits it. Items
    count on it as the sitting marks them: none of one that was dropped, certain marks of one credited, the new key of one
    re-keyed. Every other item of the family needs a calibration of the revision that was sat, on one scale.
    """
    family, problems = read_family(path)
    if family is None:
        return None, problems
    scored, wrong = score_sitting(id, workspace, bank_path)
    problems += wrong
    if scored is None:
        return None, problems
    digest = family_digest(family)
    strange = [form.id for form in scored.forms if form.family is None or form.family.digest != digest]
    if strange:
        return None, [*problems, error("N151", Span(id), id=id, papers=some(tuple(strange)), family=family.id)]
    found, wrong = marks_by_family(scored, family, workspace)
    return found, problems + wrong


def accepted_marks(scored: ScoredSitting, workspace: Workspace) -> tuple[FamilyScored | None, list[Problem]]:
    """Return the marks on the scale of the family from which the accepted cuts of a sitting come.

    Nothing where there are no such cuts; nothing and a warning where the family file is not in the folder of families any
    more, or where by the calibration of now it would give other cuts than were accepted.
    """
    cuts = {cut.paper: cut.cut for cut in scored.stored.cuts if cut.of_family}
    if not cuts:
        return None, []
    digests = {form.family.digest for form in scored.forms if form.family is not None}
    families = [read_family(path)[0] for path in sorted((workspace.root / "families").glob(f"*{ENDING}"))]
    for family in families:
        if family is None or digests != {family_digest(family)}:
            continue
        found, _ = marks_by_family(scored, family, workspace)
        if found is not None and all(
            cuts.get(paper_of(form)) == cut or np.isinf(cut) for form, cut in zip(scored.forms, found.marks.paper_cut, strict=True)
        ):
            return found, []
    id = scored.stored.record.id
    return None, [warning("N153", Span(id), id=id, family=scored.stored.cuts[0].base)]


def marks_by_family(scored: ScoredSitting, family: Family, workspace: Workspace) -> tuple[FamilyScored | None, list[Problem]]:
    """Return the marks of a sitting on the scale of a family, or nothing and why items have no calibration that counts."""
    record = scored.stored.record
    ledger = workspace.open()
    try:
        history = read_history(ledger, bank=bank_of(ledger, record.id), as_sat=True)
        asked = asked_of(scored, family)
        waiting = awaiting(ledger, {print_ for print_ in asked if print_ in history.held})
    finally:
        ledger.close()
    known = of_one_scale({print_: history.estimates[print_] for print_ in asked if print_ in history.estimates and print_ not in waiting})
    lacking = {print_: item for print_, item in asked.items() if print_ not in known}
    if lacking or not known:
        return None, uncalibrated_problems(lacking, waiting, scored, known.values(), family=family.id)
    curves = curves_of(scored, family, known)
    made = family_marks(
        THETA, curves.scale, curves.papers, scored.scores.total, scored.stored.responses.form, full=curves.full, cut=record.cut,
        step=curves.step, paper_full=curves.paper_full, paper_step=curves.paper_step,
    )  # fmt: skip
    raw = passed(scored.scores.total, record.cut)
    flips = np.flatnonzero((raw != made.passes) & np.isfinite(scored.scores.total))
    return FamilyScored(scored, family, made, tuple(flips.tolist())), []


def family_cuts(found: FamilyScored, why: str) -> tuple[PaperCut, ...]:
    """Return the cut of each paper, as the ledger keeps accepted cuts."""
    scored, record = found.scored, found.scored.stored.record
    cuts = {
        paper_of(form): PaperCut(
            record.id, paper_of(form), float(cut), float(exact), found.family.id, record.cut, BY_FAMILY, float("nan"), scored.worth_basis, why
        )
        for form, cut, exact in zip(scored.forms, found.marks.paper_cut, found.marks.paper_exact, strict=True)
        if np.isfinite(cut)
    }  # fmt: skip
    return tuple(cuts.values())


def family_table(found: FamilyScored, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows: person, paper, raw marks, its cut, marks of the family, ability, both verdicts."""
    scored, marks = found.scored, found.marks
    names = ("person", "paper", "total", "paper_cut", "family_marks", "ability", "raw_verdict", "family_verdict")
    words = {here: text(language, f"result.{word}") for here, word in ((True, "pass"), (False, "fail"))}
    raw, verdict = passed(scored.scores.total, scored.stored.record.cut), found.verdict()
    rows: list[list[Cell]] = []
    for row, person in enumerate(scored.stored.responses.persons):
        known, form = scored.identities.get(person), int(scored.stored.responses.form[row])
        if not np.isfinite(scored.scores.total[row]):
            continue
        ability = float(marks.ability[row])
        rows.append([
            known.number if known else person, scored.stored.responses.forms[form], round(float(scored.scores.total[row]), 2),
            float(marks.paper_cut[form]), round(float(marks.marks[row]), 2), round(ability, 3) if np.isfinite(ability) else None,
            words[bool(raw[row])], words[bool(verdict[row])],
        ])  # fmt: skip
    return [text(language, f"cli.equate.col_{name}") for name in names], rows


def write_family_marks(found: FamilyScored, path: Path, language: Language) -> Path:
    """Write the table of persons as CSV, a byte order mark before it for Excel."""
    write_csv(path, *family_table(found, language))
    return path
