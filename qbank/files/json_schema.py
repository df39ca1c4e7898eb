"""Records that people write → JSON Schemas (draft-07), with what each key means in the language of the bank.

Editors that speak to yaml-language-server complete and check from them while an editor types. A schema never refuses
what the reader takes; what only the reader can see (an id that stands twice) stays the reader's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from qbank.core.authored import Authored
from qbank.messages import Language, has_text, text

DIALECT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]
TEXT = ["string", "number"]
"""What may stand for a text: a number keeps the form it was written in."""


def model_schemas(models: Iterable[type[Authored]], language: Language) -> tuple[dict[type, Schema], dict[str, Schema]]:
    """Return the schema of each model, and the definitions that they refer to."""
    generator = type("InLanguage", (_Generator,), {"language": language})
    wanted = list(dict.fromkeys(models))
    found, rest = models_json_schema(
        [(model, "validation") for model in wanted], ref_template="#/definitions/{model}", schema_generator=generator
    )
    definitions: dict[str, Schema] = rest.get("$defs", {})
    schemas: dict[type, Schema] = {}
    for model in wanted:
        schema = found[model, "validation"]
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        schemas[model] = definitions[name] if name else schema
    return schemas, definitions


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas without its titles, with our explanations, and numbers where a text is meant."""

    language: Language = "en"

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return that a key needs no title beside its name."""
        return False

    def function_before_schema(self, schema: Any) -> Schema:
        """Return what the reader takes: a text may be written as a number."""
        found = super().function_before_schema(schema)
        return {**found, "type": TEXT} if found.get("type") == "string" and "enum" not in found else found

    def chain_schema(self, schema: Any) -> Schema:
        """Return what all steps ask for; pydantic gives the first alone, and a code's pattern is in the second."""
        steps = [self.generate_inner(step) for step in schema["steps"]]
        rest = {key: value for step in steps[1:] for key, value in step.items() if key != "type"}
        return {**steps[0], **rest}

    def literal_schema(self, schema: Any) -> Schema:
        """Return the words with what they mean."""
        return explained_words(super().literal_schema(schema), self.language)

    def model_schema(self, schema: Any) -> Schema:
        """Return a record's schema with an explanation of each of its keys."""
        found = super().model_schema(schema)
        found.pop("title", None)
        found.pop("description", None)
        properties = found.get("properties", {})
        for name, key in properties.items():
            words = explanation(schema["cls"], name, self.language)
            if words:
                properties[name] = described(key, words)
        return found

    def tagged_union_schema(self, schema: Any) -> Schema:
        """Return a choice by a word as conditions, so that an editor names the mistake and not the choice."""
        key = schema["discriminator"]
        if not isinstance(key, str):  # told apart by how it is written, such as a number or a percentage
            return {"anyOf": [self.generate_inner(choice) for choice in schema["choices"].values()]}
        choices = {str(word): self.generate_inner(choice) for word, choice in schema["choices"].items()}
        words = explained_words({"enum": list(choices)}, self.language)
        return {
            "type": "object", "required": [key], "properties": {key: words},
            "allOf": [_where(key, word, choice) for word, choice in choices.items()],
        }  # fmt: skip


def _where(key: str, word: str, then: Schema) -> Schema:
    return {"if": {"properties": {key: {"const": word}}, "required": [key]}, "then": then}


def explanation(model: type, key: str, language: Language) -> str:
    """Return what a key of a record means, by the record itself or what it inherits from; else an empty text."""
    for kind in model.__mro__:
        name = f"authored.{kind.__name__}.{key}"
        if has_text(language, name):
            return text(language, name)
    return ""


def described(schema: Schema, words: str) -> Schema:
    """Return a schema with a description; one that only refers to another is wrapped, as draft-07 wants it."""
    return {"allOf": [schema], "description": words} if "$ref" in schema else {**schema, "description": words}


def explained_words(schema: Schema, language: Language) -> Schema:
    """Return a list of words with what each means, where the catalogue knows all of them."""
    words = schema.get("enum", [])
    for group in ("kind", "status", "cognitive", "importance", "order"):
        names = [f"authored.{group}.{word}" for word in words]
        if names and all(has_text(language, name) for name in names):
            return worded(schema, {word: text(language, name) for word, name in zip(words, names, strict=True)})
    return schema


def worded(schema: Schema, meanings: Mapping[Any, str]) -> Schema:
    """Return a schema that takes these words only, each with its meaning beside it."""
    return {
        **schema, "enum": list(meanings), "enumDescriptions": list(meanings.values()),
        "markdownEnumDescriptions": list(meanings.values()),
    }  # fmt: skip


def suggested(words: Iterable[str]) -> Schema:
    """Return a schema that takes any text and offers these."""
    listed = list(words)
    anything: Schema = {"type": TEXT}
    return {"anyOf": [{"enum": listed}, anything]} if listed else anything


def document(schema: Schema, definitions: Mapping[str, Schema], title: str) -> Schema:
    """Return a whole schema with those definitions that it needs, and no others."""
    needed: dict[str, Schema] = {}
    queue = _referred(schema)
    while queue:
        name = queue.pop()
        if name not in needed:
            needed[name] = definitions[name]
            queue += _referred(definitions[name])
    whole = {"$schema": DIALECT, "title": title, **schema, "definitions": dict(sorted(needed.items()))}
    return {key: _tidy(value) for key, value in whole.items() if value != {}}


def _tidy(schema: Any) -> Any:
    """Return a schema whose lists are bounded in entries: pydantic bounds them in characters behind a validator."""
    if isinstance(schema, list):
        return [_tidy(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(value) for key, value in schema.items()}
    if tidy.get("type") == "array":
        for wrong, right in (("minLength", "minItems"), ("maxLength", "maxItems")):
            if wrong in tidy:
                tidy[right] = tidy.pop(wrong)
    return tidy


def _referred(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"].rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
        return own + [name for value in schema.values() for name in _referred(value)]
    return [name for value in schema for name in _referred(value)] if isinstance(schema, list) else []
