"""What should change in an item, as a value: a key set, a list added to, an entry appended, an item replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qbank.files.patch import same

Data = dict[str, Any]
Change = Callable[[Data, Data], "Data | tuple[str, str]"]
"""The item's own keys and the file's defaults → its new keys, or the code of a problem and the key that it is about."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one item; ``expected`` is the digest of its lines as they were read, empty where nobody cares."""

    id: str
    change: Change
    expected: str = ""


def setting(id: str, key: str, value: Any, *, expected: str = "") -> Edit:
    """Return the edit that gives a key a value; what the defaults say already is not repeated."""

    def change(own: Data, defaults: Data) -> Data:
        inherited = key not in own and key in defaults and same(defaults[key], value)
        return own if inherited else {**own, key: value}

    return Edit(id, change, expected)


def adding(id: str, key: str, values: Sequence[Any], *, expected: str = "") -> Edit:
    """Return the edit that adds to a list what it does not hold yet."""

    def change(own: Data, defaults: Data) -> Data | tuple[str, str]:
        if key not in own and defaults.get(key):
            return "E104", key
        old = own.get(key)
        if old is not None and not isinstance(old, list):
            return "E105", key
        new = [*(old or [])]
        for value in values:
            if not any(same(value, entry) for entry in new):
                new.append(value)
        return own if new == (old or []) else {**own, key: new}

    return Edit(id, change, expected)


def appending(id: str, key: str, entry: Mapping[str, Any], *, expected: str = "") -> Edit:
    """Return the edit that writes one more entry at the end of a list of entries, such as ``log:``."""

    def change(own: Data, defaults: Data) -> Data | tuple[str, str]:
        if key not in own and defaults.get(key):
            return "E104", key
        old = own.get(key)
        if old is not None and not isinstance(old, list):
            return "E105", key
        return {**own, key: [*(old or []), dict(entry)]}

    return Edit(id, change, expected)


def replacing(id: str, mapping: Mapping[str, Any], *, expected: str = "") -> Edit:
    """Return the edit that makes an item read as the mapping; keys that stay the same keep their lines."""

    def change(own: Data, defaults: Data) -> Data:
        return {
            key: value for key, value in mapping.items()
            if key in own or key not in defaults or not same(defaults[key], value)
        }  # fmt: skip

    return Edit(id, change, expected)
