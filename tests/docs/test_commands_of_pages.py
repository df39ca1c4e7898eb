"""Commands that a page shows without being run again exist with all their options, and what they print is in the catalogue."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from qbank.cli.__main__ import group
from qbank.messages import LANGUAGES
from tests.docs.test_transcripts import PAGES, strange_lines
from tests.docs.transcripts import transcripts
from tests.workflow.places import REPOSITORY

SHOWN = sorted((REPOSITORY / "docs").glob("[ez][nh]/*.md"))
RUN = {page.name for page in PAGES}
PLAIN = {"history", "scan"}
"""pages whose transcripts want minutes, or a scanner: their lines are looked up in the catalogue"""
LINE = re.compile(r"^(?: {4})?(?:\$ )?(qbank [^\n]*)$", re.MULTILINE)


def commands(page: Path) -> list[str]:
    """Return the commands of a page's blocks, without comments; lines that go on (``\\``) are left out."""
    found = [line for block in re.findall(r"^(?:```\n.*?^```|(?: {4}[^\n]*\n)+)", page.read_text("utf-8"), re.MULTILINE | re.DOTALL) for line in LINE.findall(block)]
    return [line for line in found if not line.rstrip().endswith("\\")]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_command_that_is_shown_parses(page: Path) -> None:
    assert [(line, fault) for line in commands(page) if (fault := refusal(line))] == []


def refusal(line: str) -> str:
    """Return why the command line would refuse a command, nothing where it takes it; files need not be there."""
    words = shlex.split(line.replace("…", "x").replace(" | ", " # "), comments=True)[1:]
    while words[:1] == ["--lang"]:
        words = words[2:]
    context = click.Context(group, info_name="qbank", obj="en")
    command: click.Command = group
    try:
        while isinstance(command, click.Group):
            name, found, words = command.resolve_command(context, words)
            assert found is not None
            command = found
            if not isinstance(command, click.Group):
                command.make_context(name, list(words), parent=context)
            else:
                context = click.Context(command, info_name=name, parent=context, obj="en")
            if isinstance(command, click.Group) and (not words or words[0].startswith("-")):
                return ""
    except click.exceptions.Exit:
        return ""
    except click.ClickException as fault:
        return "" if "does not exist" in fault.format_message() else fault.format_message()
    return ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(PLAIN))
def test_what_commands_print_that_are_not_run_again_is_in_the_catalogue(name: str, language: str) -> None:
    assert name not in RUN
    told = list(transcripts((REPOSITORY / "docs" / language / f"{name}.md").read_text("utf-8")))
    assert told and [line for one in told for line in strange_lines(one, language)] == []
