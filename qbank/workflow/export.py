"""export: items of a bank → a file of another program, with a note for everything that does not travel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qbank.assemble.item_columns import vocabulary
from qbank.core.bank import Bank
from qbank.core.item import Item
from qbank.core.standard import Standard, domain_paths, domain_titles
from qbank.core.where import Columns, Refusal, evaluate, parse_where
from qbank.files.bank import BankSource, read_bank, shown_path
from qbank.files.disk import write_bytes
from qbank.files.interchange import FORMAT_KINDS, WRITERS
from qbank.files.interchange.columns import TITLES
from qbank.files.interchange.entries import BankEntries
from qbank.files.interchange.outgoing import TABLES, Outgoing, left_out, shared_texts, with_shared_text
from qbank.files.interchange.qti import QTI_VERSIONS
from qbank.files.interchange.table_writers import template_book
from qbank.files.media import media_bytes
from qbank.messages import text
from qbank.problem import Problem, Span, error, has_errors

__all__ = [
    "FORMATS", "WRITERS", "Exported", "Selection", "export_bank", "outgoing_items", "packaged", "select", "write_template", "written",
]  # fmt: skip

SUFFIX = {"xlsx": "xlsx", "csv": "csv", "gift": "gift", "aiken": "txt", "moodle": "xml", "canvas": "zip", "qti3": "zip", "qti21": "zip"}
FORMATS = (*WRITERS, *QTI_VERSIONS)
"""Everything that a bank can be exported to."""
REQUIRED = ("kind", "stem", "answer")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items go: empty and 0 stand for all."""

    level: int = 0
    status: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: n_items of n_selected, and what did not travel."""

    path: Path | None
    n_items: int
    n_selected: int
    problems: list[Problem]


def export_bank(root: Path, format: str, selection: Selection, output: Path | None) -> Exported:
    """Write the selected items as a file of another program."""
    source, problems = read_bank(root)
    if source.bank is None or has_errors(problems):
        return Exported(None, 0, 0, [*problems, error("I133", Span(shown_path(root)), bank=shown_path(root))])
    items, wrong = select(source.bank, selection)
    if wrong:
        return Exported(None, 0, 0, wrong)
    if not items:
        return Exported(None, 0, 0, [error("I204", Span(shown_path(root)))])
    outgoing, problems = outgoing_items(source, items, root)
    if has_errors(problems):
        return Exported(None, 0, len(items), problems)
    data, notes, n_written = packaged(outgoing, source, format) if format in QTI_VERSIONS else written(outgoing, format)
    if has_errors(notes):
        return Exported(None, 0, len(items), notes)
    path = output or Path(f"{source.bank.name}.{SUFFIX[format]}")
    write_bytes(path, data)
    return Exported(path, n_written, len(items), notes)


def written(outgoing: Sequence[Outgoing], format: str) -> tuple[bytes, list[Problem], int]:
    """Return the file, a note for what it does not hold, and the number of items in it."""
    fitting, notes = [], shared_texts(outgoing, format)
    for one in outgoing if format in TABLES else map(with_shared_text, outgoing):
        if one.item.kind not in FORMAT_KINDS[format]:
            notes.append(left_out(one, format, "kind"))
        elif one.item.template is not None and "template" not in FORMAT_KINDS[format]:
            notes.append(left_out(one, format, "template"))
        else:
            fitting.append(one)
    data, more = WRITERS[format](fitting)
    n_left_out = sum(problem.code == "I202" for problem in more)
    return data, sorted(notes + more, key=lambda problem: problem.span), len(fitting) - n_left_out


def packaged(outgoing: Sequence[Outgoing], source: BankSource, format: str) -> tuple[bytes, list[Problem], int]:
    """Return the same as `written` for a QTI package, whose texts are converted as those of papers are."""
    from qbank.workflow.qti import qti_items, text_place

    assert source.bank is not None
    fitting = [one for one in outgoing if one.item.template is None]
    notes = [left_out(one, format, "template") for one in outgoing if one.item.template is not None]
    (version,) = [word for word in QTI_VERSIONS if word == format]
    data, more, n_written = qti_items(fitting, source.bank, version, text_place(source.texts))
    return data, sorted(notes + more, key=lambda problem: problem.span), n_written


def select(bank: Bank, selection: Selection) -> tuple[list[Item], list[Problem]]:
    """Return the items that a selection means, or why its expression means nothing."""
    items = [
        item for item in bank.items.values()
        if selection.level in (0, item.level) and selection.status in ("", item.status)
    ]  # fmt: skip
    if not selection.where:
        return items, []
    words = {**vocabulary(bank), "status": frozenset()}
    parsed = parse_where(selection.where, {key: known for key, known in words.items() if known})
    if isinstance(parsed, Refusal):
        span = Span("--where", 1, parsed.offset + 1)
        return [], [
            error("P105", span, reason=parsed.reason, word=parsed.word, allowed=parsed.allowed, expression=selection.where)
        ]
    mask = evaluate(parsed, _columns(items, bank.standard))
    return [item for item, wanted in zip(items, mask, strict=True) if wanted], []


def _columns(items: Sequence[Item], standard: Standard) -> Columns:
    """Return the items' columns; without a ledger no item has a facility or a use."""
    paths, known = domain_paths(standard), standard.competencies
    numbers = {name: np.array([float(getattr(item, name)) for item in items]) for name in ("grade", "level", "seconds", "marks")}
    numbers |= {"facility": np.full(len(items), np.nan), "uses": np.zeros(len(items))}
    domains = [frozenset(paths[known[i.competency].domain]) if i.competency in known else frozenset() for i in items]
    importance = [frozenset({str(known[i.competency].importance)} if i.competency in known else ()) for i in items]
    words: dict[str, tuple[frozenset[str], ...]] = {
        name: tuple(frozenset({str(getattr(item, name))}) for item in items)
        for name in ("id", "kind", "competency", "cognitive", "status", "stimulus")
    }
    words |= {"domain": tuple(domains), "importance": tuple(importance), "tags": tuple(frozenset(i.tags) for i in items)}
    return Columns(len(items), numbers, words)


def outgoing_items(source: BankSource, items: Sequence[Item], root: Path) -> tuple[list[Outgoing], list[Problem]]:
    """Return items as plain data with the titles of their domains and the bytes of their pictures."""
    assert source.bank is not None
    standard, entries = source.bank.standard, BankEntries()
    stimuli = source.bank.stimuli
    pictures, problems = media_bytes([*items, *stimuli.values()], root)
    outgoing = []
    for item in items:
        stimulus = stimuli.get(item.stimulus)
        named = [*item.media, *(stimulus.media if stimulus else ())]
        media = {path: pictures[path] for path in named if path in pictures}
        outgoing.append(Outgoing(item, entries.of(source.texts[item.id]), item_points(item, standard), media, stimulus))
    return outgoing, problems


def item_points(item: Item, standard: Standard) -> tuple[str, ...]:
    """Return code and title of the domains of an item, from the widest, and of its competency."""
    competency = standard.competencies.get(item.competency)
    if competency is None:
        return ()
    titles = domain_titles(standard)
    domains = [f"{code} {titles[code]}" for code in domain_paths(standard)[competency.domain]]
    return (*domains, f"{competency.code} {competency.title}")


def write_template(root: Path, path: Path) -> list[Problem]:
    """Write the workbook to fill in, with the competencies of this bank on its second sheet."""
    source, problems = read_bank(root)
    if source.bank is None:
        return problems
    standard = source.bank.standard
    titles, paths = domain_titles(standard), domain_paths(standard)
    points = [
        [c.code, c.title, " › ".join(titles[code] for code in paths[c.domain]), str(c.importance), "、".join(map(str, c.levels))]
        for c in standard.competencies.values()
    ]
    words = [
        [title, "是" if key in REQUIRED else "", text("zh", f"template.{key}")] for key, title in TITLES.items()
        if key not in ("more", "status", "id", "pin", "shuffle", "lines", "enemies", "correction")
    ]  # fmt: skip
    words.insert(4, ["选项A～选项E", "选择题", text("zh", "template.options")])
    write_bytes(path, template_book(points, words))
    return []
