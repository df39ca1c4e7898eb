"""show."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.editorial import status_lines
from qbank.cli.output import HelpCommand, common, finish, here, json_text, shown, table
from qbank.messages import text
from qbank.problem import Span, error
from qbank.workflow import bank as work


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--bank", "root", type=click.Path(path_type=Path), default=None)
@common
def show(id: str, root: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    roots = [root] if root else sorted(path.parent for path in workspace.root.glob("banks/*/bank.yaml"))
    roots = roots or [Path.cwd()]
    for folder in roots:
        bank, problems = work.usable_bank(folder)
        if bank is None and root is not None:
            finish(problems, language, as_json=as_json)
        view = work.show_item(bank, id, workspace) if bank else None
        if bank is not None and view is not None:
            break
    else:
        finish([error("B006", Span(", ".join(shown(f) for f in roots)), id=id)], language, as_json=as_json)
        return
    item = view.item
    if as_json:
        record = {
            "id": item.id, "kind": item.kind, "competency": item.competency, "level": item.level, "stem": item.stem,
            "options": dict(view.options), "key": view.key, "fingerprint": view.fingerprint,
            "estimate": view.estimate and {n: getattr(view.estimate, n) for n in view.estimate.__slots__},
            "uses": [{n: getattr(use, n) for n in use.__slots__} for use in view.uses], "held": view.held,
            "status": item.status, "written": bank.fallen.get(item.id, item.status), "author": item.author,
            "log": [{n: getattr(step, n) for n in step.__slots__} for step in item.steps],
        }  # fmt: skip
        click.echo(json_text(record))
        return
    click.echo(f"{item.id}  {item.kind}  {item.competency} {view.competency}  ({item.span})")
    click.echo(f"\n{item.stem}")
    for letter, words in view.options:
        click.echo(f"  {letter}  {words}")
    facts = {"key": view.key, "grade": item.grade, "cognitive": item.cognitive, "seconds": item.seconds,
             "rationale": item.rationale, "reference": item.reference, "fingerprint": view.fingerprint}  # fmt: skip
    click.echo("")
    for name, value in facts.items():
        click.echo(f"{text(language, f'cli.show.{name}')}: {value}")
    for line in status_lines(item, view.fingerprint, bank, language):
        click.echo(line)
    if view.held:
        click.echo(text(language, "cli.show.held", flag=view.held))
    if view.estimate:
        e = view.estimate
        click.echo(
            text(language, "cli.show.estimate", model=e.model, a=f"{e.a:.3f}", se_a=f"{e.se_a:.3f}", b=f"{e.b:.3f}",
                 se_b=f"{e.se_b:.3f}", n=e.n_answers, sitting=e.sitting)
        )  # fmt: skip
    if view.uses:
        names = ("sitting", "date", "n", "facility", "item_rest", "flags")
        header = [text(language, f"cli.show.{name}") for name in names]
        rows = [
            [u.sitting, u.date, str(u.n_seen), f"{u.facility:.3f}", f"{u.item_rest:.3f}",
             ", ".join([*([text(language, "cli.show.earlier")] if u.fingerprint != view.fingerprint else []), *u.flags])]
            for u in view.uses
        ]
        click.echo("\n" + table(header, rows))
    elif not view.estimate:
        click.echo(text(language, "cli.show.unused"))
