"""new: a bank of one's own, or the stub of an item."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown
from qbank.kinds import KINDS
from qbank.messages import text
from qbank.workflow import bank as work
from qbank.workflow import new_item
from qbank.workflow.workspace import Workspace

ITEM = "item"


@click.command(cls=HelpCommand)
@click.argument("folder")
@click.option("--kind", type=click.Choice(list(KINDS)))
@click.option("--competency")
@click.option("--level", type=click.IntRange(1, 5))
@click.option("--bank", "root", type=click.Path(path_type=Path), default=None)
@click.option("--new-id", default="")
@click.option("--author", default="")
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), default=None)
@common
def new(
    folder: str, kind: str | None, competency: str | None, level: int | None, root: Path | None, new_id: str, author: str,
    into: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    asked = kind is not None or competency is not None
    if folder != ITEM and asked:
        raise click.UsageError(text(workspace.language, "cli.new.item_only", word=folder))
    if folder != ITEM:
        problems = work.new_bank(Path(folder), workspace.language)
        finish(problems, workspace.language, as_json=as_json, result={"folder": folder})
        if not as_json:
            click.echo(text(workspace.language, "cli.new.done", folder=shown(Path(folder))))
        return
    if kind is None or competency is None:
        raise click.UsageError(text(workspace.language, "cli.new.item_needs"))
    _new_item(workspace, kind, competency, level, root, new_id, author, into, as_json=as_json)


def _new_item(
    workspace: Workspace, kind: str, competency: str, level: int | None, root: Path | None, new_id: str, author: str,
    into: Path | None, *, as_json: bool,
) -> None:  # fmt: skip
    language = workspace.language
    source, problems = work.check_bank(root or bank_here(workspace), cached=True)
    if source.bank is None:
        finish(problems, language, as_json=as_json)
        return
    indent = new_item.stub_indent(into) if into is not None else 2
    stub, problems = new_item.stub_of(
        source.bank, source.declared, kind, competency, language=source.bank.language, level=level, id=new_id, author=author,
        indent=indent,
    )  # fmt: skip
    if stub is not None and into is not None:
        problems += new_item.append_stub(into, stub)
    finish(problems, language, as_json=as_json, result={"stub": stub, "file": into and str(into)})
    if stub is not None and not as_json:
        click.echo(stub if into is None else text(language, "cli.new.item_done", file=shown(into)), nl=into is not None)


def bank_here(workspace: Workspace) -> Path:
    """Return the bank of the working directory, else the only one of the workspace."""
    here = Path.cwd()
    around = [folder for folder in (here, *here.parents) if (folder / "bank.yaml").is_file()]
    inside = sorted(path.parent for path in workspace.root.glob("banks/*/bank.yaml"))
    if around or len(inside) != 1:
        return around[0] if around else here
    return inside[0]
