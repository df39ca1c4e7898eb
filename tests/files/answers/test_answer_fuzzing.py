"""Whatever a file of answers holds, out come answers or problems whose places lie in it, and never an exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.responses import NOT_MARKED
from qbank.files.answers import Reading, read_answers
from qbank.kinds.answer_texts import answer_texts
from qbank.messages import problem_hint, problem_message
from tests.files.answers.papers import every_kind
from tests.files.answers.sound_files import (
    NAMES,
    RATINGS,
    WIDE_RATINGS,
    answers,
    corpus,
    csv_bytes,
    long_rows,
    moodle,
    only_form,
)

FOLDER = Path(tempfile.mkdtemp(prefix="qbank-answers-"))
FEW = settings(max_examples=25, deadline=None)
WORDS = st.sampled_from([
    "", "-", "A", "AC", "√", "缺考", "作废", "1e9", "-1", "0.5", "99999999", "=1+1", "'=1", "否定", "\ufeff", "a" * 300, "；", "; ", "->",
    "硫 -> 热脆", "Q-1", "K-8", "every-1-A", "person", "item", "rater", "回应 1", "Q. 1 /1.00", "\u2028", "๓", "²", "Ⅷ", "nan", "\x85",
])  # fmt: skip
CELLS = st.one_of(WORDS, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8))


def check(data: bytes, suffix: str = "") -> bool:
    """Read bytes as a file of answers, hold what comes out against its laws, and return whether it was taken in."""
    path = FOLDER / f"x{suffix}"
    path.write_bytes(data)
    form, bank = every_kind()
    found, problems = read_answers(path, only_form(), "S", reading=Reading(), texts=answer_texts((form,), bank))
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\xe2\x80\xa8") + 2
    for problem in problems:
        for language in ("zh", "en"):
            assert problem_message(problem, language)  # type: ignore[arg-type]
            problem_hint(problem, language)  # type: ignore[arg-type]
        for span in (problem.span, *problem.related):
            assert Path(span.path.split("#")[0]).name == path.name and span.line >= 0 and span.column >= 0
            if not data.startswith((b"PK", b"PAR1")):
                assert span.line <= lines, (problem, lines)
    if found is None:
        assert any(problem.severity == "error" for problem in problems)
        return False
    assert not any(problem.severity == "error" for problem in problems)
    responses = found.responses
    assert responses.answer.shape == (len(responses.persons), len(responses.items)) and responses.answer.dtype == np.int16
    for column, labels in enumerate(responses.labels):
        assert responses.answer[:, column].max(initial=NOT_MARKED) < len(labels) and len({*labels}) == len(labels)
    assert responses.answer.min(initial=0) >= NOT_MARKED and len({*responses.persons}) == len(responses.persons)
    return True


@pytest.mark.parametrize("name", NAMES)
def test_sound_files_are_taken_in(name: str) -> None:
    assert all(check(data) for data in corpus(name))


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(data=st.data())
def test_damaged_bytes_never_raise(name: str, data: st.DataObject) -> None:
    sound = bytearray(data.draw(st.sampled_from(corpus(name))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(sound)))
        match data.draw(st.integers(0, 3)):
            case 0:
                del sound[at:]
            case 1:
                del sound[at : at + data.draw(st.integers(1, 40))]
            case 2:
                sound[at:at] = data.draw(st.binary(max_size=6))
            case _:
                sound[at : at + 1] = data.draw(CELLS).encode("utf-8", "replace")
    check(bytes(sound))


TABLES = {"wide": answers, "long": long_rows, "moodle": moodle, "ratings": lambda: RATINGS, "wide ratings": lambda: WIDE_RATINGS}


@pytest.mark.parametrize("name", TABLES)
@FEW
@given(data=st.data())
def test_swapped_columns_and_any_cells_never_raise(name: str, data: st.DataObject) -> None:
    rows = [list(row) for row in TABLES[name]()]
    order = data.draw(st.permutations(range(len(rows[0])))) if data.draw(st.booleans()) else range(len(rows[0]))
    rows = [[row[n] for n in order] for row in rows]
    for _ in range(data.draw(st.integers(0, 5))):
        row = data.draw(st.integers(0, len(rows) - 1))
        rows[row][data.draw(st.integers(0, len(rows[row]) - 1))] = data.draw(CELLS)
    if data.draw(st.booleans()):
        rows += rows[1:]
    check(csv_bytes(rows))


@FEW
@given(st.lists(st.tuples(st.sampled_from(["value", "itemResult", "context", "responseVariable"]), CELLS), max_size=6))
def test_any_texts_and_attributes_of_results_never_raise(changes: list[tuple[str, str]]) -> None:
    from lxml import etree

    root = etree.fromstring(corpus("qti-results")[0])
    for tag, text in changes:
        for node in root.iter("{*}" + tag):
            try:
                node.text = text
                for name in node.attrib:
                    node.set(name, text)
            except ValueError:  # no XML can hold that character
                continue
    check(etree.tostring(root, encoding="utf-8"))
