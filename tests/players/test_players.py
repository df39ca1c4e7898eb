"""Items in two real QTI 3 players, in headless Chromium: they mark as qbank does, and show Chinese and mathematics.

Needs Chromium and QBANK_QTI_PLAYERS, the ``node_modules`` with the players; without them these tests are skipped, by
name. Not machine-scored, and so not here: short, essay and task (people award the marks; both players leave SCORE 0).
What a player does not do is listed in `UNSUPPORTED`, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from qbank.files.interchange.qti import Asked
from tests.browser.chromium import Page, browser, installed
from tests.files.interchange.qti.making import asked, item_files
from tests.players.pages import FOLDER, PLAYERS, SOURCES, outcomes, write_page
from tests.players.questions import MADE, sittings

HERE = installed() is not None and all((FOLDER / name).is_file() for names in SOURCES.values() for name in names)
pytestmark = pytest.mark.skipif(not HERE, reason="no Chromium, or no QTI players (QBANK_QTI_PLAYERS)")

SLACK = {"qti3-item-player": 1e-9, "qti-components": 0.0005}
"""qti-components keeps three decimals of a float."""
UNSUPPORTED: dict[tuple[str, str, str], str] = {
    ("qti3-item-player", "ordering", "nothing"): "an order that nobody touched counts as the order that is shown",
}
"""(player, kind, answer) → why the player cannot mark it as qbank does."""


ROOT = "(document.querySelector('item-container')?.shadowRoot ?? document.body)"
SEEN = f"""(() => {{
  const formula = {ROOT}.querySelector('math'), lowered = formula.querySelector('msub');
  const box = (one) => {{ const {{bottom, height, width}} = one.getBoundingClientRect(); return {{bottom, height, width}}; }};
  const source = formula.querySelector('annotation');
  return [({ROOT}.querySelector('qti-item-body') ?? {ROOT}).textContent, box(lowered.children[0]), box(lowered.children[1]), box(source)];
}})()"""
MIDDLE = f"(() => {{ const box = {ROOT}.querySelector('%s').getBoundingClientRect(); return [box.x + 20, box.y + box.height / 2]; }})()"
ENDED = {
    "qti3-item-player": "ending()",
    "qti-components": "(item.processResponse(), Object.fromEntries(item.variables.map((one) => [one.identifier, one.value])))",
}


@pytest.fixture(scope="module")
def questions() -> dict[str, Asked]:
    return {entries["id"]: asked(entries) for entries in MADE}


@pytest.fixture(scope="module")
def files(questions: dict[str, Asked]) -> dict[str, str]:
    return item_files(list(questions.values()))


@pytest.fixture(scope="module", params=PLAYERS)
def player(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Page]]:
    program = installed()
    assert program is not None
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        page.open(write_page(request.param, tmp_path_factory.mktemp("page")).as_uri())
        yield request.param, page


@pytest.mark.parametrize("id", [entries["id"] for entries in MADE])
def test_a_player_gives_the_marks_that_qbank_gives(
    id: str, player: tuple[str, Page], questions: dict[str, Asked], files: dict[str, str]
) -> None:
    name, page = player
    item = questions[id].item
    sat = [one for one in sittings(item) if (name, item.kind, one[2]) not in UNSUPPORTED]
    found = outcomes(page, files[id], [given for given, _, _ in sat])
    wrong = {
        words: (float(outcome["SCORE"]), marks)
        for outcome, (_, marks, words) in zip(found, sat, strict=True)
        if abs(float(outcome["SCORE"]) - marks) > SLACK[name]
    }
    assert wrong == {}
    expected = [marks for _, marks, _ in sat]
    assert max(expected) == item.marks and min(expected) == 0


def test_a_player_that_marks_otherwise_would_be_noticed(player: tuple[str, Page], files: dict[str, str]) -> None:
    spoilt = files["single"].replace("<qti-value>C</qti-value>", "<qti-value>B</qti-value>", 1)
    found = outcomes(player[1], spoilt, [{"RESPONSE": "C"}, {"RESPONSE": "B"}])
    assert [float(outcome["SCORE"]) for outcome in found] == [0.0, 2.0]


def test_chinese_and_mathematics_are_shown(player: tuple[str, Page], files: dict[str, str]) -> None:
    """A formula is set out: its index stands lower than its base, and the LaTeX behind it is not shown."""
    _, page = player
    outcomes(page, files["single"], [{}])
    page.until(f"{ROOT}.querySelector('math msub')")
    page.settle()
    text, base, index, source = page.ask(SEEN)
    assert "枪位 < 1.4 m & 氧压" in text and "以上都不是" in text
    assert index["bottom"] > base["bottom"] and index["height"] < base["height"]
    assert source["width"] * source["height"] == 0


def test_a_click_earns_the_marks(player: tuple[str, Page], files: dict[str, str]) -> None:
    name, page = player
    page.ask(f"show({json.dumps(files['single'])}, false)")
    page.settle()
    x, y = page.ask(MIDDLE % {"qti3-item-player": "li[data-identifier=C]", "qti-components": "qti-simple-choice[identifier=C]"}[name])
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    page.settle()
    assert float(page.ask(ENDED[name])["SCORE"]) == 2.0


def test_the_rationale_is_shown_after_the_attempt(player: tuple[str, Page], files: dict[str, str]) -> None:
    found = outcomes(player[1], files["single"], [{"RESPONSE": "A"}])
    assert (found[0]["FEEDBACK"], found[0]["MISTAKE"]) == ("rationale", "A")
