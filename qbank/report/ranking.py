"""The report of a competition: the list by rank, what the tie-breaks did, and how far the order can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.analysis.ranking import Ranks, Trust
from qbank.messages import Language, text
from qbank.report.blocks import Block, Cell, Column, Kind, Report, Section, Table, Text, shown
from qbank.report.standard_setting import known_columns


@dataclass(frozen=True, slots=True)
class RankedPerson:
    """One line.

    rank : 0 of who is not ranked, of whom ``state`` says why ; award : class of the prize, 0 none ; groups : in the order of
    the list's group columns ; values : of the tie-breaks, marks or minutes, None not known ; decided : see `Ranks` ;
    reversed : probability that the true order with the one before is the other way round ; theta, theta_rank : of the
    calibration, None without
    """

    rank: int
    award: int
    number: str
    name: str
    form: str
    site: str
    groups: tuple[str, ...]
    total: float | None
    values: tuple[float | None, ...]
    decided: int
    reversed: float | None
    theta: float | None
    theta_rank: int | None
    state: str


@dataclass(frozen=True, slots=True, eq=False)
class RankingFound:
    """A ranked sitting.

    ties : what each tie-break is called ; times : whether it is a time ; lower : whether the lower value stands before ;
    group_names : of further columns ; persons : those with ranks, the best first, then the others ; trust : None of too few ;
    correlation : Spearman's rho, Kendall's tau-b and number of persons between the ranks and those of the abilities, None without
    calibration ; n_papers : how many papers were sat ; foot : lines of the official list that hold here too
    """

    sitting: str
    subtitle: str
    ties: tuple[str, ...]
    times: tuple[bool, ...]
    lower: tuple[bool, ...]
    group_names: tuple[str, ...]
    awards: tuple[int, ...]
    persons: tuple[RankedPerson, ...]
    ranks: Ranks
    trust: Trust | None
    correlation: tuple[float, float, int] | None
    n_papers: int
    foot: tuple[str, ...]

    @property
    def n_ranked(self) -> int:
        """Return how many persons have a rank."""
        return self.ranks.order.size


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_ranking.{name}", **fields)


def ranking_report(found: RankingFound, language: Language, *, most: int = 0) -> Report:
    """Return result, list, tie-breaks, prizes, trust, methods; most : of the list only so many lines, 0: all."""
    listed = list_table(found, language, most)
    sections: list[tuple[str, tuple[Block, ...]]] = [("list", (Text(_rule(found, language)), listed))]
    if found.awards:
        sections.append(("awards", (awards_table(found, language),)))
    sections.append(("ties", (Text(_broken(found, language)), ties_table(found, language))))
    sections.append(("trust", tuple(Text(line) for line in _trust(found, language))))
    lines = [*(words(language, name) for name in _methods(found)), *found.foot]
    sections.append(("methods", tuple(Text(line, "definition") for line in lines)))
    blocks = tuple(Section(name, words(language, name), inner) for name, inner in sections)
    return Report(words(language, "title", id=found.sitting), blocks, language, found.subtitle)


def list_table(found: RankingFound, language: Language, most: int = 0) -> Table:
    """Return a row a person, those without a rank at the end."""
    first: tuple[tuple[str, Kind, int], ...] = (("rank", "integer", 0), ("award", "text", 0), ("person", "text", 0), ("name", "text", 0), ("form", "text", 0), ("site", "text", 0))
    last: tuple[tuple[str, Kind, int], ...] = (("decided", "text", 0), ("reversed", "percent", 0), ("theta", "number", 2), ("theta_rank", "integer", 0), ("state", "text", 0))
    columns = [Column(name, words(language, f"col_{name}"), kind, digits) for name, kind, digits in first]
    columns += [Column(f"group_{n}", name) for n, name in enumerate(found.group_names)]
    columns.append(Column("total", words(language, "col_total"), "short"))
    columns += [Column(f"tie_{n}", name, "short") for n, name in enumerate(found.ties, start=1)]
    columns += [Column(name, words(language, f"col_{name}"), kind, digits) for name, kind, digits in last]
    kept = found.persons[:most] if most else found.persons
    rows = tuple(_row(found, n, language) for n in range(len(kept)))
    notes = (words(language, "note_list"),) + ((words(language, "note_more", n=len(found.persons) - len(kept)),) if len(kept) < len(found.persons) else ())
    return Table("ranking", words(language, "table_list"), known_columns(tuple(columns), rows), rows, notes, sortable=True)


def _row(found: RankingFound, place: int, language: Language) -> tuple[Cell, ...]:
    one = found.persons[place]
    award = words(language, f"award_{one.award}") if one.award else ""
    return (
        one.rank or None, award, one.number, one.name, one.form, one.site, *one.groups, _plain(one.total), *map(_plain, one.values),
        _decided(found, one, language) if place else "", one.reversed, one.theta, one.theta_rank, one.state,
    )  # fmt: skip


def _plain(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _decided(found: RankingFound, one: RankedPerson, language: Language) -> str:
    """Return by what a person stands behind the one before; the first one stands behind nobody."""
    if not one.rank:
        return ""
    if one.decided < 0:
        return words(language, "shared")
    return words(language, "col_total") if one.decided == 0 else found.ties[one.decided - 1]


def ties_table(found: RankingFound, language: Language) -> Table:
    """Return what is left of equals after the total, and after each tie-break."""
    steps = (words(language, "col_total"), *found.ties)
    rows = tuple(
        (
            step, None if not n else int(found.ranks.broken[n - 1]), int(found.ranks.pairs[n]), int(found.ranks.persons[n]),
        )
        for n, step in enumerate(steps)
    )  # fmt: skip
    kinds = ("step", "broken", "pairs", "persons")
    columns = tuple(Column(name, words(language, f"col_{name}"), "text" if name == "step" else "integer", 0) for name in kinds)
    return Table("ties", words(language, "table_ties"), columns, rows, (words(language, "note_ties"),))


def awards_table(found: RankingFound, language: Language) -> Table:
    """Return how many prizes of each class there were to be, and how many there are, with the lowest total that has one."""
    rows = []
    for at, planned in enumerate(found.awards, start=1):
        totals = [one.total for one in found.persons if one.award == at and one.total is not None]
        rows.append((words(language, f"award_{at}"), planned, len(totals), min(totals, default=None)))
    kinds: tuple[tuple[str, Kind], ...] = (("award", "text"), ("planned", "integer"), ("given", "integer"), ("lowest", "short"))
    columns = tuple(Column(name, words(language, f"col_{name}"), kind, 0) for name, kind in kinds)
    return Table("awards", words(language, "table_awards"), columns, tuple(rows), (words(language, "note_awards"),))


def _rule(found: RankingFound, language: Language) -> str:
    """Return the rule in words, and how many persons it ranked."""
    parts = [words(language, "lower" if low else "higher", what=name) for name, low in zip(found.ties, found.lower, strict=True)]
    rule = words(language, "rule", ties=words(language, "then").join(parts)) if parts else words(language, "rule_plain")
    left = len(found.persons) - found.n_ranked
    said = [rule, words(language, "counts", n=found.n_ranked, left=left)]
    if found.n_papers > 1:
        said.append(words(language, "papers", n=found.n_papers))
    return (" " if language == "en" else "").join(said)


def _broken(found: RankingFound, language: Language) -> str:
    pairs, persons = found.ranks.pairs, found.ranks.persons
    if not pairs[0]:
        return words(language, "no_ties")
    return words(language, "ties_said", pairs=int(pairs[0]), persons=int(persons[0]), left=int(pairs[-1]), still=int(persons[-1]))


def _trust(found: RankingFound, language: Language) -> Sequence[str]:
    if found.trust is None:
        return [words(language, "trust_none")]
    trust = found.trust
    told = [words(language, "reliability", value=shown(trust.reliability, "number", 3))]
    told.append(words(language, "first", p=shown(trust.first, "percent", 0)))
    told += [words(language, "kept", n=n, kept=shown(kept, "number", 1)) for n, kept in zip(trust.depths, trust.kept, strict=True)]
    turned = trust.reversed[1:10]
    if np.isfinite(turned).any():
        told.append(words(language, "reversed_said", n=turned.size, mean=shown(float(np.nanmean(turned)), "percent", 0), low=shown(float(np.nanmin(turned)), "percent", 0), high=shown(float(np.nanmax(turned)), "percent", 0)))
    if found.correlation is not None:
        rho, tau, n = found.correlation
        told.append(words(language, "correlation", rho=shown(rho, "number", 3), tau=shown(tau, "number", 3), n=n))
    return told


def _methods(found: RankingFound) -> list[str]:
    names = ["how_rank", "how_values", *(["how_time"] if any(found.times) else []), *(["how_awards"] if found.awards else [])]
    names += ["how_trust"] if found.trust is not None else []
    return names + (["how_ability"] if found.correlation is not None else [])
