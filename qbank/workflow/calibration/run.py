"""calibrate: from the answers of a sitting to item parameters in the ledger, their fit, and what small sittings allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.drift import DriftCause
from qbank.core.form import answer_places, paper_of
from qbank.core.history import Estimate
from qbank.irt import Drift, ItemFit, ItemParameters, PlannedDifficulties
from qbank.irt.comparison import FLOORS
from qbank.irt.parameters import Calibration
from qbank.ledger import LinkRecord
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.calibration.anchors import anchors_of, parameters_of
from qbank.workflow.calibration.answers import Answers, Request, read_answers
from qbank.workflow.calibration.causes import causes_of, flags_for, settled_causes, told_of
from qbank.workflow.calibration.drift import checkable, drift_of
from qbank.workflow.calibration.fit import fit_of, misfits_of
from qbank.workflow.calibration.limits import LEAST_ANCHORS, PLANNED_BELOW
from qbank.workflow.calibration.linking import LEAST_LINKED, implied_record, link_record, linked
from qbank.workflow.calibration.models import guessing
from qbank.workflow.calibration.planning import planned_of, planned_rows
from qbank.workflow.calibration.store import store, usable
from qbank.workflow.calibration.tables import write_drift, write_items, write_planned
from qbank.workflow.repeaters import Choice
from qbank.workflow.scoring import ScoredSitting
from qbank.workflow.spreading import ClusterRefused, Estimator, estimator
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Calibrated:
    """fit : the calibration ; items : ids in its order ; left_out : item → why ; anchored : items held at the scale
    fit_of_items : how well they fit ; misfits : ids that do not ; drift : of the anchors, None without enough ;
    planned : difficulties for planning, None where the sitting is large or nothing is graded ; files : what was written
    anchor_files : list and plot of the anchors, () without drift
    scored : the sitting ; scores, groups : what was calibrated, (n_persons, n_items) and the persons' papers
    links : how the sitting came onto the bank's scale, () where it began one ; answers : whose answers, in which
    categories, by which models ; causes : why anchors have moved
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
    links: tuple[LinkRecord, ...]
    answers: Answers
    causes: tuple[DriftCause, ...]


def calibrate_sitting(
    id: str, workspace: Workspace, *, model: str, polytomous: str | None = None, link: str = "anchors",
    repeaters: Choice = "exclude", new_scale: bool = False, bank_path: Path | None = None, cluster: str | None = None,
) -> tuple[Calibrated | None, list[Problem]]:  # fmt: skip
    """Estimate item parameters of a sitting and store them by fingerprint, where its design allows one scale.

    model, polytomous : for items of right and wrong, and for those that give a part of their marks (see `word_of`)
    link : ``anchors``: items on the bank's scale already are held there and carry the others onto it, but for those
        that have drifted; else the sitting is calibrated by itself and its scale carried over by that method
    repeaters : who is left out for having sat before
    cluster : workers that estimate (see `estimator`), None: this process
    Without any item on the scale the sitting would start another one, on which older estimates count no more: that needs
    ``new_scale``.
    """
    asked = Request(model, polytomous, repeaters)
    try:
        with estimator(cluster) as estimate:
            return _calibrated(id, workspace, asked, link, bank_path, estimate, new_scale=new_scale)
    except ClusterRefused as fault:
        return None, [fault.problem]


def _calibrated(
    id: str, workspace: Workspace, asked: Request, link: str, bank_path: Path | None, estimate: Estimator,
    *, new_scale: bool,
) -> tuple[Calibrated | None, list[Problem]]:  # fmt: skip
    answers, problems = read_answers(id, workspace, bank_path, asked)
    if answers is None:
        return None, problems
    problems += [*_design_problems(answers.scored), *_few(answers)]
    if has_errors(problems):
        return None, problems
    known = anchors = anchors_of(answers)
    if answers.latest and not anchors and not new_scale:
        return None, [*problems, error("C105", Span(id), scale=answers.latest[1], model=asked.model)]
    record = answers.scored.stored.record
    own_scale = f"{record.bank}:{id}"
    scale = answers.latest[1] if anchors and answers.latest else own_scale
    by_line = link != "anchors" and bool(anchors)
    alone = _calibration(answers, estimate, own_scale) if by_line or len(checkable(anchors)) >= LEAST_ANCHORS else None
    drift = drift_of(answers, anchors, alone) if alone is not None else None
    unchecked = len(anchors) - len(checkable(anchors))
    if unchecked:
        problems.append(warning("C124", Span(id), n=unchecked, of=len(anchors)))
    if drift is not None and drift.removed:
        problems.append(warning("C112", Span(id), n=len(drift.removed), items=some(drift.removed)))
        anchors = {item: found for item, found in anchors.items() if item not in drift.removed}
    if by_line and alone is not None:
        fit, links, wrong = _by_line(answers, anchors, alone, scale, link)
        problems += wrong
        if has_errors(problems):
            return None, problems
    else:
        fit = _calibration(answers, estimate, scale, anchors)
        links = (implied_record(id, fit, own_scale, tuple(anchors)),) if anchors else ()
    if not usable(fit).any():
        return None, [*problems, error("C106", Span(id), n=fit.n_persons)]
    if not fit.converged:
        return None, [*problems, error("C104", Span(id), norm=f"{fit.gradient_norm:.3g}")]
    problems += [replace(problem, span=Span(id)) for problem in fit.problems]
    found = fit_of(answers, fit)
    misfits = misfits_of(fit, found)
    if misfits:
        problems.append(warning("C113", Span(id), n=len(misfits), items=some(misfits)))
    causes = causes_of(answers, known, drift, fit)
    problems += told_of(id, causes, settled_causes(id, workspace, answers) if causes else frozenset())
    planned = planned_of(answers) if answers.scores.shape[0] < PLANNED_BELOW else None
    folder = workspace.root / "results" / id
    files = [write_items(folder, answers, fit, found)]
    if planned is not None:
        files.append(write_planned(folder, id, planned))
    store(
        answers, workspace, fit, planned=planned_rows(planned, fit, id) if planned is not None else (), links=links,
        flags=flags_for(id, answers, causes), judged=() if drift is None else drift.items,
        settings=_settings(answers, asked.model, asked.polytomous, link, asked.repeaters),
    )  # fmt: skip
    anchor_files = () if drift is None else write_drift(folder, id, drift, workspace.language)
    done = Calibrated(
        fit, answers.items, answers.left_out, len(anchors), found, misfits, drift, planned, tuple(files), anchor_files,
        answers.scored, answers.scores, answers.groups, links, answers, causes,
    )  # fmt: skip
    return done, problems


def _calibration(
    answers: Answers, estimate: Estimator, scale: str, anchors: Mapping[str, Estimate] | None = None
) -> Calibration:
    fixed: ItemParameters | None = parameters_of(anchors, scale) if anchors else None
    return estimate(
        answers.scores,
        model=answers.words,
        n_categories=answers.n_categories,
        items=answers.items,
        fingerprints=answers.fingerprints,
        fixed=fixed,
        priors=guessing(answers.words, answers.n_options),
        groups=answers.groups,
        design="spiralled",
        scale=scale,
    )


def _by_line(
    answers: Answers, anchors: Mapping[str, Estimate], alone: Calibration, scale: str, method: str
) -> tuple[Calibration, tuple[LinkRecord, ...], list[Problem]]:
    """Return the sitting's own calibration carried over by a line through its anchors."""
    id = answers.scored.stored.record.id
    usable_here = usable(alone)
    common = [item for n, item in enumerate(alone.parameters.items) if item in anchors and usable_here[n]]
    if len(common) < LEAST_LINKED or not alone.converged:
        return alone, (), [error("C125", Span(id), n=len(common), least=LEAST_LINKED, method=method)]
    fit, line = linked(alone, parameters_of({item: anchors[item] for item in common}, scale), common, method)
    if line.status != "ok":
        return alone, (), [error("C126", Span(id), method=method)]
    return fit, (link_record(id, line, alone.parameters.scale),), []


def _settings(
    answers: Answers, model: str, polytomous: str | None, link: str, repeaters: Choice
) -> dict[str, object]:
    """Return the choices that were made before the estimation, as they are stored with it."""
    return {
        "model": model, "polytomous": polytomous or "", "link": link, "repeaters": repeaters,
        "repeaters_left_out": answers.n_left_out, **answers.counts_as,
        "joined_categories": {
            item: [list(pair) for pair in zip(own.shares, own.tops, strict=True)]
            for item, own in zip(answers.items, answers.categories, strict=True)
            if own.joined
        },
    }  # fmt: skip


def _few(answers: Answers) -> list[Problem]:
    """Return for each model how many of its items have fewer answers than it wants."""
    id, seen = answers.scored.stored.record.id, (answers.scores >= 0).sum(axis=0)
    problems = []
    for word in dict.fromkeys(answers.words):
        own = np.array([other == word for other in answers.words], dtype=np.bool_)
        few = int((seen[own] < FLOORS[word]).sum())
        if few:
            n, least = int(seen[own].min()), FLOORS[word]
            problems.append(warning("C103", Span(id), few=few, items=int(own.sum()), n=n, least=least, model=word))
    return problems


def _design_problems(scored: ScoredSitting) -> list[Problem]:
    record = scored.stored.record
    forms = tuple({paper_of(form): form for form in scored.forms}.values())
    if len(forms) < 2 or record.design == "spiralled":
        return []
    if record.design == "none":
        return [error("C101", Span(record.id), id=record.id)]
    reached = {0}
    sets = [{entry.id for entry in answer_places(form)} for form in forms]
    for _ in forms:
        reached |= {n for n, items in enumerate(sets) if any(items & sets[m] for m in reached)}
    alone = [paper_of(form) for n, form in enumerate(forms) if n not in reached]
    return [error("C102", Span(record.id), forms=some(alone))] if alone else []
