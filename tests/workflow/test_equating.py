"""The verb equate: by the declared design, in words, as data and as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from qbank.analysis import EquatingSettings
from qbank.cli.__main__ import group
from qbank.workflow.equating import equate_sitting
from tests.workflow.places import SITTING, Place, added, read_table


def said(place: Place, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(place.root)
    done = CliRunner().invoke(group, ["--lang", "en", "equate", SITTING, *words])
    return done.exit_code, done.output


def test_papers_given_out_at_random_are_equated_and_flips_are_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    added(place)
    settings = EquatingSettings(method="linear", see_below=5)
    done, problems = equate_sitting(SITTING, place.workspace, settings)
    assert (done is not None and not problems) or all(problem.severity != "error" for problem in problems)
    pair = done.analysis.pairs.row(0, named=True)
    assert pair["status"] == "ok" and pair["method"] == "linear" and pair["n"] + pair["n_base"] <= 300
    known = {row[0] for row in read_table(place.responses)[1]}
    assert set(done.person.values()) <= known and len(done.person) == pair["n_up"] + pair["n_down"]
    status, out = said(place, monkeypatch, "--method", "linear")
    assert status == 0 and f"{pair['equated_cut']:.2f}" in out
    status, out = said(place, monkeypatch, "--method", "linear", "--json")
    found = json.loads(out)["result"]
    assert found["pairs"][0]["equated_cut"] == pytest.approx(pair["equated_cut"])
    assert {flip["person"] for flip in found["flips"]} == set(done.person.values())


def test_the_concordance_is_written_as_a_file(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    added(place)
    target = tmp_path / "out" / "concordance.csv"
    status, _ = said(place, monkeypatch, "--boot", "50", "--seed", "3", "--csv", str(target))
    header, rows = read_table(target)
    assert status == 0 and header[:6] == ["paper", "method", "reported", "score", "n", "equated"]
    assert len({row[1] for row in rows}) >= 9 and len(rows) % 101 == 0


@pytest.mark.parametrize(("design", "code"), [("none", "N110"), ("anchor", "N111")])
def test_a_design_without_ground_is_refused_in_words(
    design: str, code: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(place, design=design)
    status, out = said(place, monkeypatch)
    assert status == 1 and code in out


@pytest.mark.parametrize(
    ("words", "code"), [(("--to", "Z"), "N101"), (("--method", "magic"), "N102"), (("--anchors", "Q-9"), "N103"), (("--method", "linear_tucker"), "N104")]
)
def test_wrong_words_are_told(words: tuple[str, ...], code: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    added(place)
    status, out = said(place, monkeypatch, *words)
    assert status == 1 and code in out
