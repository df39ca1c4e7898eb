"""What to write where, so that a part of a text reads as new data and everything beside it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from qbank.files.emit import WIDE, emit_flow, emit_key, emit_value, entry_lines
from qbank.files.marks import KeyPart, Lines, Part

KEY_ORDER = (
    "id", "source_id", "kind", "competency", "level", "status", "marks", "author", "stem", "*", "key", "grade", "cognitive",
    "seconds", "rationale", "reference", "congruence", "enemies", "tags", "log",
)  # fmt: skip
"""Where a key that an item does not have yet is put: after the last of those before it. ``*``: the kind's own."""


@dataclass(frozen=True, slots=True)
class Patch:
    """``text[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: str


def apply_patches(text: str, patches: Sequence[Patch]) -> str | None:
    """Return the patched text, or None where two patches want the same characters.

    >>> apply_patches("abc", [Patch(3, 3, "!"), Patch(0, 1, "x"), Patch(3, 3, "?")])
    'xbc!?'
    """
    pieces, done = [], 0
    for patch in sorted(patches, key=lambda patch: patch.start):  # stable: insertions stay in the order given
        if patch.start < done:
            return None
        pieces += [text[done : patch.start], patch.new]
        done = patch.end
    return "".join([*pieces, text[done:]])


def same(one: Any, other: Any) -> bool:
    """Return whether two values are written alike: ``1.10`` is not ``1.1``, ``"1"`` is not ``1``; order counts.

    >>> same(1, 1.0), same("1", 1), same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    (True, False, False)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return [*one] == [*other] and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        texts = getattr(one, "text", None), getattr(other, "text", None)
        return texts[0] == texts[1] if None not in texts else one == other
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def same_item(one: Any, other: Any) -> bool:
    """Return whether two items hold the same; the order of their keys does not count."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {*one} == {*other} and all(same(one[key], other[key]) for key in one)
    return same(one, other)


def line_end(lines: Lines, line: int) -> str:
    """Return how lines near this one end."""
    for n in chain(range(line, -1, -1), range(line + 1, len(lines.starts))):
        if lines.break_of(n) in ("\n", "\r\n", "\r"):
            return lines.break_of(n)
    return "\n"


def insertion(lines: Lines, line: int, rows: Sequence[str]) -> Patch:
    """Return the patch that puts rows below a line; a file whose last line has no end keeps having none."""
    end, at = line_end(lines, line), lines.after(line)
    new = "".join(row + end for row in rows) if lines.break_of(line) else "".join(end + row for row in rows)
    return Patch(at, at, new)


def item_patches(part: Part, old: Mapping[str, Any], new: Mapping[str, Any], lines: Lines) -> list[Patch]:
    """Return what makes an item read as the new data: patches of the keys that differ."""
    if part.flow:
        return _flow_mapping(part, old, new, lines)
    return _block_mapping(part, old, new, lines, order=KEY_ORDER)


def _column(lines: Lines, offset: int) -> int:
    return offset - lines.starts[lines.number(offset)]


def _step(part: Part, column: int, lines: Lines) -> int:
    """Return the columns by which this mapping indents what is below a key."""
    for key in part.keys.values():
        if key.value.is_block and (step := _column(lines, key.value.start) - column) > 0:
            return step
    return 2


def _block_mapping(
    part: Part, old: Mapping[str, Any], new: Mapping[str, Any], lines: Lines, *, order: Sequence[str] = ()
) -> list[Patch]:
    column = _column(lines, part.start)
    step = _step(part, column, lines)
    patches: list[Patch] = []
    kept = [key for key in old if key in new]
    for key in old:
        if key not in new:
            patches += _removal(part, key, kept, lines)
        elif not same(old[key], new[key]):
            patches += _changed(part.keys[key], old[key], new[key], lines, key=key, column=column, step=step)
    added = [key for key in new if key not in old]
    for key in sorted(added, key=lambda key: _rank(key, order)) if order else added:
        inline, below = emit_value(new[key], indent=column, step=step, key=key)
        rows = [f"{' ' * column}{emit_key(key)}:{' ' if inline else ''}{inline}", *below]
        patches.append(insertion(lines, _last_line(part.keys[_neighbour(key, kept, order)], lines), rows))
    return patches


def _rank(key: str, order: Sequence[str]) -> int:
    return order.index(key) if key in order else order.index("*")


def _neighbour(key: str, kept: Sequence[str], order: Sequence[str]) -> str:
    """Return the key below which a new one is put."""
    if not order:
        return kept[-1]
    before = [other for other in kept if _rank(other, order) <= _rank(key, order)]
    return before[-1] if before else kept[-1]


def _last_line(key: KeyPart, lines: Lines) -> int:
    return lines.number(max(key.value.end, key.colon))


def _removal(part: Part, key: str, kept: Sequence[str], lines: Lines) -> list[Patch]:
    """Return the patches that take a key out: its lines, or up to the next key where it follows the dash."""
    entry = part.keys[key]
    first_kept = min((part.keys[other].start for other in kept), default=entry.start)
    if entry.start > first_kept:
        return [Patch(lines.starts[lines.number(entry.start)], lines.after(_last_line(entry, lines)), "")]
    return [Patch(entry.start, first_kept, "")] if entry.start == part.start else []


def _changed(
    entry: KeyPart, old: Any, new: Any, lines: Lines, *, key: str, column: int, step: int
) -> list[Patch]:
    """Return the patches of one value in a block mapping: within it where that is possible, else all of it."""
    inside = _within(entry.value, old, new, lines)
    if inside is not None:
        return inside
    inline, below = emit_value(new, indent=column, step=step, key=key)
    value = entry.value
    if value.is_block:
        first, last = lines.number(value.start), lines.number(value.end)
        end = line_end(lines, last)
        rows = end.join(below) + (lines.break_of(last) if below else "")
        patches = [Patch(lines.starts[first], lines.after(last), rows)]
        return [Patch(entry.colon, entry.colon, f" {inline}"), *patches] if inline else patches
    if value.start == value.end or not inline:
        patches = [Patch(entry.colon, max(value.end, entry.colon), f" {inline}" if inline else "")]
    else:
        patches = [Patch(value.start, value.end, inline)]
    return [*patches, insertion(lines, _last_line(entry, lines), below)] if below else patches


def _within(part: Part, old: Any, new: Any, lines: Lines) -> list[Patch] | None:
    """Return the patches inside a collection that stays the same collection, or None where it is written anew."""
    if part.kind == "mapping" and isinstance(old, Mapping) and isinstance(new, Mapping) and old and new:
        kept = [key for key in old if key in new]
        if not kept or [*new] != [*kept, *(key for key in new if key not in old)] or next(iter(old)) != kept[0]:
            return None
        return (_flow_mapping if part.flow else _block_mapping)(part, old, new, lines)
    if part.kind == "sequence" and isinstance(old, list) and isinstance(new, list | tuple) and old:
        return _sequence(part, old, new, lines)
    return None


def _flow_mapping(part: Part, old: Mapping[str, Any], new: Mapping[str, Any], lines: Lines) -> list[Patch]:
    if any(key not in new for key in old):
        return [Patch(part.start, part.end, emit_flow(new))]
    patches: list[Patch] = []
    for key, entry in part.keys.items():
        if not same(old[key], new[key]):
            patches += _in_flow(entry.value, old[key], new[key], lines, colon=entry.colon)
    words = [f"{emit_key(key, in_flow=True)}: {emit_flow(new[key])}" for key in new if key not in old]
    if words and part.keys:
        last = [*part.keys.values()][-1]
        at = max(last.value.end, last.colon)
        patches.append(Patch(at, at, ", " + ", ".join(words)))
    elif words:
        patches.append(Patch(part.start + 1, part.start + 1, ", ".join(words)))
    return patches


def _in_flow(part: Part, old: Any, new: Any, lines: Lines, *, colon: int | None = None) -> list[Patch]:
    inside = _within(part, old, new, lines)
    if inside is not None:
        return inside
    if part.start == part.end and colon is not None:
        return [Patch(colon, max(part.end, colon), f" {emit_flow(new)}")]
    return [Patch(part.start, part.end, emit_flow(new))]


def _sequence(part: Part, old: Sequence[Any], new: Sequence[Any], lines: Lines) -> list[Patch] | None:
    if len(new) < len(old):
        return None
    patches: list[Patch] = []
    for entry, before, after in zip(part.entries, old, new, strict=False):
        if same(before, after):
            continue
        inside = _in_flow(entry, before, after, lines) if part.flow else _within(entry, before, after, lines)
        if inside is None:
            return None
        patches += inside
    added = new[len(old) :]
    if not added:
        return patches
    last = part.entries[-1].end
    if part.flow:
        words = "".join(f", {emit_flow(value)}" for value in added)
        one_line = lines.number(part.start) == lines.number(part.end)
        wide = _column(lines, part.end) + len(words) > WIDE + 20
        return None if one_line and wide else [*patches, Patch(last, last, words)]
    column = _column(lines, part.start)
    rows = [row for value in added for row in entry_lines(value, indent=column)]
    return [*patches, insertion(lines, lines.number(last), rows)]

