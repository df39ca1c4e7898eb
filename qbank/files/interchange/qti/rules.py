"""Response processing in few words: expressions and rules as elements of QTI 3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qbank.files.interchange.qti.tree import element


def variable(name: str) -> Any:
    """Return the value of a variable."""
    return element("qti-variable", identifier=name)


def correct(name: str) -> Any:
    """Return the correct response of a variable."""
    return element("qti-correct", identifier=name)


def value(type: str, what: object) -> Any:
    """Return a constant."""
    from qbank.files.interchange.qti.tree import plain

    return element("qti-base-value", plain(what), base_type=type)


def matches(name: str) -> Any:
    """Return whether a response is the correct one."""
    return element("qti-match", variable(name), correct(name))


def mapped(name: str) -> Any:
    """Return what a response is worth by its mapping."""
    return element("qti-map-response", identifier=name)


def put(name: str, what: Any) -> Any:
    """Return the rule that sets an outcome."""
    return element("qti-set-outcome-value", what, identifier=name)


def choose(*cases: tuple[Any, Iterable[Any]], otherwise: Iterable[Any] = ()) -> Any:
    """Return the rule that follows the first condition that holds."""
    made = element("qti-response-condition")
    for number, (condition, then) in enumerate(cases):
        made.append(element("qti-response-if" if number == 0 else "qti-response-else-if", condition, *then))
    if rest := list(otherwise):
        made.append(element("qti-response-else", *rest))
    return made


def any_of(conditions: list[Any]) -> Any:
    """Return whether one of the conditions holds."""
    return conditions[0] if len(conditions) == 1 else element("qti-or", *conditions)


def all_of(conditions: list[Any]) -> Any:
    """Return whether all of the conditions hold."""
    return conditions[0] if len(conditions) == 1 else element("qti-and", *conditions)


def matches_anywhere() -> Any:
    """Return whether this player takes a pattern that fits a part of a text only.

    QTI means the whole text and takes ``^`` and ``$`` for letters, as XML Schema does; some players take the patterns of
    JavaScript, which fit anywhere unless these two signs stand at the ends.
    """
    return element("qti-pattern-match", value("string", "ab"), pattern="a")


def fits(name: str, patterns: list[str], loose: str) -> Any:
    """Return whether a response fits one of the patterns as a whole, whatever the player takes a pattern for.

    loose : the outcome that holds what `matches_anywhere` found
    """
    whole = f"({'|'.join(f'({pattern})' for pattern in patterns)})" if len(patterns) > 1 else patterns[0]
    strict = element("qti-pattern-match", variable(name), pattern=whole)
    ended = element("qti-pattern-match", variable(name), pattern=f"^({whole})$")
    return element(
        "qti-or", element("qti-and", element("qti-not", variable(loose)), strict), element("qti-and", variable(loose), ended)
    )


def response(name: str, cardinality: str, type: str, right: Iterable[object] = (), mapping: Any = None) -> Any:
    """Return the declaration of a response with its correct value and what parts of it are worth."""
    values = [element("qti-value", str(one)) for one in right]
    return element(
        "qti-response-declaration", element("qti-correct-response", *values) if values else None, mapping,
        identifier=name, cardinality=cardinality, base_type=type,
    )  # fmt: skip


def mapping(worth: Iterable[tuple[str, float]], *, most: float | None = None, case: bool | None = None) -> Any:
    """Return what each value is worth, anything else nothing, and all together never less than nothing."""
    entries = [
        element("qti-map-entry", map_key=key, mapped_value=marks, case_sensitive=case) for key, marks in worth
    ]
    return element("qti-mapping", *entries, lower_bound=0.0, upper_bound=most, default_value=0.0)


def outcome(
    name: str, type: str = "float", start: object = 0.0, *, cardinality: str = "single", most: float | None = None,
    by_hand: bool = False,
) -> Any:  # fmt: skip
    """Return the declaration of an outcome; nothing stands in it at the beginning where ``start`` is None."""
    from qbank.files.interchange.qti.tree import plain

    begin = element("qti-default-value", element("qti-value", plain(start))) if start is not None else None
    return element(
        "qti-outcome-declaration", begin, identifier=name, cardinality=cardinality, base_type=type,
        normal_maximum=most, normal_minimum=0.0 if most is not None else None,
        external_scored="human" if by_hand else None,
    )  # fmt: skip
