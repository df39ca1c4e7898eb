"""analyse, calibrate, decide."""

from __future__ import annotations

import datetime
import getpass
from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text
from qbank.workflow import review as work

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--bank", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@common
def analyse(id: str, bank: Path | None, out: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.analyse.working"):
        done, problems = work.analyse_sitting(id, workspace, into=out or workspace.root / "reports" / id, bank_path=bank)
    result = done and {
        "files": [str(path) for path in done.files],
        "held": {item: {"flag": flag, "suggested": option} for item, (flag, option) in done.held.items()},
    }
    if done is not None and not as_json:
        click.echo(text(language, "cli.analyse.wrote", path=shown(done.files[0]), n=len(done.files) - 1))
        for item, (flag, option) in done.held.items():
            key = "cli.analyse.miskey" if flag == "miskey" and option else "cli.analyse.held"
            click.echo(text(language, key, item=item, flag=flag, option=option))
    finish(problems, language, as_json=as_json, result=result)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--model", type=click.Choice(["rasch", "2pl"]), default="2pl")
@click.option("--new-scale", is_flag=True)
@click.option("--bank", type=FILE, default=None)
@common
def calibrate(id: str, model: str, new_scale: bool, bank: Path | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.calibrate.working"):
        done, problems = work.calibrate_sitting(id, workspace, model=model, new_scale=new_scale, bank_path=bank)
    result = None
    if done is not None:
        fit = done.fit
        result = {
            "model": model, "scale": fit.parameters.scale, "log_likelihood": fit.log_likelihood,
            "gradient_norm": fit.gradient_norm, "converged": fit.converged, "persons": fit.n_persons,
            "left_out": dict(done.left_out), "anchored": done.anchored,
            "items": [
                {"id": item, "status": status, "a": float(a), "b": float(b), "se_a": float(sa), "se_b": float(sb)}
                for item, status, a, b, sa, sb in zip(
                    done.items, fit.status, fit.parameters.values["a"], fit.parameters.values["b"],
                    fit.parameters.errors["a"], fit.parameters.errors["b"], strict=True,
                )
            ],
        }  # fmt: skip
        if not as_json:
            click.echo(
                text(language, "cli.calibrate.done", model=model, n=fit.n_persons, items=len(done.items),
                     log_likelihood=f"{fit.log_likelihood:.3f}", norm=f"{fit.gradient_norm:.2g}",
                     scale=fit.parameters.scale, anchored=done.anchored)
            )  # fmt: skip
            if waiting := sorted(item for item, why in done.left_out.items() if why != "partial"):
                click.echo(text(language, "cli.calibrate.left_out", items=", ".join(waiting)))
    finish(problems, language, as_json=as_json, result=result)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.argument("item")
@click.argument("verdict", type=click.Choice(["keep", "credit"]))
@click.option("--why", required=True)
@click.option("--who", default=None)
@common
def decide(id: str, item: str, verdict: str, why: str, who: str | None, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    problems = work.decide(
        id, item, workspace, verdict=verdict, why=why, who=who or getpass.getuser(), at=now
    )
    finish(problems, workspace.language, as_json=as_json, result={"item": item, "verdict": verdict})
    if not as_json:
        click.echo(text(workspace.language, f"cli.decide.{verdict}", item=item, id=id))
