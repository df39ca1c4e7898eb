"""QTI Results Reporting (1EdTech, versions 2.1, 2.2 and 3.0) → answers: what each person chose, or only the marks.

One ``assessmentResult`` a person, alone in a file, in a folder, in a ZIP archive or several in one file. Namespaces are
passed over: the three versions say the same. An answer is kept as it was given where the item is one of ours that a
program can mark; of items that people mark, and where no answer was exported, the outcome SCORE is.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from qbank.core.form import Form
from qbank.files.answers.intake import Intake, take_in
from qbank.files.answers.placed import WORDS, in_places, not_marked, unpermuted
from qbank.files.answers.qti.documents import ROOT, PersonResults, persons_of
from qbank.files.answers.qti.names import Names, paper_of
from qbank.files.answers.qti.packed_xml import Documents, xml_documents
from qbank.files.answers.qti.sheet import Sheet
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.interchange.xml_tree import parse_xml
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, warning

MAX_PROBLEMS = 200


def looks_like_results(data: bytes) -> bool:
    """Return whether bytes begin as an XML document of results.

    >>> looks_like_results(b'<?xml version="1.0"?><assessmentResult xmlns="http://www.imsglobal.org/xsd/imsqti_result_v2p1">')
    True
    """
    head = data[:4000].replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return head.lstrip().startswith(b"<") and ROOT.encode() in head


def read_qti_results(
    path: Path, forms: tuple[Form, ...], sitting: str, *, reading: Reading
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of all results of a file, folder or archive, or everything in them that does not fit."""
    documents, problems = xml_documents(path)
    if problems:
        return None, problems
    return parse_results(documents, forms, sitting, reading=reading)


def parse_results(
    documents: Documents, forms: tuple[Form, ...], sitting: str, *, reading: Reading
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers in some XML documents, each with its name."""
    persons: list[PersonResults] = []
    problems: list[Problem] = []
    for name, data in documents:
        root, wrong = parse_xml(data, name)
        problems += [error("R310", one.span, detail=dict(one.facts).get("detail") or dict(one.facts).get("what", "")) for one in wrong]
        if root is not None:
            problems += persons_of(root, name, reading, persons, alone=len(documents) == 1)
        if len(problems) >= MAX_PROBLEMS:
            problems.append(error("R340", problems[-1].span, most=MAX_PROBLEMS))
            break
    if not persons and not problems:
        problems.append(error("R303", Span(documents[0][0] if documents else "")))
    if problems:
        return None, problems
    digest = hashlib.sha256()
    for name, data in documents:
        digest.update(f"{name.rpartition('/')[2]}\n{len(data)}\n".encode("utf-8", "surrogatepass"))
        digest.update(data)
    return _take_in(persons, forms, sitting, reading, digest.hexdigest())


def _take_in(
    persons: list[PersonResults], forms: tuple[Form, ...], sitting: str, reading: Reading, digest: str
) -> tuple[Intake | None, list[Problem]]:
    names = Names(forms, reading)
    problems = names.unknown(persons)
    papers = [paper_of(person, names, reading) for person in persons]
    for person, paper in zip(persons, papers, strict=True):
        if paper < 0:
            problems.append(error("R306", Span(person.path, person.line, 1), found=person.paper[:60], forms=some(tuple(names.forms), most=8)))
    if problems:
        return None, problems[:MAX_PROBLEMS]
    sheet = Sheet(persons, papers, forms, names)
    columns = {id: sheet.column(id) for id in names.items if any(id in sheet.on_paper[paper] for paper in papers)}
    if sheet.problems:
        return None, sheet.problems[:MAX_PROBLEMS]
    roles = [role for role in ("name", "document", "site", "room", "seat", "group", "batch", "sex", "team")
             if any(role in person.about for person in persons)]  # fmt: skip
    frame = pl.DataFrame(
        {
            "person": [person.number for person in persons],
            "form": [forms[paper].id for paper in papers],
            "status": ["" if person.results else "absent" for person in persons],
            **{role: [person.about.get(role, "") for person in persons] for role in roles},
            **columns,
        },
        schema_overrides=dict.fromkeys(columns, pl.String),
    )
    table = AnswerTable(
        persons[0].path, "", frame, np.arange(1, len(persons) + 1, dtype=np.int64), tuple(range(1, frame.width + 1)), 0
    )
    own = replace(
        reading, layout="wide", scored=False, not_reached="never", columns={}, ignore=(), groups=(), forms={}, sheet="",
        words={name: (word,) for name, word in WORDS.items()}, scored_columns=tuple(sheet.scored),
    )  # fmt: skip
    intake, problems = take_in(table, unpermuted(forms), sitting, own)
    place = {name: n for n, name in enumerate(frame.columns)}
    lines = {(row, place[id]): line for (row, id), line in sheet.lines.items()}
    where = in_places(problems, table, lambda row, column: Span(
        persons[row].path, lines.get((row, column), persons[row].line), 1))  # fmt: skip
    if intake is None:
        return None, where
    settings = {**intake.settings, "format": "qti-results"}
    for key in ("words", "layout", "scored_columns"):
        settings.pop(key, None)
    if sheet.scored:
        settings["marks_only"] = sorted(sheet.scored)
    responses = not_marked(intake.responses, sheet.waiting)
    return replace(intake, responses=responses, digest=digest, settings=settings), where + _warnings(sheet)


def _warnings(sheet: Sheet) -> list[Problem]:
    """Return that answers were never submitted, and that persons wait for marks."""
    found = []
    if sheet.unsubmitted:
        found.append(warning("R307", sheet.unsubmitted[0], n=len(sheet.unsubmitted)))
    if rows := sorted({row for row, _ in sheet.waiting}):
        spans = [Span(sheet.persons[row].path, sheet.persons[row].line, 1) for row in rows]
        found.append(warning("R338", spans[0], n=len(rows), items=", ".join(sorted({id for _, id in sheet.waiting})[:5])))
    return found
