"""check: everything that is wrong with a bank, once or again at each save."""

from __future__ import annotations

import datetime
import difflib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from qbank.cli.output import HelpCommand, common, here, say_problems
from qbank.messages import Language, text
from qbank.problem import Problem, has_errors
from qbank.workflow import bank as work


@click.command(cls=HelpCommand)
@click.argument("banks", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text")
@click.option("--watch", "watched", is_flag=True)
@click.option("--no-cache", "cached", flag_value=False, default=True)
@click.option("--notes", is_flag=True)
@click.option("--rule", "codes", multiple=True)
@click.option("--explain", "explained", default=None)
@common
def check(
    banks: tuple[Path, ...], form: str, watched: bool, cached: bool, notes: bool, codes: tuple[str, ...],
    explained: str | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    language = here(lang).language
    if explained is not None:
        click.echo(work.explain_code(_known_code(explained), language))
        return
    if not banks:
        raise click.MissingParameter(param_type="argument", param_hint="BANKS")
    wanted = frozenset(_known_code(code) for code in codes)
    form = "json" if as_json else form

    def findings() -> Findings:
        return _findings(banks, cached=cached, notes=notes, wanted=wanted)

    found = findings()
    say_problems(found.problems, language, form, err=False)
    if form == "text":
        click.echo(found.summary(language))
    if watched:
        _watch(banks, findings, found, language, form)
    elif has_errors(found.problems):
        raise click.exceptions.Exit(1)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is said of some banks; ``counts`` by severity counts notes that are not shown, too."""

    problems: tuple[Problem, ...]
    counts: Counter[str]
    n_items: int

    def summary(self, language: Language) -> str:
        """Return the last line."""
        errors, warnings, notes = (self.counts[word] for word in ("error", "warning", "note"))
        done = text(language, "cli.check.done", items=self.n_items, errors=errors, warnings=warnings)
        return done + (text(language, "cli.check.notes", notes=notes) if notes else "")


def _findings(banks: tuple[Path, ...], *, cached: bool, notes: bool, wanted: frozenset[str]) -> Findings:
    problems: list[Problem] = []
    n_items = 0
    for root in banks:
        source, found = work.check_bank(root, cached=cached)
        problems += found
        n_items += len(source.texts)
    problems = [problem for problem in problems if not wanted or problem.severity == "error" or problem.code in wanted]
    counts = Counter[str](problem.severity for problem in problems)
    shown = (problem for problem in problems if notes or wanted or problem.severity != "note")
    return Findings(tuple(shown), counts, n_items)


def _watch(
    banks: tuple[Path, ...], findings: Callable[[], Findings], before: Findings, language: Language, form: str
) -> None:
    """Check again whenever something is saved, and say what is new and how much is settled, until Ctrl-C."""
    from watchfiles import watch

    def about_banks(_: object, path: str) -> bool:
        name = Path(path).name
        return not name.startswith((".", "~")) and not name.endswith(("~", ".tmp", ".swp"))

    click.echo(text(language, "cli.check.watching"), err=True)
    for changes in watch(*banks, watch_filter=about_banks, debounce=400, step=60, raise_interrupt=False):
        names = sorted({Path(path).name for _, path in changes})
        found = findings()
        if form != "text":
            say_problems(found.problems, language, form, err=False)
            continue
        click.echo(f"\n── {datetime.datetime.now():%H:%M:%S}  {', '.join(names[:5])}{' …' if len(names) > 5 else ''}")
        new, settled = _differences(before.problems, found.problems)
        say_problems(new, language, form, err=False)
        if settled:
            click.echo(text(language, "cli.check.settled", n=settled))
        click.echo(found.summary(language))
        before = found


def _differences(before: tuple[Problem, ...], after: tuple[Problem, ...]) -> tuple[list[Problem], int]:
    """Return the problems that were not there before, and how many are no longer there; a moved line is no change."""
    old = Counter((problem.span.path, problem.code, problem.facts) for problem in before)
    new = []
    for problem in after:
        name = (problem.span.path, problem.code, problem.facts)
        if old[name]:
            old[name] -= 1
        else:
            new.append(problem)
    return new, old.total()


def _known_code(word: str) -> str:
    """Return the code of a problem as it is written in the manual, or refuse the word."""
    code = word.strip().upper()
    if code not in work.CODES:
        near = difflib.get_close_matches(code, work.CODES, n=1)
        raise click.BadParameter(f"{word} ({near[0]}?)" if near else word)
    return code
