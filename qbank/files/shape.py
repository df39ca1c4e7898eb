"""Holding a node against a pydantic model: every mismatch becomes a Problem at its own line and column."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from qbank.files.yaml_text import Mapping, Node, Scalar, locate, plain
from qbank.problem import Problem, Span, error

Model = TypeVar("Model", bound=BaseModel)


def shape(model: type[Model], node: Node, path: str, *, extra_keys: Iterable[str] = ()) -> tuple[
    Model | None, list[Problem]
]:
    """Return the node as a record of the model, or nothing and all that is wrong with it.

    extra_keys : keys that belong to somebody else and are only offered as suggestions
    """
    if not isinstance(node, Mapping):
        span, name = Span(path, node.line, node.column), path.rpartition("/")[2]
        return None, [error("S103", span, key=name, expected="mapping", found=kind_of(node))]
    try:
        return model.model_validate(plain(node)), []
    except ValidationError as fault:
        extra = list(extra_keys)
        return None, [_problem(dict(entry), node, path, model, extra) for entry in fault.errors(include_url=False)]


def model_keys(model: type[BaseModel]) -> list[str]:
    """Return the keys that a model accepts, as they are written."""
    return [info.alias or name for name, info in model.model_fields.items()]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to a wrong one, or an empty text.

    >>> did_you_mean("competancy", ["competency", "stem"])
    'competency'
    """
    near = difflib.get_close_matches(word, [str(entry) for entry in known], n=1, cutoff=0.6)
    return near[0] if near else ""


def kind_of(node: Node) -> str:
    """Return the word for what a node is: mapping, list, text, number, true/false, nothing."""
    if isinstance(node, Scalar):
        value = node.value
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "true/false"
        return "text" if isinstance(value, str) else "number"
    return "mapping" if isinstance(node, Mapping) else "list"


def _node_at(node: Node, steps: tuple[int | str, ...]) -> Node | None:
    found: Node | None = node
    for step in steps:
        if isinstance(found, Mapping):
            found = found.entries.get(str(step))
        elif found is not None and not isinstance(found, Scalar) and isinstance(step, int):
            found = found.entries[step] if step < len(found.entries) else None
        else:
            return None
    return found


_EXPECTED = {
    "string_type": "text",
    "int_type": "whole number",
    "int_from_float": "whole number",
    "float_type": "number",
    "bool_type": "true/false",
    "list_type": "list",
    "tuple_type": "list",
    "dict_type": "mapping",
    "model_type": "mapping",
    "mapping_type": "mapping",
}
_RANGE = {
    "greater_than": "> {gt}",
    "greater_than_equal": "≥ {ge}",
    "less_than": "< {lt}",
    "less_than_equal": "≤ {le}",
    "multiple_of": "n × {multiple_of}",
}


def _problem(
    entry: dict[str, Any], node: Node, path: str, model: type[BaseModel], extra: list[str]
) -> Problem:
    kind, tagged, context = entry["type"], tuple(entry["loc"]), entry.get("ctx", {})
    steps = _written_steps(tagged, node, last=kind not in ("extra_forbidden", "missing"))
    name = next((step for step in reversed(steps) if isinstance(step, str)), "")
    if kind == "extra_forbidden":
        span = Span(path, *locate(node, steps, key=True))
        return error("S101", span, key=name, suggestion=did_you_mean(name, _known_keys(model, tagged, extra)))
    if kind == "union_tag_not_found":
        return error("S102", Span(path, *locate(node, steps)), key=context["discriminator"].strip("'"))
    if kind == "union_tag_invalid":
        return _wrong_tag(node, (*steps, context["discriminator"].strip("'")), path, context)
    if kind == "missing":
        return error("S102", Span(path, *locate(node, steps[:-1])), key=name)
    if name == "[key]":  # pydantic's word for a key that is wrong itself, such as the level of a weight
        return _wrong_key(steps[:-1], context, Span(path, *locate(node, steps[:-1], key=True)))
    span = Span(path, *locate(node, steps))
    at = _node_at(node, steps)
    found = at.text if isinstance(at, Scalar) and at.text else (kind_of(at) if at else "nothing")
    if kind in _EXPECTED:
        return error("S103", span, key=name, expected=_EXPECTED[kind], found=kind_of(at) if at else "nothing")
    if kind in _RANGE:
        return error("S104", span, key=name, found=found, limit=_RANGE[kind].format(**context))
    if kind in ("literal_error", "enum"):
        allowed = _allowed(context)
        suggestion = did_you_mean(found, allowed.split(", "))
        return error("S105", span, key=name, found=found, allowed=allowed, suggestion=suggestion)
    if kind in ("string_too_short", "too_short"):
        return error("S106", span, key=name, least=context.get("min_length", 1))
    if kind in ("string_too_long", "too_long"):
        return error("S107", span, key=name, most=context.get("max_length", 0))
    if kind == "string_pattern_mismatch":
        return error("S108", span, key=name, found=found)
    return error("S109", span, key=name, detail=str(entry["msg"]).removeprefix("Value error, "))


def _written_steps(steps: tuple[int | str, ...], node: Node, *, last: bool) -> tuple[int | str, ...]:
    """Return the steps without those that pydantic adds: the word of the alternative that it chose in a union.

    last : whether the last step may be such a word too; a missing key is not written either
    """
    written: list[int | str] = []
    found: Node | None = node
    for index, step in enumerate(steps):
        keep = step == "[key]" or (index == len(steps) - 1 and not last)
        inner = _node_at(found, (step,)) if found is not None else None
        if inner is not None or keep or not isinstance(step, str):
            written.append(step)
            found = inner
    return tuple(written)


def _wrong_tag(node: Node, steps: tuple[int | str, ...], path: str, context: dict[str, Any]) -> Problem:
    found, allowed = str(context["tag"]), str(context["expected_tags"]).replace("'", "")
    suggestion = did_you_mean(found, allowed.split(", "))
    span = Span(path, *locate(node, steps))
    return error("S105", span, key=str(steps[-1]), found=found, allowed=allowed, suggestion=suggestion)


def _allowed(context: dict[str, Any]) -> str:
    return str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")


def _wrong_key(steps: tuple[int | str, ...], context: dict[str, Any], span: Span) -> Problem:
    word, allowed = str(steps[-1]), _allowed(context)
    name = str(steps[-2]) if len(steps) > 1 else ""
    return error("S105", span, key=name, found=word, allowed=allowed, suggestion=did_you_mean(word, allowed.split(", ")))


def _known_keys(model: type[BaseModel], steps: tuple[int | str, ...], extra: list[str]) -> list[str]:
    """Return the keys allowed where an unknown one was found, following the model's own annotations."""
    if len(steps) == 1:
        return [*model_keys(model), *extra]
    models = [model]
    for step in steps[:-1]:
        if isinstance(step, str):
            fields = {info.alias or name: info for entry in models for name, info in entry.model_fields.items()}
            tagged = [entry for entry in models if step in _tags(entry)]
            models = tagged or (_models_inside(fields[step].annotation) if step in fields else models)
    return [key for entry in models[:1] for key in model_keys(entry)]


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    """Return the words by which a model is chosen among others."""
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind is not None else ()


def _models_inside(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_inside(argument)]
