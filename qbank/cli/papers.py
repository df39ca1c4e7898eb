"""assemble, audit, print."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import click

from qbank.cli.certificate import certificate_lines, certificate_record
from qbank.cli.many_files import file_lines
from qbank.cli.output import HelpCommand, common, finish, here, iso_date, shown, working
from qbank.cli.searching import searching
from qbank.core.presentation import PARTS, SHEETS, Part, PdfStyle, SheetName
from qbank.messages import Language, text
from qbank.workflow import papers as work
from qbank.workflow.packages import PACKAGES, PackageOptions
from qbank.workflow.printing import print_papers
from qbank.workflow.versions import version_ids

FILE = click.Path(path_type=Path)
ONLY_FOR = {"--shuffle": ("qti3", "qti21"), "--minutes": ("exam", "json"), "--submit": ("exam",)}
"""Options of print → the words of --to for which they mean something"""


@click.command(cls=HelpCommand)
@click.argument("blueprint", type=FILE)
@click.option("--forms", type=click.IntRange(1, 1000), default=None)
@click.option("--versions", type=click.IntRange(1, 8), default=None)
@click.option("--seed", type=int, default=None)
@click.option("--series", default="1", metavar="WORD")
@click.option("--as-of", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--seconds", type=click.FloatRange(min=1), default=None)
@click.option("--out", type=FILE, default=None)
@click.option("--explain", is_flag=True)
@click.option("--stubs", type=FILE, default=None)
@click.option("--csv", "csv_file", type=FILE, default=None)
@click.option("--patch", type=FILE, default=None)
@common
def assemble(
    blueprint: Path, forms: int | None, versions: int | None, seed: int | None, series: str, as_of: str | None,
    seconds: float | None, out: Path | None, explain: bool, stubs: Path | None, csv_file: Path | None,
    patch: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    date = as_of or datetime.date.today().isoformat()
    if explain or stubs or csv_file or patch:
        from qbank.cli.explain import say_explanation

        with working(language, "cli.explain.working"):
            say_explanation(
                blueprint, workspace, n_forms=forms, as_of=date, stubs=stubs, csv_file=csv_file, patch=patch,
                as_json=as_json,
            )  # fmt: skip
        return
    with searching(language, seconds) as watch:
        made, problems = work.assemble_papers(
            blueprint, workspace, n_forms=forms, n_versions=versions, seed=seed, series=series, as_of=date, into=out,
            watch=watch,
        )  # fmt: skip
    result = None
    if made is not None:
        result = {
            "forms": [str(path) for path in made.paths], "versions": version_ids(made.forms),
            "certificate": certificate_record(made.forms[0].certificate),
        }  # fmt: skip
    finish(problems, language, as_json=as_json, result=result)
    if made is not None and not as_json:
        base = {path: form.version_of for form, path in zip(made.forms, made.paths, strict=True)}
        lines = file_lines(made.paths, language, lambda path: _paper_line(path, base[path], language))
        lines += certificate_lines(
            made.forms[0].certificate, language, n_papers=len(made.audit.forms), n_checks=len(made.audit.checks),
            n_broken=sum(not check.holds for check in made.audit.checks),
        )  # fmt: skip
        click.echo("\n".join(lines))


def _paper_line(path: Path, base: str, language: Language) -> str:
    """Return the line of a paper that was written, or of a version of the paper ``base``."""
    if base:
        return text(language, "cli.assemble.version", path=shown(path), paper=base)
    return text(language, "cli.assemble.wrote", path=shown(path))


@click.command(name="print", cls=HelpCommand)
@click.argument("forms", nargs=-1, required=True, type=FILE)
@click.option("--to", type=click.Choice(["pdf", "docx", "html", "txt", *PACKAGES]), default="pdf")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS))
@click.option("--layout", "sheet", type=click.Choice(SHEETS), default="a4")
@click.option("--large", is_flag=True)
@click.option("--booklet", is_flag=True)
@click.option("--bank", type=FILE, default=None)
@click.option("--out", type=FILE, default=None)
@click.option("--shuffle", is_flag=True)
@click.option("--roster", type=FILE, default=None)
@click.option("--accessible", is_flag=True)
@click.option("--minutes", type=click.IntRange(1, 1440), default=None)
@click.option("--submit", default="", metavar="URL")
@click.option("--word-template", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None)
@common
def print_(
    forms: tuple[Path, ...], to: str, parts: tuple[Part, ...], sheet: SheetName, large: bool, booklet: bool, bank: Path | None,
    out: Path | None, shuffle: bool, roster: Path | None, accessible: bool, minutes: int | None, submit: str,
    word_template: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    if to not in ("pdf", "docx") and (sheet != "a4" or large or booklet):
        raise click.UsageError(text(workspace.language, "cli.print.only_pdf"))
    if to in PACKAGES and parts:
        raise click.UsageError(text(workspace.language, "cli.print.no_parts", to=to))
    if to != "docx" and word_template is not None:
        raise click.UsageError(text(workspace.language, "cli.print.only_docx"))
    _refuse_idle(
        workspace.language, to=to, booklet=booklet,
        given={"--shuffle": shuffle, "--minutes": minutes, "--submit": submit, "--part": parts, "--roster": roster},
    )  # fmt: skip
    if accessible and (to != "pdf" or roster is None):
        raise click.UsageError(text(workspace.language, "cli.print.only_room"))
    with working(workspace.language, "cli.print.working"):
        files, problems = print_papers(
            forms, workspace, to=to, parts=parts, into=out, bank_path=bank, roster=roster, word_template=word_template,
            options=PackageOptions(shuffle=shuffle, minutes=minutes, submit=submit), style=PdfStyle(sheet, large, booklet),
            accessible=accessible,
        )  # fmt: skip
    if not as_json:
        for line in file_lines(files, workspace.language, lambda path: text(workspace.language, "cli.print.wrote", path=shown(path))):
            click.echo(line)
    finish(problems, workspace.language, as_json=as_json, result={"files": [str(path) for path in files]})


def _refuse_idle(language: Language, *, to: str, booklet: bool, given: Mapping[str, object]) -> None:
    """End the run where an option was given that what is printed does nothing with."""
    for option, words in ONLY_FOR.items():
        if given[option] and to not in words:
            forms = ", ".join(f"--to {word}" for word in words)
            raise click.UsageError(text(language, "cli.print.only_for", option=option, forms=forms))
    if booklet and (idle := [option for option in ("--part", "--roster") if given[option]]):
        raise click.UsageError(text(language, "cli.print.whole_booklet", options=", ".join(idle)))
