"""Schemas in a workspace: where they are written, and what becomes of the settings of VS Code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbank.workflow.schema import (
    FOLDER,
    PARTS,
    SETTING,
    bank_schemas,
    merge_settings,
    modelines,
    setting_lines,
    write_schemas,
)
from tests.files.sound import write_bank

LIST = {"./.qbank/schemas/tiny-items.json": ["banks/tiny/items/**/*.yaml", "banks/tiny/items/**/*.yml"]}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_bank(tmp_path / "banks" / "tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(workspace: Path) -> Path:
    path = workspace / ".vscode" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    return path


def test_schemas_are_written_below_the_workspace_and_entered(workspace: Path) -> None:
    schemas, problems = bank_schemas(Path("banks/tiny"), workspace)
    assert schemas is not None and problems == []
    paths, setting = write_schemas(schemas, workspace)
    assert sorted(paths) == sorted(FOLDER / f"tiny-{part}.json" for part in PARTS)
    assert setting["./.qbank/schemas/tiny-items.json"] == LIST["./.qbank/schemas/tiny-items.json"]
    assert setting["./.qbank/schemas/tiny-standard.json"] == ["banks/tiny/standard.yaml"]
    assert merge_settings(workspace, setting)
    assert json.loads(settings(workspace).read_text("utf-8"))[SETTING] == setting
    for path in paths:
        assert json.loads((workspace / path).read_text("utf-8"))["$schema"].startswith("http://json-schema.org/draft-07")


def test_a_bank_with_mistakes_has_schemas_and_one_without_a_standard_has_problems(workspace: Path) -> None:
    write_bank(workspace / "banks" / "tiny", {"items/b.yaml": "items: [1]\n"})
    assert bank_schemas(Path("banks/tiny"), workspace)[0] is not None
    (workspace / "banks" / "tiny" / "standard.yaml").unlink()
    schemas, problems = bank_schemas(Path("banks/tiny"), workspace)
    assert schemas is None and "B002" in [problem.code for problem in problems]


def test_other_settings_stay_as_they_are(workspace: Path) -> None:
    old = {"editor.rulers": [100], "中文": "是", SETTING: {"https://example.org/x.json": "*.x.yaml"}, "z": {"b": 1, "a": 2}}
    path = settings(workspace)
    path.write_text(json.dumps(old, ensure_ascii=False, indent=4), "utf-8")
    assert merge_settings(workspace, LIST)
    new = path.read_text("utf-8")
    assert list(json.loads(new)) == list(old)
    assert json.loads(new) == {**old, SETTING: {**old[SETTING], **LIST}}  # type: ignore[dict-item]
    assert '\n    "editor.rulers"' in new and "中文" in new
    before = path.stat().st_mtime_ns
    assert merge_settings(workspace, LIST)
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "text",
    ['{\n  // mine\n  "a": 1\n}', '{"a": 1,}', '{"a": 1, "a": 2}', "[1]", '{"yaml.schemas": []}', "", "{"],
    ids=["comment", "comma", "key twice", "list", "schemas of another shape", "empty", "half"],
)
def test_settings_that_cannot_be_kept_whole_are_left_alone(text: str, workspace: Path) -> None:
    path = settings(workspace)
    path.write_text(text, "utf-8")
    assert not merge_settings(workspace, LIST)
    assert path.read_text("utf-8") == text
    assert json.loads("{" + setting_lines(LIST) + "}") == {SETTING: LIST}


def test_modelines_lead_from_each_folder_to_its_schema(workspace: Path) -> None:
    write_bank(Path("banks/tiny"), {"items/level-4/b.yaml": "items: []\n"})
    schemas, _ = bank_schemas(Path("banks/tiny"), workspace)
    assert schemas is not None
    write_schemas(schemas, workspace)
    lines = modelines(Path("banks/tiny"), schemas, workspace)
    assert set(lines) == {"banks/tiny/bank.yaml", "banks/tiny/standard.yaml", "banks/tiny/items", "banks/tiny/items/level-4"}
    for where, line in lines.items():
        folder = Path(where).parent if where.endswith(".yaml") else Path(where)
        assert (folder / line.removeprefix("# yaml-language-server: $schema=")).is_file()


def test_a_bank_that_is_the_workspace_has_patterns_of_its_own(tmp_path: Path) -> None:
    schemas, _ = bank_schemas(write_bank(tmp_path), tmp_path)
    assert schemas is not None
    assert schemas.patterns["items"][0] == "items/**/*.yaml"
