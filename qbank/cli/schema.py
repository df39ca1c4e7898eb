"""schema: JSON Schemas of a bank's files, for editors that complete from them."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, json_text
from qbank.messages import text
from qbank.workflow import schema as work
from qbank.workflow.exam_json import SCHEMAS, exam_schema


@click.command(cls=HelpCommand)
@click.argument("bank", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True)
@click.option("--modeline", is_flag=True)
@click.option("--file", "part", type=click.Choice([*work.PARTS, *SCHEMAS]), default="items")
@common
def schema(bank: Path, write: bool, modeline: bool, part: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language, root = workspace.language, workspace.root
    if part in SCHEMAS:
        click.echo(json_text(exam_schema(part, language)))
        return
    schemas, problems = work.bank_schemas(bank, root)
    if schemas is None:
        finish(problems, language, as_json=as_json)
        return
    if not write and not modeline:
        click.echo(json_text(schemas.parts[part]))
        return
    result: dict[str, object] = {}
    if write:
        paths, setting = work.write_schemas(schemas, root)
        merged = work.merge_settings(root, setting)
        result |= {"schemas": [path.as_posix() for path in paths], "settings": merged, work.SETTING: setting}
        if not as_json:
            click.echo(text(language, "cli.schema.wrote", n=len(paths), folder=work.FOLDER.as_posix()))
            key = "cli.schema.merged" if merged else "cli.schema.by_hand"
            click.echo(text(language, key, file=work.VSCODE.as_posix()))
            if not merged:
                click.echo(work.setting_lines(setting))
    if modeline:
        lines = work.modelines(bank, schemas, root)
        result["modelines"] = lines
        if not as_json:
            for where, line in lines.items():
                click.echo(f"{where}\n  {line}")
    finish([], language, as_json=as_json, result=result) if as_json else None
