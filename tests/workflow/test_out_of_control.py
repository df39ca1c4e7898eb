"""Three sittings through the real verbs: `qbank analyse` says which item is no longer what it was, once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.workflow import analyse
from qbank.workflow.bank import usable_bank
from qbank.workflow.papers import assemble_papers
from qbank.workflow.simulate import Plants, simulate_sitting
from qbank.workflow.workspace import Workspace
from tests.workflow.places import Place

BLUEPRINT = """\
blueprint: small
bank: ../banks/steelmaking
level: 4
forms: 1
minutes: 20
marks: 14
cut: 8
seed: 7
sections:
  - {title: 单项选择题, kind: single, items: 14, marks_each: 1}
"""
DATES = ("2026-11-23", "2027-05-10", "2027-11-22")


def verb(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    """Run a verb as the command line does; returns its exit status and its JSON."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*words, "--lang", "en", "--json"])
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def told(result: dict[str, object], code: str) -> list[str]:
    """Return the messages of a code."""
    return [problem["message"] for problem in result["problems"] if problem["code"] == code]  # type: ignore[attr-defined]


def test_the_item_out_of_control_is_told_by_the_analysis_of_the_sitting_that_shows_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(analyse, "write_report", lambda *given: ())  # the pages are not what is asked here
    monkeypatch.chdir(place.root)
    (place.root / "blueprints/small.yaml").write_text(BLUEPRINT, "utf-8")
    workspace = Workspace(place.root, "en", str(place.database))
    made, problems = assemble_papers(place.root / "blueprints/small.yaml", workspace, as_of=DATES[0])
    bank, _ = usable_bank(place.bank)
    assert made is not None and bank is not None, problems
    item = made.forms[0].sections[0].items[4].id
    for n, date in enumerate(DATES):
        id, folder = date[:7], place.root / "sittings" / date[:7]
        drifted = {item: 2.0} if n == 2 else {}
        simulate_sitting(made.forms, bank, n_persons=300, seed=20 + n, into=folder, sitting=id, date=date, plants=Plants(miskeyed=("", ""), drifted=drifted))
        assert verb(capsys, "sitting", "add", str(folder / "responses.csv"), "--forms", "forms/small", "--id", id)[0] == 0
        _, result = verb(capsys, "analyse", id, "--out", str(place.root / "out"))
        if n < 2:
            assert told(result, "C129") == []
    [message] = told(result, "C129")
    assert message.startswith(f"{item} is out of control: one point beyond 3 sigma")
    assert f"Furthest off in {DATES[2][:7]} ({DATES[2]})" in message and "at the level of that sitting" in message and "harder" in message
    _, again = verb(capsys, "analyse", DATES[2][:7], "--out", str(place.root / "out"))
    assert told(again, "C129") == [], "it is news once"
    _, history = verb(capsys, "history", "--all")
    assert [flag["item"] for flag in history["result"]["flags"] if flag["certain"]] == [item]  # type: ignore[index]
    assert not (Path(place.root) / "history").exists()
