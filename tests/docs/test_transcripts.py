"""Transcripts in the manual are what the program prints: each page is run again in both languages, in a workspace of its own.

    QBANK_GOLDEN=update python -m pytest tests/docs/test_transcripts.py

rewrites them all from what is printed now; what a page leaves out (``…``) stays left out. Then read the difference: prose
that names a number of a transcript is not rewritten. Pages on a sitting take half a minute each and show the same numbers in
both languages: without ``QBANK_PAGES=all`` only their Chinese ones are run again.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from qbank.messages import LANGUAGES
from tests.corpus import CORPUS
from tests.docs.transcripts import agrees, retold, shown, transcripts
from tests.workflow.places import REPOSITORY

THEORY = Path("blueprints/bof-4-theory.yaml")
OF_GRADE = '  - count: {where: "grade >= 4", min: 10, max: 20}\n'


@dataclass(frozen=True, slots=True)
class Page:
    """A page, what must have happened before its first command, and the workspace that it begins with.

    ``workspace`` is ``CORPUS`` unless the page is about the repository's banks as they are today (``REPOSITORY``); then its
    transcripts are rewritten whenever a bank changes.
    """

    name: str
    before: Callable[[], None] = lambda: None
    workspace: Path = CORPUS


def two_papers() -> None:
    """Assemble the papers of the blueprint."""
    shown(f"qbank assemble {THEORY.as_posix()} --as-of 2026-11-26", "zh")


def a_contradiction() -> None:
    """Write a blueprint that also asks for 30 % of Z."""
    text = THEORY.read_text("utf-8")
    assert OF_GRADE in text
    too_many = "  - count: {where: 'importance == \"Z\"', min: 30%}\n"
    Path("blueprints/z.yaml").write_text(text.replace(OF_GRADE, too_many + OF_GRADE), "utf-8")


def ten_quizzes() -> None:
    """Assemble ten short papers that may share items."""
    text = THEORY.read_text("utf-8").partition("weights:")[0].replace("bof-4-theory", "bof-4-quiz").replace("forms: 2", "forms: 10")
    for old, new in (("items: 80", "items: 16"), ("items: 20", "items: 4"), ("marks: 100", "marks: 20"), ("cut: 60", "cut: 12")):
        text = text.replace(old, new)
    Path("blueprints/bof-4-quiz.yaml").write_text(text + "constraints:\n  - overlap: {max: 16}\n", "utf-8")
    shown("qbank assemble blueprints/bof-4-quiz.yaml --as-of 2026-11-26", "zh")


def a_simulated_sitting() -> None:
    """Assemble two papers and simulate a sitting of 1,200 persons in which the best know another key of one item than is printed."""
    shown(f"qbank assemble {THEORY.as_posix()} --series 2026-11 --as-of 2026-11-23", "zh")
    shown("qbank simulate forms/bof-4-theory --persons 1200 --seed 7 --id 2026-11-A --date 2026-11-23 --miskey BOF4-BDE-04=B", "zh")


def an_analysed_sitting() -> None:
    """Take in, score and analyse that sitting."""
    a_simulated_sitting()
    for verb in ("sitting add sittings/2026-11-A/responses.csv", "score 2026-11-A", "analyse 2026-11-A"):
        shown(f"qbank {verb}", "zh")


def a_competition() -> None:
    """Write the blueprint that the page shows."""
    (text,) = {
        found for language in LANGUAGES
        for found in re.findall(r"```yaml\n(blueprint: cup\n.*?)```", (REPOSITORY / f"docs/{language}/competition.md").read_text("utf-8"), re.DOTALL)
    }  # fmt: skip
    Path("blueprints/cup.yaml").write_text(text, "utf-8")


PAGES = (
    Page("audit", ten_quizzes), Page("coverage"), Page("designer"), Page("explain", a_contradiction), Page("layout"), Page("similar"),
    Page("stimuli", workspace=REPOSITORY), Page("whatif", two_papers),
    Page("competition", a_competition), Page("psychometrician", a_simulated_sitting), Page("review", an_analysed_sitting),
)  # fmt: skip
OF_SITTINGS = {"competition", "psychometrician", "review"}
IS_UPDATE = os.environ.get("QBANK_GOLDEN") == "update"
IN_FULL = IS_UPDATE or os.environ.get("QBANK_PAGES") == "all"
SHOWN = [(page, language) for page in PAGES for language in LANGUAGES if IN_FULL or language == "zh" or page.name not in OF_SITTINGS]


@pytest.mark.parametrize(("page", "language"), SHOWN, ids=[f"{page.name}-{language}" for page, language in SHOWN])
def test_a_page_shows_what_its_commands_print(page: Page, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = REPOSITORY / "docs" / language / f"{page.name}.md"
    text = path.read_text("utf-8")
    for name in ("banks", "blueprints"):
        shutil.copytree(page.workspace / name, tmp_path / name)
    shutil.copy(page.workspace / "qbank.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QBANK_USER", "wang")
    page.before()
    ran = [(told, shown(told.command, language)) for told in transcripts(text)]
    assert ran
    stale = [(told, printed) for told, printed in ran if not agrees(told.lines, printed)]
    if IS_UPDATE:
        for told, printed in reversed(stale):
            now = "".join(f"{line}\n" for line in retold(told.lines, printed))
            text = text[: told.start] + now + text[told.end :]
        path.write_text(text, "utf-8")
        return
    differences = ["\n".join([told.command, *told.lines, "--- printed:", *printed[:60]]) for told, printed in stale]
    assert differences == [], "QBANK_GOLDEN=update rewrites transcripts; then read the difference:\n" + "\n\n".join(differences)
