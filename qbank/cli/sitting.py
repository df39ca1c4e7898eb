"""sitting add, list, show, remove."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, HelpGroup, common, finish, here, moment, table, working
from qbank.cli.receive import receive
from qbank.cli.standing import mark
from qbank.core.scoring_rules import in_words, read_settings
from qbank.files.answers import exam_paths
from qbank.ledger import AnswerMark, Design, list_sittings, remove_sitting
from qbank.messages import Language, has_text, text
from qbank.messages.lists import some_papers
from qbank.problem import Problem, Span, error
from qbank.workflow import sitting as work
from qbank.workflow.cut_words import with_papers
from qbank.workflow.sitting_facts import SittingFacts, sitting_facts

FILE = click.Path(path_type=Path)
FORMATS = ("table", "moodle", "qti", "ratings", "exam")


@click.group(cls=HelpGroup)
def sitting() -> None:
    """sitting"""


@sitting.command(cls=HelpCommand)
@click.argument("responses", type=FILE, nargs=-1, required=True)
@click.option("--forms", "forms", multiple=True, type=FILE)
@click.option("--id", "id", default=None)
@click.option("--date", default=None, metavar="YYYY-MM-DD")
@click.option("--place", default=None)
@click.option("--design", type=click.Choice(["spiralled", "anchor", "none"]), default=None)
@click.option("--part", default=None)
@click.option("--mapping", type=FILE, default=None)
@click.option("--scored", is_flag=True)
@click.option("--sheet", default="")
@click.option("--format", "format", type=click.Choice(FORMATS), default=None)
@click.option("--replace", is_flag=True)
@click.option("--why", default="")
@click.option("--who", default="")
@click.option("--room-code", "room_codes", multiple=True)
@click.option("--unsigned", is_flag=True)
@click.option("--written", type=FILE, default=None)
@common
def add(
    responses: tuple[Path, ...], forms: tuple[Path, ...], id: str | None, date: str | None, place: str | None,
    design: Design | None, part: str | None, mapping: Path | None, scored: bool, sheet: str,
    format: str | None, replace: bool, why: str,
    who: str, room_codes: tuple[str, ...], unsigned: bool, written: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    on_screen = tuple(path for path in responses if exam_paths((path,))) if len(responses) > 1 else ()
    responses = (*on_screen[:1], *(path for path in responses if path not in on_screen))
    if len(responses) > 1 and part is not None:
        raise click.UsageError(text(language, "cli.sitting.one_part"))
    how = work.Intaking(mapping=mapping, scored=scored, sheet=sheet, replace=replace, why=why, who=who, format=format or "",
                        room_codes=room_codes, unsigned=unsigned, written=written)  # fmt: skip
    results: list[work.Added] = []
    problems: list[Problem] = []
    with working(language, "cli.sitting.working"):
        for path in responses:
            name = part if part is not None or len(responses) == 1 else path.stem
            asked = dataclasses.replace(how, also=on_screen[1:] if path in on_screen else ())
            added, wrong = work.add_responses(
                path, forms, workspace, id=id, date=date, place=place, design=design, part=name, how=asked
            )
            problems += wrong
            results += [added] if added else []
    told = [added_result(added) for added in results]
    result: Any = told if len(responses) > 1 else (told[0] if told else None)
    if not as_json:
        for added in results:
            click.echo("\n".join(added_lines(added, language)))
    finish(problems, language, as_json=as_json, result=result)


def added_result(added: work.Added) -> dict[str, Any]:
    """Return what became of a file as plain data."""
    return {
        "outcome": added.outcome, "id": added.id, "part": added.part, "persons": added.n_persons, "items": added.n_items,
        "standings": dict(added.standings), "answers": dict(added.answers), "changes": added.changes,
        "settings": dict(added.settings),
    }  # fmt: skip


def added_lines(added: work.Added, language: Language) -> list[str]:
    """Return what became of a file: how many, in what standing, which ways of having no answer, what was changed."""
    words = {"id": added.id, "persons": added.n_persons, "items": added.n_items}
    head = text(language, f"cli.sitting.{added.outcome}", **words)
    if added.part:
        head += text(language, "cli.sitting.of_part", part=added.part)
    lines = [head]
    if added.outcome == "unchanged":
        return lines
    if added.changes:
        lines.append("  " + text(language, "cli.sitting.changes", **added.changes))
    lines.append("  " + counted(added.standings, language))
    lines.append("  " + counted(added.answers, language))
    lines.append("  " + text(language, "cli.sitting.read_by", settings=settings_words(added.settings, language)))
    return lines


def counted(counts: Mapping[str, int], language: Language) -> str:
    """Return counts with their words."""
    mark = text(language, "cli.sitting.comma")
    return mark.join(f"{text(language, f'cli.sitting.{name}')} {n}" for name, n in counts.items())


def settings_words(settings: Mapping[str, Any], language: Language) -> str:
    """Return how a file was read, in the words of the language; in English they are those of the mapping file."""
    mark, colon = text(language, "cli.sitting.comma"), text(language, "cli.sitting.colon")
    return mark.join(f"{_word(name, '', language)}{colon}{_plain(value, name, language)}" for name, value in settings.items())


def _word(name: str, of: str, language: Language) -> str:
    """Return a word of the engine in the language, any other as it is."""
    key = f"cli.sitting.reading.{of}{name}"
    return text(language, key) if has_text(language, key) else name


def _plain(value: Any, name: str, language: Language) -> str:
    if isinstance(value, Mapping):
        names = {key: _word(key, "", language) if name == "raters" else key for key in value}
        inner = name if name in USERS_WORDS else ""
        return "{" + ", ".join(f"{names[key]}: {_plain(one, inner or key, language)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_plain(one, name, language) for one in value) + "]"
    return str(value) if name in USERS_WORDS else _word(str(value), "is.", language)


USERS_WORDS = frozenset({"columns", "words", "forms", "ignore", "groups", "scored_columns", "sheet", "encoding", "delimiter"})
"""Settings whose values are what somebody wrote, not the engine's."""


@sitting.command(name="list", cls=HelpCommand)
@common
def list_(lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    rows: list[dict[str, Any]] = []
    if workspace.has_ledger():
        ledger = workspace.open()
        try:
            for record, persons in list_sittings(ledger):
                facts = {name: getattr(record, name) for name in ("id", "date", "place", "design", "cut")}
                rows.append(facts | work.part_counts(ledger, record.id) | {"persons": persons})
        finally:
            ledger.close()
    if as_json:
        finish([], language, as_json=True, result=rows)
        return
    names = ("id", "date", "place", "design", "cut", "parts", "corrections", "persons")
    header = [text(language, f"cli.sitting.{name}") for name in names]
    shown = [row | {"design": text(language, f"cli.sitting.design.{row['design']}")} for row in rows]
    click.echo(table(header, [[str(row[name]) for name in names] for row in shown]))


@sitting.command(name="show", cls=HelpCommand)
@click.argument("id")
@common
def show_(id: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    facts, problems = sitting_facts(id, workspace)
    if facts is None or as_json:
        finish(problems, language, as_json=as_json, result=facts and facts_result(facts))
        return
    click.echo("\n".join(facts_lines(facts, language)))


def facts_result(facts: SittingFacts) -> dict[str, Any]:
    """Return what a sitting is as plain data."""
    record = facts.record
    return {
        "id": record.id, "date": record.date, "place": record.place, "design": record.design, "cut": record.cut,
        "cuts": [dataclasses.asdict(cut) for cut in facts.cuts],
        "marks": record.marks, "bank": record.bank, "occupation": record.occupation, "level": record.level,
        "forms": ", ".join(facts.papers), "papers": dict(facts.papers), "persons": facts.n_persons,
        "items": facts.n_items, **facts.standings, **facts.answers, "scoring": dict(record.settings).get("scoring", {}),
        "answers_marked": [{"item": item, "standing": standing, "n": n} for (item, standing), n in mark_counts(facts.marks).items()],
        "answers_unfitting": [{"item": item, "standing": standing, "n": n} for (item, standing), n in mark_counts(facts.unfitting).items()],
        "parts": [
            {
                "part": one.part, "number": one.number, "current": one.current, "at": one.at, "who": one.who,
                "source": one.source, "why": one.why, "persons": one.n_persons, "settings": dict(one.settings),
            }
            for one in facts.parts
        ],
    }  # fmt: skip


def mark_counts(marks: Iterable[AnswerMark]) -> dict[tuple[str, str], int]:
    """Return how many single answers do not stand, by question and standing."""
    return dict(Counter((mark.item, mark.standing) for mark in marks))


def facts_lines(facts: SittingFacts, language: Language) -> list[str]:
    """Return what a sitting is: declaration, papers, persons, answers, files."""
    result = facts_result(facts)
    result["design"] = text(language, f"cli.sitting.design.{facts.record.design}")
    result["forms"] = some_papers(tuple(facts.papers), language, most=8)
    result["cut"] = with_papers(facts.record.cut, facts.cuts, language)
    lines = [
        f"{text(language, f'cli.sitting.{name}')}: {result[name]}"
        for name in ("id", "date", "place", "design", "cut", "forms", "persons", "items")
    ]
    lines += [counted(facts.standings, language), counted(facts.answers, language)]
    for name, marks in (("answers_marked", facts.marks), ("answers_unfitting", facts.unfitting)):
        if marks:
            each = [f"{item} {text(language, f'cli.standing.{how}')} × {n}" for (item, how), n in mark_counts(marks).items()]
            lines.append(text(language, f"cli.sitting.{name}", n=len(marks), items=text(language, "cli.sitting.comma").join(each)))
    if result["scoring"]:
        rules = in_words(read_settings(result["scoring"]), language)
        said = text(language, "cli.sitting.comma").join(f"{name}: {words}" for name, words in rules)
        lines.append(text(language, "cli.sitting.scored_by", settings=said))
    for one in facts.parts:
        words = {"file": one.source, "persons": one.n_persons, "at": moment(one.at), "who": one.who, "part": one.part or "-"}
        lines.append(text(language, f"cli.sitting.{'file' if one.current else 'former_file'}", **words))
        if one.why:
            lines.append("  " + text(language, "cli.sitting.because", why=one.why))
        if one.current:
            lines.append("  " + text(language, "cli.sitting.read_by", settings=settings_words(one.settings, language)))
    return lines


@sitting.command(cls=HelpCommand)
@click.argument("id")
@click.option("--yes", is_flag=True)
@common
def remove(id: str, yes: bool, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    if not yes:
        click.confirm(text(language, "cli.sitting.confirm", id=id), abort=True, err=as_json)
    problems: list[Problem] = [error("L102", Span(id), id=id)]
    if workspace.has_ledger():
        ledger = workspace.open()
        problems = [] if remove_sitting(ledger, id) else problems
        ledger.close()
    finish(problems, language, as_json=as_json)
    if not as_json:
        click.echo(text(language, "cli.sitting.removed", id=id))


sitting.add_command(mark)
sitting.add_command(receive)
