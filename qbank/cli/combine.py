"""combine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import text
from qbank.problem import Problem, Span, error
from qbank.workflow.combined import RULES, Asked, Joined, combine_sittings, write_combined

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("sittings", nargs=-1, metavar="SITTING SITTING [SITTING]…")
@click.option("--rule", type=click.Choice(RULES), default=RULES[0])
@click.option("--weights", default="", metavar="30,70")
@click.option("--cut", multiple=True, metavar="[SITTING=]MARKS")
@click.option("--reliability", multiple=True, metavar="[SITTING=]NUMBER")
@click.option("--names", default="", metavar="NAME,NAME")
@click.option("--boot", default=200, type=click.IntRange(0, 10_000))
@click.option("--seed", default=1, type=click.IntRange(0))
@click.option("--csv", type=FILE, default=None)
@click.option("--xlsx", type=FILE, default=None)
@click.option("--html", type=FILE, default=None)
@click.option("--pdf", type=FILE, default=None)
@common
def combine(
    sittings: tuple[str, ...], rule: str, weights: str, cut: tuple[str, ...], reliability: tuple[str, ...], names: str, boot: int,
    seed: int, csv: Path | None, xlsx: Path | None, html: Path | None, pdf: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if len(sittings) < 2:
        raise click.UsageError(text(language, "cli.combine.two"))
    problems: list[Problem] = []
    shares = _numbers(weights, problems)
    cuts, reliabilities = _by_sitting("--cut", cut, problems), _by_sitting("--reliability", reliability, problems)
    called = tuple(name.strip() for name in names.replace("，", ",").replace("、", ",").split(",")) if names else ()
    if problems:
        finish(problems, language, as_json=as_json)
    with working(language, "cli.combine.working"):
        joined, problems = combine_sittings(sittings, workspace, Asked(rule, shares, cuts, reliabilities, called, boot, seed))
    files = write_combined(joined, csv=csv, xlsx=xlsx, html=html, pdf=pdf) if joined is not None else ()
    if joined is not None and not as_json:
        from qbank.cli.blocks import block_lines

        for line in block_lines(joined.report.blocks, without=("persons", "methods")):
            click.echo(line)
        for path in files:
            click.echo(text(language, "cli.combine.wrote", path=shown(path)))
    finish(problems, language, as_json=as_json, result=joined and {**_record(joined), "files": [str(path) for path in files]})


def _numbers(words: str, problems: list[Problem]) -> tuple[float, ...]:
    """Return numbers that are separated by commas."""
    try:
        return tuple(float(word) for word in words.replace("，", ",").split(",")) if words.strip() else ()
    except ValueError:
        problems.append(error("N146", Span("--weights"), found=words))
        return ()


def _by_sitting(option: str, given: Sequence[str], problems: list[Problem]) -> dict[str, float]:
    """Return numbers by sitting, "" for a number alone."""
    found: dict[str, float] = {}
    for words in given:
        id, _, number = words.rpartition("=")
        try:
            found[id.strip()] = float(number)
        except ValueError:
            problems.append(error("N145", Span(option), found=words, option=option))
    return found


def _record(joined: Joined) -> dict[str, Any]:
    """Return what was found as plain data; persons only where every sitting is released."""
    found, one = joined.found, joined.found.analysis
    from qbank.analysis.classification import DECISIONS, STATES

    def places(row: int, state: str) -> list[str]:
        return [part.sitting for part, n in zip(found.parts, one.state[row], strict=True) if STATES[n] == state]

    persons = None if found.known is None else [
        {
            "person": person,
            "number": next((who.number for who in found.known[row] if who is not None and who.number), None),
            "name": next((who.name for who in found.known[row] if who is not None and who.name), None),
            "totals": dict(zip((part.sitting for part in found.parts), found.totals[row].tolist(), strict=True)),
            "states": {part.sitting: STATES[n] for part, n in zip(found.parts, one.state[row], strict=True)},
            "decision": DECISIONS[one.decision[row]], "failed": places(row, "failed"), "score": float(one.score[row]),
            "distance": float(one.distance[row]),
            "deciding": found.parts[one.deciding[row]].sitting if one.deciding[row] >= 0 else None,
        }
        for row, person in enumerate(found.persons)
    ]  # fmt: skip
    sittings = [part.sitting for part in found.parts]
    return {
        "sittings": sittings, "names": list(one.names), "rule": one.rule, "weights": list(one.weights), "cut": one.cut,
        "released": found.known is not None, "n_persons": one.n_persons, "n_complete": one.n_complete, "status": one.status,
        "decisions": {row["decision"]: row["n"] for row in one.decisions.iter_rows(named=True)},
        "failed": [
            {"failed": [sittings[int(place)] for place in row["failed"].split()], "n": row["n"]} for row in one.patterns.iter_rows(named=True)
        ],
        "parts": [{"sitting": id, **row} for id, row in zip(sittings, one.parts.to_dicts(), strict=True)],
        "states": {
            id: {name: int((one.state[:, j] == n).sum()) for n, name in enumerate(STATES)} for j, id in enumerate(sittings)
        },
        "correlations": one.correlations.to_dicts(),
        "summary": {row["figure"]: {name: row[name] for name in ("value", "low", "high")} for row in one.summary.iter_rows(named=True)},
        "near": [
            {"sitting": sittings[row["part"]] if row["part"] >= 0 else None, "below": row["n_below"], "above": row["n_above"]}
            for row in one.near.iter_rows(named=True)
        ],
        "persons": persons,
    }  # fmt: skip
