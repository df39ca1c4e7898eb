"""schema: what editors need to complete and check a bank's files while they are typed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.objectives import OBJECTIVES
from qbank.assemble.rules import Constraint
from qbank.core.authored import Authored
from qbank.files.answers.mapping import MAPPING_FILE, MappingText
from qbank.files.bank import BANK_FILE, BankSource, BankText
from qbank.files.blueprint import BlueprintText
from qbank.files.disk import write_text
from qbank.files.item_schema import items_schema
from qbank.files.json_schema import Schema, described, document, model_schemas, worded
from qbank.files.sitting import SITTING_FILE, SittingText
from qbank.files.standard import StandardText
from qbank.kinds import KINDS
from qbank.messages import Language, text
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from qbank.workflow.workspace import SETTINGS_FILE, WorkspaceText

FOLDER = Path(".qbank") / "schemas"
VSCODE = Path(".vscode") / "settings.json"
PARTS = ("items", "standard", "bank", "blueprint", "workspace", "sitting", "mapping")
SETTING = "yaml.schemas"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of one bank by part, and the files that each is about, as patterns below the workspace."""

    name: str
    parts: Mapping[str, Schema]
    patterns: Mapping[str, list[str]]


def bank_schemas(root: Path, workspace: Path) -> tuple[Schemas | None, list[Problem]]:
    """Return the schemas of the bank in a folder, in the bank's language; a bank with mistakes has them all the same."""
    source, problems = check_bank(root, cached=True)
    bank = source.bank
    if bank is None:
        return None, problems
    language = bank.language
    parts = {"items": items_schema(bank, source.declared, language), **_other_schemas(source, language)}
    return Schemas(bank.name, parts, _patterns(root, workspace, os.path.relpath(bank.standard.span.path, root))), []


def _other_schemas(source: BankSource, language: Language) -> dict[str, Schema]:
    rules = [rule.schema for rule in CONSTRAINTS.values()]
    models: dict[str, type[Authored]] = {"standard": StandardText, "bank": BankText, "blueprint": BlueprintText,
                                         "workspace": WorkspaceText, "sitting": SittingText, "mapping": MappingText}  # fmt: skip
    goals = [objective.schema for objective in OBJECTIVES.values()]
    schemas, definitions = model_schemas([*models.values(), *rules, *goals], language)
    bank = source.bank
    assert bank is not None
    sections = definitions["SectionText"]["properties"]
    sections["kind"] = worded(sections["kind"], {word: text(language, f"authored.kind.{word}") for word in KINDS})
    words = {level: text(language, f"authored.level.{level}") for level in bank.standard.levels}
    keys = schemas[BlueprintText]["properties"]
    keys["level"] = worded({"description": keys["level"]["description"]}, words)
    keys["constraints"] = {
        "description": keys["constraints"]["description"],
        "type": "array",
        "items": {
            "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
            "properties": {
                word: described(_rule_schema(rule, schemas[rule.schema]), text(language, f"authored.constraint.{word}"))
                for word, rule in CONSTRAINTS.items()
            },
        },
    }  # fmt: skip
    keys["objective"] = _objective_schema([schemas[goal] for goal in goals], keys["objective"]["description"], language)
    return {part: document(schemas[model], definitions, f"{bank.title} · {part}") for part, model in models.items()}


def _rule_schema(rule: Constraint, schema: Schema) -> Schema:
    """Return what may stand behind the word of a rule: a mapping, or its shorter form as well."""
    if not rule.bare:
        return schema
    short = {key: value for key, value in schema["properties"][rule.bare].items() if key != "default"}
    return {"anyOf": [short, schema]}


def _objective_schema(goals: list[Schema], description: str, language: Language) -> Schema:
    """Return one goal with the keys of any word, or a list of such goals."""
    goal = {key: value for schema in goals for key, value in schema["properties"].items()}
    entry = {"type": "object", "additionalProperties": False, "properties": goal}
    several = {"type": "array", "minItems": 1, "items": entry, "description": text(language, "authored.objective.goals")}
    return {**entry, "properties": {**goal, "goals": several}, "description": description}


def _patterns(root: Path, workspace: Path, standard: str) -> dict[str, list[str]]:
    below = Path(os.path.relpath(root.resolve(), workspace.resolve())).as_posix()
    prefix = "" if below == "." else f"{below}/"
    return {
        "items": [f"{prefix}items/**/*.yaml", f"{prefix}items/**/*.yml"],
        "standard": [f"{prefix}{Path(standard).as_posix()}"],
        "bank": [f"{prefix}{BANK_FILE}"],
        "blueprint": ["blueprints/*.yaml"],
        "workspace": [SETTINGS_FILE],
        "sitting": [f"**/{SITTING_FILE}"],
        "mapping": [f"**/{MAPPING_FILE}"],
    }


def write_schemas(schemas: Schemas, workspace: Path) -> tuple[list[Path], dict[str, list[str]]]:
    """Write the schemas below the workspace; return their paths and what `yaml.schemas` must say of them."""
    written, setting = [], {}
    for part, schema in schemas.parts.items():
        path = FOLDER / f"{schemas.name}-{part}.json"
        write_text(workspace / path, json.dumps(schema, ensure_ascii=False, indent=1) + "\n")
        written.append(path)
        setting[f"./{path.as_posix()}"] = schemas.patterns[part]
    return written, setting


def merge_settings(workspace: Path, setting: Mapping[str, list[str]]) -> bool:
    """Put the schemas into VS Code's settings of the workspace and keep all else; return whether that was possible.

    A file with comments, trailing commas or a key twice is left as it is: writing it anew would lose something.
    """
    path = workspace / VSCODE
    try:
        old = path.read_text("utf-8-sig") if path.exists() else "{}"
        settings = json.loads(old, object_pairs_hook=_no_key_twice)
        if not isinstance(settings, dict) or not isinstance(settings.get(SETTING, {}), dict):
            return False
    except (OSError, ValueError):
        return False
    merged = {**settings, SETTING: {**settings.get(SETTING, {}), **setting}}
    if merged == settings:
        return True
    found = re.search(r"\n([ \t]+)\S", old)
    write_text(path, json.dumps(merged, ensure_ascii=False, indent=found[1] if found else 2) + "\n")
    return True


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(pairs)
    return found


def setting_lines(setting: Mapping[str, list[str]]) -> str:
    """Return what belongs into VS Code's settings, to be put in by hand."""
    return json.dumps({SETTING: setting}, ensure_ascii=False, indent=2)[2:-2]


def modelines(root: Path, schemas: Schemas, workspace: Path) -> dict[str, str]:
    """Return the first line for a file of each folder of the bank, by folder: where its schema lies, seen from there."""
    lines = {}
    places = {root / "items", *(path.parent for path in (root / "items").rglob("*.yaml"))}
    for folder, part in [(root, "bank"), (root, "standard"), *((place, "items") for place in sorted(places))]:
        target = workspace.resolve() / FOLDER / f"{schemas.name}-{part}.json"
        relative = Path(os.path.relpath(target, folder.resolve())).as_posix()
        where = f"{Path(os.path.relpath(folder, Path.cwd())).as_posix()}" + ("" if part == "items" else f"/{part}.yaml")
        lines[where] = f"# yaml-language-server: $schema={relative}"
    return lines
