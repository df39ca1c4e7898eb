"""new item: a stub for an item still to be written, with the next id of the bank's own pattern."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from qbank.core.bank import Bank
from qbank.files.bank import shown_path
from qbank.files.disk import BOM, read_data, write_bytes
from qbank.files.paths import parse_data
from qbank.files.yaml_text import Mapping, Sequence, parse_yaml, plain
from qbank.kinds.skeleton import item_skeleton
from qbank.messages import Language
from qbank.problem import Problem, Span, error

_NUMBERED = re.compile(r"(.*?)(\d+)")


def stub_of(
    bank: Bank, declared: Collection[str], kind: str, competency: str, *, language: Language, level: int | None = None,
    id: str = "", author: str = "", indent: int = 2,
) -> tuple[str | None, list[Problem]]:  # fmt: skip
    """Return the stub of an item as an entry of ``items:``, or nothing and why there is none.

    declared : every id that stands in the bank's files ; level : of those at which the competency is examined the
    one with most items, where none is asked for
    """
    found = bank.standard.competencies.get(competency)
    where = Span(bank.standard.span.path)
    if found is None:
        near = difflib.get_close_matches(competency, bank.standard.competencies, n=1, cutoff=0.5)
        return None, [error("B012", where, competency=competency, suggestion=near[0] if near else "")]
    levels = [one for one in bank.standard.levels if one in found.levels]
    if (level is not None and level not in levels) or not levels:
        listed = ", ".join(str(one) for one in levels)
        return None, [error("B013", found.span, competency=competency, level=level or "", levels=listed)]
    n_items = Counter(item.level for item in bank.items.values())
    chosen = level if level is not None else max(levels, key=lambda one: n_items[one])
    id = id or next_id(bank, declared, competency, chosen)
    stub = item_skeleton(
        kind, language, id=id, competency=competency, title=found.title, level=chosen, author=author, indent=indent
    )
    return stub, []


def next_id(bank: Bank, declared: Collection[str], competency: str, level: int) -> str:
    """Return the next id after those of the same competency, or domain, or level; else one of the competency's code."""
    standard = bank.standard
    domain = standard.competencies[competency].domain if competency in standard.competencies else ""
    items = bank.items.values()
    of_domain = {code for code, entry in standard.competencies.items() if entry.domain == domain}
    for near in (
        [item.id for item in items if item.competency == competency and item.level == level],
        [item.id for item in items if item.competency in of_domain and item.level == level],
    ):
        if found := _following(near, declared):
            return found
    prefix = f"{competency}-"
    taken = [id for id in declared if id.startswith(prefix)]
    return _following(taken, declared) or f"{prefix}01"


def _following(ids: Iterable[str], declared: Collection[str]) -> str:
    """Return the id after the highest of those with the commonest beginning, or an empty text.

    >>> _following(["B4-07", "B4-09", "X1"], {"B4-10", "B4-9"})
    'B4-11'
    """
    numbered = [found.groups() for id in ids if (found := _NUMBERED.fullmatch(id))]
    if not numbered:
        return ""
    prefix = Counter(beginning for beginning, _ in numbered).most_common(1)[0][0]
    digits = [digits for beginning, digits in numbered if beginning == prefix]
    number, width = max(map(int, digits)) + 1, max(map(len, digits))
    while f"{prefix}{number:0{width}}" in declared:
        number += 1
    return f"{prefix}{number:0{width}}"


def stub_indent(path: Path) -> int:
    """Return the blanks before the dashes of a file's items; 2 where there is no such file."""
    node, _ = _tree(path)
    entries = node.entries.get("items") if isinstance(node, Mapping) else None
    return entries.column - 1 if isinstance(entries, Sequence) and entries.entries else 2


def append_stub(path: Path, stub: str) -> list[Problem]:
    """Write a stub behind the items of a file, or into a new one; nothing else in the file changes.

    A file whose items are not its last key, or not a line an entry, is left alone and said so.
    """
    if not path.exists():
        write_bytes(path, ("items:\n" + stub).encode())
        return []
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return problems
    before, problems = parse_data(data, shown)
    if before is None:
        return problems
    text = data.decode("utf-8")
    end = "\r\n" if "\r\n" in text else "\n"
    body = text if not text or text.endswith(("\n", "\r")) else text + end
    new = body + stub.replace("\n", end)
    after, wrong = parse_yaml(new.removeprefix(BOM), shown)
    if wrong or not _one_more(plain(before), plain(after)):
        return [error("B014", Span(shown))]
    write_bytes(path, new.encode())
    return []


def _one_more(before: object, after: object) -> bool:
    if not (isinstance(before, dict) and isinstance(after, dict) and isinstance(after.get("items"), list)):
        return False
    shorter = {**after, "items": after["items"][:-1]}
    return shorter == before or (before == {**after, "items": None} and len(after["items"]) == 1)


def _tree(path: Path) -> tuple[object, list[Problem]]:
    data, problems = read_data(path, shown_path(path))
    return (None, problems) if data is None else parse_data(data, shown_path(path))
