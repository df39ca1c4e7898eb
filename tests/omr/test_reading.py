"""Pictures of answer sheets: clear marks are read right whatever the scanner did, everything doubtful is left to a person."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from qbank.core.form import form_digest
from qbank.omr import PageReading, Unread, read_page
from qbank.omr.codes import code_modules
from qbank.omr.records import Gray
from qbank.omr.simulated import PLANTED, Filled, Scanner
from qbank.render.sheet import CODE_LEFT, CODE_SIZE, CODE_TOP
from tests.omr.sheets import Printed, sheet

SCANNERS = {
    "a flat scan": Scanner(),
    "100 dpi, turned, JPEG 60": Scanner(dpi=100, turn=-5, quality=60, noise=5),
    "300 dpi, upside down": Scanner(dpi=300, quarter=2, turn=1.5),
    "a photo": Scanner(dpi=170, turn=4, perspective=0.03, shade=0.45, noise=7, blur=0.2, quality=60, quarter=1),
    "paper that curls": Scanner(curl=1.2, perspective=0.01),
    "a pale pencil": Scanner(pencil=0.42, noise=5),
    "coffee": Scanner(blots=3),
}


def read(picture: Gray, of: Printed) -> PageReading:
    found = read_page(picture, [of.looked_for])
    assert isinstance(found, PageReading), found
    return found


def assert_right(found: PageReading, filled: Filled, *, may_ask: int = 0) -> None:
    assert (found.number, found.doubt) == (filled.number, "")
    asked = 0
    for row in found.rows:
        place = (row.question, row.part, row.row)
        if place in filled.planted:
            assert row.doubt, (place, filled.planted[place])
        elif row.doubt:
            asked += 1
        else:
            assert row.marked == filled.answers[place], place
    assert asked <= may_ask


@pytest.mark.parametrize("how", SCANNERS.values(), ids=SCANNERS.keys())
def test_clear_marks_are_read_and_doubtful_ones_are_asked_about(theory: Printed, how: Scanner) -> None:
    filled, (picture,) = sheet(theory, 5, how, planted=0.25)
    assert {*filled.planted.values()} == {*PLANTED}
    assert_right(read(picture, theory), filled, may_ask=4 if how.blots else 0)


def test_a_picture_without_a_sheet_says_so(theory: Printed) -> None:
    rng = np.random.default_rng(3)
    for picture in (np.full((1200, 900), 240, np.uint8), rng.integers(0, 255, (1200, 900)).astype(np.uint8), np.zeros((20, 20), np.uint8)):
        found = read_page(picture, [theory.looked_for])
        assert isinstance(found, Unread) and found.fault == "none"


def test_pages_of_every_kind_are_read(every_kind: Printed) -> None:
    filled, pictures = sheet(every_kind, 2)
    assert len(pictures) > 2
    for n, picture in enumerate(pictures, start=1):
        found = read(picture, every_kind)
        assert found.page == n
        assert_right(found, filled)


def with_code(blank: Gray, payload: str) -> Gray:
    """Return a blank sheet with another code."""
    blank = blank.copy()
    scale = blank.shape[1] / 210
    side = round(CODE_SIZE * scale)
    left, top = round(CODE_LEFT * scale), round(CODE_TOP * scale)
    code = cv2.resize(np.where(code_modules(payload), 0, 255).astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    blank[top - 4 : top + side + 4, left - 4 : left + side + 4] = 255
    blank[top : top + side, left : left + side] = code
    return blank


def test_a_sheet_with_the_digest_of_earlier_days_is_read_even_where_its_code_is_soiled(theory: Printed) -> None:
    earlier = theory.looked_for.earlier
    assert earlier == form_digest(theory.form)[:8] != theory.paper.digest
    old = replace(theory, blank=(with_code(theory.blank[0], f"{theory.paper.code}|{earlier}|1/1"),))
    filled, (picture,) = sheet(old, 5)
    assert_right(read(picture, theory), filled)
    soiled = old.blank[0].copy()
    scale = soiled.shape[1] / 210
    left, top, side = (round(one * scale) for one in (CODE_LEFT, CODE_TOP, CODE_SIZE / 3))
    soiled[top : top + side, left : left + side] = 0
    filled, (picture,) = sheet(replace(old, blank=(soiled,)), 5)
    assert_right(read(picture, theory), filled)
    other = replace(theory, blank=(with_code(theory.blank[0], f"{theory.paper.code}|00000000|1/1"),))
    _, (picture,) = sheet(other, 5)
    found = read_page(picture, [theory.looked_for])
    assert isinstance(found, Unread)
    assert found.fault == "other"


def test_the_number_in_the_code_of_a_personal_sheet_counts_and_must_not_differ_from_the_grid(theory: Printed) -> None:
    filled, _ = sheet(theory, 5)
    payload = f"{theory.paper.code}|{theory.paper.digest}|1/1|{filled.number}"
    blank = with_code(theory.blank[0], payload)
    personal = replace(theory, blank=(blank,))
    for marked, doubt in ((filled.number, ""), ("", ""), ("999999999999", "number")):
        _, (picture,) = sheet(personal, 5, filled=replace(filled, number=marked))
        found = read(picture, theory)
        assert (found.number, found.doubt) == (filled.number, doubt)
