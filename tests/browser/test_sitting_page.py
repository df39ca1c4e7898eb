"""The report of a sitting, opened in headless Chromium: what a reader sees, points at, clicks and prints.

Needs Chromium (or QBANK_CHROMIUM, the path of one); without it these tests are skipped, by name.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from qbank.analysis import analyse
from qbank.messages import LANGUAGES, text
from qbank.report import sitting_report, to_html
from tests.analysis.simulated import simulated_sitting
from tests.browser.chromium import Page, browser, installed
from tests.report.test_sitting_report import META, item_texts

pytestmark = pytest.mark.skipif(installed() is None, reason="Chromium is not here (QBANK_CHROMIUM)")

N_ITEMS = 44
FIRST = "document.querySelector('#items table tbody tr:not([hidden]) th').textContent"
ROWS = "[...document.querySelectorAll('#items table tbody tr')].filter((row) => !row.hidden).length"
DIMMED = "document.querySelectorAll('#items svg a.dim').length"
OPEN = "[...document.querySelectorAll('details[open] .card')].map((card) => card.id)"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    data = simulated_sitting(n_persons=160, n_items=N_ITEMS, n_forms=1, miskeyed=(3,), seed=3)
    analysis = analyse(data, design="spiralled")
    written = {}
    for language in LANGUAGES:
        written[language] = folder / f"{language}.html"
        report = sitting_report(analysis, META, item_texts(data), language)
        written[language].write_text(to_html(report), encoding="utf-8")
    return written


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = installed()
    assert program is not None
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(window: Page, pages: dict[str, Path]) -> Page:
    """The Chinese report, freshly opened."""
    window.size(1200)
    window.open("about:blank")
    window.open(pages["zh"].as_uri())
    return window


def in_view(selector: str) -> str:
    """Return the condition that an element is in view."""
    return (
        f"(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect();"
        " return 0 <= box.top && box.top < innerHeight && box.bottom > 0; })()"
    )


def shown(page: Page, id: str) -> None:
    """Wait for the card of an item, which opens once the address has changed: it alone is open, and in view."""
    page.until(f"{OPEN}.join() === 'item-{id}'")
    page.until(in_view(f"#item-{id}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_complains_of_nothing_and_asks_for_nothing_but_itself(
    window: Page, pages: dict[str, Path], language: str
) -> None:
    window.open(pages[language].as_uri())
    window.ask("document.fonts.ready.then(() => true)")
    assert window.complaints() == []
    assert window.requests() == [pages[language].as_uri()]


def test_a_page_that_complains_or_asks_elsewhere_would_be_noticed(window: Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<img src='none.png'><script>missing()</script>", encoding="utf-8")
    window.open(bad.as_uri())
    assert any("missing is not defined" in told for told in window.complaints())
    assert len(window.requests()) == 2


@pytest.mark.parametrize("width", [1200, 420])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_the_window(window: Page, pages: dict[str, Path], language: str, width: int) -> None:
    window.size(width)
    window.open(pages[language].as_uri())
    window.ask("document.querySelectorAll('details').forEach((card) => { card.open = true; })")
    assert window.ask("document.documentElement.scrollWidth") == width
    window.size(1200)


def test_a_click_on_a_heading_sorts_by_number_up_then_down(page: Page) -> None:
    column = page.ask("[...document.querySelectorAll('#items th')].findIndex((head) => head.textContent === '难度系数')")
    head = f"#items thead th:nth-child({column + 1}) [role=button]"
    cells = f"[...document.querySelectorAll('#items tbody tr')].map((row) => Number(row.cells[{column}].textContent))"
    page.click(head)
    up = page.ask(cells)
    assert up == sorted(up) and len(set(up)) > N_ITEMS / 2
    page.click(head)
    assert page.ask(cells) == up[::-1]
    assert page.ask(f"document.querySelector('{head}').closest('th').getAttribute('aria-sort')") == "descending"


def test_keys_alone_sort_too(page: Page) -> None:
    head = "#items thead th:nth-child(1) [role=button]"
    page.ask(f"document.querySelector('{head}').focus()")
    page.key("Enter", "\r")
    page.key(" ", " ")
    assert page.ask(FIRST) == f"T-{N_ITEMS:03d}"


def test_words_filter_rows_say_how_many_and_dim_the_points_of_the_others(page: Page) -> None:
    assert (page.ask(ROWS), page.ask(DIMMED)) == (N_ITEMS, 0)
    page.write("#items .filter input", "T-00")
    assert page.ask(ROWS) == 9
    assert page.ask("document.querySelector('#items .filter [role=status]').textContent") == text(
        "zh", "report.filter_count", n=9, of=N_ITEMS
    )
    assert page.ask(DIMMED) == N_ITEMS - 9
    page.write("#items .filter input", "没有")
    assert (page.ask(ROWS), page.ask(DIMMED)) == (0, N_ITEMS)


def test_a_flag_filters_rows(page: Page) -> None:
    page.ask(
        "(() => { const flags = document.querySelector('#items .filter select'); flags.value = '疑似错答案';"
        " flags.dispatchEvent(new Event('change')); })()"
    )
    assert page.ask(ROWS) == 1 and page.ask(FIRST) == "T-004"
    assert page.ask(DIMMED) == N_ITEMS - 1


def test_a_click_on_a_point_opens_its_card_in_view(page: Page) -> None:
    page.click("#items svg a[href='#item-T-004']")
    shown(page, "T-004")
    assert "T-004" in page.ask("document.activeElement.textContent")


def test_a_link_of_the_table_opens_the_card_and_its_own_links_lead_on(page: Page) -> None:
    page.click("#items tbody a[href='#item-T-010']")
    shown(page, "T-010")
    page.click("#item-T-010 a[rel=next]")
    page.until("location.hash === '#item-T-011'")
    page.until(in_view("#item-T-011"))
    page.click("#item-T-011 .around a[href='#items']")
    page.until(in_view("#items h2"))


def test_keys_alone_open_the_card_of_a_point(page: Page) -> None:
    page.ask("document.querySelector(\"#items svg a[href='#item-T-007']\").focus()")
    page.key("Enter", "\r")
    shown(page, "T-007")


def test_a_card_closed_again_opens_at_the_same_link(page: Page) -> None:
    link = "#items tbody a[href='#item-T-010']"
    page.click(link)
    shown(page, "T-010")
    page.ask("document.querySelector('details[open]').open = false")
    page.click(link)
    shown(page, "T-010")


def test_an_address_with_a_card_opens_it(window: Page, pages: dict[str, Path]) -> None:
    window.open("about:blank")
    window.open(pages["zh"].as_uri() + "#item-T-020")
    shown(window, "T-020")


def test_the_link_of_a_card_is_copied(page: Page) -> None:
    page.click("#items tbody a[href='#item-T-005']")
    shown(page, "T-005")
    page.ask("window.setTimeout = () => 0")  # the word stays until it is read
    page.ask("document.addEventListener('copy', () => { window.seen = document.activeElement.value; })")
    page.click("#item-T-005 .permalink")
    assert page.ask("window.seen").endswith("zh.html#item-T-005")
    page.until(f"document.querySelector('#item-T-005 .permalink').textContent === {json.dumps(text('zh', 'report.link_copied'))}")


def test_a_pointer_over_a_point_and_over_a_bar_says_what_it_is(page: Page) -> None:
    page.point("#items svg a[href='#item-T-004']")
    told = page.ask("document.querySelector('.tip').textContent")
    assert told.startswith("T-004") and "疑似错答案" in told
    page.ask("[...document.querySelectorAll('#scores svg path:has(title)')].sort((one, other) => other.getBBox().height - one.getBBox().height)[0].id = 'tallest'")
    page.point("#tallest")
    assert re.fullmatch(r"[\d.]+≤总分＜[\d.]+：\d+ 人", page.ask("document.querySelector('.tip').textContent"))


def test_heads_of_a_long_table_stay_in_view(page: Page) -> None:
    page.ask("document.querySelector('#items .scroll.long').scrollTo(0, 300)")
    page.ask("document.querySelector('#items .scroll.long').scrollIntoView({block: 'start', behavior: 'instant'})")
    page.settle()
    head, box = page.ask(
        "['thead th', ''].map((inner) => document.querySelector(`#items .scroll.long ${inner}`.trim()).getBoundingClientRect().top)"
    )
    assert abs(head - box) < 2


def test_the_contents_follow_the_reader_and_lead_to_tables(page: Page) -> None:
    page.ask("document.querySelector('#items').scrollIntoView({behavior: 'instant'})")
    page.settle()
    page.until("document.querySelector('nav li.here > a').getAttribute('href') === '#items'")
    parts = page.ask("[...document.querySelectorAll('nav ol ol a')].map((link) => link.getAttribute('href'))")
    assert len(parts) > 8
    assert page.ask(f"{parts}.every((part) => document.querySelectorAll(part.replaceAll('.', '\\\\.')).length === 1)")


def test_chinese_is_drawn_and_not_boxes(page: Page) -> None:
    drawn = page.ask(
        """(() => {
          const family = getComputedStyle(document.body).fontFamily;
          return [..."炼钢题卷信", "\\u{10FFFD}"].map((letter) => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 40;
            const drawing = canvas.getContext("2d");
            drawing.font = `32px ${family}`;
            drawing.fillText(letter, 2, 34);
            return [...drawing.getImageData(0, 0, 40, 40).data].filter((_, n) => n % 4 === 3).join();
          });
        })()"""
    )
    if len(set(drawn[:-1])) == 1:
        pytest.skip("this machine has no Chinese font: nothing can be said of the page")
    assert len(set(drawn)) == len(drawn)
    assert all(re.search("[1-9]", pixels) for pixels in drawn[:-1])


def printed_text(page: Page, folder: Path) -> list[str]:
    if which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not here")
    path = folder / "printed.pdf"
    path.write_bytes(page.printed())
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    return told.split("\f")


@pytest.mark.parametrize("scripts", [True, False])
def test_printing_opens_every_card_on_a_page_of_its_own(
    window: Page, pages: dict[str, Path], tmp_path: Path, scripts: bool
) -> None:
    window.call("Emulation.setScriptExecutionDisabled", value=not scripts)
    try:
        window.open(pages["zh"].as_uri())
        sheets = printed_text(window, tmp_path)
    finally:
        window.call("Emulation.setScriptExecutionDisabled", value=False)
    cards = [sheet for sheet in sheets if re.search(r"选项\s+内容\s+类别", sheet)]
    assert len(cards) == N_ITEMS
    assert all(len(re.findall(r"n＝[\d,]+", sheet)) == 1 for sheet in cards)


def test_after_printing_the_cards_are_closed_again(page: Page) -> None:
    page.printed()
    assert page.ask(OPEN) == []


def test_without_scripts_a_link_opens_the_card_and_every_number_is_there(
    window: Page, pages: dict[str, Path]
) -> None:
    window.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        window.open("about:blank")
        window.open(pages["en"].as_uri() + "#item-T-006")
        shown(window, "T-006")
        assert window.ask(ROWS) == N_ITEMS
        assert window.ask("document.querySelector('#item-T-006').checkVisibility({contentVisibilityAuto: true})")
        assert window.complaints() == []
    finally:
        window.call("Emulation.setScriptExecutionDisabled", value=False)
