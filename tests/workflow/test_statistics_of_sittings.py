"""信息统计 of sittings that were really added and scored, against a count of the persons one by one."""

from __future__ import annotations

import itertools
import random
import statistics as by_hand
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from qbank.core.form import Form
from qbank.files.disk import write_text
from qbank.ledger import verify_ledger
from qbank.messages import problem_message
from qbank.problem import has_errors
from qbank.report.statistics.data import summary_of
from qbank.workflow.papers import assemble_papers
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.sitting import Intaking, add_responses
from qbank.workflow.standing import mark_standing
from qbank.workflow.statistics import count_sittings
from qbank.workflow.workspace import Workspace
from tests.files.sound import ITEMS, KIND_ITEMS, SOUND, write_bank
from tests.workflow.places import write_table
from tests.workflow.test_every_kind import BLUEPRINT, DATE, answers

WORTH = {
    "Q-1": (1, 0, 0), "K-1": (1, 0.5, 0), "K-9": (0.5, 0.5, 0), "K-2": (2, 1, 0), "Q-3": (2, 2, 0), "K-3": (2, 0, 0),
    "K-5": (1, 0.5, 0), "K-6": (1, 0.5, 0), "K-7.1": (1, 0, 0), "K-7.2": (3, 1.5, 0), "K-4": (4, 2.5, 0),
    "K-10": (10, 7.5, 0), "K-8": (10, 8.5, 0),
}  # fmt: skip
"""Marks of an answer that is right, right in part, or none, counted by hand."""
MARKS, CUT, ESSAY = 38.5, 20.0, "K-10"
WORDS = {"present": "", "absent": "缺考", "void": "作废", "withheld": "违纪"}


@dataclass(frozen=True, slots=True)
class One:
    """A person as the test drew it; ``state`` may be ``waiting`` for the marks of the essay."""

    number: str
    occupation: str
    level: int
    site: str
    sitting: str
    form: str
    state: str
    total: float


def bank(root: Path, name: str, title: str, code: str, level: int) -> tuple[Form, ...]:
    """Write a bank of its own occupation and level, and return two papers from it."""

    def own(words: str) -> str:
        words = words.replace("bank: tiny", f"bank: {name}").replace("炼钢工", title).replace("6-17-02-02", code)
        return words.replace("level: 4", f"level: {level}").replace("levels: [4]", "levels: [4, 3]")

    files = {**SOUND, "items/a.yaml": ITEMS, "items/kinds.yaml": KIND_ITEMS}
    texts = {path: own(text) for path, text in files.items() if isinstance(text, str)}
    texts = {path: text.replace("defaults: {", "defaults: {status: live, ", 1) if path.startswith("items/") else text for path, text in texts.items()}
    write_bank(root / "banks" / name, texts)
    plan = BLUEPRINT.replace("every", f"plan-{name}").replace("banks/tiny", f"banks/{name}").replace("level: 4", f"level: {level}\nforms: 2")
    write_text(root / "blueprints" / f"plan-{name}.yaml", plan)
    made, problems = assemble_papers(root / "blueprints" / f"plan-{name}.yaml", Workspace(root, "zh", str(root / "ledger.db")), as_of=DATE)
    assert made is not None and len(made.forms) == 2, [problem_message(problem, "en") for problem in problems]
    return made.forms


def sat(root: Path, rng: random.Random, forms: Sequence[Form], sitting: str, occupation: str, level: int) -> Iterator[One]:
    """Add a sitting: the eastern station with all marks, the western without those of its essays, which come later but for
    some; then one paper turns out to be void."""
    workspace = Workspace(root, "zh", str(root / "ledger.db"))
    cells = {form.id: list(answers(form).values()) for form in forms}
    later: list[list[str]] = []
    people: list[One] = []
    for part, site in (("east", "东"), ("west", "西"), ("west", "")):
        for n in range(26):
            number, form = f"{sitting}{part}{site}{n:02}", forms[n % 2].id
            state = rng.choices([*WORDS, "waiting"], [14, 3, 2, 2, 3 if part == "west" else 0])[0]
            drawn = {item: rng.choice((0, 0, 1, 2)) for item in WORTH}
            people.append(One(number, occupation, level, site, sitting, form, state, sum(WORTH[item][drawn[item]] for item in WORTH)))
            _write(root, sitting, part, people[-1], {item: cells[form][k][item] for item, k in drawn.items()})
            if part == "west" and state == "present":
                later.append([number, f"{WORTH[ESSAY][drawn[ESSAY]]:g}"])
    for part in ("east", "west"):
        done, problems = add_responses(
            root / sitting / f"{part}.csv", (root / "forms" / forms[0].id.rpartition("-")[0].rpartition("-")[0],), workspace,
            id=sitting, date=DATE, design="spiralled", part=part,
        )  # fmt: skip
        assert done is not None, [problem_message(problem, "en") for problem in problems]
    write_table(root / sitting / "marks.csv", ["person", f"{ESSAY}@甲"], later)
    done, problems = add_responses(root / sitting / "marks.csv", (), workspace, id=sitting, how=Intaking())
    assert done is not None, [problem_message(problem, "en") for problem in problems]
    first = next(n for n, one in enumerate(people) if one.state == "present")
    assert mark_standing(sitting, people[first].number, "void", workspace, why="座位错误")[0] is not None
    run, problems = run_scoring(sitting, workspace)
    assert run is not None and not has_errors(problems), problems
    for n, one in enumerate(people):
        yield One(*(getattr(one, name) for name in One.__slots__[:6]), "void" if n == first else one.state, one.total)


def _write(root: Path, sitting: str, part: str, one: One, given: dict[str, str]) -> None:
    """Add a line to a station's file; the western one has no column for the essay."""
    path = root / sitting / f"{part}.csv"
    items = [item for item in WORTH if part == "east" or item != ESSAY]
    if not path.is_file():
        write_table(path, ["person", "form", "site", "状态", *items], [])
    word = WORDS.get(one.state, "")
    line = [one.number, one.form, one.site, word, *(given[item] if one.state != "absent" else "" for item in items)]
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(f'"{cell}"' for cell in line) + "\n")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, tuple[One, ...]]:
    """Return a workspace with three sittings of two occupations and levels, and every person of them."""
    root, rng = tmp_path_factory.mktemp("counted"), random.Random(20261126)
    steel = bank(root, "steel", "炼钢工", "6-17-02-02", 4)
    rolling = bank(root, "rolling", "轧钢工", "6-17-09-01", 3)
    people: list[One] = []
    for sitting, forms, occupation, level in (
        ("S1", steel, "6-17-02-02 炼钢工", 4), ("S2", steel, "6-17-02-02 炼钢工", 4), ("S3", rolling, "6-17-09-01 轧钢工", 3),
    ):  # fmt: skip
        people += sat(root, rng, forms, sitting, occupation, level)
    workspace = Workspace(root, "zh", str(root / "ledger.db"))
    assert {one.state for one in people} == {*WORDS, "waiting"} and len({one.form for one in people}) == 4
    return workspace, tuple(people)


@pytest.mark.parametrize(
    "by",
    [
        (), ("occupation",), ("level",), ("site",), ("sitting",), ("paper",), ("occupation", "level", "site", "sitting"),
        ("site", "paper"),
    ],
)  # fmt: skip
def test_every_figure_is_the_one_counted_person_by_person(counted: tuple[Workspace, tuple[One, ...]], by: tuple[str, ...]) -> None:
    workspace, people = counted
    found, problems = count_sittings(workspace, by)  # type: ignore[arg-type]
    assert found is not None and not problems and found.data.asked.unscored == ()

    def labels(one: One) -> tuple[str, ...]:
        return tuple(str(getattr(one, {"paper": "form"}.get(name, name))) for name in by)

    groups = {key: list(own) for key, own in itertools.groupby(sorted(people, key=labels), labels)}
    asked = found.data.asked
    assert {row.labels for row in asked.rows} == set(groups)
    tallies = [*((row.labels, row.tally, groups[row.labels]) for row in asked.rows), ((), asked.total, list(people))]
    summary = summary_of([tally for _, tally, _ in tallies], found.data.limits)
    assert any(len(own) > 10 for _, _, own in tallies)
    for n, (_, tally, own) in enumerate(tallies):
        states = Counter(one.state for one in own)
        totals = [100 * one.total / MARKS for one in own if one.state == "present"]
        passed = sum(one.total >= CUT for one in own if one.state == "present")
        assert (tally.registered, tally.passed) == (len(own), passed)
        for state in (*WORDS, "waiting"):
            assert getattr(tally, state) == states[state], state
        assert tally.bands == tuple(sum(min(int(total // 5), 19) == band for total in totals) for band in range(20))
        assert summary.suppressed[n] == (len(totals) < 10)
        if len(totals) < 10:
            continue
        assert summary.mean[n] == pytest.approx(by_hand.mean(totals)) and summary.sd[n] == pytest.approx(by_hand.stdev(totals))
        assert summary.rate[n] == pytest.approx(passed / len(totals))
        low, _, high = by_hand.quantiles(totals, n=4, method="inclusive")
        assert summary.quartile_1[n] == pytest.approx(low, abs=5) and summary.quartile_3[n] == pytest.approx(high, abs=5)


def test_the_ledger_of_these_sittings_is_whole(counted: tuple[Workspace, tuple[One, ...]]) -> None:
    ledger = counted[0].open()
    problems = verify_ledger(ledger)[1]
    ledger.close()
    assert problems == []
