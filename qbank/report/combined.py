"""The report of an examination of several parts: who passes, what each part does, how sure it is, who is near, who lacks what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.classification import DECISIONS, STATES, CombinedAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Cell, Column, Kind, Report, Section, Table, Text, shown
from qbank.report.standard_setting import known_columns

Specs = tuple[tuple[str, Kind, int], ...]
WITHOUT = ("waiting", "absent", "void", "withheld", "missing")
"""States of a person who has no result in a part."""


class Known(Protocol):
    """Who somebody is in a sitting."""

    @property
    def number(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CombinedPart:
    """sitting : its id ; name : what the part is called ; date ; source : alpha or given, where the reliability comes from"""

    sitting: str
    name: str
    date: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """Several sittings as one decision.

    totals : (n_persons, n_parts) marks, NaN none ; persons : pseudonyms ; known : by person and part, who that is; None as a
    whole before all sittings are released
    """

    parts: tuple[CombinedPart, ...]
    analysis: CombinedAnalysis
    totals: NDArray[np.float64]
    persons: tuple[str, ...]
    known: tuple[tuple[Known | None, ...], ...] | None


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_combined.{name}", **fields)


def combined_report(found: Combined, language: Language) -> Report:
    """Return result, parts, accuracy, who is near the cut, who lacks a part, the list of persons once released, methods."""
    sections = (
        ("result", _result(found, language)),
        ("parts", (_parts(found, language), _correlations(found, language))),
        ("accuracy", _accuracy(found, language)),
        ("near", (_near(found, language),)),
        ("states", (states_table(found, language),)),
        ("persons", (persons_table(found, language),) if found.known is not None else (Text(words(language, "not_released"), "note"),)),
        ("methods", tuple(Text(paragraph, "definition") for paragraph in _methods(found, language))),
    )
    blocks = tuple(Section(name, words(language, name), inner) for name, inner in sections)
    subtitle = " · ".join(f"{part.name}（{part.sitting}）" if part.name != part.sitting else part.sitting for part in found.parts)
    subtitle = subtitle if language == "zh" else subtitle.replace("（", " (").replace("）", ")")
    return Report(words(language, "title"), blocks, language, subtitle)


def list_table(found: Combined, language: Language) -> Table:
    """Return the list for a table of its own: persons once released, before that how many stand where in each part."""
    return states_table(found, language) if found.known is None else persons_table(found, language)


def _names(found: Combined, places: Sequence[int], language: Language) -> str:
    return words(language, "comma").join(found.parts[place].name for place in places)


def _result(found: Combined, language: Language) -> tuple[Block, ...]:
    one = found.analysis
    counts = dict(zip(one.decisions["decision"], one.decisions["n"], strict=True))
    rate = one.summary.row(0, named=True)
    said = [words(language, f"rule_{one.rule}", parts=_names(found, range(len(found.parts)), language), cut=_sum_cut(found, language), weights=_weights(found, language))]
    said.append(words(language, "sentence_counts", n=one.n_persons, complete=one.n_complete, passed=counts["pass"], failed=counts["fail"], open=counts["open"]))
    if np.isfinite(rate["value"]):
        said.append(words(
            language, "sentence_rate", rate=shown(rate["value"], "percent", 1), low=shown(rate["low"], "percent", 1),
            high=shown(rate["high"], "percent", 1),
        ))  # fmt: skip
    rows = tuple((words(language, f"decision_{row['decision']}"), row["n"], row["share"]) for row in one.decisions.iter_rows(named=True))
    blocks: list[Block] = [Text((" " if language == "en" else "").join(said))]
    blocks.append(Table("decisions", words(language, "table_decisions"), _columns((("decision", "text", 0), ("n", "integer", 0), ("share", "percent", 1)), language), rows))
    if one.patterns.height:
        patterns = tuple(
            (_names(found, [int(place) for place in row["failed"].split()], language) or words(language, "failed_none"), row["n"], row["share"])
            for row in one.patterns.iter_rows(named=True)
        )
        specs: Specs = (("failed", "text", 0), ("n", "integer", 0), ("share", "percent", 1))
        blocks.append(Table("patterns", words(language, "table_patterns", n=one.n_complete), _columns(specs, language), patterns))
    return tuple(blocks)


def _sum_cut(found: Combined, language: Language) -> str:
    return words(language, "sum_cut", cut=f"{found.analysis.cut:g}") if np.isfinite(found.analysis.cut) else words(language, "sum_of_cuts")


def _weights(found: Combined, language: Language) -> str:
    return words(language, "comma").join(
        f"{part.name} {shown(weight, 'percent', 0)}" for part, weight in zip(found.parts, found.analysis.weights, strict=False)
    )


def _parts(found: Combined, language: Language) -> Table:
    specs: Specs = (
        ("part", "text", 0), ("sitting", "text", 0), ("date", "text", 0), ("n_registered", "integer", 0), ("n_sat", "integer", 0),
        ("cut", "short", 0), ("cut_high", "short", 0), ("mean", "number", 2), ("sd", "number", 2), ("n_passed", "integer", 0),
        ("pass_rate", "percent", 1), ("pass_low", "percent", 1), ("pass_high", "percent", 1), ("reliability", "number", 3),
        ("source", "text", 0), ("sem", "number", 2), ("n_common", "integer", 0), ("sd_common", "number", 2),
        ("reliability_common", "number", 3), ("status", "text", 0),
    )  # fmt: skip
    rows = []
    for part, row in zip(found.parts, found.analysis.parts.iter_rows(named=True), strict=True):
        own = {"sitting": part.sitting, "date": part.date, "source": words(language, f"source_{part.source}")}
        own["status"] = words(language, f"status_{row['status']}")
        if row["cut"] == row["cut_high"]:
            own["cut_high"] = ""
        rows.append(tuple({**row, **own}[name] for name, _, _ in specs))
    data_only = ("pass_low", "pass_high", "n_common", "sd_common")
    columns = known_columns(_columns(specs, language, data_only), rows)
    return Table("parts", words(language, "table_parts"), columns, tuple(rows), (words(language, "note_parts"),))


def _correlations(found: Combined, language: Language) -> Table:
    specs: Specs = (
        ("first", "text", 0), ("second", "text", 0), ("n", "integer", 0), ("r", "number", 3), ("low", "number", 3),
        ("high", "number", 3), ("disattenuated", "number", 3), ("status", "text", 0),
    )  # fmt: skip
    rows = tuple(
        tuple(words(language, f"status_{row[name]}") if name == "status" else row[name] for name, _, _ in specs)
        for row in found.analysis.correlations.iter_rows(named=True)
    )
    columns = known_columns(_columns(specs, language), rows)
    return Table("correlations", words(language, "table_correlations"), columns, rows, (words(language, "note_correlations"),))


def _accuracy(found: Combined, language: Language) -> tuple[Block, ...]:
    one = found.analysis
    if one.model is None:
        return (Text(words(language, f"withheld_{one.status}", n=one.n_complete, needed=one.needed), "note"),)
    value = {row["figure"]: row for row in one.summary.iter_rows(named=True)}
    said = words(
        language, "sentence_accuracy", accuracy=_percent(value["accuracy"], language), consistency=_percent(value["consistency"], language),
        passed=_of_100(value["wrong_of_passed"], language), failed=_of_100(value["wrong_of_failed"], language),
    )  # fmt: skip
    specs: Specs = (("figure", "text", 0), ("value", "percent", 1), ("low", "percent", 1), ("high", "percent", 1))
    rows = tuple((words(language, f"figure_{row['figure']}"), row["value"], row["low"], row["high"]) for row in value.values() if row["figure"] != "kappa")
    kappa = value["kappa"]
    notes = [words(language, "note_kappa", kappa=shown(kappa["value"], "number", 3), low=shown(kappa["low"], "number", 3), high=shown(kappa["high"], "number", 3))]
    if dict(one.model.settings)["disattenuation"] == "clipped":
        notes.append(words(language, "note_clipped"))
    return (Text(said), Table("accuracy", words(language, "table_accuracy"), _columns(specs, language), rows, tuple(notes)))


def _percent(row: dict[str, float], language: Language) -> str:
    if not np.isfinite(row["low"]):
        return shown(row["value"], "percent", 1)
    return words(language, "with_interval", value=shown(row["value"], "percent", 1), low=shown(row["low"], "percent", 1), high=shown(row["high"], "percent", 1))


def _of_100(row: dict[str, float], language: Language) -> str:
    if not np.isfinite(row["value"]):
        return words(language, "nobody")
    return words(language, "less_than_one") if 0 < 100 * row["value"] < 0.5 else f"{100 * row['value']:.0f}"


def _near(found: Combined, language: Language) -> Table:
    specs: Specs = (("part", "text", 0), ("n_below", "integer", 0), ("n_above", "integer", 0))
    rows = tuple(
        (found.parts[row["part"]].name if row["part"] >= 0 else words(language, "the_sum"), row["n_below"], row["n_above"])
        for row in found.analysis.near.iter_rows(named=True)
    )
    return Table("near", words(language, "table_near"), _columns(specs, language), rows, (words(language, f"note_near_{found.analysis.rule}"),))


def states_table(found: Combined, language: Language) -> Table:
    """Return how many persons stand where in each part."""
    state = found.analysis.state
    used = [n for n, name in enumerate(STATES) if name in ("passed", "failed") or (state == n).any()]
    columns = (
        Column("part", words(language, "col_part")), Column("sitting", words(language, "col_sitting")),
        *(Column(STATES[n], words(language, f"state_{STATES[n]}"), "integer") for n in used),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (part.name, part.sitting, *(int((state[:, j] == n).sum()) for n in used)) for j, part in enumerate(found.parts)
    ]
    return Table("states", words(language, "table_states", n=found.analysis.n_persons), columns, tuple(rows), (words(language, "note_states"),))


def persons_table(found: Combined, language: Language) -> Table:
    """Return a row a person: number, name, marks of each part, the decision, what was failed, what is lacking, whether near."""
    assert found.known is not None
    one, several = found.analysis, _several_numbers(found)
    columns = [Column("person", words(language, "col_person")), Column("name", words(language, "col_name"))]
    if several:
        columns += [Column(f"number_{j + 1}", words(language, "col_number", part=part.name), data_only=True) for j, part in enumerate(found.parts)]
    columns += [Column(f"total_{j + 1}", part.name, "short") for j, part in enumerate(found.parts)]
    if one.rule == "compensatory":
        columns.append(Column("score", words(language, "col_score"), "number", 2))
    columns += [Column(name, words(language, f"col_{name}"), "prose" if name in ("failed", "lacks") else "text") for name in ("decision", "failed", "lacks", "near")]
    rows = []
    for row, person in enumerate(found.persons):
        who = [each for each in found.known[row] if each is not None]
        cells: list[Cell] = [next((each.number for each in who if each.number), person), next((each.name for each in who if each.name), "")]
        if several:
            cells += [each.number if each is not None else "" for each in found.known[row]]
        cells += [float(total) if np.isfinite(total) else None for total in found.totals[row]]
        if one.rule == "compensatory":
            cells.append(float(one.score[row]) if np.isfinite(one.score[row]) else None)
        rows.append((*cells, words(language, f"decision_{DECISIONS[one.decision[row]]}"), *_why(found, row, language)))
    return Table("persons", words(language, "table_persons"), tuple(columns), tuple(rows), (words(language, "note_persons"),), sortable=True)


def _several_numbers(found: Combined) -> bool:
    """Return whether somebody has another number (准考证号) in one part than in another."""
    return any(len({each.number for each in row if each is not None and each.number}) > 1 for row in found.known or ())


def _why(found: Combined, row: int, language: Language) -> tuple[str, str, str]:
    """Return of a person the parts failed, the parts without result and why, and which part is within one standard error."""
    one = found.analysis
    states = [STATES[n] for n in one.state[row]]
    failed = _names(found, [j for j, state in enumerate(states) if state == "failed"], language)
    lacks = words(language, "comma").join(
        words(language, "lacks", part=found.parts[j].name, state=words(language, f"state_{state}")) for j, state in enumerate(states) if state in WITHOUT
    )
    close = bool(abs(one.distance[row]) <= 1 + 1e-9)
    near = "" if not close else found.parts[one.deciding[row]].name if one.deciding[row] >= 0 else words(language, "the_sum")
    return failed, lacks, near


def _methods(found: Combined, language: Language) -> tuple[str, ...]:
    one = found.analysis
    names = ["how_join", f"how_{one.rule}", "how_reliability", "how_correlation", "how_accuracy", "how_near"]
    if one.replications:
        names.append("how_interval")
    return tuple(words(language, name, **({"n": one.replications, "seed": one.seed} if name == "how_interval" else {})) for name in names)


def _columns(specs: Specs, language: Language, data_only: Sequence[str] = ()) -> tuple[Column, ...]:
    return tuple(Column(name, words(language, f"col_{name}"), kind, digits, data_only=name in data_only) for name, kind, digits in specs)
