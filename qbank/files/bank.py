"""A bank's folder → `Bank`: bank.yaml, standard.yaml, items/**/*.yaml, and every mistake in any of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.bank import USUAL_GRADES, Bank, CoverageRules, make_bank
from qbank.core.item import digest
from qbank.core.opt_out import OptOut
from qbank.core.standard import Standard
from qbank.files.cache import Cache
from qbank.files.disk import BOM, read_data
from qbank.files.editorial import WorkflowText, check_workflow, make_workflow
from qbank.files.item_files import Inspect, read_item_files
from qbank.files.items import ItemText
from qbank.files.paths import is_file, lies_below, parse_data, read_node, shown_path
from qbank.files.shape import shape
from qbank.files.standard import Code, read_standard
from qbank.files.stimuli import StimulusSource, sound
from qbank.files.yaml_text import locate
from qbank.problem import Problem, Span, error

__all__ = ["BankSource", "BankText", "is_file", "lies_below", "read_bank", "read_node", "shown_path"]

BANK_FILE = "bank.yaml"


class ReferenceText(Authored):
    """One entry of ``references:``, a source that items are written from."""

    title: FilledText
    edition: FilledText


class CoverageText(Authored):
    """``coverage:``, what the bank must hold."""

    premium: bool = False
    min_items_per_point: Annotated[int, Field(ge=0, le=100)] = 1
    grades: dict[Literal["1", "2", "3", "4", "5"], Annotated[float, Field(ge=0, le=100)]] | None = None


class BankText(Authored):
    """bank.yaml."""

    bank: Code
    title: FilledText
    language: Literal["zh", "en"]
    standard: WrittenText = "standard.yaml"
    rules: Literal["national", "free"] = "free"
    notes: WrittenText = ""
    references: Many[ReferenceText] = ()
    workflow: WorkflowText | None = None
    coverage: CoverageText | None = None


@dataclass(frozen=True, slots=True)
class BankSource:
    """A bank as read, with the position of everything.

    bank : None where bank.yaml or the standard cannot be used ; texts : sound items with their nodes, by id ;
    declared : every id that stands in a file, sound or not ; opt_outs : the comments that accept a finding ;
    stimuli : what several items share, sound or not, by id
    """

    bank: Bank | None
    texts: Mapping[str, ItemText]
    declared: frozenset[str]
    opt_outs: tuple[OptOut, ...] = ()
    stimuli: Mapping[str, StimulusSource] = field(default_factory=dict)


def read_bank(
    root: Path, *, inspect: Inspect | None = None, cache: Cache | None = None
) -> tuple[BankSource, list[Problem]]:
    """Return the bank in a folder and everything that is wrong with its files, in the order of files and lines.

    inspect : rules over one item, applied where there is a standard to hold it against ; cache : where what was found
        in a file is kept and taken from, as long as nothing that it depends on has changed
    """
    head, problems, head_data = _read_head(root)
    standard: Standard | None = None
    standard_digest, standard_data = "", b""
    if head is not None:
        standard, more, standard_data = _read_standard(root, head.standard)
        problems += more
        standard_digest = digest(standard_data.decode("utf-8").removeprefix(BOM)) if standard else ""
    if cache is not None:
        state = f"{inspect is not None} {standard and standard.span.path} {head is not None}"
        cache.use(head_data, standard_data, state.encode("utf-8", "surrogateescape"))
    language = head.language if head is not None else None
    rules = partial(inspect, standard=standard, language=language) if inspect and standard and language else None
    found, more = read_item_files(root, rules, cache)
    problems += more
    bank: Bank | None = None
    if head is not None and standard is not None:
        bank = make_bank(
            name=head.bank, title=head.title, language=head.language, root=shown_path(root), standard=standard,
            standard_digest=standard_digest, items={id: text.item for id, text in found.texts.items()},
            rules=head.rules, fingerprints=found.fingerprints,
            references=tuple((entry.title, entry.edition) for entry in head.references),
            workflow=make_workflow(head.workflow) if head.workflow else None,
            coverage=_coverage_rules(head.coverage) if head.coverage else None, stimuli=sound(found.stimuli),
        )  # fmt: skip
    return BankSource(bank, found.texts, found.declared, found.opt_outs, found.stimuli), problems


def _read_head(root: Path) -> tuple[BankText | None, list[Problem], bytes]:
    path = root / BANK_FILE
    if not is_file(path):
        return None, [error("B001", Span(shown_path(root)), file=BANK_FILE)], b""
    if not lies_below(path, root):
        return None, [error("B011", Span(shown_path(root)), file=BANK_FILE)], b""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems, b""
    node, wrong = parse_data(data, shown)
    if node is None:
        return None, problems + wrong, data
    head, more = shape(BankText, node, shown)
    if head is not None and head.workflow is not None:
        more += check_workflow(make_workflow(head.workflow), node, shown)
    if head is not None and head.coverage is not None and head.coverage.grades is not None:
        total = math.fsum(head.coverage.grades.values())
        if abs(total - 100) > 1e-6:
            more.append(error("G101", Span(shown, *locate(node, ("coverage", "grades"))), total=f"{total:g}"))
    return head, problems + wrong + more, data


def _coverage_rules(text: CoverageText) -> CoverageRules:
    written = {int(grade): share for grade, share in (text.grades or {}).items()}
    grades = {grade: written.get(grade, 0.0) for grade in USUAL_GRADES} if text.grades is not None else USUAL_GRADES
    return CoverageRules(text.premium, text.min_items_per_point, grades)


def _read_standard(root: Path, name: str) -> tuple[Standard | None, list[Problem], bytes]:
    path = root / name
    if not lies_below(path, root):
        told = "\0" in name  # as a character that no text may hold (Y012)
        return None, [] if told else [error("B003", Span(shown_path(root / BANK_FILE)), file=name)], b""
    if not is_file(path):
        return None, [error("B002", Span(shown_path(root / BANK_FILE)), file=name)], b""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems, b""
    node, wrong = parse_data(data, shown)
    if node is None:
        return None, problems + wrong, data
    standard, more = read_standard(node, shown)
    return standard, problems + wrong + more, data
