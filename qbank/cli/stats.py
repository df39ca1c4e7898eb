"""stats."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, iso_date, shown, working
from qbank.messages import text

if TYPE_CHECKING:
    from qbank.ledger import Dimension


@click.command(cls=HelpCommand)
@click.option("--occupation", "occupations", multiple=True)
@click.option("--level", "levels", multiple=True, type=click.IntRange(1, 5))
@click.option("--site", "sites", multiple=True)
@click.option("--sitting", "sittings", multiple=True)
@click.option("--since", default=None, metavar="YYYY-MM-DD", callback=iso_date)
@click.option("--until", default=None, metavar="YYYY-MM-DD", callback=iso_date)
@click.option("--by", default="occupation,level")
@click.option("--to", "formats", multiple=True, type=click.Choice(["table", "csv", "xlsx", "html"]))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None)
@common
def stats(
    occupations: tuple[str, ...], levels: tuple[int, ...], sites: tuple[str, ...], sittings: tuple[str, ...],
    since: str | None, until: str | None, by: str, formats: tuple[str, ...], out: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    from qbank.ledger import DIMENSIONS, Selection
    from qbank.workflow.statistics import count_sittings, write_statistics

    names: list[Dimension] = []
    for word in dict.fromkeys(part.strip() for part in by.split(",") if part.strip()):
        if word not in DIMENSIONS:
            words = ", ".join(DIMENSIONS)
            raise click.BadParameter(text(language, "cli.stats.unknown_by", word=word, words=words), param_hint="--by")
        names.append(next(name for name in DIMENSIONS if name == word))
    chosen = Selection(occupations, levels, sites, sittings, since or "", until or "")
    with working(language, "cli.stats.working"):
        counted, problems = count_sittings(workspace, names, chosen)
    if counted is None:
        finish(problems, language, as_json=as_json)
        return
    wanted = [name for name in formats if name != "table"]
    files = write_statistics(counted, wanted, out or workspace.root / "statistics")
    if not as_json:
        if not wanted or "table" in formats:
            from qbank.cli.blocks import block_lines

            for line in block_lines(counted.report.blocks, without=("methods", "all_bands", "sites", "trend")):
                click.echo(line)
        for path in files:
            click.echo(text(language, "cli.stats.wrote", path=shown(path)))
    finish(problems, language, as_json=as_json, result=_record(counted, files) if as_json else None)


def _record(counted: Any, files: tuple[Path, ...]) -> dict[str, Any]:
    """Return the statistics as plain data: every row with counts, rates, scores and bands, then totals."""
    from qbank.report.statistics.data import summary_of
    from qbank.report.statistics.tables import COUNTS, FIGURES

    data, asked = counted.data, counted.data.asked
    lines = [*((row.labels, row.tally) for row in asked.rows), *((row.labels, row.tally) for row in asked.totals), ((), asked.total)]
    summary = summary_of([tally for _, tally in lines], data.limits)
    records = []
    for n, (labels, tally) in enumerate(lines):
        suppressed = bool(summary.suppressed[n])
        figures = {column: float(getattr(summary, source)[n]) for source, column, *_ in FIGURES}
        records.append(
            dict(zip(asked.by, labels, strict=False))
            | {word: getattr(tally, word) for word in COUNTS}
            | figures
            | {"bands": None if suppressed else list(tally.bands), "suppressed": suppressed, "small": bool(summary.small[n])}
        )
    n_rows = len(asked.rows)
    return {
        "by": list(asked.by), "rows": records[:n_rows], "totals": records[n_rows:-1], "total": records[-1],
        "sittings": asked.n_sittings, "cuts": list(asked.cuts), "marks": list(asked.marks),
        "unscored": [asdict(one) for one in asked.unscored], "selection": asdict(asked.selection),
        "files": [str(path) for path in files],
    }  # fmt: skip
