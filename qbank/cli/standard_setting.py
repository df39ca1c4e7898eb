"""standard-setting."""

from __future__ import annotations

from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text
from qbank.workflow import standard_setting as work

FILE = click.Path(path_type=Path)


@click.command("standard-setting", cls=HelpCommand)
@click.argument("panel", type=FILE, required=False)
@click.option("--method", default="", metavar="METHOD")
@click.option("--sitting", default="", metavar="ID")
@click.option("--form", default="", metavar="FILE")
@click.option("--template", type=FILE, default=None, metavar="FORM")
@click.option("--judges", default=5, type=click.IntRange(1, 100))
@click.option("--out", type=FILE, default=None)
@common
def standard_setting(
    panel: Path | None, method: str, sitting: str, form: str, template: Path | None, judges: int, out: Path | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if (panel is None) == (template is None):
        raise click.UsageError(text(language, "cli.standard-setting.one_of"))
    if template is not None:
        path = out or Path("panel.xlsx")
        names = [text(language, "cli.standard-setting.judge", n=n) for n in range(1, judges + 1)]
        problems = work.write_template(template, path, judges=names)
        finish(problems, language, as_json=as_json, result={"file": str(path)})
        if not as_json:
            click.echo(text(language, "cli.standard-setting.template", path=shown(path)))
        return
    assert panel is not None
    with working(language, "cli.standard-setting.working"):
        done, problems = work.set_standard(panel, workspace, method=method, sitting=sitting, form=form, into=out)
    result = done and {
        "method": done.found.method, "sitting": done.found.sitting, "judges": list(done.found.judges),
        "rounds": [
            {"cut": one.cut, "error": one.error, "error_items": one.error_items, "ability": one.ability, "status": one.status,
             **dict(one.figures), "judges": one.judges.to_dicts(), "items": one.items.to_dicts()}
            for one in done.found.rounds
        ],
        "files": [str(path) for path in done.files],
    }  # fmt: skip
    if done is not None and not as_json:
        from qbank.cli.blocks import block_lines

        for line in block_lines(done.report.blocks, without=("ratings", "booklet", "methods")):
            click.echo(line)
        click.echo(text(language, "cli.standard-setting.wrote", path=shown(done.files[0]), n=len(done.files) - 1))
    finish(problems, language, as_json=as_json, result=result)
