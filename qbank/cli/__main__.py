"""The command ``qbank``: the list of verbs, their languages, and the three exit statuses.

0 fine · 1 problems found · 2 wrong call or failed world.
"""

from __future__ import annotations

import importlib
import sys

import click

from qbank import __version__
from qbank.messages import LANGUAGES, Language, has_text, locale_language, text

VERBS: dict[str, tuple[str, str]] = {
    "new": ("new", "new"),
    "check": ("check", "check"),
    "show": ("show", "show"),
    "schema": ("schema", "schema"),
    "queue": ("editorial", "queue"),
    "status": ("editorial", "status"),
    "similar": ("similar", "similar"),
    "diff": ("diff", "diff"),
    "coverage": ("coverage", "coverage"),
    "assemble": ("papers", "assemble"),
    "audit": ("audit", "audit"),
    "capacity": ("whatif", "capacity"),
    "why": ("whatif", "why"),
    "print": ("papers", "print_"),
    "seal": ("seal", "seal"),
    "open": ("seal", "open_"),
    "verify": ("seal", "verify"),
    "simulate": ("simulate", "simulate"),
    "scan": ("scan", "scan"),
    "assign": ("assign", "assign"),
    "family": ("family", "family"),
    "sitting": ("sitting", "sitting"),
    "score": ("score", "score"),
    "analyse": ("analyse", "analyse"),
    "calibrate": ("calibrate", "calibrate"),
    "review": ("review", "review"),
    "decide": ("decide", "decide"),
    "equate": ("equate", "equate"),
    "combine": ("combine", "combine"),
    "standard-setting": ("standard_setting", "standard_setting"),
    "gate": ("gate", "gate"),
    "release": ("gate", "release"),
    "results": ("results", "results"),
    "history": ("history", "history"),
    "stats": ("stats", "stats"),
    "ledger": ("ledger", "ledger"),
    "import": ("interchange", "import_"),
    "export": ("interchange", "export"),
    "merge": ("interchange", "merge"),
}
"""verb → (module of qbank.cli, name of its command)"""

ALIASES = {"lint": "check", "validate": "check", "analyze": "analyse", "init": "new"}


def asked_language(words: list[str]) -> Language:
    """Return the language that the command line or the locale asks for, without reading any file."""
    for index, word in enumerate(words):
        value = words[index + 1] if word == "--lang" and index + 1 < len(words) else word.removeprefix("--lang=")
        if (word == "--lang" or word.startswith("--lang=")) and value in LANGUAGES:
            return "zh" if value == "zh" else "en"
    return locale_language()


class VerbGroup(click.Group):
    """A group whose commands are imported only when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"qbank.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib

        word = args[0]
        if word not in VERBS and not word.startswith("-"):
            near = [ALIASES[word]] if word in ALIASES else difflib.get_close_matches(word, VERBS, n=1)
            hint = text(language_of(ctx), "cli.did_you_mean", word=near[0]) if near else ""
            ctx.fail(text(language_of(ctx), "cli.no_such_verb", word=word) + hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        language = language_of(ctx)
        with formatter.section(text(language, "cli.verbs")):
            formatter.write_dl([(verb, text(language, f"cli.{verb}.short")) for verb in VERBS])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(text(language_of(ctx), "cli.about"))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(text(language_of(ctx), "cli.epilog"))


def language_of(ctx: click.Context) -> Language:
    """Return the language of help texts in this run."""
    found = ctx.find_root().obj
    return found if found in LANGUAGES else locale_language()


@click.group(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="qbank")
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh | en")
def group(lang: str | None) -> None:
    """qbank"""


def main(words: list[str] | None = None) -> int:
    """Run the command line; returns never, the exit status says it."""
    words = sys.argv[1:] if words is None else words
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    language = asked_language(words)
    try:
        # click hands back the status of a verb that ended itself, and None for one that came to its end
        status = group.main(args=words, prog_name="qbank", obj=language, standalone_mode=False)
    except click.exceptions.Exit as fault:
        sys.exit(fault.exit_code)
    except click.Abort:
        _record_failure(words, "aborted", text(language, "cli.aborted"))
        sys.exit(2)
    except click.ClickException as fault:
        fault.show()
        _record_failure(words, "usage", fault.format_message())
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except ModuleNotFoundError as fault:
        extra = EXTRAS.get((fault.name or "").split(".")[0])
        if extra is None:
            raise
        said = text(language, "cli.missing_extra", package=fault.name, extra=extra)
        click.echo(said, err=True)
        _record_failure(words, "package", said)
        sys.exit(2)
    except OSError as fault:
        said = said_of(fault, language)
        click.echo(said, err=True)
        _record_failure(words, "world", said)
        sys.exit(2)
    sys.exit(status or 0)


def _record_failure(words: list[str], code: str, said: str) -> None:
    """Print with --json why nothing came of it, as a document like that of any other run: no result, one problem.

    code : ``usage`` a call that cannot be read, ``world`` a disk or ledger that refused, ``package`` one that is not
    installed, ``aborted`` a question that nobody answered with yes. What a person reads stands on stderr as ever.
    """
    if "--json" not in words[: words.index("--") if "--" in words else len(words)]:
        return
    from qbank.cli.output import failure_text

    click.echo(failure_text(code, said))


def said_of(fault: OSError, language: Language) -> str:
    """Return what kept the world from doing what was asked; of a ledger also what to do about it."""
    reason, place, detail = (getattr(fault, name, "") for name in ("reason", "place", "detail"))
    if not reason or not has_text(language, f"cli.ledger.failed.{reason}"):
        return text(language, "cli.world", detail=str(fault))
    failed = text(language, f"cli.ledger.failed.{reason}", place=place, detail=" ".join(detail.split()))
    return f"{failed}\n    {text(language, 'cli.hint')} {text(language, f'cli.ledger.failed.{reason}.hint')}"


EXTRAS = {
    "typst": "print", "pypandoc": "print", "segno": "print", "altair": "figures", "vl_convert": "figures",
    "jinja2": "print", "psycopg": "postgres", "distributed": "cluster", "dask": "cluster", "cv2": "omr",
    "pyrage": "seal",
}  # fmt: skip

if __name__ == "__main__":
    main()
