"""calibrate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import Language, text
from qbank.workflow import calibration as work

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--model", type=click.Choice(["rasch", "2pl"]), default="2pl")
@click.option("--compare", is_flag=True)
@click.option("--new-scale", is_flag=True)
@click.option("--bank", type=FILE, default=None)
@common
def calibrate(
    id: str, model: str, compare: bool, new_scale: bool, bank: Path | None, lang: str | None, as_json: bool
) -> None:
    workspace = here(lang)
    language = workspace.language
    if compare:
        _compare(id, workspace, bank, as_json=as_json)
        return
    with working(language, "cli.calibrate.working"):
        done, problems = work.calibrate_sitting(
            id, workspace, model=model, new_scale=new_scale, bank_path=bank
        )
    result = None
    if done is not None:
        if not as_json:
            _show(done, model, language)
        # Loads what draws figures; what was estimated is stored and told by now.
        from qbank.workflow.calibration_report import report_calibration

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
    if waiting := sorted(item for item, why in done.left_out.items() if why != "partial"):
        click.echo(text(language, "cli.calibrate.left_out", items=", ".join(waiting)))
    click.echo(text(language, "cli.calibrate.table", path=shown(done.files[0])))
    if done.planned is not None:
        click.echo(text(language, "cli.calibrate.planned", path=shown(done.files[1])))
    if done.anchor_files:
        table, plot = map(shown, done.anchor_files)
        click.echo(text(language, "cli.calibrate.anchors", table=table, plot=plot))


def _result(done: work.Calibrated, model: str, files: tuple[Path, ...]) -> dict[str, Any]:
    fit, found = done.fit, done.fit_of_items
    columns = {
        "a": fit.parameters.values["a"], "b": fit.parameters.values["b"],
        "se_a": fit.parameters.errors["a"], "se_b": fit.parameters.errors["b"],
        "infit": found.infit, "outfit": found.outfit, "s_x2": found.s_x2, "s_x2_df": found.s_x2_df,
        "s_x2_p": found.s_x2_p, "rmsd": found.rmsd,
    }  # fmt: skip
    planned = done.planned
    return {
        "model": model, "scale": fit.parameters.scale, "log_likelihood": fit.log_likelihood,
        "gradient_norm": fit.gradient_norm, "converged": fit.converged, "persons": fit.n_persons,
        "left_out": dict(done.left_out), "anchored": done.anchored,
        "drifted": [] if done.drift is None else list(done.drift.removed), "misfits": list(done.misfits),
        "items": [
            {"id": item, "status": status} | {name: _number(column[n]) for name, column in columns.items()}
            for n, (item, status) in enumerate(zip(done.items, fit.status, strict=True))
        ],
        "planned": None if planned is None else [
            {"id": item, "b": _number(planned.difficulties[n]), "low": _number(planned.low[n]),
             "high": _number(planned.high[n]), "facility": _number(planned.facility[n])}
            for n, item in enumerate(planned.items)
        ],
        "files": [str(path) for path in files],
    }  # fmt: skip


def _compare(id: str, workspace: Any, bank: Path | None, *, as_json: bool) -> None:
    language = workspace.language
    with working(language, "cli.calibrate.comparing"):
        found, problems = work.compare_models(id, workspace, bank_path=bank)
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
