"""Transcripts in the manual are what the program prints: each page is run again in both languages, in a workspace of its own.

    QBANK_GOLDEN=update python -m pytest tests/docs/test_transcripts.py

rewrites them all from what is printed now; what a page leaves out (``…``) stays left out. Then read the difference: prose
that names a number of a transcript is not rewritten. Pages on a sitting or a family take up to half a minute each and show the same numbers
in both languages: without ``QBANK_PAGES=all`` only their Chinese ones are run again.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from qbank.messages import LANGUAGES, group_texts
from tests.corpus import CORPUS
from tests.docs.rooms import USUAL_PORT, candidates
from tests.docs.stations import WORDS, stations
from tests.docs.test_manual import fields_as_anything
from tests.docs.transcripts import Told, agrees, is_gap, retold, shown, transcripts
from tests.undrawn import draw_nothing
from tests.workflow.git import committed
from tests.workflow.places import REPOSITORY

STATES: list[Path] = []
THEORY = Path("blueprints/bof-4-theory.yaml")
OF_GRADE = '  - count: {where: "grade >= 4", min: 10, max: 20}\n'


@dataclass(frozen=True, slots=True)
class Page:
    """A page, what must have happened before its first command, and the workspace that it begins with.

    workspace : ``CORPUS`` unless the page is about the repository's banks as they are today (``REPOSITORY``); then its
        transcripts are rewritten whenever a bank changes; None where the page begins with nothing
    state : what several pages begin with, made once for all of them
    before : what else must have happened ; meanwhile : what happens before the n-th time (from 1) that a command is shown
    typed : what is answered to a command that asks ; recorded : the file in which the state has kept what a long command
        printed in Chinese ; elsewhere : commands that want another machine, whose lines are only looked up in the catalogue
    known_secret : whether a family of papers draws the same secret each time, so that everybody gets the same paper
    """

    name: str
    before: Callable[[str], None] = lambda _language: None
    workspace: Path | None = CORPUS
    state: Callable[[], None] | None = None
    meanwhile: Mapping[tuple[str, int], Callable[[], None]] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    known_secret: bool = False


def two_papers(_language: str) -> None:
    """Assemble the papers of the blueprint."""
    shown(f"qbank assemble {THEORY.as_posix()} --as-of 2026-11-26", "zh")


def a_contradiction(_language: str) -> None:
    """Write a blueprint that also asks for 30 % of Z."""
    text = THEORY.read_text("utf-8")
    assert OF_GRADE in text
    too_many = "  - count: {where: 'importance == \"Z\"', min: 30%}\n"
    Path("blueprints/z.yaml").write_text(text.replace(OF_GRADE, too_many + OF_GRADE), "utf-8")


def quiz(n_forms: int, *rules: str) -> None:
    """Write the blueprint of short papers."""
    text = THEORY.read_text("utf-8").partition("weights:")[0].replace("bof-4-theory", "bof-4-quiz").replace("forms: 2", f"forms: {n_forms}")
    for old, new in (("items: 80", "items: 16"), ("items: 20", "items: 4"), ("marks: 100", "marks: 20"), ("cut: 60", "cut: 12")):
        text = text.replace(old, new)
    Path("blueprints/bof-4-quiz.yaml").write_text(text + "constraints:\n" + "".join(f"  - {rule}\n" for rule in rules), "utf-8")


def a_quiz_each(language: str) -> None:
    """Write the blueprint of a family, and two lists of persons, on the second of which one stands twice."""
    quiz(1, "count: {where: 'importance == \"X\"', min: 80%}", 'count: {where: "grade >= 4", max: 4}', "keys: {min: 25%, max: 75%}", "sum: {of: seconds, max: 800}")
    header, names = ("准考证号,姓名", ("王伟", "李娜", "张敏")) if language == "zh" else ("number,name", ("Wang Wei", "Li Na", "Zhang Min"))
    rows = [f"2026000{n},{name}" for n, name in enumerate(names, start=1)]
    for path, listed in (("roster.csv", rows), ("twice.csv", [*rows, rows[0]])):
        Path(path).write_text("\n".join([header, *listed]) + "\n", "utf-8")


def ten_quizzes() -> None:
    """Assemble ten short papers that may share items."""
    quiz(10, "overlap: {max: 16}")
    shown("qbank assemble blueprints/bof-4-quiz.yaml --as-of 2026-11-26", "zh")


def a_simulated_sitting() -> None:
    """Assemble two papers and simulate a sitting of 1,200 persons in which the best know another key of one item than is printed."""
    shown(f"qbank assemble {THEORY.as_posix()} --series 2026-11 --as-of 2026-11-23", "zh")
    shown("qbank simulate forms/bof-4-theory --persons 1200 --seed 7 --id 2026-11-A --date 2026-11-23 --miskey BOF4-BDE-04=B", "zh")


def a_scored_sitting() -> None:
    """Take in and score that sitting."""
    begin_with(a_simulated_sitting)
    for verb in ("sitting add sittings/2026-11-A/responses.csv", "score 2026-11-A"):
        shown(f"qbank {verb}", "zh")


def an_analysed_sitting() -> None:
    """Analyse that sitting, and keep what was printed."""
    begin_with(a_scored_sitting)
    Path("analysed.txt").write_text("\n".join(shown("qbank analyse 2026-11-A", "zh")), "utf-8")


def begin_with(state: Callable[[], None]) -> None:
    """Put into this folder what a state leaves, made once for all pages and all processes of a run.

    ``STATES`` is where such folders are kept; who is the first to make one makes it, the others wait.
    """
    made = STATES[0] / state.__name__
    try:
        made.with_suffix(".begun").mkdir(parents=True)
    except FileExistsError:
        while not made.exists():
            assert not made.with_suffix(".failed").exists(), state.__name__
            time.sleep(0.2)
    else:
        here, place = Path.cwd(), made.with_suffix(".making")
        copied(CORPUS, place)
        os.chdir(place)
        try:
            state()
        except BaseException:
            made.with_suffix(".failed").mkdir()
            raise
        finally:
            os.chdir(here)
        place.rename(made)
    shutil.copytree(made, Path.cwd(), dirs_exist_ok=True)


def copied(workspace: Path, place: Path) -> None:
    """Copy banks, blueprints and settings."""
    for name in ("banks", "blueprints"):
        shutil.copytree(workspace / name, place / name)
    shutil.copy(workspace / "qbank.yaml", place)


def a_competition(_language: str) -> None:
    """Write the blueprint that the page shows."""
    (text,) = {
        found for language in LANGUAGES
        for found in re.findall(r"```yaml\n(blueprint: cup\n.*?)```", (REPOSITORY / f"docs/{language}/competition.md").read_text("utf-8"), re.DOTALL)
    }  # fmt: skip
    Path("blueprints/cup.yaml").write_text(text, "utf-8")


def two_small_sittings(_language: str) -> None:
    """Take in and score two sittings of forty persons, twenty of whom sat both times, known by name and document."""
    begin_with(a_simulated_sitting)
    for id, date, prefix in (("2026-11-A", "2026-11-23", "2611000"), ("2027-05-A", "2027-05-10", "2705000")):
        shown(f"qbank simulate forms/bof-4-theory --persons 40 --seed 7 --id {id} --date {date} --miskey none", "zh")
        path = Path(f"sittings/{id}/responses.csv")
        header, *rows = [line.split(",", 1) for line in path.read_text("utf-8-sig").splitlines()]
        lines = [f"person,name,document,{header[1]}"]
        for n, (_, rest) in enumerate(rows, start=1):
            whose = n if prefix.startswith("26") else n + 20
            lines.append(f"{prefix}{n:02},Candidate {whose},4201001994010100{whose:02},{rest}")
        path.write_text("\n".join(lines) + "\n", "utf-8")
        for verb in (f"sitting add sittings/{id}/responses.csv", f"score {id}"):
            shown(f"qbank {verb}", "zh")


def a_server_that_is_away() -> None:
    """Set the address of a database that nobody answers at."""
    os.environ["QBANK_DATABASE"] = "postgresql://qbank@localhost:1/x"


def the_ledger_again() -> None:
    """Go back to the ledger of the workspace."""
    del os.environ["QBANK_DATABASE"]


def strange_lines(told: Told, language: str) -> list[str]:
    """Return the lines of a transcript that no text of the catalogue gives; tables are passed over."""
    assert language in LANGUAGES
    known = [fields_as_anything(one.strip()) for group in ("cli", "problem", "history", "statistics", "report") for one in group_texts(language, group).values()]  # type: ignore[arg-type]
    lines = [re.sub(r"^\S+: (?:error|warning|note) [A-Z]\d{3} |^ +(?:hint:|提示：) *", "", line) for line in told.lines]
    labelled = [line.partition(": ")[0] if ": " in line else line for line in lines]
    free = [line for line, label in zip(lines, labelled, strict=True) if line.strip() and label not in known and not is_table(line)]
    return [line for line in free if not any(re.fullmatch(one, line.strip(), re.DOTALL) for one in known if one.strip(".*"))]


def is_table(line: str) -> bool:
    """Return whether a line is of a table, or stands for lines that are left out."""
    return "  " in line.strip() or line.startswith("─") or is_gap(line)


def an_exam_room(_language: str) -> None:
    """Assemble the paper of every kind and print what a room wants of it."""
    shown("qbank assemble blueprints/all-kinds.yaml --as-of 2026-11-26", "zh")
    shown("qbank print forms/all-kinds --to exam", "zh")


def printed_papers(_language: str) -> None:
    """Assemble the paper of every kind and print it."""
    shown("qbank assemble blueprints/all-kinds.yaml --as-of 2026-11-26", "zh")
    shown("qbank print forms/all-kinds", "zh")


def changed(path: str, *changes: tuple[str, str]) -> Callable[[], None]:
    """Return what replaces words of a file, each of which stands in it once."""

    def change() -> None:
        text = Path(path).read_text("utf-8")
        for before, after in changes:
            assert text.count(before) == 1, (path, before)
            text = text.replace(before, after)
        Path(path).write_text(text, "utf-8")

    return change


def drafts(language: str) -> None:
    """Make the bank of ``qbank new``, its items drafts, with the people that the page names."""
    shown("qbank new bank", language)
    os.chdir("bank")
    (people,) = re.findall(r"```yaml\n(workflow:\n.*?)```", page_text("workflow", language), re.DOTALL)
    kept = [line for line in Path("bank.yaml").read_text("utf-8").splitlines() if not line.startswith("#")]
    Path("bank.yaml").write_text("\n".join([*kept, people]), "utf-8")
    items = Path("items/example.yaml").read_text("utf-8").replace("status: live", "status: draft")
    for id, author in (("EX-01", "wang"), ("EX-02", "zhao"), ("EX-03", "wang")):
        items = items.replace(f"  - id: {id}\n", f"  - id: {id}\n    author: {author}\n")
    Path("items/example.yaml").write_text(items, "utf-8")


def a_slip_after_a_commit() -> None:
    """Commit the bank, then change a key by mistake."""
    committed(Path.cwd())
    changed("items/example.yaml", ("value: 84", "value: 48"))()


def panels(language: str) -> None:
    """Write the tables and files of judges that the page shows."""
    text = page_text("standard-setting", language)
    Path("panels").mkdir()
    named = iter(re.findall(r"`(panels/[\w.]+)`", text))
    for body in re.findall(r"```(?:csv|yaml)\n(.*?)```", text, re.DOTALL):
        Path(next(named)).write_text(body, "utf-8")


def page_text(name: str, language: str) -> str:
    """Return a page of the manual."""
    return (REPOSITORY / "docs" / language / f"{name}.md").read_text("utf-8")


def two_stations(language: str) -> None:
    """Write the files of the stations, and take the sitting in beforehand: the roster of the next one comes first on the page."""
    shown(f"qbank assemble {THEORY.as_posix()} --series 2027-05 --as-of 2026-11-20 --seed 5", language)  # knows of no other series
    later = Path("forms").rename("later")
    shutil.rmtree(Path("forms"), ignore_errors=True)
    begin_with(a_simulated_sitting)
    shutil.copytree(later, "forms", dirs_exist_ok=True)
    shown("qbank simulate forms/bof-4-theory/bof-4-theory-2026-11-A.yaml forms/bof-4-theory/bof-4-theory-2026-11-B.yaml --persons 800 --seed 7 --id 2026-11-A --date 2026-11-23 --miskey BOF4-BDE-04=B", "zh")
    stations(language)
    here = Path("sittings/2026-11-A")
    shown(f"qbank sitting add {here / WORDS[language]['east']}.csv {here / WORDS[language]['west']}.csv", language)


def another_key() -> None:
    """Analyse the sitting, then score once more by another key, for the reason that the page gives."""
    is_zh = Path("sittings/2026-11-A/东站.csv").exists()
    why = "命题组确认答案应为 B" if is_zh else "the authors confirm B"
    shown("qbank analyse 2026-11-A", "zh")
    shown(f"qbank score 2026-11-A --rekey BOF4-BDE-04=B --why '{why}'", "zh" if is_zh else "en")


def in_turn(*verbs: str) -> Callable[[], None]:
    """Return what runs some commands that the page does not show."""

    def run() -> None:
        for verb in verbs:
            shown(f"qbank {verb}", "zh")

    return run


def of_stations() -> dict[tuple[str, int], Callable[[], None]]:
    """Return what happens meanwhile on the page on sittings, in both languages."""
    found: dict[tuple[str, int], Callable[[], None]] = {
        ("qbank score 2026-11-A --runs", 1): another_key,
        ("qbank results 2026-11-A", 1): in_turn(
            "decide 2026-11-A BOF4-BDE-04 rekey B --why 'two reviewers' --ledger-only",
            "gate 2026-11-A pass keys --why 'two reviewers'", "score 2026-11-A",
        ),
    }
    for words in WORDS.values():
        found[f"qbank sitting add sittings/2026-11-A/{words['east']}.csv sittings/2026-11-A/{words['west']}.csv", 1] = in_turn(
            "sitting remove 2026-11-A --yes"
        )
    for why in ("'every stage reviewed' --who Zhang", "'各步均已复核' --who 张主任"):
        found[f"qbank release 2026-11-A --why {why}", 1] = in_turn("calibrate 2026-11-A --model rasch")
    return found


def nothing() -> None:
    """Do nothing."""


PAGES = (
    Page("audit", state=ten_quizzes), Page("coverage"), Page("designer"), Page("explain", a_contradiction), Page("layout"), Page("similar"),
    Page("stimuli", workspace=REPOSITORY), Page("whatif", two_papers),
    Page("competition", a_competition), Page("psychometrician", state=a_simulated_sitting), Page("review", state=an_analysed_sitting),
    Page("equating", state=an_analysed_sitting), Page("analysis", state=an_analysed_sitting, recorded={"qbank analyse 2026-11-A": "analysed.txt"}),
    Page("editor", workspace=None, meanwhile={("qbank check .", 2): changed("items/example.yaml", ("    key: C\n", "    key: E\n"))}),
    Page("workflow", drafts, workspace=None, meanwhile={
        ("qbank status EX-01 --to in_review --by wang --on 2026-11-05", 1): changed("items/example.yaml", ('C: "100"', 'C: "100.0"')),
        ("qbank check .", 1): a_slip_after_a_commit,
        ("qbank status EX-03 --to released --by li --on 2026-12-01", 1): changed("items/example.yaml", ("value: 48", "value: 84")),
    }),
    Page("sittings", two_stations, meanwhile=of_stations()),
    Page("standard-setting", panels, state=an_analysed_sitting),
    Page(
        "family", a_quiz_each, known_secret=True,
        meanwhile={("qbank family show families/bof-4-quiz-1.family.json", 2): changed("families/bof-4-quiz-1.family.json", ('"asked_overlap":4', '"asked_overlap":3'))},
    ),
    Page("exam-room", an_exam_room), Page("sealing", printed_papers),
    Page(
        "ledger", two_small_sittings, typed={"qbank ledger forget 261100025": "y\n"},
        meanwhile={("qbank ledger status", 2): a_server_that_is_away, ("qbank ledger forget 261100025", 1): the_ledger_again},
        elsewhere=frozenset(f"qbank ledger copy ledger.db postgresql://qbank@127.0.0.1:54999/{name}" for name in ("ledger", "ledger2")),
    ),
)  # fmt: skip
LONG = {"family", "analysis", "sittings", "standard-setting", "competition", "equating", "psychometrician", "review"}
IS_UPDATE = os.environ.get("QBANK_GOLDEN") == "update"
IN_FULL = IS_UPDATE or os.environ.get("QBANK_PAGES") == "all"
SHOWN = [(page, language) for page in PAGES for language in LANGUAGES if IN_FULL or language == "zh" or page.name not in LONG]


@pytest.mark.parametrize(("page", "language"), SHOWN, ids=[f"{page.name}-{language}" for page, language in SHOWN])
def test_a_page_shows_what_its_commands_print(
    page: Page, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp()
    STATES[:] = [(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "states"]
    path = REPOSITORY / "docs" / language / f"{page.name}.md"
    text = path.read_text("utf-8")
    draw_nothing(monkeypatch)  # a page shows what a command prints, not what the report draws
    monkeypatch.setenv("QBANK_USER", "wang")
    monkeypatch.delenv("QBANK_DATABASE", raising=False)
    if page.known_secret:
        monkeypatch.setattr("qbank.workflow.family.secrets", SimpleNamespace(token_bytes=bytes))
    monkeypatch.chdir(tmp_path)
    if page.state is not None:
        begin_with(page.state)
    elif page.workspace is not None:
        copied(page.workspace, tmp_path)
    page.before(language)
    ran, times = [], Counter[str]()
    for told in transcripts(text):
        if told.command in page.elsewhere:
            assert strange_lines(told, language) == []
            continue
        times[told.command] += 1
        page.meanwhile.get((told.command, times[told.command]), nothing)()
        recorded = Path(page.recorded.get(told.command, ""))
        if recorded.is_file() and language == "zh":
            ran.append((told, recorded.read_text("utf-8").split("\n")))
        elif told.command.startswith("qbank sitting receive"):
            with candidates(told.command, language) as (command, port):
                printed = shown(command, language)
            ran.append((told, [line.replace(port, str(USUAL_PORT)) for line in printed]))
        else:
            ran.append((told, shown(told.command, language, page.typed.get(told.command, ""))))
    assert ran and len({*page.meanwhile} & {(command, n) for command in times for n in range(1, times[command] + 1)}) >= len(page.meanwhile) / 2
    assert {*page.typed} <= {*times}
    stale = [(told, printed) for told, printed in ran if not agrees(told.lines, printed)]
    if IS_UPDATE:
        for told, printed in reversed(stale):
            now = "".join(f"{line}\n" for line in retold(told.lines, printed))
            text = text[: told.start] + now + text[told.end :]
        path.write_text(text, "utf-8")
        return
    differences = ["\n".join([told.command, *told.lines, "--- printed:", *printed[:60]]) for told, printed in stale]
    assert differences == [], "QBANK_GOLDEN=update rewrites transcripts; then read the difference:\n" + "\n\n".join(differences)
