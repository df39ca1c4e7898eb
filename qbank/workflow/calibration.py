"""calibrate: from the answers of a sitting to item parameters in the ledger, their fit, and what small sittings allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank import __version__
from qbank.core.form import answer_places, paper_of, papers_of
from qbank.core.history import Estimate, History, logistic
from qbank.files.disk import write_text
from qbank.files.tables import Cell, write_csv
from qbank.irt import (
    Comparison,
    Drift,
    ItemFit,
    ItemParameters,
    PlannedDifficulties,
    calibrate,
    compare,
    find_drift,
    item_fit,
    item_parameters,
    shrink,
)
from qbank.irt.comparison import FLOORS
from qbank.irt.parameters import Calibration
from qbank.kinds import KINDS
from qbank.kinds.questions import find_question
from qbank.ledger import CalibrationRecord, latest_calibration, read_history, write_calibration
from qbank.messages import Language
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.report.drift import drift_svg
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.workspace import Workspace

# With fewer persons the difficulties are drawn towards the judged grades as well, for planning.
PLANNED_BELOW = 200
# Fewer anchors than this say nothing about which of them has drifted.
LEAST_ANCHORS = 5
# Chance that any anchor at all is called drifted where none has.
DRIFT_LEVEL = 0.01
COMPARED = ("rasch", "2pl", "3pl")
# An item fits badly when S-X2 is significant after Holm's correction and the effect is not small: an RMSEA above
# 0.05, or mean squares outside 0.7 to 1.3 (Wright & Linacre 1994, for tests with consequences).
FIT_LEVEL, FIT_RMSEA, FIT_RANGE = 0.01, 0.05, (0.7, 1.3)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """fit : the calibration ; items : ids in its order ; left_out : item → why ; anchored : items held at the scale
    fit_of_items : how well they fit ; misfits : ids that do not ; drift : of the anchors, None without enough ;
    planned : difficulties for planning, None where the sitting is large or nothing is graded ; files : what was written
    anchor_files : list and plot of the anchors, () without drift
    scored : the sitting ; scores, groups : what was calibrated, (n_persons, n_items) and the persons' papers
    """

    fit: Calibration
    items: tuple[str, ...]
    left_out: Mapping[str, str]
    anchored: int
    fit_of_items: ItemFit
    misfits: tuple[str, ...]
    drift: Drift | None
    planned: PlannedDifficulties | None
    files: tuple[Path, ...]
    anchor_files: tuple[Path, ...]
    scored: ScoredSitting
    scores: NDArray[np.int8]
    groups: list[str] | None


@dataclass(frozen=True, slots=True)
class _Answers:
    """What goes into a calibration: scores int8 (n_persons, n_items), −1 not seen, and what is known of the items."""

    scored: ScoredSitting
    scores: NDArray[np.int8]
    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    groups: list[str] | None
    left_out: Mapping[str, str]
    history: History
    latest: tuple[str, str, float, float] | None


def calibrate_sitting(
    id: str, workspace: Workspace, *, model: str, new_scale: bool = False, bank_path: Path | None = None
) -> tuple[Calibrated | None, list[Problem]]:
    """Estimate item parameters of a sitting and store them by fingerprint, where its design allows one scale.

    Items whose answers can earn a part of the marks are left out: the models are those of right and wrong.
    Items that are calibrated on the bank's scale already are held there and carry the others onto it, but for those
    that have drifted. Without any such item the sitting would start another scale, on which older estimates count no
    more: that needs ``new_scale``.
    """
    answers, problems = _answers(id, workspace, bank_path)
    if answers is None:
        return None, problems
    problems += _design_problems(answers.scored)
    n, seen = answers.scores.shape[0], (answers.scores >= 0).sum(axis=0)
    few = int((seen < FLOORS[model]).sum())
    if few:
        facts = {"few": few, "items": seen.size, "n": int(seen.min()), "least": FLOORS[model], "model": model}
        problems.append(warning("C103", Span(id), **facts))
    if has_errors(problems):
        return None, problems
    anchors = _anchors(answers, model)
    if answers.latest and not anchors and not new_scale:
        return None, [*problems, error("C105", Span(id), scale=answers.latest[1], model=model)]
    record = answers.scored.stored.record
    scale = answers.latest[1] if anchors and answers.latest else f"{record.bank}:{id}"
    drift = _drift(answers, anchors, model)
    if drift is not None and drift.removed:
        problems.append(warning("C112", Span(id), n=len(drift.removed), items=_some(drift.removed)))
        anchors = {item: found for item, found in anchors.items() if item not in drift.removed}
    fit = calibrate(
        answers.scores,
        model=model,
        items=answers.items,
        fingerprints=answers.fingerprints,
        fixed=_parameters(model, anchors, scale) if anchors else None,
        groups=answers.groups,
        design="spiralled",
        scale=scale,
    )
    if not any(word in ("ok", "fixed") for word in fit.status):
        return None, [*problems, error("C106", Span(id), n=fit.n_persons)]
    if not fit.converged:
        return None, [*problems, error("C104", Span(id), norm=f"{fit.gradient_norm:.3g}")]
    problems += [replace(problem, span=Span(id)) for problem in fit.problems]
    found = item_fit(answers.scores, fit, groups=answers.groups, statistics=("mean_squares", "s_x2", "rmsd"))
    misfits = _misfits(fit, found)
    if misfits:
        problems.append(warning("C113", Span(id), n=len(misfits), items=_some(misfits)))
    planned = _planned(answers, workspace, bank_path) if n < PLANNED_BELOW else None
    folder = workspace.root / "results" / id
    files = _write(folder, id, fit, found, planned)
    _store_calibration(id, workspace, fit, model, scale, answers.fingerprints)
    anchor_files = () if drift is None else _write_drift(folder, id, drift, workspace.language)
    done = Calibrated(
        fit, answers.items, answers.left_out, len(anchors), found, misfits, drift, planned, files, anchor_files,
        answers.scored, answers.scores, answers.groups,
    )  # fmt: skip
    return done, problems


def compare_models(
    id: str, workspace: Workspace, *, bank_path: Path | None = None
) -> tuple[Comparison | None, list[Problem]]:
    """Say which model a sitting supports. Nothing is stored."""
    answers, problems = _answers(id, workspace, bank_path)
    if answers is None or has_errors(problems):
        return None, problems
    bank, _ = sitting_bank(answers.scored.stored.record.bank, workspace, bank_path)
    questions = [find_question(bank, item) if bank is not None else None for item in answers.items]
    n_options = [len(KINDS[known[0].kind].options(known[0])) if known else 0 for known in questions]
    n_options = [
        2 if known and known[0].kind == "true_false" else n
        for n, known in zip(n_options, questions, strict=True)
    ]
    found = compare(
        answers.scores,
        COMPARED,
        n_options=np.array(n_options) if bank is not None else None,
        groups=answers.groups,
        items=answers.items,
        errors="none",
        design="spiralled",
    )
    return found, problems


def _answers(id: str, workspace: Workspace, bank_path: Path | None) -> tuple[_Answers | None, list[Problem]]:
    """Return what a calibration takes, or why there is nothing to calibrate."""
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    responses = scored.stored.responses
    ledger = workspace.open()
    try:
        history = read_history(ledger, without=id)
        latest = latest_calibration(ledger, without=id)
    finally:
        ledger.close()
    left_out = {
        item: history.held[entry.fingerprint]
        for item, entry in scored.marking.items()
        if entry.fingerprint in history.held
    } | dict.fromkeys(scored.credited, "credit")
    graded = [id for id, entry in scored.marking.items() if KINDS[entry.kind].partial(entry.marked)]
    if graded:
        problems.append(warning("C107", Span(id), n=len(graded), items=_some(graded)))
    left_out |= dict.fromkeys(graded, "partial")
    kept = [column for column, item in enumerate(responses.items) if item not in left_out]
    present = scored.scores.present
    if not kept:
        return None, [*problems, error("C106", Span(id), n=int(present.sum()))]
    items = tuple(responses.items[column] for column in kept)
    share = scored.scores.share[np.ix_(present, np.array(kept, dtype=np.intp))]
    papers, paper = papers_of(scored.forms)
    sat = [papers[paper[form]] for form in responses.form[present]]
    return _Answers(
        scored,
        np.where(np.isnan(share), -1, share >= 1 - 1e-9).astype(np.int8),
        items,
        tuple(scored.marking[item].fingerprint for item in items),
        sat if scored.stored.record.design == "anchor" else None,
        left_out,
        history,
        latest,
    ), problems


def _design_problems(scored: ScoredSitting) -> list[Problem]:
    record = scored.stored.record
    forms = tuple({paper_of(form): form for form in scored.forms}.values())
    if len(forms) < 2 or record.design == "spiralled":
        return []
    if record.design == "none":
        return [error("C101", Span(record.id), id=record.id)]
    linked = {0}
    sets = [{entry.id for entry in answer_places(form)} for form in forms]
    for _ in forms:
        linked |= {n for n, items in enumerate(sets) if any(items & sets[m] for m in linked)}
    alone = [paper_of(form) for n, form in enumerate(forms) if n not in linked]
    return [error("C102", Span(record.id), forms=", ".join(alone))] if alone else []


def _anchors(answers: _Answers, model: str) -> dict[str, Estimate]:
    """Return what earlier sittings say of the items, on the bank's scale."""
    known = [
        (item, found)
        for item, print_ in zip(answers.items, answers.fingerprints, strict=True)
        if (found := answers.history.estimates.get(print_)) is not None and found.model == model
    ]
    return dict(known)


def _parameters(model: str, known: Mapping[str, Estimate], scale: str) -> ItemParameters:
    """Return stored estimates as parameters; the ledger keeps no covariance of a and b, which is taken as 0."""
    a, b, se_a, se_b = (
        np.array([getattr(found, source)[name] for found in known.values()], dtype=np.float64)
        for source, name in (("values", "a"), ("values", "b"), ("errors", "a"), ("errors", "b"))
    )
    # Of d = -a b by the delta method.
    covariance = np.empty((a.size, 2, 2))
    covariance[:, 0, 0], covariance[:, 1, 1] = se_a**2, b**2 * se_a**2 + a**2 * se_b**2
    covariance[:, 0, 1] = covariance[:, 1, 0] = -b * se_a**2
    return item_parameters(model, a=a, b=b, covariance=covariance, items=tuple(known), scale=scale)


def _drift(answers: _Answers, anchors: Mapping[str, Estimate], model: str) -> Drift | None:
    """Return which anchors are not what they were, judged by a calibration of this sitting alone."""
    if len(anchors) < LEAST_ANCHORS:
        return None
    alone = calibrate(
        answers.scores,
        model=model,
        items=answers.items,
        groups=answers.groups,
        design="spiralled",
        scale="alone",
    )
    common = np.isin(alone.parameters.items, list(anchors)) & alone.parameters.estimated
    if not alone.converged or int(common.sum()) < LEAST_ANCHORS:
        return None
    names = [item for item, usable in zip(answers.items, common, strict=True) if usable]
    from scipy.stats import norm

    # Bonferroni over all anchors: dropping anchors that have not moved costs precision for nothing.
    threshold = float(norm.isf(DRIFT_LEVEL / (2 * len(names))))
    return find_drift(
        alone.parameters,
        _parameters(model, anchors, "known"),
        anchors=names,
        statistics=("wald",),
        thresholds={"wald": threshold},
    )


def _misfits(fit: Calibration, found: ItemFit) -> tuple[str, ...]:
    """Return the items that fit badly."""
    p = np.where(np.isfinite(found.s_x2_p), found.s_x2_p, 1.0)
    order = np.argsort(p, kind="stable")
    # Holm (1979): the k-th smallest p times the number of hypotheses not yet rejected, made monotone.
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * (p.size - np.arange(p.size))))
    low, high = FIT_RANGE
    squares = [np.where(np.isfinite(x), x, 1.0) for x in (found.infit, found.outfit)]
    odd = np.any([(x < low) | (x > high) for x in squares], axis=0) | (
        np.nan_to_num(found.s_x2_rmsea) > FIT_RMSEA
    )
    bad = (adjusted < FIT_LEVEL) & odd
    return tuple(item for item, here in zip(fit.parameters.items, bad, strict=True) if here)


def _planned(answers: _Answers, workspace: Workspace, bank_path: Path | None) -> PlannedDifficulties | None:
    """Return difficulties drawn towards the judged grades, where the bank has any."""
    bank, _ = sitting_bank(answers.scored.stored.record.bank, workspace, bank_path)
    known = [find_question(bank, item) if bank is not None else None for item in answers.items]
    grades = np.array([np.nan if found is None else float(found[0].grade) for found in known])
    if answers.scores.shape[0] < 2 or np.unique(grades[np.isfinite(grades)]).size < 2:
        return None
    planned = shrink(answers.scores, grades, items=answers.items)
    return planned if planned.converged else None


def _write(
    folder: Path, id: str, fit: Calibration, found: ItemFit, planned: PlannedDifficulties | None
) -> tuple[Path, ...]:
    """Write the tables of a calibration as CSV."""
    values, errors = fit.parameters.values, fit.parameters.errors
    header = ["item", "model", "status", "answers", "a", "se_a", "b", "se_b"]
    fits = ["infit", "outfit", "z_infit", "z_outfit", "s_x2", "s_x2_df", "s_x2_p", "s_x2_rmsea", "rmsd"]
    rows: list[list[Cell]] = [
        [
            item,
            fit.parameters.model[n],
            fit.status[n],
            int(fit.n_answers[n]),
            *(_cell(x[n]) for x in (values["a"], errors["a"], values["b"], errors["b"])),
            *(_cell(getattr(found, name)[n]) for name in fits),
        ]
        for n, item in enumerate(fit.parameters.items)
    ]
    paths = [folder / f"{id}-calibration.csv"]
    write_csv(paths[0], [*header, *fits], rows)
    if planned is not None:
        names = ["difficulties", "errors", "low", "high", "facility", "facility_low", "facility_high"]
        rows = [
            [
                item,
                _cell(planned.grades[n]),
                int(planned.n_answers[n]),
                *(_cell(getattr(planned, name)[n]) for name in names),
            ]
            for n, item in enumerate(planned.items)
        ]
        paths.append(folder / f"{id}-planning.csv")
        write_csv(paths[1], ["item", "grade", "answers", "b", "se_b", *names[2:]], rows)
    return tuple(paths)


def _write_drift(folder: Path, id: str, drift: Drift, language: Language) -> tuple[Path, ...]:
    """Write the list of the anchors as CSV, and the plot."""
    header = ["item", "b", "b_scale", *drift.statistics, "verdict", "removed_at"]
    rows: list[list[Cell]] = [
        [
            item,
            _cell(drift.b_source[n]),
            _cell(drift.b_target[n]),
            *(_cell(value) for value in drift.values[:, n]),
            drift.verdict[n],
            int(drift.removed_at[n]) or None,
        ]
        for n, item in enumerate(drift.items)
    ]
    paths = (folder / f"{id}-anchors.csv", folder / f"{id}-anchors.svg")
    write_csv(paths[0], header, rows)
    write_text(paths[1], drift_svg(drift, language))
    return paths


def _cell(value: float) -> Cell:
    return round(float(value), 6) if np.isfinite(value) else None


def _store_calibration(
    id: str, workspace: Workspace, fit: Calibration, model: str, scale: str, prints: tuple[str, ...]
) -> None:
    values, errors = fit.parameters.values, fit.parameters.errors
    estimates = [
        (item, logistic(found, model, scale, float(values["a"][n]), float(values["b"][n]), float(errors["a"][n]),
                        float(errors["b"][n]), int(fit.n_answers[n]), id))
        for n, (item, found) in enumerate(zip(fit.parameters.items, prints, strict=True))
        if fit.status[n] in ("ok", "fixed") and np.isfinite(values["b"][n])
    ]  # fmt: skip
    head = CalibrationRecord(
        id, model, scale, float(np.mean(fit.ability_mean)), float(np.mean(fit.ability_sd)), float(fit.log_likelihood),
        float(fit.gradient_norm), bool(fit.converged), int(fit.n_persons),
        {name: str(value) for name, value in fit.settings.items()}, {"qbank": __version__, "numpy": np.__version__},
    )  # fmt: skip
    ledger = workspace.open()
    try:
        write_calibration(ledger, head, estimates)
    finally:
        ledger.close()


def _some(items: Sequence[str]) -> str:
    return ", ".join([*items[:5], *(["…"] if items[5:] else [])])
