"""Where persons and items stand, what the test tells at each ability, and what score it leads one to expect."""

from __future__ import annotations

import numpy as np

from qbank.irt import ability_at_score, characteristic_curve, information
from qbank.report.blocks import Block, Figure, Text, shown
from qbank.report.calibration.data import Array, Page, SatPaper
from qbank.report.calibration.map_figure import MAP_MARGIN, Place, wright_map
from qbank.report.papers.curve_figure import CURVE_MARGIN, Band, Cut, Line, curve_figure
from qbank.report.papers.words import marks as marks_text

Z = 1.959963984540054
FEW_PAPERS = 4
"""papers with a line each; more become a band"""
LEAST_SHARE = 0.9
"""of a paper's marks that calibrated items must carry for the cut to have a place on ability, in proportion"""
NAMED = 8
"""items whose ids stand on the map"""


def map_blocks(page: Page) -> tuple[Block, ...]:
    """Return the map of persons and items."""
    data, t = page.data, page.t
    kept = np.flatnonzero(data.estimated & np.isfinite(data.b))
    theta = data.abilities
    if not kept.size or not theta.size:
        return ()
    b, error = data.b, np.nan_to_num(data.fit.parameters.errors["b"])
    ranked = kept[np.argsort(b[kept], kind="stable")]
    rank = {int(n): place for place, n in enumerate(ranked)}
    order = sorted(rank, key=lambda n: _mark(page, n) == "look")
    ends = np.quantile(b[kept], [0.02, 0.98])
    low, high = max(min(theta.min(), ends[0] - 0.5), -6.0), min(max(theta.max(), ends[1] + 0.5), 6.0)
    domain = (float(np.floor(2 * low) / 2), float(np.ceil(2 * high) / 2))
    edges = np.linspace(*domain, 1 + max(8, round(4 * (domain[1] - domain[0]))))
    counts = np.histogram(np.clip(theta, *domain), edges)[0]
    named = data.misfits[:NAMED]
    places = [
        Place(rank[n], float(b[n]), float(b[n] - Z * error[n]), float(b[n] + Z * error[n]), _mark(page, n),
              data.items[n] if data.items[n] in named else "")
        for n in order
    ]  # fmt: skip
    spec = wright_map(
        [(float(x), float(y), int(n)) for x, y, n in zip(edges[:-1], edges[1:], counts, strict=True)], places, domain=domain,
        persons_title=t("map_persons", n=theta.size), items_title=t("map_items", n=kept.size),
        mark_names={mark: t(f"mark_{mark}") for mark in ("free", "held", "look")},
    )  # fmt: skip
    titles = tuple(
        t("title_held" if data.fit.status[n] == "fixed" else "title_item", item=data.items[n], b=shown(place.b, "signed", 2),
          low=shown(place.low, "signed", 2), high=shown(place.high, "signed", 2))
        for n, place in zip(order, places, strict=True)
    )  # fmt: skip
    mean, _ = data.spread
    facts = {"persons": theta.size, "items": kept.size, "middle": shown(float(np.median(b[kept])), "signed", 2),
             "mean": shown(mean, "signed", 2), "easy": shown(float(b[kept].min()), "signed", 2),
             "hard": shown(float(b[kept].max()), "signed", 2)}  # fmt: skip
    return (Figure("map", t("figure_map"), t("alt_map", **facts), spec, MAP_MARGIN, titles), Text(t("note_map"), "note"))


def _mark(page: Page, n: int) -> str:
    if page.data.items[n] in page.data.misfits:
        return "look"
    return "held" if page.data.fit.status[n] == "fixed" else "free"


def ability_blocks(page: Page) -> tuple[Block, ...]:
    """Return information, standard error and expected marks over ability, of each paper."""
    data = page.data
    papers = [paper for paper in data.papers if np.any(paper.marks[data.estimated] > 0)]
    if not papers:
        return ()
    parameters, theta = data.fit.parameters, data.theta
    of_items = np.where(data.estimated[:, None], np.nan_to_num(information(parameters, theta)), 0.0)
    amounts = np.array([(paper.marks > 0) @ of_items for paper in papers])
    errors = 1.0 / np.sqrt(np.maximum(amounts, 1e-12))
    # What a step brings: the marks, in equal steps where an item gives them in part.
    weights = [np.where(data.estimated, paper.marks / data.steps, 0.0) for paper in papers]
    scores = np.array([characteristic_curve(parameters, theta, weights=weight) for weight in weights])
    cut, notes = _cut(page, papers, weights)
    names = tuple(paper.name for paper in papers)
    return (
        _figure(page, "information", names, amounts),
        _figure(page, "sem", names, errors),
        _figure(page, "tcc", names, scores, cut=cut),
        *(Text(note, "note") for note in notes),
    )


def _figure(page: Page, name: str, papers: tuple[str, ...], values: Array, *, cut: Cut | None = None) -> Figure:
    """Return curves over ability, those who sat in grey behind; values : (n_papers, n_theta)."""
    data, t = page.data, page.t
    theta = data.theta
    bands = [_those_who_sat(page, 0.75 * float(values.max()))]
    if len(papers) > FEW_PAPERS:
        bands.append(Band(t("all_papers", n=len(papers)), _plain(values.min(axis=0)), _plain(values.max(axis=0))))
        lines = [Line(t("mean_of_papers"), _plain(values.mean(axis=0)))]
    else:
        lines = [Line(paper, _plain(row)) for paper, row in zip(papers, values, strict=True)]
    spec = curve_figure(
        _plain(theta), lines, bands=bands, cut=cut, x_title=t("axis_theta"), y_title=t(f"axis_{name}"), zero_line=False
    )
    middle = values.mean(axis=0)
    best = int(np.argmin(middle) if name == "sem" else np.argmax(middle))
    facts = {
        "papers": t("list_comma").join(papers) if len(papers) <= FEW_PAPERS else t("all_papers", n=len(papers)),
        "best": shown(float(middle[best]), "number", 2), "at": shown(float(theta[best]), "signed", 1),
        "first": shown(float(middle[0]), "number", 2), "last": shown(float(middle[-1]), "number", 2),
        "low": shown(float(theta[0]), "signed", 1), "high": shown(float(theta[-1]), "signed", 1),
    }  # fmt: skip
    return Figure(name, t(f"figure_{name}"), t(f"alt_{name}", **facts), spec, CURVE_MARGIN)


def _those_who_sat(page: Page, top: float) -> Band:
    """Return the ability distribution, scaled so that its highest point is ``top``."""
    data = page.data
    density = np.interp(data.theta, data.fit.nodes, data.weights)
    return Band(page.t("those_who_sat"), [0.0] * density.size, _plain(top * density / density.max()))


def _cut(page: Page, papers: list[SatPaper], weights: list[Array]) -> tuple[Cut | None, list[str]]:
    """Return where the papers' mean expected score is the cut, or why that cannot be said."""
    data, t = page.data, page.t
    cuts = {paper.cut for paper in papers}
    cut = next(iter(cuts)) if len(cuts) == 1 else None
    if cut is None:
        return None, [t("note_cuts")] if len(cuts) > 1 else []
    full = float(np.mean([paper.full for paper in papers]))
    there = float(np.mean([weight @ data.steps for weight in weights]))
    facts = {"marks": marks_text(round(full - there, 2)), "full": marks_text(round(full, 2)), "cut": marks_text(cut)}
    if there < LEAST_SHARE * full:
        return None, [t("note_marks_away", **facts)]
    wanted = cut * there / full
    notes = [t("note_in_proportion", wanted=marks_text(round(wanted, 1)), **facts)] if full - there > 1e-6 else []
    at = float(ability_at_score(data.fit.parameters, [wanted], weights=np.mean(weights, axis=0))[0])
    if not data.theta[0] <= at <= data.theta[-1]:
        return None, [t("note_cut_outside", cut=marks_text(cut))]
    label = t("cut_label", cut=marks_text(cut), theta=shown(at, "signed", 2))
    return Cut(at, label, wanted), notes


def _plain(values: Array) -> list[float]:
    return [round(float(value), 5) for value in values]
