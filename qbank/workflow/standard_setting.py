"""standard-setting: from a panel's judgements to a cut, its report, and what it would do to a sitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.standard_setting import (
    CutScore,
    angoff,
    beuk,
    bookmark,
    borderline_group,
    contrasting_groups,
    hofstee,
)
from qbank.core.form import Form, answer_places, paper_of
from qbank.core.history import Estimate
from qbank.core.responses import plain_number
from qbank.files.disk import write_bytes, write_text
from qbank.files.forms import read_form
from qbank.files.panel import ITEM_METHODS, Panel, ParameterText, by_line, read_panel
from qbank.files.shape import did_you_mean
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.irt import ItemParameters, from_reported, item_parameters
from qbank.ledger import read_history
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.report import Report, drawings_of, to_csv, to_html, to_json, to_pdf
from qbank.report.standard_setting import StandardSetting, standard_setting_report
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.workspace import Workspace

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StandardSet:
    """found : rounds, judges, impact ; report : them as blocks ; files : what was written"""

    found: StandardSetting
    report: Report
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a panel judged.

    full : by item, its marks, {} where nobody says ; facility : by item ; totals : of the candidates present, on the scale of
    the paper that was judged: where another paper has another cut (accepted after equating) the difference of the cuts is taken
    off ; total_of : by plain number ; cut : of the paper judged ; other_cuts : (paper, cut) where they differ ; estimates : by
    item, of the ledger's calibrations on their usual scale
    """

    title: str
    full: dict[str, float]
    facility: dict[str, float]
    totals: FloatArray
    total_of: dict[str, float]
    cut: float
    other_cuts: tuple[tuple[str, float], ...] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)


def set_standard(
    path: Path, workspace: Workspace, *, method: str = "", sitting: str = "", form: str = "", into: Path | None = None
) -> tuple[StandardSet | None, list[Problem]]:
    """Return the cut of every round of a panel, and write its report (HTML, PDF, JSON, CSV); problems in the order of their lines.

    method, sitting, form : instead of what the file says ; into : folder, by default reports/standard-setting/NAME
    """
    panel, problems = read_panel(path, method=method, sitting=sitting, form=form)
    if panel is None:
        return None, problems
    judged, wrong = _judged(panel, path, workspace)
    problems += wrong
    if judged is None:
        return None, by_line(problems, panel.path)
    rounds, wrong = _rounds(panel, judged)
    problems = by_line(problems + wrong, panel.path)
    if has_errors(problems):
        return None, problems
    found = StandardSetting(
        panel.title or path.stem, panel.method, panel.sitting, judged.title, panel.judges, rounds,
        _ratings(panel), judged.totals, sum(judged.full.values()), judged.cut, judged.other_cuts, _cells(panel),
        bool(judged.estimates) and not panel.parameters,
    )  # fmt: skip
    report = standard_setting_report(found, workspace.language)
    return StandardSet(found, report, _written(report, path.stem, into or workspace.root / "reports" / "standard-setting" / path.stem)), problems


def write_template(form_path: Path, out: Path, *, judges: Sequence[str]) -> list[Problem]:
    """Write a table for a panel to fill in: a row an item of the paper, a column a judge; XLSX or CSV by the name."""
    form, problems = read_form(form_path)
    if form is None:
        return problems
    header = ["item", "marks", "round", *judges]
    rows: list[list[Cell]] = [[entry.id, entry.marks, 1, *[""] * len(judges)] for entry in answer_places(form) if entry.scored]
    if out.suffix.lower() == ".csv":
        write_csv(out, header, rows)
    else:
        write_xlsx(out, "angoff", header, rows)
    return problems


def _judged(panel: Panel, path: Path, workspace: Workspace) -> tuple[_Judged | None, list[Problem]]:
    problems: list[Problem] = []
    forms: tuple[Form, ...] = ()
    scored: ScoredSitting | None = None
    if panel.sitting:
        scored, problems = score_sitting(panel.sitting, workspace)
        if scored is None:
            return None, problems
        forms = scored.forms
    if panel.form:
        beside = path.parent / panel.form
        form, wrong = read_form(beside if beside.exists() else Path(panel.form))
        problems += wrong
        if form is None:
            return None, problems
        forms = (form,)
    worth = [{entry.id: entry.marks for entry in answer_places(form) if entry.scored} for form in forms]
    # of several papers the panel judged the one that holds most of its items
    best = max(range(len(forms)), key=lambda n: sum(item in worth[n] for item in panel.items)) if forms else -1
    full = (worth[best] if forms else {}) or dict(panel.marks)
    title = ", ".join(dict.fromkeys(form.title or form.id for form in forms))
    estimates = _estimates(forms, scored, workspace)
    if scored is None:
        return _Judged(title, full, {}, np.zeros(0), {}, float("nan"), (), estimates), problems
    cut = scored.stored.cut_of(paper_of(forms[best])) if panel.items else scored.stored.record.cut
    papers = dict.fromkeys(paper_of(form) for form in scored.forms)
    others = tuple((paper, own) for paper in papers if (own := scored.stored.cut_of(paper)) != cut)
    facility, totals, total_of = _observed(scored, cut)
    return _Judged(title, full, facility, totals, total_of, cut, others, estimates), problems


def _estimates(forms: Sequence[Form], scored: ScoredSitting | None, workspace: Workspace) -> dict[str, Estimate]:
    """Return by item what the ledger's calibrations say of its revision on the papers, on the scale that most of them have."""
    if not workspace.has_ledger():
        return {}
    ledger = workspace.open()
    try:
        known = read_history(ledger).estimates
    finally:
        ledger.close()
    prints = {entry.id: entry.fingerprint for form in forms for entry in answer_places(form)}
    if scored is not None:
        prints |= {item: entry.fingerprint for item, entry in scored.marking.items() if item in prints}
    found = {item: known[mark] for item, mark in prints.items() if mark in known}
    scales = [one.scale for one in found.values()]
    present = max(dict.fromkeys(scales), key=scales.count, default="")
    return {item: one for item, one in found.items() if one.scale == present}


def _observed(scored: ScoredSitting, cut: float) -> tuple[dict[str, float], FloatArray, dict[str, float]]:
    """Return facility by item, the totals of those present, and the total by candidate's number.

    Totals of a paper whose own cut differs are moved by the difference, so that who passes now passes at ``cut``.
    """
    share, present = scored.scores.share[scored.scores.present], scored.scores.present
    seen = np.isfinite(share)
    mean = np.where(seen, share, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    items = scored.stored.responses.items
    facility = {item: float(mean[n]) for n, item in enumerate(items) if seen[:, n].any()}
    moved = scored.scores.total - np.nan_to_num(scored.cut - cut)
    known = present & np.isfinite(moved)
    total_of = {}
    for row in np.flatnonzero(known).tolist():
        person = scored.stored.responses.persons[row]
        identity = scored.identities.get(person)
        for number in (person, *((identity.number, identity.document) if identity else ())):
            if number:
                total_of[plain_number(number)] = float(moved[row])
    return facility, moved[known], total_of


def _rounds(panel: Panel, judged: _Judged) -> tuple[tuple[CutScore, ...], list[Problem]]:
    if panel.method in ITEM_METHODS:
        return _of_items(panel, judged)
    if panel.method == "bookmark":
        return _of_bookmarks(panel, judged)
    if panel.method in ("hofstee", "beuk"):
        if not judged.totals.size:
            return (), [error("K123", Span(panel.path), method=panel.method)]
        rounds = tuple(_compromise(panel, given, judged.totals) for given in panel.rounds)
        crossed = any(one.status == "no_crossing" for one in rounds)
        return rounds, [warning("K128", Span(panel.path))] if crossed else []
    return _of_groups(panel, judged)


def _asked(panel: Panel, given: dict[tuple[str, str], float], name: str) -> FloatArray:
    return np.array([given.get((judge, name), np.nan) for judge in panel.judges])


def _compromise(panel: Panel, given: dict[tuple[str, str], float], totals: FloatArray) -> CutScore:
    if panel.method == "beuk":
        return beuk(totals, _asked(panel, given, "cut"), _asked(panel, given, "pass_rate"), judges=panel.judges)
    bounds = [_asked(panel, given, name) for name in ("cut_min", "cut_max", "fail_min", "fail_max")]
    return hofstee(totals, *bounds, judges=panel.judges)


def _of_items(panel: Panel, judged: _Judged) -> tuple[tuple[CutScore, ...], list[Problem]]:
    full = judged.full
    unknown = [item for item in panel.items if item not in full]
    if unknown and (panel.form or panel.sitting):
        return (), [error("K120", panel.spans[item], item=item, suggestion=did_you_mean(item, full)) for item in unknown]
    if unknown:
        return (), [error("K121", Span(panel.path), n=len(unknown), items=some(unknown))]
    items = tuple(full)
    missing = [item for item in items if item not in panel.items]
    problems = [warning("K122", Span(panel.path), n=len(missing), items=some(missing))] if missing else []
    marks = np.array([full[item] for item in items])
    scale = marks if panel.method == "extended_angoff" else np.ones(len(items))
    parameters = _parameters(panel, judged, items) if panel.parameters or judged.estimates else None
    facility = [judged.facility.get(item, np.nan) for item in items]
    rounds = []
    for given in panel.rounds:
        ratings = np.array([[given.get((judge, item), np.nan) for item in items] for judge in panel.judges]) / scale
        problems += [
            error("K126", panel.spans[item], found=f"{ratings[j, n] * scale[n]:g}", item=item, marks=f"{full[item]:g}")
            for n, item in enumerate(items) for j in range(len(panel.judges)) if ratings[j, n] > 1 + 1e-9
        ]  # fmt: skip
        rounds.append(angoff(ratings, marks, judges=panel.judges, items=items, facility=facility, parameters=parameters))
    return tuple(rounds), problems


def _of_bookmarks(panel: Panel, judged: _Judged) -> tuple[tuple[CutScore, ...], list[Problem]]:
    items = tuple(judged.full) or tuple(panel.parameters)
    has = panel.parameters or judged.estimates
    without = [item for item in items if item not in has]
    if without or not items:
        return (), [error("K124", Span(panel.path), n=len(without), items=some(without))]
    n = len(items)
    parameters = _parameters(panel, judged, items)
    # what a further category brings of the marks of an item that has several
    marks = np.array([judged.full.get(item, 1.0) for item in items]) / (parameters.n_categories - 1)
    problems = [
        error("K127", panel.spans["page"], found=f"{page:g}", judge=judge, n=n, last=n + 1)
        for given in panel.rounds for (judge, _), page in given.items() if page > n + 1
    ]  # fmt: skip
    rounds = tuple(
        bookmark(parameters, _asked(panel, given, "page"), rp=panel.rp, marks=marks, judges=panel.judges) for given in panel.rounds
    )
    return rounds, problems


def _parameters(panel: Panel, judged: _Judged, items: Sequence[str]) -> ItemParameters:
    """Return the parameters of the items: as the panel's file gives them, else as the ledger knows them; NaN of others."""
    if not panel.parameters:
        # an item that is not known still has a row, without numbers
        rows = [judged.estimates.get(item) for item in items]
        return from_reported(
            [one.model if one else "2pl" for one in rows], [one.n_categories if one else 2 for one in rows],
            [one.values if one else {} for one in rows], items=tuple(items),
        )  # fmt: skip
    nothing = ParameterText(b=0.0)
    known = [panel.parameters.get(item, nothing) for item in items]
    b = [one.b if item in panel.parameters else np.nan for item, one in zip(items, known, strict=True)]
    return item_parameters("3pl", a=[one.a for one in known], b=b, c=[one.c for one in known], items=items)


def _of_groups(panel: Panel, judged: _Judged) -> tuple[tuple[CutScore, ...], list[Problem]]:
    if panel.groups and not panel.sitting:
        return (), [error("K123", Span(panel.path), method=panel.method)]
    scores = {group: list(values) for group, values in panel.scores.items()}
    problems: list[Problem] = []
    for number, group in panel.groups.items():
        total = judged.total_of.get(plain_number(number))
        if total is None:
            problems.append(error("K125", Span(panel.path), person=number, id=panel.sitting))
        else:
            scores.setdefault(group, []).append(total)
    if problems:
        return (), problems
    if panel.method == "borderline_group":
        return (borderline_group(scores.get("borderline", ())),), []
    return (contrasting_groups(scores.get("competent", ()), scores.get("not_competent", ())),), []


def _ratings(panel: Panel) -> tuple[dict[tuple[str, str], float], ...]:
    return panel.rounds if panel.method in ITEM_METHODS else ()


def _cells(panel: Panel) -> tuple[tuple[str, float, float], ...]:
    """Return by cell of Ebel's grid its share in the last round, and how many items a judge put there on average; largest share first."""
    if panel.method != "ebel":
        return ()
    found: dict[str, list[float]] = {}
    for place, cell in panel.cells[-1].items():
        found.setdefault(cell, []).append(panel.rounds[-1][place])
    cells = ((cell, sum(said) / len(said), len(said) / len(panel.judges)) for cell, said in sorted(found.items()))
    return tuple(sorted(cells, key=lambda cell: -cell[1]))


def _written(report: Report, name: str, folder: Path) -> tuple[Path, ...]:
    files = [folder / f"{name}.{kind}" for kind in ("html", "pdf", "json")]
    drawings = drawings_of(report)
    page, printed = to_html(report, drawings), to_pdf(report, drawings)
    write_text(files[0], page)
    write_bytes(files[1], printed)
    write_text(files[2], to_json(report))
    for table, content in to_csv(report).items():
        files.append(folder / "csv" / f"{table}.csv")
        write_text(files[-1], content, bom=True)
    return tuple(files)
