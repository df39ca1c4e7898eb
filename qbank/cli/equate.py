"""equate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, table, working
from qbank.messages import Language, text

if TYPE_CHECKING:
    from qbank.workflow.equating import Equated

MOST_FLIPS = 20


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--to", "base", default=None, metavar="PAPER")
@click.option("--method", default=None, metavar="METHOD")
@click.option("--anchors", default=None, metavar="ITEM,ITEM…")
@click.option("--boot", "n_reps", type=click.IntRange(0, 100_000), default=0)
@click.option("--seed", type=int, default=20261126)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--bank", type=click.Path(path_type=Path), default=None)
@common
def equate(
    id: str, base: str | None, method: str | None, anchors: str | None, n_reps: int, seed: int, csv_file: Path | None,
    bank: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    from qbank.analysis import EquatingSettings
    from qbank.workflow.equating import equate_sitting, write_concordance

    chosen = None if anchors is None else tuple(part.strip() for part in anchors.split(",") if part.strip())
    settings = EquatingSettings(base=base, method=method, anchors=chosen, n_reps=n_reps, seed=seed)
    with working(language, "cli.equate.working"):
        done, problems = equate_sitting(id, workspace, settings, bank_path=bank)
    if done is None:
        finish(problems, language, as_json=as_json)
        return
    written = None if csv_file is None else write_concordance(done.analysis, csv_file)
    if not as_json:
        _show(done, language)
        if written is not None:
            click.echo(text(language, "cli.equate.wrote", path=shown(written)))
    finish(problems, language, as_json=as_json, result=_record(done, written) if as_json else None)


def _show(done: Equated, language: Language) -> None:
    from qbank.cli.blocks import block_lines
    from qbank.report.sitting.equating import equating_blocks
    from qbank.report.sitting.parameters import lacking_blocks

    for line in block_lines(equating_blocks(done.analysis, language), without=("equating_models",)):
        click.echo(line)
    if not done.analysis.methods.is_empty():
        for line in block_lines(lacking_blocks(done.lacking, done.sitting, "equating", language)):
            click.echo(line)
    flips = done.analysis.flips.to_dicts()
    if not flips:
        return
    words = {here: text(language, f"result.{word}") for here, word in ((True, "pass"), (False, "fail"))}
    header = [text(language, f"cli.equate.col_{name}") for name in ("person", "paper", "total", "equated", "change")]
    rows = [
        [
            done.person[flip["row"]], flip["paper"], f"{flip['total']:g}", f"{flip['equated']:.2f}",
            f"{words[flip['passed']]} → {words[flip['passes_equated']]}",
        ]
        for flip in flips[:MOST_FLIPS]
    ]  # fmt: skip
    click.echo(f"\n{text(language, 'cli.equate.flips', n=len(flips))}")
    click.echo(table(header, rows, left=2))
    if len(flips) > MOST_FLIPS:
        click.echo(text(language, "cli.equate.more", n=len(flips) - MOST_FLIPS))


def _record(done: Equated, written: Path | None) -> dict[str, Any]:
    """Return all tables as plain data, persons by their number."""
    found = done.analysis
    return {
        "status": found.status, "design": found.design, "base": found.base, "pairs": found.pairs.to_dicts(),
        "methods": found.methods.to_dicts(), "concordance": found.concordance.to_dicts(), "anchors": found.anchors.to_dicts(),
        "models": found.fits.to_dicts(), "without_parameters": done.lacking.to_dicts(),
        "flips": [{"person": done.person[flip["row"]], **flip} for flip in found.flips.to_dicts()],
        "csv": None if written is None else str(written),
    }  # fmt: skip
