"""The schema of a file of items: what every item has, what its kind has, in the words of one bank."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from qbank.core.bank import Bank
from qbank.files.items import HEAD_KEYS, ItemHead
from qbank.files.json_schema import Schema, described, document, model_schemas, suggested, worded
from qbank.files.stimuli import StimulusText
from qbank.files.templates import TEMPLATE_KEYS
from qbank.kinds import KINDS
from qbank.messages import Language, text

MAX_IDS = 5000
OWN_KEYS = ("id", "stem")
"""What no item inherits from ``defaults:``."""


def items_schema(bank: Bank, declared: Collection[str], language: Language) -> Schema:
    """Return the schema of ``items/**/*.yaml`` of this bank."""
    schemas, definitions = model_schemas([ItemHead, StimulusText, *(kind.body for kind in KINDS.values())], language)
    head = schemas[ItemHead]["properties"]
    head |= _words_of(bank, declared, head, language)
    required = [key for key in schemas[ItemHead]["required"] if key not in OWN_KEYS]
    item: Schema = {
        "type": "object",
        "required": list(OWN_KEYS),
        "properties": head,
        "allOf": [_if_kind(word, {"$ref": f"#/definitions/{word}"}) for word in KINDS],
    }
    for word, kind in KINDS.items():
        definitions[word] = _whole_item(schemas[kind.body], head)
    definitions["item"] = item
    defaults = {key: head[key] for key in head if key not in OWN_KEYS}
    root: Schema = {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {
            "defaults": described({"type": "object", "additionalProperties": False, "properties": defaults},
                                  text(language, "authored.ItemsText.defaults")),
            "stimuli": described(_stimuli(schemas[StimulusText], bank), text(language, "authored.ItemsText.stimuli")),
            "items": described({"type": "array", "items": {"$ref": "#/definitions/item"}},
                               text(language, "authored.ItemsText.items")),
        },
        "allOf": [*(_from_defaults(key) for key in required), *(_kind_from_defaults(word) for word in KINDS)],
    }  # fmt: skip
    return document(root, definitions, f"{bank.title} · items")


def _stimuli(schema: Schema, bank: Bank) -> Schema:
    """Return the schema of the list of stimuli, which may be left empty."""
    enemies = {"type": "array", "items": suggested(sorted(bank.stimuli)[:MAX_IDS])}
    properties = schema["properties"]
    properties["enemies"] = described(enemies, properties["enemies"].get("description", ""))
    return {"type": ["array", "null"], "items": schema}


def _words_of(bank: Bank, declared: Collection[str], head: dict[str, Schema], language: Language) -> dict[str, Schema]:
    """Return the keys of the head whose words are the bank's own."""
    competencies = bank.standard.competencies.values()
    levels = {level: text(language, f"authored.level.{level}") for level in bank.standard.levels}
    authors = sorted({item.author for item in bank.items.values() if item.author})
    tags = sorted({tag for item in bank.items.values() for tag in item.tags})
    own: dict[str, Schema] = {
        "competency": worded({}, {entry.code: f"{entry.title}（{entry.importance}）" for entry in competencies}),
        "level": worded({}, levels),
        "kind": worded({}, {word: text(language, f"authored.kind.{word}") for word in KINDS}),
        "enemies": {"type": "array", "items": suggested(sorted(declared)[:MAX_IDS])},
        "tags": {"type": "array", "items": suggested(tags)},
        "author": suggested(authors),
        "stimulus": suggested(sorted(bank.stimuli)[:MAX_IDS]),
    }
    return {key: described(schema, head[key].get("description", "")) for key, schema in own.items()}


def _if_kind(word: str, then: Schema) -> Schema:
    """Return what an item of a kind must be; the numbers of a template are expressions, and only its keys are known."""
    return {"if": {"required": ["kind"], "properties": {"kind": {"const": word}}}, "then": then}


def _whole_item(body: Schema, head: dict[str, Schema]) -> Schema:
    keys: dict[str, Any] = {key: True for key in head if key in HEAD_KEYS}
    known = {**keys, **body.get("properties", {})}
    names = {key: True if key in keys else {"description": schema.get("description", "")} for key, schema in known.items()}
    strict = {"required": body.get("required", []), "properties": known}
    return {
        "additionalProperties": False,
        "properties": names,
        "if": {"anyOf": [{"required": [key]} for key in sorted(TEMPLATE_KEYS)]},
        "else": strict,
    }


def _from_defaults(key: str) -> Schema:
    """Return that each item has a key unless the defaults have it."""
    return {
        "if": {"required": ["defaults"], "properties": {"defaults": {"required": [key]}}},
        "else": {"properties": {"items": {"items": {"required": [key]}}}},
    }


def _kind_from_defaults(word: str) -> Schema:
    """Return that items without a kind of their own are of the kind in the defaults."""
    given = {"required": ["defaults"], "properties": {"defaults": {"required": ["kind"], "properties": {"kind": {"const": word}}}}}
    inherits = {"if": {"required": ["kind"]}, "else": {"$ref": f"#/definitions/{word}"}}
    return {"if": given, "then": {"properties": {"items": {"items": inherits}}}}


