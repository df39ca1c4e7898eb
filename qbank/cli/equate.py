"""equate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qbank.cli.gate import stage_name
from qbank.cli.output import HelpCommand, common, finish, here, shown, table, working
from qbank.cli.score import comparison_lines, comparison_record
from qbank.messages import Language, text

if TYPE_CHECKING:
    from qbank.workflow.accepted_cuts import AcceptedCuts
    from qbank.workflow.equating import Equated

MOST_FLIPS = 20


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--to", "base", default=None, metavar="PAPER")
@click.option("--family", "family_file", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="FILE")
@click.option("--method", default=None, metavar="METHOD")
@click.option("--anchors", default=None, metavar="ITEM,ITEM…")
@click.option("--boot", "n_reps", type=click.IntRange(0, 100_000), default=0)
@click.option("--seed", type=int, default=None)
@click.option("--accept", "accepting", is_flag=True)
@click.option("--take-back", "taking_back", is_flag=True)
@click.option("--why", default="")
@click.option("--who", default="")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--bank", type=click.Path(path_type=Path), default=None)
@common
def equate(
    id: str, base: str | None, family_file: Path | None, method: str | None, anchors: str | None, n_reps: int, seed: int | None,
    accepting: bool, taking_back: bool, why: str, who: str, csv_file: Path | None, bank: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    from qbank.analysis import EquatingSettings
    from qbank.workflow import accepted_cuts as work
    from qbank.workflow.equating import equate_sitting, write_concordance

    if taking_back:
        if accepting:
            raise click.UsageError(text(language, "cli.equate.either"))
        gone, problems = work.take_back(id, workspace, why=why, who=who, bank_path=bank)
        if gone is not None and not as_json:
            click.echo("\n".join(accepted_lines(gone, language)))
        finish(problems, language, as_json=as_json, result=gone and accepted_record(gone))
        return
    if family_file is not None:
        from qbank.cli.equate_family import equate_family

        equate_family(id, family_file, workspace, accepting=accepting, why=why, who=who, csv_file=csv_file, bank=bank, as_json=as_json)
        return
    chosen = None if anchors is None else tuple(part.strip() for part in anchors.split(",") if part.strip())
    settings = EquatingSettings(base=base, method=method, anchors=chosen, n_reps=n_reps)
    settings = settings if seed is None else replace(settings, seed=seed)
    with working(language, "cli.equate.working"):
        done, problems = equate_sitting(id, workspace, settings, bank_path=bank)
    if done is None:
        finish(problems, language, as_json=as_json)
        return
    made = None
    if accepting:
        made, more = work.accept(done, workspace, why=why, who=who, bank_path=bank)
        problems += more
    written = None if csv_file is None else write_concordance(done.analysis, csv_file)
    if not as_json:
        _show(done, language)
        if written is not None:
            click.echo(text(language, "cli.equate.wrote", path=shown(written)))
        if made is not None:
            click.echo("\n" + "\n".join(accepted_lines(made, language)))
    result = {**_record(done, written), "accepted": made and accepted_record(made)} if as_json else None
    finish(problems, language, as_json=as_json, result=result)


def _show(done: Equated, language: Language) -> None:
    from qbank.cli.blocks import block_lines
    from qbank.report.sitting.equating import equating_blocks
    from qbank.report.sitting.parameters import lacking_blocks

    for line in block_lines(equating_blocks(done.analysis, language), without=("equating_models",)):
        click.echo(line)
    if not done.analysis.methods.is_empty():
        for line in block_lines(lacking_blocks(done.lacking, done.scored.stored.record.id, "equating", language)):
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


def accepted_lines(made: AcceptedCuts, language: Language) -> list[str]:
    """Return which cuts hold now, the scoring that followed, who flips, and what the release gate says."""
    id = made.run.scored.stored.record.id
    cut = f"{made.run.scored.stored.record.cut:g}"
    lines = _cut_lines(made, language) or [text(language, "cli.equate.taken_back", id=id, cut=cut)]
    outcome = "added" if made.run.outcome == "added" else "unchanged"
    lines.append(text(language, f"cli.score.{outcome}", id=id, number=made.run.number))
    if made.run.comparison is not None:
        lines += comparison_lines(made.run.comparison, language)
    if made.taken_back:
        names = text(language, "cli.gate.and").join(stage_name(stage, language) for stage in made.taken_back)
        lines.append(text(language, "cli.gate.taken_back", id=id, stages=names))
    return lines


def _cut_lines(made: AcceptedCuts, language: Language) -> list[str]:
    """Return a line for each cut, or for a sitting of many papers one that tells how many papers have which cut."""
    ways = {each.paper: text(language, f"report_equating.way_{each.method}") for each in made.cuts}
    if len(made.cuts) > MOST_FLIPS and len({(each.base, each.base_cut, each.method, each.who, each.why) for each in made.cuts}) == 1:
        first = made.cuts[0]
        return [
            text(
                language, "cli.equate.accepted_many", n=len(made.cuts), cuts=papers_by_cut([each.cut for each in made.cuts], language),
                base=first.base, base_cut=f"{first.base_cut:g}", way=ways[first.paper], who=first.who, why=first.why,
            )
        ]  # fmt: skip
    return [
        text(
            language, "cli.equate.accepted", paper=each.paper, cut=f"{each.cut:g}", equated=f"{each.equated:.2f}", base=each.base,
            base_cut=f"{each.base_cut:g}", way=ways[each.paper], who=each.who, why=each.why,
        )
        for each in made.cuts
    ]  # fmt: skip


def papers_by_cut(cuts: Sequence[float], language: Language) -> str:
    """Return how many papers have which cut, in words."""
    return text(language, "report.list_comma").join(
        text(language, "cli.equate.family_papers", cut=f"{cut:g}", n=n) for cut, n in sorted(Counter(cuts).items())
    )


def accepted_record(made: AcceptedCuts) -> dict[str, Any]:
    """Return what was accepted or taken back as plain data."""
    return {
        "cuts": [asdict(cut) for cut in made.cuts], "before": [asdict(cut) for cut in made.before],
        "run": {"number": made.run.number, "outcome": made.run.outcome, "passed": made.run.n_passed},
        "comparison": None if made.run.comparison is None else comparison_record(made.run.comparison),
        "taken_back": list(made.taken_back),
    }  # fmt: skip


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
