"""review."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import click

from qbank.cli.decide import verdict_words
from qbank.cli.output import HelpCommand, common, finish, here, moment, shown, table, working
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.messages import Language, text
from qbank.workflow.review_queue import Review, ReviewQueue, review_queue

FILE = click.Path(path_type=Path, dir_okay=False)
COLUMNS = (
    "place", "item", "found", "n", "facility", "item_rest", "earlier", "cause", "action", "command", "decided", "who", "why",
)  # fmt: skip


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--item", default=None)
@click.option("--undecided", is_flag=True)
@click.option("--limit", type=click.IntRange(min=1), default=None)
@click.option("--csv", "csv_path", type=FILE, default=None)
@click.option("--xlsx", "xlsx_path", type=FILE, default=None)
@click.option("--bank", type=click.Path(path_type=Path), default=None)
@common
def review(
    id: str, item: str | None, undecided: bool, limit: int | None, csv_path: Path | None, xlsx_path: Path | None,
    bank: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.review.working"):
        found, problems = review_queue(id, workspace, item=item, undecided=undecided, limit=limit, bank_path=bank)
    if found is not None:
        _write(found, csv_path, xlsx_path, language)
    if found is not None and not as_json:
        for line in _lines(found, language):
            click.echo(line)
        for path in (csv_path, xlsx_path):
            if path is not None:
                click.echo(text(language, "cli.review.wrote", path=shown(path)))
    finish(problems, language, as_json=as_json, result=found and _record(found, language))


def _lines(found: ReviewQueue, language: Language) -> list[str]:
    """Return the queue as a table, and below it what was found about each item with the command that decides."""
    lines = [
        text(
            language, "cli.review.title", id=found.sitting, n=found.n_persons, items=found.n_items, found=found.n_found,
            undecided=found.n_undecided,
        )
    ]  # fmt: skip
    if found.n_few:
        lines.append(text(language, "cli.review.few", n=found.n_few, needs=found.needs))
    if not found.reviews:
        return [*lines, text(language, "cli.review.none")]
    names = ("place", "item", "flags", "facility", "item_rest", "earlier_short", "action", "decided")
    header = [text(language, f"cli.review.column.{name}") for name in names]
    lines += [table(header, [_row(one, language) for one in found.reviews], left=len(header)), ""]
    for one in found.reviews:
        lines += _block(one, language)
    return lines


def _row(one: Review, language: Language) -> list[str]:
    from qbank.report.sitting.review import action_words, code_words

    last = one.earlier[-1] if one.earlier else None
    return [
        str(one.place or "–"), one.item, code_words(one.codes, language), _number(one.facility), _number(one.item_rest),
        _number(last.facility) if last else "–", action_words(one.action, one.named, language) or "–",
        _decided(one, language) or text(language, "cli.review.open"),
    ]  # fmt: skip


def _block(one: Review, language: Language) -> list[str]:
    from qbank.report.sitting.review import cause_words, finding_sentence

    head = text(language, "cli.review.head", place=one.place, item=one.item, n=one.n, p=_number(one.facility), r=_number(one.item_rest))
    lines = [head, *(f"    {finding_sentence(finding, language, confidence=one.confidence)}" for finding in one.findings)]
    if not one.findings:
        lines.append("    " + text(language, "cli.review.sound"))
    if one.cause:
        lines.append("    " + text(language, "cli.review.suspected", cause=cause_words(one.cause, language)))
    if one.earlier:
        lines.append("    " + text(language, "cli.review.earlier", sittings=_earlier(one, language)))
    lines += [
        "    " + text(
            language, "cli.review.decided", verdict=verdict_words(each.verdict, each.named, language), who=each.who,
            at=moment(each.at), why=each.why,
        )
        for each in one.decisions
    ]  # fmt: skip
    if not one.decided:
        lines.append("    " + text(language, "cli.review.decide", command=one.command))
    return lines


def _decided(one: Review, language: Language) -> str:
    last = one.decisions[-1] if one.decisions else None
    return verdict_words(last.verdict, last.named, language) if last else ""


def _earlier(one: Review, language: Language) -> str:
    rows = [
        text(
            language, "cli.review.sitting" if each.same else "cli.review.sitting_other", sitting=each.sitting, n=each.n,
            p=_number(each.facility),
        )
        for each in one.earlier
    ]  # fmt: skip
    return text(language, "cli.review.semicolon").join(rows)


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "–"


def _write(found: ReviewQueue, csv_path: Path | None, xlsx_path: Path | None, language: Language) -> None:
    header = [text(language, f"cli.review.column.{name}") for name in COLUMNS]
    rows = [_cells(one, language) for one in found.reviews]
    if csv_path is not None:
        write_csv(csv_path, header, rows)
    if xlsx_path is not None:
        write_xlsx(xlsx_path, found.sitting, header, rows)


def _cells(one: Review, language: Language) -> list[Cell]:
    from qbank.report.sitting.review import action_words, cause_words, finding_sentence

    last = one.decisions[-1] if one.decisions else None
    numbers: list[Cell] = [value if math.isfinite(value) else None for value in (one.facility, one.item_rest)]
    said = text(language, "cli.review.semicolon").join(finding_sentence(each, language, confidence=one.confidence) for each in one.findings)
    return [
        one.place, one.item, said, one.n, *numbers, _earlier(one, language), cause_words(one.cause, language),
        action_words(one.action, one.named, language), one.command, _decided(one, language), last.who if last else "",
        last.why if last else "",
    ]  # fmt: skip


def _record(found: ReviewQueue, language: Language) -> dict[str, Any]:
    from qbank.report.sitting.review import action_words, cause_words, finding_sentence

    reviews = [
        {
            **{field.name: getattr(one, field.name) for field in dataclasses.fields(one)},
            "findings": [{**each, "sentence": finding_sentence(each, language, confidence=one.confidence)} for each in one.findings],
            "cause_words": cause_words(one.cause, language), "action_words": action_words(one.action, one.named, language),
            "decided": one.decided, "decisions": [dataclasses.asdict(each) for each in one.decisions],
            "earlier": [dataclasses.asdict(each) for each in one.earlier],
        }
        for one in found.reviews
    ]  # fmt: skip
    return {**{field.name: getattr(found, field.name) for field in dataclasses.fields(found)}, "reviews": reviews}
