"""Whose answers go against the model: by site and room for everybody who reads, by number only once results are out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qbank.analysis.person_fit import PersonFitAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Table, Text, shown

MOST_GROUPS = 200
MOST_PERSONS = 100


def _words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_person_fit.{name}", **fields)


def person_fit_blocks(
    found: PersonFitAnalysis | None, numbers: Sequence[str] | None, titles: Mapping[str, str], language: Language
) -> tuple[Block, ...]:
    """Return how many are beyond, by group, what that means and does not, and who, where results were released.

    numbers : of each person of the analysis, None before release
    """
    if found is None:
        return (Text(_words(language, "nothing"), "note"),)
    share = found.n_beyond / found.n
    facts = {"n": found.n, "beyond": found.n_beyond, "share": shown(share, "percent", 1), "expected": shown(found.expected, "percent", 0)}
    blocks: list[Block] = [Text(_words(language, "lead", **facts)), Text(_words(language, "meaning"), "note")]
    if not found.groups.is_empty():
        blocks += _groups(found, titles, language)
    if numbers is None:
        return (*blocks, Text(_words(language, "not_released"), "note"))
    return (*blocks, _persons(found, numbers, language))


def _groups(found: PersonFitAnalysis, titles: Mapping[str, str], language: Language) -> list[Block]:
    out = found.groups.filter("stands_out")
    comma = text(language, "report.list_comma")
    named = comma.join(f"{titles.get(column, column)} {group}" for column, group in out.select("column", "group").iter_rows())
    columns = (
        Column("column", _words(language, "col_column")), Column("group", _words(language, "col_group")),
        Column("n", _words(language, "col_n"), "integer"), Column("n_beyond", _words(language, "col_n_beyond"), "integer"),
        Column("share", _words(language, "col_share"), "percent", 1), Column("low", _words(language, "col_low"), "percent", 1),
        Column("high", _words(language, "col_high"), "percent", 1), Column("stands_out", _words(language, "col_stands_out")),
    )  # fmt: skip
    rows = tuple(
        (titles.get(column, column), *rest, _words(language, "yes") if stands else "")
        for column, *rest, stands in found.groups.head(MOST_GROUPS).iter_rows()
    )
    said = Text(_words(language, "groups", groups=named) if named else _words(language, "no_groups"))
    notes: tuple[str, ...] = (_words(language, "note_groups"),)
    if found.groups.height > MOST_GROUPS:
        notes += (_words(language, "note_most", n=MOST_GROUPS, of=found.groups.height),)
    return [said, Table("person_fit", _words(language, "table_groups"), columns, rows, notes, sortable=True)]


def _persons(found: PersonFitAnalysis, numbers: Sequence[str], language: Language) -> Table:
    columns = (
        Column("number", _words(language, "col_number")), Column("form", _words(language, "col_form")),
        Column("total", _words(language, "col_total"), "short"), Column("n_answers", _words(language, "col_n_answers"), "integer"),
        Column("lz_star", "lz*", "signed", 2), Column("outfit", _words(language, "col_outfit"), "number", 2),
        Column("infit", _words(language, "col_infit"), "number", 2),
    )  # fmt: skip
    listed = found.persons.head(MOST_PERSONS)
    rows = tuple(
        (numbers[row["row"]], row["form"], row["total"], row["n_answers"], row["lz_star"], row["outfit"], row["infit"])
        for row in listed.iter_rows(named=True)
    )
    notes = [_words(language, "note_persons")]
    if found.persons.height > MOST_PERSONS:
        notes.append(_words(language, "note_most", n=MOST_PERSONS, of=found.persons.height))
    return Table("person_fit_persons", _words(language, "table_persons"), columns, rows, tuple(notes), sortable=True)


def person_fit_methods(found: PersonFitAnalysis | None, language: Language) -> tuple[str, ...]:
    """Return the definitions for the section on methods."""
    if found is None:
        return ()
    return (_words(language, "method", beyond=shown(found.beyond, "number", 3), expected=shown(found.expected, "percent", 0)),)
