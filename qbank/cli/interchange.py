"""import, export, merge."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import Language, text
from qbank.workflow import export as out
from qbank.workflow import interchange as work
from qbank.workflow import merge as join

SHOWN = 30
"""A dry run lists this many questions of each fate; --json lists all."""


@click.command(cls=HelpCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE BANK")
@click.option("--template", type=click.Path(path_type=Path), default=None)
@click.option("--from", "--format", "form", type=click.Choice(sorted(work.READERS)), default=None)
@click.option("--dry-run", "dry", is_flag=True)
@click.option("--level", type=click.IntRange(1, 5), default=None)
@click.option("--kind", type=click.Choice(sorted(work.KINDS)), default=None)
@click.option("--competency", default="")
@click.option("--prefix", default="IMP")
@click.option("--into", default="")
@click.option("--partial", is_flag=True)
@common
def import_(
    paths: tuple[Path, ...], template: Path | None, form: str | None, dry: bool, level: int | None, kind: str | None, competency: str, prefix: str,
    into: str, partial: bool, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    language = here(lang).language
    if template is not None:
        _write_template(paths, template, language, as_json)
        return
    if len(paths) != 2:
        raise click.UsageError(text(language, "cli.import.two_paths"))
    file, bank = paths
    options = work.ImportOptions(form or "", kind or "", level or 0, competency, prefix, into, partial)
    with working(language, "cli.import.working"):
        plan = work.import_file(file, bank, options, dry=dry)
    result: dict[str, object] = {
        **work.counts(plan), "written": [] if dry else [shown(path) for path in plan.writing.files],
        "changes": [
            {"action": c.action, "id": c.id, "from": str(c.span), "keys": list(c.keys), "stem": c.stem} for c in plan.changes
        ],
    }  # fmt: skip
    if not as_json:
        _say_changes(plan, language, dry)
    finish(plan.problems, language, as_json=as_json, result=result)


def _write_template(paths: tuple[Path, ...], template: Path, language: Language, as_json: bool) -> None:
    if len(paths) != 1:
        raise click.UsageError(text(language, "cli.import.one_bank"))
    finish(out.write_template(paths[0], template), language, as_json=as_json, result={"path": shown(template)})
    if not as_json:
        click.echo(text(language, "cli.import.wrote", path=shown(template)))


def _say_changes(plan: work.Plan, language: Language, dry: bool) -> None:
    for action in ("new", "updated", "refused") if dry else ("updated",):
        listed = [change for change in plan.changes if change.action == action]
        for change in listed[:SHOWN]:
            keys = f"  [{', '.join(change.keys)}]" if change.keys else ""
            stem = " ".join(change.stem.split())[:40]
            click.echo(f"{text(language, f'cli.import.{action}')}  {change.id:<14}  {change.span}  {stem}{keys}")
        if len(listed) > SHOWN:
            click.echo(text(language, "cli.import.more", n=len(listed) - SHOWN))
    click.echo(text(language, "cli.import.counts", **work.counts(plan)))
    if dry or not plan.writing.files:
        click.echo(text(language, "cli.import.nothing_written"))
    else:
        for path in plan.writing.files:
            click.echo(text(language, "cli.import.wrote", path=shown(path)))


@click.command(cls=HelpCommand)
@click.argument("bank", type=click.Path(path_type=Path))
@click.option("--to", "form", type=click.Choice(sorted(out.FORMATS)), required=True)
@click.option("--level", type=click.IntRange(1, 5), default=None)
@click.option("--status", default="")
@click.option("--where", default="")
@click.option("--output", type=click.Path(path_type=Path), default=None)
@common
def export(
    bank: Path, form: str, level: int | None, status: str, where: str, output: Path | None, lang: str | None, as_json: bool
) -> None:
    language = here(lang).language
    done = out.export_bank(bank, form, out.Selection(level or 0, status, where), output)
    result = {"path": shown(done.path) if done.path else None, "items": done.n_items, "selected": done.n_selected}
    finish(done.problems, language, as_json=as_json, result=result)
    if not as_json and done.path:
        click.echo(text(language, "cli.export.wrote", path=shown(done.path), items=done.n_items, selected=done.n_selected))


@click.command(cls=HelpCommand)
@click.argument("bank", type=click.Path(path_type=Path))
@click.argument("subbank", type=click.Path(path_type=Path))
@click.option("--dry-run", "dry", is_flag=True)
@click.option("--take", type=click.Choice(["theirs", "ours"]), default=None)
@click.option("--rename", is_flag=True)
@click.option("--prefix", default="")
@common
def merge(
    bank: Path, subbank: Path, dry: bool, take: join.Take | None, rename: bool, prefix: str, lang: str | None, as_json: bool
) -> None:
    language = here(lang).language
    if take and rename:
        raise click.UsageError(text(language, "cli.merge.one_way"))
    plan = join.merge_banks(bank, subbank, join.MergeOptions(take or "", rename, prefix), dry=dry)
    files = [shown(path) for path in plan.writing.files]
    result: dict[str, object] = {
        **join.fates(plan), "written": [] if dry else files,
        "items": [
            {"fate": m.fate, "id": m.id, "theirs": m.theirs, "from": str(m.span), "keys": list(m.keys)} for m in plan.merged
        ],
    }  # fmt: skip
    if not as_json:
        _say_merged(plan, language, dry)
    finish(plan.problems, language, as_json=as_json, result=result)


def _say_merged(plan: join.MergePlan, language: Language, dry: bool) -> None:
    for fate in ("conflict", "theirs", "ours", "renamed", *(("new",) if dry else ())):
        entries = [entry for entry in plan.merged if entry.fate == fate]
        for entry in entries[:SHOWN]:
            keys = f"  [{', '.join(entry.keys)}]" if entry.keys else ""
            was = f" ← {entry.theirs}" if entry.theirs != entry.id else ""
            click.echo(f"{text(language, f'cli.merge.{fate}')}  {entry.id}{was}  {entry.span}{keys}")
        if len(entries) > SHOWN:
            click.echo(text(language, "cli.import.more", n=len(entries) - SHOWN))
    click.echo(text(language, "cli.merge.counts", **join.fates(plan)))
    if dry or not plan.writing.files:
        click.echo(text(language, "cli.import.nothing_written"))
        return
    for path in plan.writing.files:
        click.echo(text(language, "cli.import.wrote", path=shown(path)))
