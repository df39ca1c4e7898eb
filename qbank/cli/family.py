"""family: one paper a person."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from qbank.cli.many_files import file_lines
from qbank.cli.output import HelpCommand, HelpGroup, common, finish, here, iso_date, shown, working
from qbank.core.family import Family, gathered
from qbank.messages import Language, text

FILE = click.Path(path_type=Path)


class FamilyGroup(HelpGroup):
    """``qbank family BLUEPRINT …`` makes a family; the other words work on its file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["make", *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args and args[0] in self.commands else ["make", *args])


@click.group(cls=FamilyGroup)
def family() -> None:
    """family"""


@family.command(cls=HelpCommand)
@click.argument("blueprint", type=FILE)
@click.option("--overlap", type=click.IntRange(min=0), required=True)
@click.option("--tolerance", type=click.FloatRange(min=0, min_open=True), default=5.0, show_default=True, metavar="%")
@click.option("--score-tolerance", type=click.FloatRange(min=0, min_open=True), default=2.0, show_default=True, metavar="%")
@click.option("--theta", default="", metavar="θ,θ,…")
@click.option("--count", "at_least", type=click.IntRange(min=2), default=2)
@click.option("--seed", type=int, default=None)
@click.option("--series", default="1", metavar="WORD")
@click.option("--as-of", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--pilot", is_flag=True)
@click.option("--persons", type=click.IntRange(min=1), default=None)
@click.option("--secret", type=FILE, default=None)
@click.option("--after", multiple=True, type=FILE)
@click.option("--out", type=FILE, default=None)
@common
def make(
    blueprint: Path, overlap: int, tolerance: float, score_tolerance: float, theta: str, at_least: int, seed: int | None,
    series: str, as_of: str | None, pilot: bool, persons: int | None, secret: Path | None, after: tuple[Path, ...], out: Path | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    from qbank.assemble.family.make import Wishes
    from qbank.workflow.family import found_family

    workspace = here(lang)
    language = workspace.language
    if persons and not pilot:
        raise click.UsageError(text(language, "cli.family_make.persons"))
    wishes = Wishes(overlap, _abilities(theta), tolerance / 100, score_tolerance / 100, pilot, persons=persons or 0)
    with working(language, "cli.family_make.working"):
        made, problems = found_family(
            blueprint, workspace, wishes, series=series, seed=seed, at_least=at_least,
            as_of=as_of or datetime.date.today().isoformat(), into=out, secret=secret, after=after,
        )  # fmt: skip
    result = None if made is None else facts(made.family) | {"file": str(made.path), "secret": str(made.secret_path)}
    if made is not None and result is not None and (found := made.answers):
        result |= {"persons": persons, "answers_least": found.least, "answers_mean": found.mean}
    finish(problems, language, as_json=as_json, result=result)
    if made is not None and not as_json:
        click.echo(text(language, "cli.family_make.wrote", path=shown(made.path)))
        click.echo(text(language, "cli.family_make.secret", path=shown(made.secret_path)))
        click.echo("\n".join(summary(made.family, language)))
        if found := made.answers:
            click.echo(text(language, "cli.family_make.answers", persons=persons, items=found.items, least=found.least, mean=round(found.mean)))


@family.command(cls=HelpCommand)
@click.argument("file", type=FILE)
@click.option("--number", "numbers", multiple=True, type=int)
@click.option("--person", "persons", multiple=True)
@click.option("--roster", type=FILE, default=None)
@click.option("--secret", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@common
def paper(
    file: Path, numbers: tuple[int, ...], persons: tuple[str, ...], roster: Path | None, secret: Path | None,
    out: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    from qbank.workflow.family import give_papers

    workspace = here(lang)
    language = workspace.language
    if not numbers and not persons and roster is None:
        raise click.UsageError(text(language, "cli.family_paper.whose"))
    if roster is not None and (numbers or persons):
        raise click.UsageError(text(language, "cli.family_paper.either"))
    with working(language, "cli.family_paper.working"):
        given, problems = give_papers(
            file, workspace, numbers=numbers, persons=persons, roster=roster, secret=secret, into=out
        )
    result = None
    if given is not None:
        result = {
            "family": given.family.id, "numbers": list(given.numbers), "files": [str(path) for path in given.paths],
            "roster": str(given.roster) if given.roster else None,
        }  # fmt: skip
    finish(problems, language, as_json=as_json, result=result)
    if given is not None and not as_json:
        if roster is None:
            for line in file_lines(given.paths, language, lambda path: text(language, "cli.assemble.wrote", path=shown(path))):
                click.echo(line)
        else:
            click.echo(text(language, "cli.family_paper.roster", n=len(given.numbers), folder=shown(given.paths[0].parent), path=shown(given.roster or roster)))


@family.command(cls=HelpCommand)
@click.argument("file", type=FILE)
@common
def show(file: Path, lang: str | None, as_json: bool) -> None:
    from qbank.files.family import read_family

    workspace = here(lang)
    found, problems = read_family(file)
    finish(problems, workspace.language, as_json=as_json, result=None if found is None else facts(found))
    if found is not None and not as_json:
        click.echo("\n".join(summary(found, workspace.language)))


@family.command(cls=HelpCommand)
@click.argument("file", type=FILE)
@click.option("--count", "n", type=click.IntRange(1, 10_000_000), required=True)
@click.option("--secret", type=FILE, default=None)
@click.option("--out", type=FILE, required=True)
@common
def index(file: Path, n: int, secret: Path | None, out: Path, lang: str | None, as_json: bool) -> None:
    from qbank.workflow.family import write_index

    workspace = here(lang)
    language = workspace.language
    with working(language, "cli.family_index.working"):
        written, problems = write_index(file, workspace, n, out, secret=secret)
    finish(problems, language, as_json=as_json, result={"file": str(out), "papers": written})
    if not as_json:
        click.echo(text(language, "cli.family_index.wrote", n=f"{written:,}", path=shown(out)))


@family.command(cls=HelpCommand)
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, default=None)
@common
def report(file: Path, out: Path | None, lang: str | None, as_json: bool) -> None:
    from qbank.cli.family_report import family_record, report_lines
    from qbank.workflow.family_report import report_family, write_family_report

    workspace = here(lang)
    language = workspace.language
    written: tuple[Path, ...] = ()
    with working(language, "cli.family_report.working"):
        found, problems = report_family(file, workspace, language)
        if found is not None:
            written = write_family_report(found, file, out, language)
    result = None if found is None else facts(found.family) | family_record(found.facts) | {"files": [str(path) for path in written]}
    finish(problems, language, as_json=as_json, result=result)
    if found is not None and not as_json:
        click.echo("\n".join([*report_lines(found.report), *(text(language, "cli.family_report.wrote", path=shown(path)) for path in written)]))


def _abilities(words: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in words.replace("，", ",").split(",") if word.strip())
    except ValueError:
        raise click.BadParameter(f"{words!r}: -2,-1,0,1,2", param_hint="--theta") from None


def facts(family: Family) -> dict[str, Any]:
    """Return what a family is, as plain data."""
    size, code = family.size, family.code
    return {
        "family": family.id, "blueprint": family.blueprint, "papers": size.papers, "low": size.low, "high": size.high,
        "estimated": not size.exact, "numbers": size.words, "share": size.kept / size.tried if size.tried else 0.0,
        "overlap": family.overlap, "asked_overlap": family.asked_overlap, "proof": code.proof, "construction": code.construction,
        "order": code.order, "upper_bound": size.most, "items": family.n_items, "tolerance_percent": 100 * family.tolerance,
        "score_tolerance": family.score_tolerance, "theta": list(family.theta), "by_construction": list(family.proven),
        "tried": [*(rule.label for rule in family.rules), *dict.fromkeys(pair.label for pair in family.apart)],
        "basis": family.basis, "answers": family.answers, "pilot": family.pilot,
    }  # fmt: skip


def summary(family: Family, language: Language) -> list[str]:
    """Return the lines that tell what a family is."""
    size, code = family.size, family.code
    tried = [*(rule.label for rule in family.rules), *dict.fromkeys(pair.label for pair in family.apart)]
    counted = "exact" if size.exact else "estimated"
    return [
        text(language, f"cli.family.{counted}", papers=f"{size.papers:,}", low=f"{size.low:,}", high=f"{size.high:,}"),
        text(language, "cli.family.overlap", overlap=family.overlap, proof=text(language, f"cli.family.proof.{code.proof}"), code=code_words(family, language)),
        text(language, "cli.family.bound", most=f"{size.most:,}" if size.most < 10**15 else f"{float(size.most):.1e}", items=family.n_items),
        text(language, "cli.family.proven", n=len(family.proven), rules=_some(family.proven)),
        *([text(language, "cli.family.tried", n=len(tried), rules=_some(tried), share=f"{100 * size.kept / max(size.tried, 1):.3g}")] if tried else []),
        text(language, f"cli.family.basis.{'pilot' if family.pilot else 'scored'}", answers=family.answers),
    ]  # fmt: skip


def code_words(family: Family, language: Language) -> str:
    """Return what the words of a family are: alphabet, length and least distance, or that they were found one by one."""
    code, places = family.code, len(family.slots)
    if code.listed:
        return text(language, "cli.family.listed", n=f"{len(code.listed):,}")
    said = text(language, "report_family.code", order=code.order, length=places, distance=places - code.overlap)
    return said if places == family.length else said + text(language, "cli.family.sets", places=code.overlap, overlap=family.overlap)


def _some(labels: tuple[str, ...] | list[str], most: int = 6) -> str:
    shown = gathered(labels)
    return "; ".join(shown[:most]) + (" …" if len(shown) > most else "")
