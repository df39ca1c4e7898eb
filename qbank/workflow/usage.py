"""What a sitting says about its items, as QTI usage data beside the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from qbank.analysis import SittingAnalysis, SittingData
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.disclosure import Disclosure, disclosure
from qbank.analysis.groups import GroupOfPersons, groups_of_persons
from qbank.core.history import History
from qbank.files.disk import write_bytes
from qbank.files.interchange.usage import UsageStatistic, write_usage
from qbank.messages import Language, text
from qbank.messages.lists import some
from qbank.problem import Problem, Span, note
from qbank.workflow.scoring import ScoredSitting

EVERYBODY = "TOTAL"
OF_ITEMS = (
    ("P-Value", "facility", "facility_error"), ("AIS", "mean", ""), ("PTbis", "item_rest", ""), ("PTbis-Total", "item_total", ""),
    ("rbis", "biserial", ""), ("Omitted", "omitted", ""), ("NotReached", "not_reached", ""),
)  # fmt: skip
"""name in the file, column, column of its standard error"""
OF_FORMS = (("Mean", "mean"), ("Alpha", "alpha"), ("SEM", "sem"))


def write_usage_data(
    scored: ScoredSitting, data: SittingData, analysis: SittingAnalysis, calibrated: CalibratedItems | None, history: History,
    folder: Path, language: Language = "en",
) -> tuple[Path, list[Problem]]:  # fmt: skip
    """Write the usage data of a sitting: everybody, each paper, each group of at least ``marks_only_below`` persons; return
    the file, and a note where groups were left out so that no smaller one follows by subtraction. The file says it too.
    """
    record = scored.stored.record
    prints = {item: scored.marking[item].fingerprint for item in data.items}
    answers = {item: history.estimates[found].n_answers for item, found in prints.items() if found in history.estimates}
    open_to = disclosed(data, analysis)
    left_out = [f"{column} {word}" for column, word in open_to.withheld]
    least, n = analysis.thresholds.suppress_below, len(left_out)
    said = [text(language, "report_withheld.usage_least", least=least)]
    said += [text(language, "report_withheld.usage_left_out", least=least, n=n)] if left_out else []
    found = usage_statistics(data, analysis, calibrated, answers, record.id, open_to)
    path = folder / f"{record.id}-usage.xml"
    write_bytes(path, write_usage(found, updated=record.date, glossary=f"{record.id}.html#methods", notes=said))
    return path, [note("C134", Span(record.id), least=least, n=n, groups=some(tuple(left_out)))] if left_out else []


def disclosed(data: SittingData, analysis: SittingAnalysis) -> Disclosure:
    """Return whose statistics of which items may stand in the file; papers count as groups of the items that others hold too."""
    shared = data.in_form.sum(axis=0) > 1
    papers = {"form": [data.forms[form] for form in data.form]} if shared.any() else {}
    return disclosure(~np.isnan(data.marks), {**papers, **dict(data.groups)}, least=analysis.thresholds.suppress_below)


def usage_statistics(
    data: SittingData, analysis: SittingAnalysis, calibrated: CalibratedItems | None, answers: dict[str, int], sitting: str,
    open_to: Disclosure | None = None,
) -> Iterator[UsageStatistic]:  # fmt: skip
    """Yield every statistic: forms, then items and their printed options for everybody and group by group, then parameters.

    answers : how many answers the parameters of each item rest on ; open_to : `disclosed`. Items that fewer persons saw than
    statistics need have none.
    """
    least = analysis.thresholds.suppress_below
    shown = (open_to or disclosed(data, analysis)).shown
    yield from _of_forms(analysis, (sitting, EVERYBODY))
    printed = frozenset(item for item, choice in zip(data.items, data.choice, strict=True) if choice)
    for group in groups_of_persons(data, least=least):
        context = (sitting, group.column, group.word) if group.column else (sitting, EVERYBODY)
        mask = shown.get((group.column, group.word), np.zeros(data.n_items, bool))
        items = frozenset(np.array(data.items, dtype=object)[mask].tolist())
        yield from _of_items(group, context, items)
        yield from _of_options(group, printed & items, context)
    if calibrated is not None:
        yield from _of_parameters(calibrated, answers, (sitting, EVERYBODY))


def _of_forms(analysis: SittingAnalysis, context: tuple[str, ...]) -> Iterator[UsageStatistic]:
    for row in analysis.reliability.iter_rows(named=True):
        for name, column in OF_FORMS:
            if row[column] is not None:
                spread = row["sd"] if name == "Mean" else float("nan")
                yield UsageStatistic(name, row["form"], row[column], context, row["n"], deviation=spread, object="test")


def _of_items(group: GroupOfPersons, context: tuple[str, ...], items: frozenset[str]) -> Iterator[UsageStatistic]:
    for row in group.items.filter(pl.col("item").is_in(list(items))).iter_rows(named=True):
        for name, column, error in OF_ITEMS:
            spread = row["sd"] if name == "AIS" else float("nan")
            wrong = row[error] if error else float("nan")
            yield UsageStatistic(name, row["item"], row[column], context, row["n"], error=wrong, deviation=spread)


def _of_options(group: GroupOfPersons, printed: frozenset[str], context: tuple[str, ...]) -> Iterator[UsageStatistic]:
    """Yield the statistics of options that stand printed in the question; what persons wrote themselves is none."""
    seen = group.items.select("item", seen="n")
    options = group.options.join(seen, on="item", maintain_order="left").filter(pl.col("role").is_in(["key", "distractor"]))
    for row in options.filter(pl.col("item").is_in(list(printed))).iter_rows(named=True):
        item, part, n = row["item"], row["option"], row["seen"]
        yield UsageStatistic("NumberChoosingResponse", item, row["n"], context, n, part)
        yield UsageStatistic("PercentChoosingResponse", item, 100 * row["share"], context, n, part)
        yield UsageStatistic("PTbis-Response", item, row["rest_correlation"], context, n, part)


def _of_parameters(calibrated: CalibratedItems, answers: dict[str, int], context: tuple[str, ...]) -> Iterator[UsageStatistic]:
    known = calibrated.parameters
    for place, item in enumerate(known.items):
        n = answers.get(item, 0)
        yield UsageStatistic("IRT-Model", item, known.model[place], context, n)
        yield UsageStatistic("IRT-Scale", item, known.scale, context, n)
        for name in known.names:
            value, error = float(known.values[name][place]), float(known.errors[name][place])
            yield UsageStatistic(f"IRT-{name}", item, value, context, n, error=error)
