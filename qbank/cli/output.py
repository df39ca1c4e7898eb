"""What every verb says in the same way: problems, tables, progress, and the options that all of them have."""

from __future__ import annotations

import datetime
import json
import math
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from qbank.messages import LANGUAGES, Language, has_text, problem_hint, problem_message, text
from qbank.problem import Problem, has_errors
from qbank.workflow.workspace import Workspace, find_workspace

Verb = TypeVar("Verb", bound=Callable[..., Any])


class HelpGroup(click.Group):
    """A group of verbs whose help comes from the catalogue."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        language, prefix = _language(ctx), _key(ctx)
        with formatter.section(text(language, "cli.verbs")):
            formatter.write_dl([(verb, text(language, f"cli.{prefix}_{verb}.short")) for verb in self.commands])


def _key(ctx: click.Context) -> str:
    return ctx.command_path.removeprefix("qbank ").replace(" ", "_")


def _write_help(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    language = _language(ctx)
    formatter.write_paragraph()
    formatter.write_text(text(language, f"cli.{_key(ctx)}.short"))
    formatter.write_paragraph()
    with formatter.section(text(language, "cli.example")):
        formatter.write_text(text(language, f"cli.{_key(ctx)}.example"))


def _option_text(ctx: click.Context, option: click.Option, language: Language) -> str:
    """Return what an option does for this verb, else what it does everywhere."""
    name = next((word for word in option.opts if word.startswith("--")), "")
    keys = (f"cli.{_key(ctx)}.option.{name}", f"cli.option.{name}")
    return next((text(language, key) for key in keys if has_text(language, key)), "")


class HelpCommand(click.Command):
    """A command whose help comes from the catalogue, with its example."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_help(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        language = _language(ctx)
        rows = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if isinstance(param, click.Option) and record is not None:
                rows.append((record[0], _option_text(ctx, param, language) or record[1]))
        with formatter.section(text(language, "cli.options")):
            formatter.write_dl(rows)



def iso_date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the date as it was given, or refuse what is no day of the calendar."""
    try:
        if value is None or datetime.date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise click.BadParameter(f"{value!r}: YYYY-MM-DD")


def json_text(data: object) -> str:
    """Return data as JSON; a number that does not exist is null, as NaN is no JSON.

    >>> json_text({"a": float("nan")})
    '{\\n "a": null\\n}'
    """
    return json.dumps(_finite(data), ensure_ascii=False, indent=1, default=str, allow_nan=False)


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _language(ctx: click.Context) -> Language:
    return "zh" if ctx.find_root().obj == "zh" else "en"


def common(verb: Verb) -> Verb:
    """Add --lang and --json."""
    verb = click.option("--json", "as_json", is_flag=True, help="JSON")(verb)
    return click.option("--lang", type=click.Choice(LANGUAGES), help="zh | en")(verb)


def here(lang: str | None) -> Workspace:
    """Return the workspace of the working directory; a broken qbank.yaml ends the run."""
    asked = lang or click.get_current_context().find_root().params.get("lang")
    language: Language | None = None if asked is None else ("zh" if asked == "zh" else "en")
    workspace, problems = find_workspace(Path.cwd(), language)
    if has_errors(problems):
        finish(problems, workspace.language, as_json=bool(click.get_current_context().params.get("as_json")))
    say_problems(problems, workspace.language, "text")
    return workspace


def problem_record(problem: Problem, language: Language) -> dict[str, Any]:
    """Return a problem as plain data."""
    return {
        "path": problem.span.path, "line": problem.span.line, "column": problem.span.column,
        "severity": problem.severity, "code": problem.code, "message": problem_message(problem, language),
        "hint": problem_hint(problem, language), "related": [str(span) for span in problem.related],
    }  # fmt: skip


def failure_text(code: str, said: str) -> str:
    """Return the JSON of a run that came to no result for want of a readable call, a disk, a package or a yes.

    >>> json.loads(failure_text("usage", "Missing argument 'ID'."))["problems"][0]["message"]
    "Missing argument 'ID'."
    """
    message, _, hint = said.partition("\n")
    record = {
        "path": "", "line": 0, "column": 0, "severity": "error", "code": code, "message": message, "hint": hint.strip(), "related": [],
    }  # fmt: skip
    return json_text({"result": None, "problems": [record]})


def problem_lines(problem: Problem, language: Language) -> list[str]:
    """Return ``path:line:column: severity CODE message`` and the hint below it."""
    head = f"{problem.span}: {problem.severity} {problem.code} {problem_message(problem, language)}"
    hint = problem_hint(problem, language)
    return [head, f"    {text(language, 'cli.hint')} {hint}"] if hint else [head]


def _github(problem: Problem, language: Language) -> str:
    level = {"error": "error", "warning": "warning", "note": "notice"}[problem.severity]
    message = problem_message(problem, language)
    for mark, escaped in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        message = message.replace(mark, escaped)
    place = f"file={problem.span.path},line={max(problem.span.line, 1)},col={max(problem.span.column, 1)}"
    return f"::{level} {place},title={problem.code}::{message}"


def say_problems(problems: Sequence[Problem], language: Language, form: str, *, err: bool = True) -> None:
    """Print problems as text, JSON or GitHub annotations; of several in a row with one hint the first has it."""
    if form == "json":
        click.echo(json_text([problem_record(p, language) for p in problems]))
        return
    said: list[str] = []
    for problem in problems:
        head, *hint = [_github(problem, language)] if form == "github" else problem_lines(problem, language)
        for line in [head] if hint == said else [head, *hint]:
            click.echo(line, err=err)
        said = hint


def finish(problems: Sequence[Problem], language: Language, *, as_json: bool, result: Any = None) -> None:
    """Print what was found wrong (and with --json the result), then end the run with 1 where there is an error."""
    if as_json:
        data = {"result": result, "problems": [problem_record(p, language) for p in problems]}
        click.echo(json_text(data))
    else:
        say_problems(problems, language, "text")
    if has_errors(tuple(problems)):
        raise click.exceptions.Exit(1)


def width(words: str) -> int:
    """Return the columns that a text takes in a terminal; Chinese characters take two.

    >>> width("难度 p")
    6
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Return an aligned table: the first ``left`` columns to the left, the others to the right."""
    grid = [list(header), *map(list, rows)]
    widths = [max(width(row[column]) for row in grid) for column in range(len(header))]
    lines = []
    for row in grid:
        cells = [
            cell + " " * (widths[n] - width(cell)) if n < left else " " * (widths[n] - width(cell)) + cell
            for n, cell in enumerate(row)
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * w for w in widths))
    return "\n".join(lines)


@contextmanager
def working(language: Language, key: str) -> Iterator[None]:
    """Show that something goes on, on a terminal only."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text(language, key)):
        yield


def moment(at: str) -> str:
    """Return a time of the ledger (UTC) as it stands in a table.

    >>> moment("2026-11-26T08:01:01+00:00")
    '2026-11-26 08:01:01'
    """
    return at.removesuffix("+00:00").replace("T", " ")


def shown(path: Path) -> str:
    """Return a path relative to the working directory where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
