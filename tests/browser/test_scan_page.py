"""The page on which doubtful marks are decided, in headless Chromium: what is typed there is what is read back.

Needs Chromium (or QBANK_CHROMIUM, the path of one); without it these tests are skipped, by name.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from qbank.files.scans import ReviewRow, read_decisions
from qbank.messages import LANGUAGES, Language
from qbank.workflow.scan_page import review_page
from tests.browser.chromium import WAIT, Page, browser, installed

pytestmark = pytest.mark.skipif(installed() is None, reason="Chromium is not here (QBANK_CHROMIUM)")

CROP = cv2.imencode(".jpg", np.full((60, 400), 200, np.uint8))[1].tobytes()
ROWS = (
    ReviewRow("a.png#1", "0" * 12, "p-1-A", "1/1", "261126000001", "7", "多涂", "AB", CROP),
    ReviewRow("</script><b>.png#1", "1" * 12, "p-1-A", "1/2", "", "number", "=1+1", "2?6", CROP),
    ReviewRow('c,"d".png#2', "2" * 12, "", "", "", "page", "none", "", b""),
    ReviewRow("a.png#1", "0" * 12, "p-1-A", "1/1", "261126000001", "8.1", "手写", "", CROP, "CaO"),
)
FIELD = "article:nth-of-type({}) input"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = installed()
    assert program is not None
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        yield page


def opened(window: Page, folder: Path, language: Language, digest: str) -> Page:
    path = folder / f"{language}.html"
    path.write_text(review_page(ROWS, digest, language), "utf-8")
    window.open("about:blank")
    window.open(path.as_uri())
    return window


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_typed_is_what_is_read_back(window: Page, tmp_path: Path, language: Language) -> None:
    page = opened(window, tmp_path, language, f"typed-{language}")
    assert page.ask("document.getElementById('count').textContent") == "3"
    page.write(FIELD.format(1), "-")
    page.write(FIELD.format(2), "261126000002")
    page.click("article:nth-of-type(3) button")
    assert page.ask("document.getElementById('count').textContent") == "0"
    saved = tmp_path / "review.csv"
    saved.write_bytes(page.ask("table()").encode("utf-8-sig"))
    decisions, problems = read_decisions(saved)
    assert problems == []
    assert [(one.scan, one.digest, one.place, one.value) for one in decisions] == [
        (row.scan, row.digest, row.place, value)
        for row, value in zip(ROWS, ("-", "261126000002", "drop", "CaO"), strict=True)
    ]
    assert page.complaints() == []
    assert {address.split(":")[0] for address in page.requests()} <= {"file", "data"}


def test_what_was_typed_is_still_there_when_the_page_is_opened_again(window: Page, tmp_path: Path) -> None:
    opened(window, tmp_path, "zh", "kept").write(FIELD.format(1), "B")
    until = time.monotonic() + WAIT  # the browser takes what a page keeps a moment after the page has kept it
    shown = ""
    while shown != "B" and time.monotonic() < until:
        shown = opened(window, tmp_path, "zh", "kept").ask(f"document.querySelector('{FIELD.format(1)}').value")
    assert shown == "B"
    assert opened(window, tmp_path, "zh", "other").ask(f"document.querySelector('{FIELD.format(1)}').value") == ""


def test_enter_goes_to_the_next_place(window: Page, tmp_path: Path) -> None:
    page = opened(window, tmp_path, "zh", "enter")
    page.write(FIELD.format(1), "B")
    page.key("Enter")
    assert page.ask("document.activeElement.dataset.row") == "1"


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(window: Page, tmp_path: Path, width: int) -> None:
    window.size(width)
    page = opened(window, tmp_path, "zh", "width")
    assert page.ask("document.documentElement.scrollWidth") <= width
