"""diff."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from qbank.cli.editorial import bank_folder
from qbank.cli.output import HelpCommand, common, finish, here, table
from qbank.core.words import Piece
from qbank.messages import Language, has_text, text
from qbank.workflow import diff as work

_STYLES = {"-": "red strike", "+": "green", "=": ""}
_BRACKETS = {"-": "[-{}-]", "+": "{{+{}+}}", "=": "{}"}
_KEPT = 24
"""Characters of an unchanged run that are shown on each side of a change."""


@click.command(cls=HelpCommand)
@click.argument("old", metavar="REV1")
@click.argument("new", metavar="[REV2]", required=False, default="")
@click.option("--bank", "root", type=click.Path(path_type=Path), default=None)
@common
def diff(old: str, new: str, root: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    found, problems = work.compare(bank_folder(workspace, root), old, new, workspace)
    result = _record(found) if found else None
    finish(problems, language, as_json=as_json, result=result)
    if not as_json and found:
        _show(found, language)


def _record(found: work.Comparison) -> dict[str, Any]:
    """Return the comparison as plain data."""
    data = dataclasses.asdict(found)
    data["counts"] = {what: sum(change.what == what for change in found.changes) for what in work.WHAT}
    for row, entry in zip(data["renewal"], found.renewal, strict=True):
        row["share"] = entry.share
    return data


def _show(found: work.Comparison, language: Language) -> None:
    def say(key: str, **facts: object) -> str:
        return text(language, f"cli.diff.{key}", **facts)

    click.echo(say("head", old=found.old[:12], new=found.new[:12] or say("working_tree")))
    if not found.changes:
        click.echo(say("same"))
    moved = _moved_only(found.changes)
    for words, ids in moved.items():
        click.echo(f"\n{_field(language, 'status')} {words}: {', '.join(ids)}")
    told = {id for ids in moved.values() for id in ids}
    for change in found.changes:
        if change.id in told:
            continue
        click.echo("")
        was = f" ← {change.was}" if change.was else ""
        click.echo(f"{say(change.what)} {change.id}{was}" + (f"  {change.kind} {change.level}" if change.kind else ""))
        if change.what in ("added", "removed", "renamed"):
            click.echo(f"  {_short(change.stem)}")
        for field in change.fields:
            _print_pieces(f"  {_field(language, field.field)}: ", field.pieces)
    if found.stale:
        click.echo("\n" + say("stale"))
        click.echo(table([say("item"), say("sittings"), say("answers"), say("estimate"), say("rescored")], [
            [one.id, ", ".join(one.sittings) or "–", str(one.n_seen), say("yes" if one.estimate else "no"),
             say("yes" if one.rescored else "no")] for one in found.stale
        ]))  # fmt: skip
    click.echo("\n" + say("renewal"))
    click.echo(table([say("level"), say("n_items"), say("n_added"), say("n_revised"), say("share")], [
        [str(row.level) if row.level else say("all"), str(row.n_items), str(row.added), str(row.revised), f"{row.share:.1%}"]
        for row in found.renewal
    ]))  # fmt: skip


def _moved_only(changes: tuple[work.ItemChange, ...]) -> dict[str, list[str]]:
    """Return the items of which nothing but the status changed, by ``old → new``; one of a kind is told by itself."""
    found: dict[str, list[str]] = {}
    for change in changes:
        if change.what == "edited" and [field.field for field in change.fields] == ["status"]:
            old = "".join(words for mark, words in change.fields[0].pieces if mark != "+")
            new = "".join(words for mark, words in change.fields[0].pieces if mark != "-")
            found.setdefault(f"{old} → {new}", []).append(change.id)
    return {words: ids for words, ids in found.items() if len(ids) > 1}


def _field(language: Language, path: str) -> str:
    """Return the key's name in the language, with what follows it: 选项 B."""
    root, _, rest = path.partition(".")
    key = f"cli.diff.field.{root}"
    return f"{text(language, key) if has_text(language, key) else root} {rest.replace('.', ' ')}".rstrip()


def _short(words: str, most: int = 72) -> str:
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _pieces(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    """Yield the pieces with long unchanged runs cut short."""
    for n, (mark, words) in enumerate(pieces):
        line = words.replace("\n", "↵")
        if mark == "=" and len(line) > 2 * _KEPT + 1:
            head = line[:_KEPT] if n else ""
            tail = line[-_KEPT:] if n < len(pieces) - 1 else ""
            line = f"{head}…{tail}"
        yield mark, line


def _print_pieces(head: str, pieces: tuple[Piece, ...]) -> None:
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        line = Text(head)
        for mark, words in _pieces(pieces):
            line.append(words, style=_STYLES[mark])
        Console(highlight=False, soft_wrap=True).print(line)
        return
    if {mark for mark, _ in pieces} <= {"-", "+"} and len(pieces) == 2:
        click.echo(head + " → ".join(words for _, words in _pieces(pieces)))
        return
    click.echo(head + "".join(_BRACKETS[mark].format(words) for mark, words in _pieces(pieces)))
