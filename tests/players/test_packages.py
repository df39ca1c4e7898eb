"""A whole package in the players, served on this machine: stimuli are fetched, pictures are drawn.

Skipped by name where `test_players` is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from qbank.workflow.export import Selection, export_bank
from tests.browser.chromium import Page, browser, installed
from tests.corpus import CORPUS
from tests.files.interchange.qti.schemas import files_of
from tests.players.pages import FOLDER, PLAYERS, SOURCES, STYLES, page_text
from tests.players.test_players import ROOT, pytestmark  # noqa: F401


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    root = tmp_path_factory.mktemp("site")
    done = export_bank(CORPUS / "banks/all-kinds", "qti3", Selection(), root / "package.zip")
    assert done.path is not None
    for name, data in files_of(done.path.read_bytes()).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    for name in (*PLAYERS,):
        sources = [(FOLDER / source) for source in (*SOURCES[name], *STYLES[name])]
        for source in sources:
            (root / "items" / source.name).write_bytes(source.read_bytes())
        (root / "items" / f"{name}.html").write_text(page_text(name, lambda source: source.rpartition("/")[2]), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/items", root
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module", params=PLAYERS)
def page(request: pytest.FixtureRequest, site: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = installed()
    assert program is not None
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        page.open(f"{site[0]}/{request.param}.html")
        yield page


def shown(page: Page, site: tuple[str, Path], id: str) -> None:
    xml = (site[1] / "items" / f"{id}.xml").read_text("utf-8")
    page.ask(f"show({json.dumps(xml)}, false)")


def test_a_stimulus_stands_above_its_question(page: Page, site: tuple[str, Path]) -> None:
    if page.ask("typeof player") == "object":
        pytest.skip("qti3-item-player notes the reference to a stimulus and leaves fetching it to the platform around it")
    shown(page, site, "AK-R1-2")
    page.until(f"{ROOT}.textContent.includes('装入铁水 110 t')")


def test_a_picture_is_drawn(page: Page, site: tuple[str, Path]) -> None:
    (id,) = [file.stem for file in (site[1] / "items").glob("*.xml") if b"media/lance.svg" in file.read_bytes()][:1]
    shown(page, site, id)
    page.until(f"[...{ROOT}.querySelectorAll('img')].some((one) => one.complete && one.naturalWidth > 0 && one.alt)")
