"""Both languages say the same things, and every problem has a sentence and a hint in both."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import string
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

import qbank
from qbank.files.yaml_text import parse_yaml
from qbank.messages import group_texts, has_text, locale_language, problem_hint, problem_message
from qbank.problem import Problem, Span, error

SOURCE = Path(qbank.__file__).parent
ZH, EN = (
    {path.name.removesuffix(".py") for path in resources.files(f"qbank.messages.{language}").iterdir()
     if not path.name.startswith("__")}
    for language in ("zh", "en")
)  # fmt: skip
GROUPS = sorted(ZH | EN)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def emitted() -> Iterator[tuple[str, set[str], str]]:
    """Yield code, facts and place of every ``error("X101", …)`` and ``warning(…)`` in the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("error", "warning", "note"):
                named = {keyword.arg for keyword in node.keywords}
                place = f"{path.relative_to(SOURCE)}:{node.lineno}"
                if node.args and isinstance(code := node.args[0], ast.Constant) and None not in named:
                    yield str(code.value), {str(name) for name in named} - {"related"}, place


EMITTED = sorted(emitted(), key=lambda entry: (entry[0], entry[2]))


def test_both_languages_have_the_same_groups() -> None:
    assert ZH == EN
    assert "problem" in GROUPS


@pytest.mark.parametrize("group", GROUPS)
def test_both_languages_have_the_same_keys_with_the_same_fields(group: str) -> None:
    zh, en = group_texts("zh", group), group_texts("en", group)
    assert set(zh) == set(en)
    assert {key: fields(zh[key]) for key in zh} == {key: fields(en[key]) for key in en}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("group", ["problem", "cli"])
def test_no_key_stands_in_two_families_of_a_group(language: str, group: str) -> None:
    package = importlib.import_module(f"qbank.messages.{language}.{group}")
    families = [module.name for module in pkgutil.iter_modules(package.__path__)]
    assert len(families) > 3
    keys = Counter(key for name in families for key in importlib.import_module(f"{package.__name__}.{name}").TEXTS)
    assert {key for key, n in keys.items() if n > 1} == set()
    assert set(keys) == set(package.TEXTS)


def test_an_engine_word_means_one_thing() -> None:
    expected = Problem("S103", "error", Span("x"), (("key", "grade"), ("expected", "number"), ("found", "nothing")))
    options = Problem("W110", "warning", Span("x"), (("options", "A"), ("what", "numbers")))
    revision = Problem("J101", "warning", Span("x"), (("id", "X"), ("status", "live"), ("on", "2026-01-01"), ("what", "the record")))
    assert "数值" not in problem_message(expected, "zh") and "空" in problem_message(expected, "zh")
    assert "有的是数值，有的是文字" in problem_message(options, "zh")
    assert "之后记录有改动" in problem_message(revision, "zh")


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_fields_have_names_and_every_text_can_be_filled_in(language: str, group: str) -> None:
    for key, template in group_texts(language, group).items():  # type: ignore[arg-type]
        names = fields(template)
        assert all(name.isidentifier() for name in names), (key, names)
        for value in ("1", 1):
            try:
                filled = template.format(**dict.fromkeys(names, value))
            except ValueError:  # a number's format cannot take a text, nor the other way round
                continue
            assert not names or "1" in filled
            break
        else:
            pytest.fail(f"{group}.{key} takes neither text nor numbers")


@pytest.mark.parametrize("group", GROUPS)
def test_the_english_catalogue_holds_no_chinese(group: str) -> None:
    han = {key for key, text in group_texts("en", group).items() if any("\u4e00" <= mark <= "\u9fff" for mark in text)}
    assert han == set()


def test_the_source_emits_codes() -> None:
    assert len({code for code, _, _ in EMITTED}) > 60


@pytest.mark.parametrize(("code", "facts", "place"), EMITTED, ids=[f"{code} {place}" for code, _, place in EMITTED])
def test_every_emitted_problem_has_a_sentence_and_a_hint(code: str, facts: set[str], place: str) -> None:
    problem = Problem(code, "error", Span("x"), tuple((name, "1") for name in facts))
    for language in ("zh", "en"):
        assert has_text(language, f"problem.{code}.hint")  # type: ignore[arg-type]
        assert problem_message(problem, language)  # type: ignore[arg-type]
        assert problem_hint(problem, language)  # type: ignore[arg-type]


def test_every_code_of_the_catalogue_is_emitted() -> None:
    """Codes that a caller passes on by name stand in the source as text, if not in the call itself."""
    source = "".join(
        path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if "messages" not in path.parts
    )
    codes = {key for key in group_texts("en", "problem") if "." not in key}
    assert {code for code in codes if f'"{code}"' not in source} == set()


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_locales(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("os.name", "posix")
    assert locale_language() == language


def test_a_hint_names_nothing_where_nothing_is_near() -> None:
    for near, words in (("", "改为可用的词"), ("fill", "改为可用的词；相近的词：fill")):
        problem = error("S105", Span("a"), key="kind", found="x", allowed="fill", suggestion=near)
        assert problem_hint(problem, "zh") == words


def test_what_the_parser_says_is_said_in_chinese() -> None:
    _, problems = parse_yaml("id: a\nstem： 论述\nkey: 甲\n", "a.yaml")
    assert [problem_message(problem, "zh") for problem in problems] == ["YAML 语法错误：上一行缺少冒号"]
    assert "冒号（半角" in problem_hint(problems[0], "zh")


@pytest.mark.parametrize("code, fact", [("Q115", "formula"), ("Q205", "pattern"), ("Q215", "text")])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_backslash_is_quoted_as_it_was_written(code: str, fact: str, language: str) -> None:
    problem = error(code, Span("a"), **{"reason": "x", fact: r"\frac{1}{2"})
    assert r"\frac{1}{2" in problem_message(problem, language) and r"\\" not in problem_message(problem, language)  # type: ignore[arg-type]
