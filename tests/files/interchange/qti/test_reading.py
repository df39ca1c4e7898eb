"""QTI packages read back: what qbank writes is what it reads; official samples give items or an honest list."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from qbank.files.bank import read_bank
from qbank.files.interchange import detect_format, parse_any
from qbank.files.interchange.draft import Draft
from qbank.files.interchange.qti import QTI_VERSIONS, Version
from qbank.problem import Problem
from qbank.workflow.export import Selection, export_bank
from qbank.workflow.interchange import ImportOptions, counts, import_file
from tests.corpus import CORPUS
from tests.files.interchange.qti.schemas import files_of
from tests.workflow.places import REPOSITORY

BANKS = CORPUS / "banks"
SAMPLES = Path(os.environ.get("QBANK_QTI_SAMPLES") or REPOSITORY.parent / "shared" / "reference" / "qti" / "examples")
with_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the official QTI samples are not here (QBANK_QTI_SAMPLES)")


def read(source: str | bytes, name: str = "a.xml") -> tuple[list[Draft], list[Problem]]:
    return parse_any(source.encode() if isinstance(source, str) else source, name)


def packed(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("version", QTI_VERSIONS)
@pytest.mark.parametrize("name", ["all-kinds", "forklift", "steelmaking"])
def test_a_bank_comes_back_from_its_package_as_it_was(name: str, version: Version, tmp_path: Path) -> None:
    done = export_bank(BANKS / name, version, Selection(), tmp_path / "out.zip")
    assert done.path is not None
    same = import_file(done.path, BANKS / name, ImportOptions(), dry=True)
    assert counts(same) == {"new": 0, "updated": 0, "unchanged": done.n_items, "refused": 0}
    fresh = tmp_path / name
    shutil.copytree(BANKS / name, fresh, ignore=shutil.ignore_patterns("items", "media"))
    (fresh / "items").mkdir()
    plan = import_file(done.path, fresh, ImportOptions(), dry=False)
    assert [problem for problem in plan.problems if problem.severity != "note"] == []
    bank, again = read_bank(BANKS / name)[0].bank, read_bank(fresh)[0].bank
    assert bank is not None and again is not None
    drawn = {id for id, item in bank.items.items() if item.template}
    assert {id: bank.fingerprints[id] for id in bank.items if id not in drawn} == dict(again.fingerprints)
    for id, item in again.items.items():
        before = bank.items[id]
        for key in ("kind", "competency", "level", "marks", "grade", "cognitive", "seconds", "tags", "enemies", "author", "source_id"):
            assert getattr(item, key) == getattr(before, key), (id, key)
    assert {one.id: (one.title, one.text.strip()) for one in again.stimuli.values()} == {
        one.id: (one.title, one.text.strip()) for one in bank.stimuli.values() if any(i.stimulus == one.id for i in bank.items.values())
    }


@pytest.mark.parametrize("version", QTI_VERSIONS)
def test_items_are_read_without_the_metadata_too(version: Version, tmp_path: Path) -> None:
    """What stands in the files alone: everything but what QTI cannot say (chemistry, tasks, patterns)."""
    done = export_bank(BANKS / "forklift", version, Selection(), tmp_path / "out.zip")
    assert done.path is not None
    files = {name: data for name, data in files_of(done.path.read_bytes()).items() if name != "imsmanifest.xml"}
    drafts, problems = read(packed(dict(files)), "out.zip")
    assert [problem for problem in problems if problem.severity == "error"] == []
    bank = read_bank(BANKS / "forklift")[0].bank
    assert bank is not None
    kinds = {draft.id: draft.kind for draft in drafts}
    machine = {id: item.kind for id, item in bank.items.items() if item.kind not in ("short", "task")}
    assert {id: kinds[id] for id in machine} == machine


def test_an_edit_on_the_platform_counts_more_than_what_was_written(tmp_path: Path) -> None:
    done = export_bank(BANKS / "all-kinds", "qti3", Selection(where='id == "AK-S1"'), tmp_path / "out.zip")
    assert done.path is not None
    files = files_of(done.path.read_bytes())
    before = read(done.path.read_bytes(), "out.zip")[0][0].entries
    assert "\\ce{CaO}" in json.dumps(before["options"]).replace("\\\\", "\\")
    item = files["items/AK-S1.xml"].decode()
    assert item.count("<p>") >= 1
    files["items/AK-S1.xml"] = item.replace("<p>", "<p>改过的", 1).encode()
    after = read(packed(dict(files)), "out.zip")[0][0].entries
    assert str(after["stem"]).startswith("改过的")
    assert after["options"] == before["options"] and after["key"] == before["key"]


@with_samples
@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.xml")) + sorted(SAMPLES.rglob("*.zip")), ids=lambda path: path.stem)
def test_official_samples_are_read_or_refused_with_file_and_line(path: Path) -> None:
    data = path.read_bytes()
    assert detect_format(data, path.name) == "qti" or b"usageData" in data
    drafts, problems = parse_any(data, path.name, format="qti")
    assert drafts or any(problem.severity == "error" and problem.span.path.startswith(path.name) for problem in problems)
    assert len(drafts) <= 4


@with_samples
def test_most_official_items_of_version_2_are_kept_where_their_pictures_are_there() -> None:
    """Pictures are no part of the samples here: one stands in for each that an item names."""
    picture = (SAMPLES / "simple/images/sign.png").read_bytes()
    kept, named = [], []
    for path in sorted((SAMPLES / "qti22").glob("*.xml")):
        source = path.read_bytes()
        from lxml import etree

        shown = {node.get("src") or node.get("data") for node in etree.fromstring(source).iter("{*}img", "{*}object")} - {None}
        package = packed({path.name: source, **{str(name): picture for name in shown}})
        drafts, problems = read(package, f"{path.stem}.zip")
        (kept if drafts else named).append(path.stem)
        assert drafts or [problem for problem in problems if problem.severity == "error"]
    assert set(named) == {
        "Example03-feedbackBlock-solution-random", "Example04-feedbackBlock-templateBlock", "Example05-feedbackBlock-adaptive", "adaptive",
        "adaptive_template", "choice_multiple_chocolade", "data-attributes", "drawing", "graphic_associate", "graphic_gap_match",
        "graphic_gap_match_text", "graphic_order", "hotspot", "imsmanifest", "likert", "mc_calc3", "mc_calc5", "mc_stat2", "media_coords",
        "position_object", "select_point", "template", "template_image", "upload", "upload_composite",
    }  # fmt: skip
    assert len(kept) > 30


def test_stimuli_that_the_bank_does_not_have_come_with_their_items(tmp_path: Path) -> None:
    done = export_bank(BANKS / "all-kinds", "qti3", Selection(where='stimulus == "AK-R2"'), tmp_path / "out.zip")
    assert done.path is not None
    drafts, _ = read(done.path.read_bytes(), "out.zip")
    assert {draft.entries["stimulus"] for draft in drafts} == {"AK-R2"}
    assert all(draft.shared and draft.shared["id"] == "AK-R2" and list(draft.shared_media) == ["media/lance-height.svg"] for draft in drafts)




def test_an_unpacked_package_is_read_like_the_package_and_no_link_is_followed(tmp_path: Path) -> None:
    done = export_bank(BANKS / "forklift", "qti3", Selection(), tmp_path / "out.zip")
    assert done.path is not None
    with zipfile.ZipFile(done.path) as archive:
        archive.extractall(tmp_path / "out")
    (tmp_path / "outside.xml").write_text("<a/>", "utf-8")
    (tmp_path / "out" / "link.xml").symlink_to(tmp_path / "outside.xml")
    plan = import_file(tmp_path / "out", BANKS / "forklift", ImportOptions(), dry=True)
    assert counts(plan)["unchanged"] == done.n_items and not any("link" in problem.span.path for problem in plan.problems)
    (tmp_path / "empty").mkdir()
    plan = import_file(tmp_path / "empty", BANKS / "forklift", ImportOptions(), dry=True)
    assert [problem.code for problem in plan.problems] == ["X438"]
