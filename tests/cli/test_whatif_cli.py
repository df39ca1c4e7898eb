"""capacity and why as an editor meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.core.form import form_items
from tests.corpus import CORPUS
from tests.workflow.places import Place

Run = Callable[..., tuple[int, str, str]]


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


def test_capacity_says_how_many_papers_and_what_binds(run: Run, place: Place) -> None:
    status, out, err = run("--lang", "en", "capacity", str(place.blueprint), "--quick", "--as-of", "2026-11-23")
    assert (status, err) == (0, "")
    assert "2 built and audited" in out and "at most 2; one more is proven impossible" in out
    assert "单项选择题 (80)  short by 16" in out and "bof-4-theory.yaml:12" in out
    assert "to write" not in out and "sitting" not in out
    status, out, _ = run("--lang", "zh", "capacity", str(place.blueprint), "--quick", "--as-of", "2026-11-23")
    assert "已实际组成并逐条复核 2 份" in out and "单项选择题 (80)  差 16" in out


def test_capacity_as_json_and_as_a_table_of_all_cells(run: Run, tmp_path: Path) -> None:
    blueprint = str(CORPUS / "blueprints/forklift-1.yaml")
    table = tmp_path / "cells.csv"
    status, out, err = run("capacity", blueprint, "--json", "--csv", str(table), "--as-of", "2026-11-23")
    assert (status, err) == (0, "")
    result = json.loads(out)["result"]
    assert (result["found"], result["bound"]) == (1, 1)
    step = result["growth"][0]
    assert (step["papers"], step["total"], step["least"]) == (2, 4, 4)
    assert result["policy"]["for_ever"] and result["policy"]["exposure"] == ""
    assert len(table.read_text("utf-8-sig").splitlines()) == 1 + len(result["cells"])


def test_papers_that_may_share_everything_have_no_limit(run: Run) -> None:
    blueprint = str(CORPUS / "blueprints/forklift-1.yaml")
    status, _, err = run("--lang", "en", "capacity", blueprint, "--overlap", "8")
    assert status == 1 and "A254" in err and "forklift-1.yaml" in err


def test_why_an_item_is_on_one_paper_and_not_on_the_other(run: Run, place: Place) -> None:
    first, second = sorted(place.form_folder.glob("*.yaml"))[:2]
    item = form_items(place.forms[0])[0].id
    status, out, _ = run("--lang", "en", "why", item, "--form", str(first))
    assert status == 0 and f"{item} is on paper" in out and "It counts in" in out
    status, out, _ = run("--lang", "zh", "why", item, "--form", str(second))
    assert status == 0 and "没有进入试卷" in out and f"同组的这些试卷上有这道题：{place.forms[0].id}" in out
    assert "overlap: {max: 0}" in out
    status, out, _ = run("why", item, "--form", str(second), "--json")
    result = json.loads(out)["result"]
    assert result["standing"] == "kept out" and result["elsewhere"] == [place.forms[0].id]
    assert result["n_tried"] == sum(entry.kind == form_items(place.forms[0])[0].kind for entry in form_items(place.forms[1]))


def test_why_an_item_may_stand_on_a_blueprint_s_papers(run: Run, place: Place) -> None:
    item = form_items(place.forms[0])[0].id
    status, out, _ = run("--lang", "en", "why", item, "--blueprint", str(place.blueprint), "--as-of", "2026-11-23")
    assert status == 0 and f"{item} may stand on bof-4-theory" in out and "Papers exist" in out
    blueprint = str(CORPUS / "blueprints/all-kinds.yaml")
    status, out, _ = run("--lang", "en", "why", "AK-S6", "--blueprint", blueprint, "--as-of", "2026-11-23")
    assert status == 0 and "AK-S6 cannot stand on all-kinds" in out and "choice.yaml:" in out


def test_a_mistyped_item_is_told_the_nearest_one(run: Run, place: Place) -> None:
    item = form_items(place.forms[0])[0].id
    first = str(sorted(place.form_folder.glob("*.yaml"))[0])
    status, out, err = run("--lang", "en", "why", item.lower(), "--form", first)
    assert (status, out) == (1, "") and "A250" in err
    status, _, err = run("--lang", "en", "why", item.replace("-", "_", 1), "--form", first)
    assert status == 1 and f"nearest: {item}" in err


def test_why_needs_a_paper_or_a_blueprint_that_made_it(run: Run, place: Place) -> None:
    item = form_items(place.forms[0])[0].id
    first = str(sorted(place.form_folder.glob("*.yaml"))[0])
    status, _, err = run("--lang", "en", "why", item)
    assert status == 1 and "A251" in err
    other = str(CORPUS / "blueprints/all-kinds.yaml")
    status, _, err = run("--lang", "en", "why", item, "--form", first, "--blueprint", other)
    assert status == 1 and "A252" in err and "made by blueprint bof-4-theory, not by all-kinds" in err
    assert run("why", item, "--form", "nowhere.yaml")[0] != 0


def test_a_bank_that_changed_since_is_explained_with_a_warning(run: Run, place: Place) -> None:
    """An item of the paper is retired: the explanation does without it and says so."""
    gone, asked = form_items(place.forms[0])[1].id, form_items(place.forms[0])[0].id
    for path in (place.bank / "items").rglob("*.yaml"):
        source = path.read_text("utf-8")
        start = source.find(f"id: {gone}\n")
        if start >= 0:
            line_end = source.index("\n", start) + 1
            indent = " " * (start - source.rindex("\n", 0, start) - 3) if source[start - 2] == "-" else "    "
            path.write_text(source[:line_end] + indent + "  status: retired\n" + source[line_end:], "utf-8")
    first = str(sorted(place.form_folder.glob("*.yaml"))[0])
    status, out, err = run("--lang", "en", "why", asked, "--form", first)
    assert status == 0 and f"{asked} is on paper" in out
    assert "A253" in err and gone in err
    status, out, _ = run("--lang", "en", "why", gone, "--form", first)
    assert status == 0 and "its status is retired" in out and "It stands on the paper all the same" in out
