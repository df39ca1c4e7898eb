"""Records → plain data that `marshal` can hold, and back, exactly as they were.

Reading such data builds only the records of `qbank.core`, `qbank.kinds` and what people author: no name in it is ever
imported, nothing in it is run. What cannot come back equal is refused when it is written.
"""

from __future__ import annotations

import dataclasses
import operator
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel

from qbank.core.authored import Authored, WrittenFloat, WrittenInt

PACKAGES = ("qbank.core.", "qbank.kinds.", "qbank.problem", "qbank.files.")
_PLAIN = frozenset({type(None), bool, int, float, str})


class Unstorable(TypeError):
    """A value of a class that is not known to come back as it was."""


@cache
def _classes() -> dict[str, type]:
    """Return every record class by name: dataclasses of the inner packages, and models that people author."""
    found: dict[str, type] = {_name(model): model for model in _models(Authored)}
    for name, module in list(sys.modules.items()):
        if name.startswith(PACKAGES):
            for value in vars(module).values():
                if isinstance(value, type) and dataclasses.is_dataclass(value):
                    found[_name(value)] = value
    return found


def _models(parent: type[Authored]) -> Iterator[type[Authored]]:
    """Yield every model below one; those of a case's parts are made at run time and stand in no module."""
    for model in parent.__subclasses__():
        yield model
        yield from _models(model)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


@cache
def _fields(kind: type) -> tuple[str, ...]:
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    if issubclass(kind, BaseModel) and not kind.__private_attributes__ and kind.model_config.get("extra") != "allow":
        return tuple(kind.model_fields)
    raise Unstorable(kind)


@cache
def _values(kind: type) -> Callable[[Any], Any]:
    """Return the function from a record to the values of all its fields."""
    names = _fields(kind)
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


class Writer:
    """Encodes values; ``names`` then holds the classes that were met, in the order of their numbers.

    A list is a record: the number of its class, which of its fields need decoding, the fields. A tuple stays one, a
    mapping stays one, and a list that people wrote is a record of class -1.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[type, int] = {}

    def encode(self, value: Any) -> Any:
        """Return plain data for a value, the value itself where it is plain; or raise `Unstorable`."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is tuple:
            if _PLAIN.issuperset(map(type, value)):
                return value
            entries = [self.encode(entry) for entry in value]
            return value if all(map(operator.is_, entries, value)) else tuple(entries)
        if kind is list:
            return [-1, *map(self.encode, value)]
        if kind is dict:
            if not _PLAIN.issuperset(map(type, value)):
                raise Unstorable(kind)
            if _PLAIN.issuperset(map(type, value.values())):
                return value
            encoded = {key: self.encode(entry) for key, entry in value.items()}
            return value if all(map(operator.is_, encoded.values(), value.values())) else encoded
        if kind is WrittenInt:
            return [-2, int(value), value.text]
        if kind is WrittenFloat:
            return [-3, float(value), value.text]
        if kind is Decimal:
            return [-4, str(value)]
        return self._record(value, kind)

    def _record(self, value: Any, kind: type) -> list[Any]:
        number = self._number(kind)
        fields = _values(kind)(value)
        encoded = list(fields)
        composed = []
        for index, field in enumerate(fields):
            if type(field) not in _PLAIN and (one := self.encode(field)) is not field:
                encoded[index] = one
                composed.append(index)
        given = tuple(sorted(value.model_fields_set)) if isinstance(value, BaseModel) else None
        return [number, tuple(composed), given, *encoded]

    def _number(self, kind: type) -> int:
        if kind not in self._numbers:
            name = _name(kind)
            if _classes().get(name) is not kind:
                raise Unstorable(name)
            self._numbers[kind] = len(self.names)
            self.names.append(name)
        return self._numbers[kind]


class Reader:
    """Decodes what a `Writer` with these names wrote."""

    def __init__(self, names: list[str]) -> None:
        classes = _classes()
        self._build: list[Callable[[list[Any]], Any]] = [self._builder(classes[name]) for name in names]

    def decode(self, plain: Any) -> Any:
        """Return the value again."""
        kind = type(plain)
        if kind is list:
            number = plain[0]
            if number >= 0:
                return self._build[number](plain)
            if number == -1:
                return [self.decode(entry) for entry in plain[1:]]
            if number == -4:
                return Decimal(plain[1])
            written: Any = (WrittenInt if number == -2 else WrittenFloat)(plain[1])
            written.text = plain[2]
            return written
        if kind is tuple:
            return tuple([self.decode(entry) for entry in plain])
        if kind is dict:
            return {key: self.decode(entry) for key, entry in plain.items()}
        return plain

    def _builder(self, kind: type) -> Callable[[list[Any]], Any]:
        names = _fields(kind)
        decode = self.decode

        def fields_of(plain: list[Any]) -> list[Any]:
            fields = plain[3:]
            for index in plain[1]:
                fields[index] = decode(fields[index])
            return fields

        if dataclasses.is_dataclass(kind):
            return lambda plain: kind(*fields_of(plain))

        set_attribute, empty = object.__setattr__, object.__new__

        def model(plain: list[Any]) -> Any:
            # validated when it was written, and the text's hash says that it is the same text
            record: Any = empty(kind)
            set_attribute(record, "__dict__", dict(zip(names, fields_of(plain), strict=True)))
            set_attribute(record, "__pydantic_fields_set__", set(plain[2]))
            set_attribute(record, "__pydantic_extra__", None)
            set_attribute(record, "__pydantic_private__", None)
            return record

        return model
