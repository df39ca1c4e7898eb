"""What one scoring run changed of the printed marking: other keys, items dropped, items credited to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qbank.core.item import Marked


@dataclass(frozen=True, slots=True)
class Rekey:
    """Another marking of an item.

    paper : the only paper that it is for, "" for all ; words : the key as it was written ; accepted : what decides the
    marks, once for every key that counts as right ; fingerprint : of the item with this marking ; source : ``asked``
    for by name, ``decided`` of the item, or the key as the ``bank`` has it by now
    """

    item: str
    paper: str
    words: str
    accepted: tuple[Marked, ...]
    fingerprint: str
    source: Literal["asked", "bank", "decided"]


@dataclass(frozen=True, slots=True)
class Changes:
    """drop : items that leave the paper ; credit : items whose marks go to everybody who had them ; decided, decided_drop :
    items that a decision credited, dropped"""

    rekey: tuple[Rekey, ...] = ()
    drop: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    decided_drop: tuple[str, ...] = ()


NO_CHANGES = Changes()


def changes_record(changes: Changes) -> dict[str, Any]:
    """Return changes as plain data."""
    return {name: value for name, value in _listed(asdict(changes)).items() if value}


def read_changes(record: Mapping[str, Any]) -> Changes:
    """Return the changes that `changes_record` wrote.

    >>> key = Rekey("Q-1", "", "B", ({"key": "B"},), "a.b", "asked")
    >>> read_changes(changes_record(Changes((key,), drop=("Q-2",)))) == Changes((key,), drop=("Q-2",))
    True
    """
    plain = _bare(dict(record))
    rekey = tuple(Rekey(**entry) for entry in plain.get("rekey", ()))
    items = (plain.get(name, ()) for name in ("drop", "credit", "decided", "decided_drop"))
    return Changes(rekey, *items)


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _listed(entry) for key, entry in value.items()}
    return [_listed(entry) for entry in value] if isinstance(value, tuple | list) else value


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _bare(entry) for key, entry in value.items()}
    return tuple(_bare(entry) for entry in value) if isinstance(value, tuple | list) else value
