"""calibrate."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click
import numpy as np

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import Language, text
from qbank.workflow import calibration as work
from qbank.workflow.repeaters import Choice
from qbank.workflow.workspace import Workspace

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--model", type=click.Choice(work.MODELS), default="2pl")
@click.option("--polytomous", type=click.Choice(work.POLYTOMOUS), default=None)
@click.option("--link", type=click.Choice(work.METHODS), default="anchors")
@click.option("--repeaters", type=click.Choice(work.CHOICES), default="exclude")
@click.option("--compare", is_flag=True)
@click.option("--list", "listed", is_flag=True)
@click.option("--new-scale", is_flag=True)
@click.option("--cluster", metavar="local|ADDRESS", default=None)
@click.option("--bank", type=FILE, default=None)
@common
def calibrate(
    id: str, model: str, polytomous: str | None, link: str, repeaters: Choice, compare: bool, listed: bool,
    new_scale: bool, cluster: str | None, bank: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if listed:
        _list(id, workspace, as_json=as_json)
        return
    if compare:
        _compare(id, workspace, bank, repeaters, as_json=as_json)
        return
    with working(language, "cli.calibrate.working"):
        done, problems = work.calibrate_sitting(
            id, workspace, model=model, polytomous=polytomous, link=link, repeaters=repeaters, new_scale=new_scale,
            bank_path=bank, cluster=cluster,
        )  # fmt: skip
    result = None
    if done is not None:
        if not as_json:
            _show(done, model, language)
        # Loads what draws figures; what was estimated is stored and told by now.
        from qbank.workflow.calibration.report import report_calibration

        pages = report_calibration(done, workspace, model=model, problems=problems)
        if not as_json:
            click.echo(text(language, "cli.calibrate.report", path=shown(pages[0])))
        result = _result(done, model, (*done.files, *done.anchor_files, *pages))
    finish(problems, language, as_json=as_json, result=result)


def _show(done: work.Calibrated, model: str, language: Language) -> None:
    fit = done.fit
    click.echo(
        text(language, "cli.calibrate.done", model=model, n=fit.n_persons, items=len(done.items),
             log_likelihood=f"{fit.log_likelihood:.3f}", norm=f"{fit.gradient_norm:.2g}",
             scale=fit.parameters.scale, anchored=done.anchored)
    )  # fmt: skip
    counts = {name: text(language, f"cli.calibrate.counts.{word}") for name, word in done.answers.counts_as.items()}
    click.echo(text(language, "cli.calibrate.persons", n=fit.n_persons, out=done.answers.n_left_out, **counts))
    if len(models := Counter(fit.parameters.model)) > 1:
        click.echo(text(language, "cli.calibrate.models", models=", ".join(f"{word} {n}" for word, n in models.items())))
    for link in done.links:
        errors = {name: link.settings.get(name) for name in ("slope_error", "intercept_error")}
        click.echo(
            text(language, "cli.calibrate.link", method=text(language, f"cli.calibrate.method.{link.method}"), scale=link.to_scale, own=link.from_scale,
                 slope=f"{link.slope:.3f}", intercept=f"{link.intercept:+.3f}".replace("+", "+ ").replace("-", "− "), n=len(link.anchors),
                 **{name: "–" if value is None else f"{value:.3f}" for name, value in errors.items()})
        )  # fmt: skip
    if waiting := sorted(done.left_out):
        click.echo(text(language, "cli.calibrate.left_out", items=", ".join(waiting)))
    click.echo(text(language, "cli.calibrate.table", path=shown(done.files[0])))
    if done.planned is not None:
        click.echo(text(language, "cli.calibrate.planned", path=shown(done.files[1])))
    if done.anchor_files:
        table, plot = map(shown, done.anchor_files)
        click.echo(text(language, "cli.calibrate.anchors", table=table, plot=plot))


def _result(done: work.Calibrated, model: str, files: tuple[Path, ...]) -> dict[str, Any]:
    fit, found = done.fit, done.fit_of_items
    parameters = fit.parameters
    columns = {name: parameters.values[name] for name in parameters.names if not name.startswith("d")}
    columns |= {f"se_{name}": parameters.errors[name] for name in parameters.names if not name.startswith("d")}
    columns |= {
        name: getattr(found, name) for name in ("infit", "outfit", "s_x2", "s_x2_df", "s_x2_p", "rmsd")
    }
    planned = done.planned
    return {
        "model": model, "scale": fit.parameters.scale, "log_likelihood": fit.log_likelihood,
        "gradient_norm": fit.gradient_norm, "converged": fit.converged, "persons": fit.n_persons,
        "omitted": done.answers.counts_as["omitted"], "not_reached": done.answers.counts_as["not_reached"],
        "sat_before": int(done.answers.before.sat.sum()), "repeaters_left_out": done.answers.n_left_out,
        "links": [
            {"method": link.method, "from": link.from_scale, "to": link.to_scale, "slope": link.slope,
             "intercept": link.intercept, "anchors": list(link.anchors),
             "slope_error": link.settings.get("slope_error"), "intercept_error": link.settings.get("intercept_error")}
            for link in done.links
        ],
        "left_out": dict(done.left_out), "anchored": done.anchored,
        "drifted": [] if done.drift is None else list(done.drift.removed), "misfits": list(done.misfits),
        "items": [
            {"id": item, "status": status, "model": parameters.model[n], "marks": list(done.answers.categories[n].shares)}
            | {name: _number(column[n]) for name, column in columns.items()}
            for n, (item, status) in enumerate(zip(done.items, fit.status, strict=True))
        ],
        "planned": None if planned is None else [
            {"id": item, "b": _number(planned.difficulties[n]), "low": _number(planned.low[n]),
             "high": _number(planned.high[n]), "facility": _number(planned.facility[n])}
            for n, item in enumerate(planned.items)
        ],
        "files": [str(path) for path in files],
    }  # fmt: skip


def _list(id: str, workspace: Workspace, *, as_json: bool) -> None:
    language = workspace.language
    found, problems = work.list_calibrations(id, workspace)
    if not as_json and not problems and not found:
        click.echo(text(language, "cli.calibrate.none", id=id))
    rows = []
    for one in found:
        head = one.record
        row = {
            "number": one.number, "current": one.current, "model": head.model, "scale": head.scale, "persons": head.n_persons,
            "items": one.n_parameters, "planned": one.n_planned, "log_likelihood": head.log_likelihood, "at": one.at,
            "who": one.who, "settings": dict(head.settings),
        }  # fmt: skip
        rows.append(row)
        if not as_json:
            told = row | {"mark": "*" if one.current else " ", "n": head.n_persons}
            click.echo(text(language, "cli.calibrate.entry", **told | {"log_likelihood": f"{head.log_likelihood:.1f}"}))
    finish(problems, language, as_json=as_json, result={"calibrations": rows})


def _compare(id: str, workspace: Workspace, bank: Path | None, repeaters: Choice, *, as_json: bool) -> None:
    language = workspace.language
    with working(language, "cli.calibrate.comparing"):
        found, problems = work.compare_models(id, workspace, repeaters=repeaters, bank_path=bank)
    result = None
    if found is not None:
        rows = [
            {"model": one.model, "status": one.status, "floor": one.floor, "below": len(one.below),
             "log_likelihood": _number(one.fit.log_likelihood), "values": one.fit.n_free,
             "aic": _number(one.criteria.aic), "bic": _number(one.criteria.bic), "sabic": _number(one.criteria.sabic)}
            for one in found.candidates
        ]  # fmt: skip
        result = {"supported": found.supported, "status": found.status, "models": rows}
        if not as_json:
            for row in rows:
                told = {name: f"{value:.1f}" if isinstance(value, float) else value for name, value in row.items()}
                told["status"] = text(language, f"cli.calibrate.status.{str(row['status']).replace(' ', '_')}")
                click.echo(text(language, "cli.calibrate.candidate", **told))
            verdict = found.status.replace(" ", "_")
            click.echo(text(language, f"cli.calibrate.verdict.{verdict}", model=found.supported or ""))
    finish(problems, language, as_json=as_json, result=result)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
