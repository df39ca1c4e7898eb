"""The command line: help with examples, exit statuses, machine-readable output, and how little it loads."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from qbank.cli.__main__ import ALIASES, VERBS, group, main
from qbank.messages import LANGUAGES, text
from tests.docs.rooms import hand_in
from tests.files.answers.test_exam_files import ROOM
from tests.omr.sheets import printed, write_scans
from tests.web.test_desk import posted
from tests.workflow.git import committed
from tests.workflow.places import REPOSITORY, SITTING, Place, added, edit_item

Run = Callable[..., tuple[int, str, str]]

PATHS = (*VERBS, "sitting add", "sitting list", "sitting show", "sitting remove", "sitting mark", "sitting receive",
         *(f"ledger {verb}" for verb in ("verify", "trail", "copy", "backup", "restore", "vacuum", "forget", "status")))
"""Everything that has a help page of its own."""


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command line in a fresh workspace: words → (exit status, stdout, stderr)."""
    monkeypatch.chdir(place.root)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def strict(source: str) -> Any:
    """Parse JSON as other programs do: NaN and Infinity are no JSON."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(source, parse_constant=refuse)


def squeezed(words: str) -> str:
    return "".join(words.split())


def command_of(path: str) -> click.Command:
    found: click.Command = group
    for word in path.split():
        assert isinstance(found, click.Group)
        next_one = found.get_command(click.Context(found), word)
        assert next_one is not None
        found = next_one
    return found


# ---------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_help_says_what_a_verb_does_and_shows_its_example(run: Run, path: str, language: str) -> None:
    status, out, err = run("--lang", language, *path.split(), "--help")
    assert (status, err) == (0, "")
    key = path.replace(" ", "_")
    assert squeezed(text(language, f"cli.{key}.short")) in squeezed(out)  # type: ignore[arg-type]
    assert squeezed(text(language, f"cli.{key}.example")) in squeezed(out)  # type: ignore[arg-type]
    assert text(language, "cli.example") in out  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_example_is_a_command_that_parses(path: str, language: str) -> None:
    words = shlex.split(text(language, f"cli.{path.replace(' ', '_')}.example"))  # type: ignore[arg-type]
    assert words[: 1 + len(path.split())] == ["qbank", *path.split()]
    context = click.Context(group, info_name="qbank", obj=language)
    command: click.Command = group
    rest = words[1:]
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command = found
        if not isinstance(command, click.Group):
            context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_verbs_is_in_the_language(run: Run, language: str) -> None:
    status, out, _ = run("--lang", language, "--help")
    assert status == 0
    for verb in VERBS:
        assert f"  {verb} " in out
        assert squeezed(text(language, f"cli.{verb}.short")) in squeezed(out)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_verbs_below_sitting_is_in_the_language(run: Run, language: str) -> None:
    status, out, _ = run("--lang", language, "sitting", "--help")
    assert status == 0
    for verb in ("add", "list", "show", "remove", "mark", "receive"):
        assert text(language, f"cli.sitting_{verb}.short") in out  # type: ignore[arg-type]


def test_the_locale_decides_the_language_and_the_call_wins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert text("zh", "cli.verbs") in run("--help")[1]
    assert text("en", "cli.verbs") in run("--lang=en", "--help")[1]


LOADED = """
import sys
from qbank.cli.__main__ import main
try:
    main({words!r})
except SystemExit as ended:
    print("status", ended.code)
print("loaded", *sorted({{"numpy", "pydantic", "polars", "scipy", "sqlalchemy", "yaml"}} & {{*sys.modules}}))
"""


@pytest.mark.parametrize(
    ("verb", "says", "never"),
    [("status", "改成的状态", "pdf"), ("export", "导出成哪种格式", "pdf"), ("new", "鉴定点代码", "默认鉴定点"), ("queue", "待办", "办理人的代号")],
)
def test_an_option_of_the_same_name_is_explained_for_its_own_verb(run: Run, verb: str, says: str, never: str) -> None:
    shown = "".join(run("--lang", "zh", verb, "--help")[1].split())
    options = shown[shown.index(text("zh", "cli.options")):].replace("[pdf", "")
    assert says in options and never not in options


@pytest.mark.parametrize("words", [["--help"], ["--lang", "zh", "--help"], ["--version"], ["chekc"]])
def test_help_loads_no_heavy_package(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)], cwd=tmp_path, capture_output=True, encoding="utf-8",
        check=True, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.stdout.splitlines()[-2:] == [f"status {2 if words == ['chekc'] else 0}", "loaded"]


# ---------------------------------------------------------------------------------------------- exit statuses


@pytest.mark.parametrize(("word", "near"), [("chekc", "check"), ("asemble", "assemble"), ("scor", "score"), *ALIASES.items()])
def test_an_unknown_verb_gives_the_nearest_and_status_2(run: Run, word: str, near: str) -> None:
    for language in LANGUAGES:
        status, out, err = run("--lang", language, word)
        assert (status, out) == (2, "")
        assert text(language, "cli.did_you_mean", word=near) in err
        assert text(language, "cli.no_such_verb", word=word).strip() in err


def test_a_verb_like_no_other_gets_no_suggestion(run: Run) -> None:
    status, _, err = run("--lang", "en", "zzzz")
    assert status == 2 and "zzzz" in err and "Did you mean" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "banks/steelmaking", "--format", "xml"],
        ["--lang", "fr", "check", "banks/steelmaking"],
        ["decide", SITTING, "i", "perhaps", "--why", "x"],
        ["decide", SITTING, "i", "keep"],
        ["simulate", "forms/bof-4-theory", "--persons", "0"],
        ["sitting", "destroy"],
        ["assemble", "blueprints/bof-4-theory.yaml", "--as-of", "23.11.2026"],
        ["assemble", "blueprints/bof-4-theory.yaml", "--as-of", "2026-02-30"],
        ["simulate", "forms/bof-4-theory", "--persons", "3", "--date", "tomorrow"],
        ["stats", "--by", "weather"],
        ["stats", "--since", "2026-02-30"],
        ["history", "i", "--all"],
        ["review", SITTING, "--limit", "0"],
        ["seal", "forms"],
        ["seal", "forms", "--shares", "3/2"],
        ["seal", "forms", "--to", "x", "--not-before", "2026-02-30"],
        ["open", "x.age", "--into", "opened"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_2_and_touches_nothing(run: Run, place: Place, words: list[str]) -> None:
    before = sorted(place.root.rglob("*"))
    status, out, err = run(*words)
    assert (status, out) == (2, "") and err
    assert sorted(place.root.rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [
        ["check", "nowhere"],
        ["show", "BOF4-XXX-99"],
        ["similar", "nowhere"],
        ["coverage", "nowhere"],
        ["coverage", "banks/steelmaking", "--level", "3", "--blueprint", "blueprints/bof-4-theory.yaml"],
        ["similar", "banks/steelmaking", "--item", "BOF4-XXX-99"],
        ["assemble", "nowhere.yaml"],
        ["audit", "nowhere"],
        ["print", "nowhere.yaml", "--to", "txt"],
        ["seal", "nowhere", "--shares", "2/3"],
        ["open", "nowhere.age", "--identity", "nowhere.key", "--into", "opened"],
        ["verify", "nowhere.age"],
        ["simulate", "nowhere"],
        ["sitting", "add", "nowhere.csv", "--id", "x", "--date", "2026-11-23", "--forms", "forms/bof-4-theory"],
        ["sitting", "show", "none"],
        ["sitting", "remove", "none", "--yes"],
        ["score", "none"],
        ["analyse", "none"],
        ["calibrate", "none"],
        ["decide", "none", "i", "keep", "--why", "x"],
        ["review", "none"],
        ["equate", "none"],
        ["equate", "none", "--family", "nowhere"],
        ["family", "nowhere.yaml", "--overlap", "3"],
        ["family", "paper", "nowhere", "--number", "3"],
        ["family", "report", "nowhere"],
        ["history", "BOF4-XXX-99"],
        ["stats", "--site", "nowhere"],
        ["new", "banks"],
    ],
    ids=" ".join,
)
def test_problems_end_with_1_as_text_and_as_json(run: Run, words: list[str]) -> None:
    status, out, err = run("--lang", "en", *words)
    assert status == 1 and ": error " in out + err
    status, out, err = run("--lang", "en", *words, "--json")
    assert (status, err) == (1, "")
    found = strict(out)
    problems = found if words[0] == "check" else found["problems"]
    assert any(problem["severity"] == "error" and problem["message"] and problem["code"] for problem in problems)


def test_a_failed_world_ends_with_2_and_says_what_to_do(run: Run, place: Place) -> None:
    place.database.write_bytes(b"no database" * 1000)
    status, out, err = run("--lang", "en", "score", SITTING)
    assert (status, out) == (2, "")
    assert "is damaged" in err and "ledger.db" in err and "hint: " in err and len(err.splitlines()) == 2


def test_a_broken_workspace_file_ends_with_1(run: Run, place: Place) -> None:
    (place.root / "qbank.yaml").write_text("workspace: x\nlanguage: fr\n", "utf-8")
    status, _, err = run("--lang", "en", "sitting", "list")
    assert status == 1 and err.startswith("qbank.yaml:2:")


# ---------------------------------------------------------------------------------------------- check


def test_check_of_a_sound_bank_ends_with_0(run: Run) -> None:
    status, out, err = run("--lang", "en", "check", "banks/steelmaking")
    assert (status, err) == (0, "")
    assert out.strip().startswith("313 items, 0 errors, 0 warnings")
    status, out, err = run("check", "banks/steelmaking", "--format", "json")
    assert (status, strict(out), err) == (0, [], "")


def test_check_reports_a_mistake_in_every_format(run: Run, place: Place) -> None:
    path = edit_item(place, place.miskeyed, r"^    key: .*$", "    key: Z")
    line = next(n for n, row in enumerate(path.read_text("utf-8").splitlines(), 1) if row == "    key: Z")
    shown = path.relative_to(place.root).as_posix()
    status, out, err = run("--lang", "en", "check", "banks/steelmaking")
    assert (status, err) == (1, "")
    assert out.startswith(f"{shown}:{line}:10: error Q104 ") and "    hint: " in out
    assert "1 errors" in out.splitlines()[-1]
    for words in (["--format", "json"], ["--json"]):
        status, out, err = run("--lang", "en", "check", "banks/steelmaking", *words)
        assert (status, err) == (1, "")
        (problem,) = strict(out)
        assert (problem["path"], problem["line"], problem["column"]) == (shown, line, 10)
        assert (problem["code"], problem["severity"]) == ("Q104", "error")
        assert problem["message"] and problem["hint"]
    status, out, err = run("--lang", "en", "check", "banks/steelmaking", "--format", "github")
    assert (status, err) == (1, "")
    assert out.splitlines() == [f"::error file={shown},line={line},col=10,title=Q104::{problem['message']}"]


def test_messages_follow_the_language(run: Run, place: Place) -> None:
    edit_item(place, place.miskeyed, r"^    key: .*$", "    key: Z")
    zh, en = (strict(run("--lang", word, "check", "banks/steelmaking", "--json")[1])[0] for word in ("zh", "en"))
    assert zh["message"] != en["message"] and en["message"].isascii() and not zh["message"].isascii()


# ---------------------------------------------------------------------------------------------- --json everywhere


@contextlib.contextmanager
def handing_in(words: list[str], body: bytes) -> Iterator[list[str]]:
    """Yield the words of a call; of one that waits for answers, one is handed in at a free port, then it is ended."""
    if words[:2] != ["sitting", "receive"]:
        yield words
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hands = threading.Thread(target=hand_in, args=(port, [body]))
    hands.start()
    try:
        yield [*words, "--port", str(port)]
    finally:
        hands.join()


def tiny_plan(root: Path) -> str:
    """Write a blueprint of four questions, and return its path."""
    plan = """\
blueprint: tiny
bank: ../banks/steelmaking
level: 4
forms: 1
minutes: 10
marks: 4
cut: 2
sections:
  - {title: 判断题, kind: true_false, items: 4, marks_each: 1, where: 'grade <= 3'}
"""
    (root / "blueprints/tiny.yaml").write_text(plan, encoding="utf-8")
    return "blueprints/tiny.yaml"


def test_json_of_every_verb_parses(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole loop with --json, as a program would drive it; a new verb must be added here."""
    for page in ("qbank.workflow.analysed_report.to_html", "qbank.workflow.calibration.report.to_html"):
        monkeypatch.setattr(page, lambda *_: "")  # what reports look like is tested in tests/report
    committed(place.root)
    plan, papers, item = "blueprints/bof-4-theory.yaml", "forms/bof-4-theory", place.miskeyed
    answers = f"sittings/{SITTING}/responses.csv"
    (place.root / "roster.csv").write_text("准考证号,考场,座位\nA1,1,1\nA2,1,2\n", encoding="utf-8")
    (place.root / "given.csv").write_text("题型,题干,答案,知识点,级别\n判断,水往低处流。,对,A-001,1\n", encoding="utf-8")
    (place.root / "beuk.csv").write_text("judge,cut,pass_rate\nA,60,70%\nB,66,80%\n", encoding="utf-8")
    write_scans(place.root / "scans", printed(place.form_folder / f"{place.forms[0].id}.yaml", place.root))
    calls = [
        ["new", "mine"],
        ["import", "given.csv", "mine"],
        ["export", "mine", "--to", "csv"],
        ["new", "other"],
        ["merge", "mine", "other"],
        ["check", "banks/steelmaking"],
        ["schema", "banks/steelmaking", "--write", "--modeline"],
        ["show", item],
        ["queue", "banks/steelmaking"],
        ["status", item, "--to", "suspended", "--by", "li", "--bank", "banks/steelmaking"],
        ["status", item, "--to", "live", "--by", "li", "--bank", "banks/steelmaking"],
        ["similar", "banks/steelmaking"],
        ["diff", "HEAD", "--bank", "banks/steelmaking"],
        ["coverage", "banks/steelmaking"],
        ["assemble", plan, "--series", "j", "--as-of", "2026-11-23", "--out", "other"],
        ["audit", papers],
        ["capacity", plan, "--quick", "--max", "2"],
        ["why", item, "--blueprint", plan],
        ["print", papers, "--to", "txt"],
        ["print", papers, "--to", "qti3", "--shuffle"],
        ["seal", "--new-key", "li"],
        ["seal", "print", "--to", "li.pub", "--out", "sealed/exam.age"],
        ["open", "sealed/exam.papers.age", "--identity", "li.key", "--into", "opened", "--ledger"],
        ["verify", "opened"],
        ["verify", "sealed/exam.keys.age"],
        ["simulate", papers, "--persons", "30", "--id", "tiny", "--date", "2026-12-24"],
        ["assign", "roster.csv", "--forms", papers],
        ["scan", "scans", "--forms", papers],
        ["sitting", "receive", "in", "--room-code", ROOM],
        ["sitting", "list"],
        ["sitting", "add", answers],
        ["sitting", "add", answers],
        ["sitting", "list"],
        ["sitting", "show", SITTING],
        ["show", item],
        ["score", SITTING],
        ["analyse", SITTING],
        ["calibrate", SITTING, "--model", "rasch"],
        ["calibrate", SITTING, "--compare"],
        ["standard-setting", "beuk.csv", "--method", "beuk", "--sitting", SITTING],
        ["gate", SITTING],
        ["sitting", "mark", SITTING, "261100001", "void", "--why", "消防警报"],
        ["show", item],
        ["review", SITTING, "--undecided", "--limit", "3"],
        ["decide", SITTING, item],
        ["decide", SITTING, item, "credit", "--why", "两个选项都对"],
        ["gate", SITTING, "pass", "keys", "--why", "已审定"],
        ["score", SITTING],
        ["gate", SITTING, "pass", "calibrated", "--why", "人数少"],
        ["release", SITTING, "--why", "已复核", "--who", "王工"],
        ["results", SITTING],
        ["sitting", "add", "sittings/tiny/responses.csv", "--design", "spiralled"],
        ["calibrate", "tiny", "--model", "rasch", "--repeaters", "include"],
        ["equate", "tiny"],
        ["combine", SITTING, "tiny"],
        ["history", item],
        ["history"],
        ["stats"],
        ["ledger", "verify"],
        ["sitting", "remove", "tiny", "--yes"],
        ["family", tiny_plan(place.root), "--overlap", "1", "--pilot", "--tolerance", "90", "--score-tolerance", "40"],
        ["family", "show", "families/tiny-1.family.json"],
        ["family", "paper", "families/tiny-1.family.json", "--person", "A1"],
        ["family", "index", "families/tiny-1.family.json", "--count", "3", "--out", "index.csv"],
    ]
    assert {words[0] for words in calls} == {*VERBS}
    results: dict[str, list[Any]] = {}
    for words in calls:
        with handing_in(words, posted()) as called:
            status, out, err = run("--lang", "en", *called, "--json")
        assert (status, err) == (0, ""), (words, out, err)
        found = strict(out)
        if words[0] not in ("check", "show"):
            assert {*found} == {"result", "problems"}, words
            assert all(problem["severity"] != "error" for problem in found["problems"])
        results.setdefault(" ".join(words[:2] if words[0] == "sitting" else words[:1]), []).append(found)
    assert [found["result"]["outcome"] for found in results["sitting add"][:2]] == ["added", "unchanged"]
    assert [len(found["result"]) for found in results["sitting list"]] == [0, 1]
    assert results["sitting show"][0]["result"]["persons"] == 300
    assert {name: results["sitting receive"][0]["result"][name] for name in ("persons", "kept", "refused")} == {"persons": 1, "kept": 1, "refused": 0}
    assert [len(found["uses"]) for found in results["show"]] == [0, 1, 1]
    assert results["show"][1]["uses"][0]["facility"] is None
    assert results["show"][2]["held"] and results["show"][2]["estimate"] is None
    assert results["analyse"][0]["result"]["held"] == {item: {"flag": "miskey", "suggested": place.simulated.right}}
    assert [found["result"]["credited"] for found in results["score"]] == [[], [item]]
    assert list(results["calibrate"][0]["result"]["left_out"]) == [item]
    made, seen, given, listed = (found["result"] for found in results["family"])
    assert made["papers"] > 3 and {key: value for key, value in made.items() if key not in ("file", "secret")} == seen
    assert [Path(file).stem for file in given["files"]] == [f"tiny-1-{given['numbers'][0]}"]
    assert listed["papers"] == 3 and len((place.root / "index.csv").read_text("utf-8").splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["analyse"], "usage"),
        (["gate", "x", "pass"], "usage"),
        (["gate", "x", "back", "keys"], "usage"),
        (["release", "x"], "usage"),
        (["calibrate", "x", "--model", "5pl"], "usage"),
        (["sitting", "mark", "x", "1", "void"], "usage"),
        (["decide", "x", "A", "keep"], "usage"),
        (["scoer", "x"], "usage"),
        (["print", "x", "--to", "pdf", "--shuffle"], "usage"),
        (["print", "x", "--to", "qti3", "--minutes", "60"], "usage"),
        (["print", "x", "--to", "json", "--submit", "http://127.0.0.1:8000/"], "usage"),
        (["print", "x", "--booklet", "--part", "key"], "usage"),
        (["print", "x", "--booklet", "--roster", "r.csv"], "usage"),
        (["sitting", "remove", "x"], "aborted"),
        (["score", "x"], "world"),
    ],
    ids=" ".join,
)
def test_json_of_a_call_that_cannot_be_carried_out_is_one_document_too(
    run: Run, place: Place, monkeypatch: pytest.MonkeyPatch, words: list[str], code: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    if code == "world":
        place.database.write_bytes(b"no database" * 1000)
    for language in LANGUAGES:
        status, out, err = run("--lang", language, *words, "--json")
        assert status == 2
        found = strict(out)
        assert found["result"] is None
        (problem,) = found["problems"]
        assert (problem["severity"], problem["code"]) == ("error", code)
        assert problem["message"] and (code == "aborted" or problem["message"] in err)
        assert bool(problem["hint"]) == (code == "world")
        assert run("--lang", language, *words)[1] == (text(language, "cli.sitting.confirm", id="x") + " [y/N]: " if code == "aborted" else "")


def test_json_of_a_broken_workspace_file_is_one_document(run: Run, place: Place) -> None:
    (place.root / "qbank.yaml").write_text("workspace: x\nlanguage: fr\n", "utf-8")
    status, out, err = run("--lang", "en", "sitting", "list", "--json")
    assert (status, err) == (1, "")
    (problem,) = strict(out)["problems"]
    assert (problem["path"], problem["line"], problem["code"]) == ("qbank.yaml", 2, "S105")


def test_the_corrected_key_is_told(run: Run, place: Place) -> None:
    added(place)
    edit_item(place, place.miskeyed, r"^    key: .*$", f"    key: {place.simulated.right}")
    status, out, _ = run("--lang", "en", "score", SITTING, "--json")
    found = strict(out)
    assert status == 0 and found["result"]["corrected"] == []
    assert [problem["code"] for problem in found["problems"]] == ["M109"]
    status, out, _ = run("--lang", "en", "score", SITTING, "--corrected", "--json")
    assert status == 0 and strict(out)["result"]["corrected"] == [place.miskeyed]
    status, out, _ = run("--lang", "en", "score", SITTING, "--corrected")
    assert text("en", "cli.score.corrected", items=f"{place.miskeyed}={place.simulated.right}") in out


def test_a_sitting_is_removed_only_after_a_yes(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    added(place)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: (_ for _ in ()).throw(click.Abort()))
    assert run("sitting", "remove", SITTING)[0] == 2
    assert SITTING in run("sitting", "list")[1]
    assert run("sitting", "remove", SITTING, "--yes")[0] == 0
    assert SITTING not in run("sitting", "list")[1]


def test_a_bank_of_ones_own_passes_check(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("new", "mine")[0] == 0
    monkeypatch.chdir(place.root / "mine")
    status, out, _ = run("--lang", "en", "check", ".")
    assert status == 0 and ", 0 errors, 0 warnings" in out
