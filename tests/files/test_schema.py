"""The schemas agree with the reader: what it takes they take, and a mistake of shape is one for both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

import qbank.kinds.case
from qbank.core.authored import Authored
from qbank.files.blueprint import BlueprintText
from qbank.files.json_schema import explanation
from qbank.files.paths import parse_data
from qbank.files.yaml_text import parse_yaml, plain
from qbank.kinds import KINDS
from qbank.kinds.skeleton import item_skeleton
from qbank.messages import LANGUAGES, Language
from qbank.workflow.bank import check_bank
from qbank.workflow.schema import PARTS, bank_schemas
from tests.corpus import CORPUS
from tests.files.broken_cases import CASES, Case
from tests.files.sound import BANK, ITEMS, SOUND, STANDARD, write_bank
from tests.files.test_hostile_input import damaged
from tests.workflow.places import REPOSITORY

BANKS = sorted((REPOSITORY / "banks").iterdir())
PART_OF = {"standard.yaml": "standard", "bank.yaml": "bank"}


def schemas_of(root: Path) -> dict[str, Any]:
    schemas, _ = bank_schemas(root, root)
    assert schemas is not None
    return dict(schemas.parts)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft7Validator]:
    root = write_bank(tmp_path_factory.mktemp("tiny"), SOUND)
    return {part: Draft7Validator(schema) for part, schema in schemas_of(root).items()}


def mistakes(validator: Draft7Validator, text: str | bytes) -> list[str]:
    node, problems = parse_data(text if isinstance(text, bytes) else text.encode(), "x.yaml")
    assert node is not None, problems
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(plain(node))]


@pytest.mark.parametrize("root", BANKS, ids=lambda root: root.name)
def test_every_file_of_the_projects_banks_is_valid(root: Path) -> None:
    schemas = schemas_of(root)
    for part, schema in schemas.items():
        Draft7Validator.check_schema(schema)
        assert json.loads(json.dumps(schema)) == schema, part
    items = Draft7Validator(schemas["items"])
    for path in sorted((root / "items").rglob("*.yaml")):
        assert mistakes(items, path.read_bytes()) == [], path
    for name, part in PART_OF.items():
        assert mistakes(Draft7Validator(schemas[part]), (root / name).read_bytes()) == []


def test_the_projects_blueprints_and_settings_are_valid() -> None:
    schemas = schemas_of(BANKS[-1])
    for path in sorted((REPOSITORY / "blueprints").glob("*.yaml")):
        assert mistakes(Draft7Validator(schemas["blueprint"]), path.read_bytes()) == []
    assert mistakes(Draft7Validator(schemas["workspace"]), (REPOSITORY / "qbank.yaml").read_bytes()) == []


@pytest.mark.parametrize("rule", ["counts: {}", "count: {where: x, mni: 1}", "once_per: domains", "once_per: {of: domains}", "overlap: {}",
                                  "crossed: {by: [grades], cells: {}}", "sets: {items: true}"])
def test_a_wrong_constraint_is_a_mistake(rule: str, tiny: dict[str, Draft7Validator]) -> None:
    text = (CORPUS / "blueprints" / "bof-4-theory.yaml").read_text("utf-8")
    (found,) = mistakes(tiny["blueprint"], text.replace("constraints:\n", f"constraints:\n  - {rule}\n")
                        .replace("level: 4\n", "level: 4\n"))  # fmt: skip
    assert "constraints[0]" in found


def test_the_sound_bank_is_valid(tiny: dict[str, Draft7Validator]) -> None:
    assert mistakes(tiny["items"], ITEMS) == []
    assert mistakes(tiny["standard"], STANDARD) == []
    assert mistakes(tiny["bank"], BANK) == []


def of_shape() -> Iterator[Case]:
    """Yield the broken cases whose mistake is one of shape; that of a domain's key is the standard's own."""
    for case in CASES:
        if case.code.startswith("S1"):
            yield case


@pytest.mark.parametrize("case", list(of_shape()), ids=lambda case: case.name)
def test_every_mistake_of_shape_is_one_of_the_schema(case: Case, tiny: dict[str, Draft7Validator]) -> None:
    file = case.at.split(":")[0]
    content = case.files[file]
    assert content is not None
    assert mistakes(tiny[PART_OF.get(file, "items")], content), case


@pytest.mark.parametrize("old, new, where", [("A-001\n    stem", "A-009\n    stem", "competency"), ("level: 4", "level: 2", "level")])
def test_words_of_the_bank_are_part_of_it(old: str, new: str, where: str, tiny: dict[str, Draft7Validator]) -> None:
    assert where in mistakes(tiny["items"], ITEMS.replace(old, new, 1))[0]


def test_what_cannot_be_inherited_is_asked_of_each_item(tiny: dict[str, Draft7Validator]) -> None:
    item = "items:\n  - {id: Q-1, stem: x, options: {A: a, B: b}, key: A, competency: A-001, grade: 1, cognitive: apply, seconds: 30%s}\n"
    assert mistakes(tiny["items"], item % ", kind: single, level: 4") == []
    assert "'kind' is a required" in mistakes(tiny["items"], item % ", level: 4")[0]
    assert "'level' is a required" in mistakes(tiny["items"], item % ", kind: single")[0]
    assert mistakes(tiny["items"], "defaults: {level: 4, kind: single}\n" + item % "") == []
    found = mistakes(tiny["items"], "defaults: {level: 4, kind: true_false}\n" + item % "")
    assert any("options" in line for line in found)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_stubs_are_valid(kind: str, language: Language, tiny: dict[str, Draft7Validator]) -> None:
    stub = item_skeleton(kind, language, id="N-1", competency="A-001", title="", level=4)
    assert mistakes(tiny["items"], "items:\n" + stub) == []


def test_a_templates_expressions_are_no_mistakes_but_its_keys_are_known(tiny: dict[str, Draft7Validator]) -> None:
    text = """\
items:
  - {id: T-1, kind: numeric, competency: A-001, level: 4, stem: 求 {{ m }} 的两倍。, parameters: {m: {from: 1, to: 9}}, grade: 2,
     cognitive: apply, seconds: 60, key: {value: "{{ 2 * m }}"}}
""".replace("求 {{ m }} 的两倍。", '"求 {{ m }} 的两倍。"')  # fmt: skip
    assert mistakes(tiny["items"], text) == []
    assert "keys" in mistakes(tiny["items"], text.replace("key:", "keys:"))[0]


@settings(max_examples=80, deadline=None)
@given(data=st.data(), file=st.sampled_from(sorted(SOUND)))
def test_what_the_reader_takes_the_schema_takes(
    data: st.DataObject, file: str, tiny: dict[str, Draft7Validator], tmp_path: Path
) -> None:
    text = data.draw(damaged(SOUND[file]))
    node, problems = parse_yaml(text.removeprefix("\ufeff"), file)
    if node is None or problems:
        return
    source, problems = check_bank(write_bank(tmp_path, {**SOUND, file: text}))
    if source.bank is not None and not any(problem.severity == "error" for problem in problems):
        found = mistakes(tiny[PART_OF.get(file, "items")], text)
        assert [line for line in found if "competency" not in line and "level" not in line] == [], text


def models(parent: type[Authored]) -> Iterator[type[Authored]]:
    for model in parent.__subclasses__():
        yield model
        yield from models(model)


EXPLAINED = {model for kind in KINDS.values() for model in [kind.body]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_schemas_is_explained_in_both_languages(language: Language, tmp_path: Path) -> None:
    root = write_bank(tmp_path, {**SOUND, "bank.yaml": BANK.replace("language: zh", f"language: {language}")})
    bare = []
    for part, schema in schemas_of(root).items():
        for name, definition in {"": schema, **schema.get("definitions", {})}.items():
            if "if" not in definition and name not in ("RangeText", "BlankKey"):
                bare += [f"{name}.{key}" for key, value in definition.get("properties", {}).items() if not value.get("description")]
        if part == "blueprint":
            rules: dict[str, Any] = schema["properties"]["constraints"]["items"]["properties"]
            bare += [word for word, rule in rules.items() if not rule.get("description")]
            bare += [f"{word}.{key}" for word, rule in rules.items() for key, value in rule.get("properties", {}).items() if not value.get("description")]
    assert bare == []


def test_explanations_are_found_through_what_a_record_inherits() -> None:
    part = next(model for model in models(Authored) if model.__name__ == "SinglePart")
    assert explanation(part, "stem", "en") == "this question"
    assert explanation(part, "key", "en") == "letter of the right option"
    assert explanation(BlueprintText, "nothing", "en") == ""
    assert qbank.kinds.case is not None


def test_titles_of_competencies_stand_beside_their_codes(tiny: dict[str, Draft7Validator]) -> None:
    schema: Any = tiny["items"].schema
    competency = schema["definitions"]["item"]["properties"]["competency"]
    assert dict(zip(competency["enum"], competency["enumDescriptions"], strict=True))["A-001"] == "安全（X）"
    assert sorted(PARTS) == sorted(tiny)
