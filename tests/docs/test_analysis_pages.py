"""The pages on what follows a sitting: their examples run, their panels judge as printed, both languages say the same."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.files.panel import METHODS

DOCS = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES = ("zh", "en")
TOPICS = ("analysis", "dif", "equating", "methods", "review", "standard-setting")
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(panels/[\w.]+)`")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def page(language: str, topic: str) -> str:
    return (DOCS / language / f"{topic}.md").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", ["analysis", "methods"])
def test_an_example_prints_what_stands_below_it(topic: str, language: str) -> None:
    examples = EXAMPLE.findall(page(language, topic))
    assert len(examples) == page(language, topic).count("```python") > 0
    names: dict[str, object] = {}
    for code, told in examples:
        with contextlib.redirect_stdout(io.StringIO()) as out, warnings.catch_warnings():
            exec(compile(code, f"docs/{language}/{topic}.md", "exec"), names)
        printed = [line.rstrip() for line in out.getvalue().rstrip().split("\n")]
        assert printed == told.rstrip().split("\n"), code


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_show_the_same(topic: str) -> None:
    pages = [page(language, topic) for language in LANGUAGES]
    trees = [[ast.dump(ast.parse(code)) for code, _ in EXAMPLE.findall(text)] for text in pages]
    commands = [re.findall(r"^\$ (qbank (?:[^'\n]*?))(?: --why| 'standard|$)", text, re.MULTILINE) for text in pages]
    headings = [re.findall(r"^#+(?= )", text, re.MULTILINE) for text in pages]
    rows = [len(re.findall(r"^\|", text, re.MULTILINE)) for text in pages]
    assert (trees[0], commands[0], headings[0], rows[0]) == (trees[1], commands[1], headings[1], rows[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_panels_judge_as_the_page_prints(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page(language, "standard-setting")
    (tmp_path / "qbank.yaml").write_text(f"workspace: qbank\nlanguage: {language}\n", "utf-8")
    (tmp_path / "panels").mkdir()
    named = iter(FILE.findall(text))
    for kind, body in BLOCK.findall(text):
        if kind in ("csv", "yaml"):
            (tmp_path / next(named)).write_text(body, "utf-8")
    monkeypatch.chdir(tmp_path)
    told = [body for kind, body in BLOCK.findall(text) if not kind and "panels/" in body.split("\n")[0]]
    alone = [body for body in told if "--sitting" not in body and "hofstee" not in body]
    assert len(alone) == 4
    for body in alone:
        command, *lines = body.rstrip().split("\n")
        capsys.readouterr()
        with contextlib.suppress(SystemExit):
            main(command.split()[2:])
        told_by = capsys.readouterr()
        assert_told(lines, [line.rstrip() for line in (told_by.out + told_by.err).rstrip().split("\n")])


def assert_told(told: list[str], shown: list[str]) -> None:
    """Assert that the lines are shown in this order, one after another save where the page has an ellipsis."""
    at = 0
    gap = False
    for line in told:
        if line == "…":
            gap = True
            continue
        place = shown.index(line, at) if line in shown[at:] else -1
        assert place == at or (gap and place > at), line
        at, gap = place + 1, False
    assert gap or at == len(shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_method_of_a_panel_has_its_row(language: str) -> None:
    assert re.findall(r"^\| `(\w+)` \|", page(language, "standard-setting"), re.MULTILINE)[: len(METHODS)] == list(METHODS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_links_lead_to_headings(topic: str, language: str) -> None:
    for name, heading in re.findall(r"\]\(([\w-]*(?:\.md)?)#([^)]+)\)", page(language, topic)):
        target = page(language, name.removesuffix(".md") or topic)
        headings = {line.lstrip("# ").lower().replace(" ", "-") for line in target.splitlines() if line.startswith("#")}
        assert heading in headings, (name, heading)
