"""The report of a calibration: what was found, as a page to read and as data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qbank import __version__
from qbank.core.form import answer_places, paper_of
from qbank.files.disk import write_text
from qbank.messages import Language, problem_message, text
from qbank.problem import Problem
from qbank.report import to_html, to_json
from qbank.report.calibration import CalibrationData, FitLimits, SatPaper, calibration_report
from qbank.workflow.calibration.limits import FIT_LEVEL, FIT_RANGE, FIT_RMSEA
from qbank.workflow.calibration.run import Calibrated
from qbank.workflow.scoring import ScoredSitting
from qbank.workflow.workspace import Workspace

TOLD = ("C112", "C113")
"""problems that a section of the page tells in full: anchors that have moved, items that fit badly"""


def report_calibration(
    done: Calibrated, workspace: Workspace, *, model: str, problems: Sequence[Problem] = ()
) -> tuple[Path, ...]:
    """Write reports/ID/ID-calibration.html and .json, and return their paths."""
    id = done.scored.stored.record.id
    report = calibration_report(calibration_data(done, workspace.language, model=model, problems=problems), workspace.language)
    folder = workspace.root / "reports" / id
    files = (folder / f"{id}-calibration.html", folder / f"{id}-calibration.json")
    write_text(files[0], to_html(report))
    write_text(files[1], to_json(report))
    return files


def calibration_data(
    done: Calibrated, language: Language, *, model: str, problems: Sequence[Problem] = ()
) -> CalibrationData:
    """Return what the report is made from; problems become its warnings."""
    record = done.scored.stored.record
    return CalibrationData(
        title=text(language, "calibration.title", id=record.id),
        subtitle=" · ".join(part for part in (record.id, record.date, record.place, done.fit.parameters.scale) if part),
        model=model, fit=done.fit, scores=done.scores, groups=done.groups, papers=_papers(done.scored, done.items),
        fit_of_items=done.fit_of_items, misfits=done.misfits, limits=FitLimits(FIT_LEVEL, FIT_RMSEA, *FIT_RANGE),
        left_out=done.left_out, held=done.anchored, drift=done.drift, planned=done.planned,
        warnings=tuple(dict.fromkeys(problem_message(problem, language) for problem in problems if problem.code not in TOLD)),
        versions=(("qbank", __version__),),
    )  # fmt: skip


def _papers(scored: ScoredSitting, items: tuple[str, ...]) -> tuple[SatPaper, ...]:
    """Return the papers that were sat; of versions of one paper the first stands for all."""
    responses, papers = scored.stored.responses, {}
    for form in scored.forms:
        if paper_of(form) not in papers:
            places = {entry.id for entry in answer_places(form)}
            here = np.array([item in places for item in responses.items], dtype=np.bool_)
            counted = np.where(here, scored.scores.counted[responses.forms.index(form.id)], 0.0)
            marks = dict(zip(responses.items, counted.tolist(), strict=True))
            papers[paper_of(form)] = SatPaper(
                paper_of(form), np.array([marks[item] for item in items]), float(counted.sum()), scored.stored.cut_of(paper_of(form))
            )
    return tuple(papers.values())
