"""Whole banks as QTI packages: valid, complete, the same every time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import etree

from qbank.files.interchange.qti import QTI_VERSIONS, Version
from qbank.workflow.export import Selection, export_bank
from tests.corpus import CORPUS
from tests.files.interchange.qti.schemas import files_of, package_faults, with_schemas

BANKS = CORPUS / "banks"


def exported(name: str, version: Version, tmp_path: Path, **selection: str) -> dict[str, bytes]:
    done = export_bank(BANKS / name, version, Selection(**selection), tmp_path / "out.zip")  # type: ignore[arg-type]
    assert done.path is not None, done.problems
    return files_of(done.path.read_bytes())


@with_schemas
@pytest.mark.parametrize("version", QTI_VERSIONS)
@pytest.mark.parametrize("name", ["all-kinds", "forklift"])
def test_every_file_of_a_bank_is_valid(name: str, version: Version, tmp_path: Path) -> None:
    done = export_bank(BANKS / name, version, Selection(), tmp_path / "out.zip")
    assert done.path is not None
    assert package_faults(done.path.read_bytes(), version) == []


@with_schemas
def test_a_file_that_is_not_valid_would_be_noticed(tmp_path: Path) -> None:
    done = export_bank(BANKS / "all-kinds", "qti3", Selection(where='kind == "single"'), tmp_path / "out.zip")
    assert done.path is not None
    found = files_of(done.path.read_bytes())
    spoilt = found["items/AK-S1.xml"].replace(b"max-choices", b"most-choices")
    from tests.files.interchange.qti.schemas import faults

    assert faults("items/AK-S1.xml", spoilt, "qti3") != []


@pytest.mark.parametrize("version", QTI_VERSIONS)
def test_the_manifest_lists_every_file_and_nothing_else(version: Version, tmp_path: Path) -> None:
    found = exported("all-kinds", version, tmp_path)
    root = etree.fromstring(found["imsmanifest.xml"])
    listed = [node.get("href") for node in root.iter("{*}file")]
    assert sorted(listed) == sorted(set(found) - {"imsmanifest.xml"})
    ids = {node.get("identifier") for node in root.iter("{*}resource")}
    assert {node.get("identifierref") for node in root.iter("{*}dependency")} <= ids


def test_the_same_bank_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (
        export_bank(BANKS / "all-kinds", "qti3", Selection(where='kind == "single"'), tmp_path / name).path for name in ("1.zip", "2.zip")
    )
    assert one is not None and two is not None
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("key", ["stem", "options", "rationale"])
def test_a_formula_that_does_not_parse_is_told_where_it_stands_and_nothing_is_written(key: str, tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    shutil.copytree(BANKS / "all-kinds", bank)
    file = bank / "items" / "choice.yaml"
    lines = file.read_text("utf-8").split("\n")
    at = next(n for n, line in enumerate(lines) if line.strip().startswith(f"{key}:"))
    at += key == "options"
    head, _, words = lines[at].partition(": ")
    lines[at] = f"{head}: '{words.strip(chr(39) + chr(34))[:4]} $\\frac{{1$'"
    file.write_text("\n".join(lines), encoding="utf-8")
    done = export_bank(bank, "qti3", Selection(where='kind == "single"'), tmp_path / "out.zip")
    told = [problem for problem in done.problems if problem.severity == "error"]
    assert [problem.code for problem in told] == ["F109"]
    assert (told[0].span.path.endswith("choice.yaml"), told[0].span.line) == (True, at + 1)
    assert r"\frac" in dict(told[0].facts)["detail"]
    assert done.path is None and not (tmp_path / "out.zip").exists()


def test_a_picture_that_is_gone_or_too_large_stops_the_package(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    shutil.copytree(BANKS / "all-kinds", bank)
    (bank / "media/lance.svg").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 6_000_000)
    done = export_bank(bank, "qti3", Selection(), tmp_path / "out.zip")
    assert done.path is None and not (tmp_path / "out.zip").exists()
    assert any(problem.severity == "error" for problem in done.problems)
