"""Export → import is the identity: fingerprint and head, for every format and every kind that it holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from qbank.core.item import Item, fingerprint, normalise
from qbank.files.interchange import FORMAT_KINDS, WRITERS, parse_bytes
from tests.files.interchange.strategies import again, item_text, items, outgoing

HEAD = ("id", "kind", "competency", "level", "marks", "grade", "cognitive", "seconds", "rationale", "reference", "enemies", "tags",
        "author", "congruence", "source_id")  # fmt: skip
AIKEN_HEAD = ("kind",)
PAIRS = [(format, kind) for format in FORMAT_KINDS for kind in sorted(FORMAT_KINDS[format] - {"template"})]


def head_of(item: Item, keys: tuple[str, ...] = HEAD) -> dict[str, Any]:
    """Return the head as it must come back: texts but for white space, as fingerprints see them."""
    found = {key: getattr(item, key) for key in keys}
    return {key: normalise(value) if isinstance(value, str) else value for key, value in found.items()}


@pytest.mark.parametrize(("format", "kind"), PAIRS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_exported_comes_back_as_it_was(format: str, kind: str, data: st.DataObject) -> None:
    entries = data.draw(items(kind))
    text = item_text(entries)
    assume(text is not None)
    assert text is not None
    written, notes = WRITERS[format]([outgoing(entries, text)])
    if any(problem.code == "I202" for problem in notes):
        event("told: cannot be written")
        return
    drafts, problems = parse_bytes(format, written, f"a.{format}")
    assert [problem for problem in problems if problem.severity == "error"] == [], written
    assert len(drafts) == 1
    if format == "aiken":
        back = item_text({**entries, **drafts[0].entries})
        assert back is not None and fingerprint(back.item) == fingerprint(text.item)
        return
    back = again(drafts[0])
    assert back is not None, drafts[0]
    assert fingerprint(back.item) == fingerprint(text.item), written.decode("utf-8", "replace")
    assert head_of(back.item) == head_of(text.item)


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_writing_twice_gives_the_same_bytes(format: str) -> None:
    entries = {"id": "X-1", "kind": "single", "competency": "A-001", "level": 4, "stem": "题", "grade": 1, "seconds": 30,
               "cognitive": "apply", "options": {"A": "一", "B": "=2"}, "key": "B"}  # fmt: skip
    text = item_text(entries)
    assert text is not None
    assert WRITERS[format]([outgoing(entries, text)]) == WRITERS[format]([outgoing(entries, text)])


SEVERAL = {"id": "X-1", "kind": "multiple", "competency": "A-001", "level": 4, "stem": "题", "grade": 1, "seconds": 30,
           "cognitive": "apply", "options": {"A": "一", "B": "二", "C": "三"}, "key": ["A", "B"]}  # fmt: skip


@pytest.mark.parametrize(("credit", "cost", "told"), [("all", "-50", 1), ("subset", "-50", 1), ("share", "-100", 0), ("balance", "-50", 0)])
def test_platforms_get_the_nearest_marking_and_rules_they_do_not_know_are_told(credit: str, cost: str, told: int) -> None:
    entries = {**SEVERAL, "credit": credit}
    text = item_text(entries)
    assert text is not None
    for format in ("gift", "moodle"):
        written, notes = WRITERS[format]([outgoing(entries, text)])
        assert cost in written.decode() and "50" in written.decode()
        assert [problem.code for problem in notes] == ["I206"] * told


def test_gift_leaves_out_a_choice_that_it_would_take_for_pairs() -> None:
    entries = {**SEVERAL, "kind": "single", "key": "B", "options": {"A": "一", "B": "<!-- x -->$a$$b$", "C": "三"}}
    text = item_text(entries)
    assert text is not None
    assert [problem.code for problem in WRITERS["gift"]([outgoing(entries, text)])[1]] == ["I202"]
