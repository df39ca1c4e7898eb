"""An exam sat on screen in headless Chromium: a hundred answers, a kill in the middle, resumed, handed in, scored.

Needs Chromium (or QBANK_CHROMIUM, the path of one); without it these tests are skipped, by name.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbank.core.form import answer_names, answer_places
from qbank.core.presentation import Paper
from qbank.messages import Language, text
from qbank.problem import has_errors
from qbank.render.exam import exam_pages
from qbank.workflow.exam import is_near
from qbank.workflow.packages import PackageOptions
from qbank.workflow.papers import assemble_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.scoring import score_sitting
from qbank.workflow.sitting import Intaking, add_responses
from qbank.workflow.workspace import Workspace
from tests.browser.chromium import WAIT, Page, browser, installed
from tests.corpus import CORPUS
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.workflow.places import DATE, REPOSITORY, copy_place, prepared, read_table, write_table

pytestmark = pytest.mark.skipif(installed() is None, reason="Chromium is not here (QBANK_CHROMIUM)")

NUMBER, NAME, ROOM = "20261101", "张小钢", "炉火 7788"
SHOWN = "[...document.querySelectorAll('article')].filter((one) => !one.hidden).map((one) => one.id).join()"
DONE = "document.querySelectorAll('.numbers .done').length"
FLUSHED = """new Promise((done) => {
  const key = Object.keys(localStorage).find((one) => one.includes(':of:')), asked = indexedDB.open('qbank-exam', 1);
  asked.onsuccess = () => {
    const read = asked.result.transaction('kept').objectStore('kept').get(key);
    read.onsuccess = () => { asked.result.close(); done(read.result === localStorage.getItem(key)); };
  };
})"""
"""Whether what was done last is on the disk, where a browser that is killed finds it again."""
CLOCK = """{
  const at = performance.now(), day = Date.now();
  let passed = 0, back = 0;
  performance.now = () => at + passed;
  Date.now = () => day + passed - back;
  window.later = (seconds) => { passed += seconds * 1000; };
  window.putBack = (seconds) => { back += seconds * 1000; };
}"""
"""A clock of the page that stands until it is told: what it shows does not hang on how busy the machine is."""
SIGNS = {"√": "1", "×": "2"}
"""The keys that judge."""
PAPERS: dict[Language, Callable[[], Paper]] = {"zh": zh_every_kind, "en": en_every_kind}


def write(page: Page, words: str) -> None:
    """Type into whatever has the focus."""
    page.call("Input.insertText", text=words)


def begin(page: Page, number: str = NUMBER) -> None:
    """Fill in the first screen by keyboard alone, and begin."""
    for words in (number, NAME, ROOM):
        write(page, words)
        page.key("Tab") if words != ROOM else page.key("Enter", "\r")
    page.until("!document.getElementById('exam').hidden")


def hand_in(page: Page) -> None:
    """Hand in by keyboard alone."""
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", windowsVirtualKeyCode=13, modifiers=2)
    page.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", windowsVirtualKeyCode=13, modifiers=2)
    page.settle()
    page.key("Tab")
    page.key("Enter", "\r")
    page.until("!document.getElementById('done').hidden")


def downloads(page: Page, folder: Path) -> None:
    """Let the page save files into a folder, without asking."""
    folder.mkdir(exist_ok=True)
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))


def saved(folder: Path) -> list[Path]:
    """Wait for a file that the page saves."""
    end = time.monotonic() + WAIT
    while not (found := sorted(folder.glob("*.json"))):
        assert time.monotonic() < end, list(folder.iterdir())
        time.sleep(0.05)
    return found


def state(page: Page) -> dict[str, Any]:
    """Return what the page has kept in the browser's local storage."""
    kept = page.ask("Object.entries(localStorage).filter(([key]) => key.includes(':of:')).map(([, value]) => value)")
    assert len(kept) == 1
    return dict(json.loads(kept[0]))


def test_a_hundred_answers_survive_a_kill_and_earn_what_the_response_file_says(tmp_path: Path) -> None:
    program = installed()
    assert program is not None
    place = copy_place(prepared(), tmp_path / "place")
    header, rows = read_table(place.responses)
    form = place.forms[0]
    mine = next(row for row in rows if row[header.index("form")] == form.id)
    cell = dict(zip(header, mine, strict=True))
    names, entries = answer_names(form), answer_places(form)
    assert len(names) == 100
    answers = [cell.get(entry.id) or cell.get(name, "") for name, entry in zip(names, entries, strict=True)]
    given = sum(bool(one) for one in answers)
    files, problems = print_papers((place.form_folder / f"{form.id}.yaml",), place.workspace, to="exam", into=tmp_path / "exam")
    assert not has_errors(problems)
    out = tmp_path / "out"

    def answer(page: Page, part: list[str]) -> None:
        for one in part:
            for letter in one:
                page.key(SIGNS.get(letter, letter.lower()))
            page.key("ArrowRight")

    with contextlib.suppress(OSError, TimeoutError), browser(program, tmp_path / "profile") as page:
        page.open(files[0].as_uri())
        page.until("!document.getElementById('start').hidden")
        begin(page)
        answer(page, answers[:50])
        page.key("m")
        half = state(page)
        page.until(FLUSHED)
        assert page.process is not None
        page.process.kill()
        page.process.wait()
    with browser(program, tmp_path / "profile") as page:
        page.open(files[0].as_uri())
        page.until("!document.getElementById('exam').hidden")
        assert page.ask(DONE) == sum(bool(one) for one in answers[:50])
        assert page.ask("document.querySelectorAll('.numbers .flag').length") == 1
        again = state(page)
        assert (again["answers"], again["at"], again["number"]) == (half["answers"], half["at"], NUMBER)
        assert again["used"] >= half["used"] > 0
        answer(page, answers[50:])
        downloads(page, out)
        hand_in(page)
        (file,) = saved(out)
        first = file.read_bytes()
        file.unlink()
        page.ask("document.getElementById('save').click()")
        assert saved(out)[0].read_bytes() == first
        assert page.complaints() == []
        assert [address for address in page.requests() if not address.startswith(("data:", "blob:"))] == [files[0].as_uri()]
    document = json.loads(first)
    assert len(document["answers"]) == given
    assert document["reason"] == "candidate" and document["marked"] == [names[50]]
    how = Intaking(room_codes=("999", "炉火7788"))
    _, problems = add_responses(out, (place.form_folder,), place.workspace, id="screen", date=DATE, how=how)
    assert {problem.code for problem in problems} <= {"R205"}, problems  # nobody had the other paper
    one_row = write_table(tmp_path / "sheet/one.csv", header, [mine])
    _, problems = add_responses(one_row, (place.form_folder,), place.workspace, id="paper", date=DATE)
    assert not has_errors(problems)
    screen, sheet = (score_sitting(id, place.workspace)[0] for id in ("screen", "paper"))
    assert screen is not None and sheet is not None
    assert screen.scores.total.tolist() == sheet.scores.total.tolist()
    assert 0 < float(screen.scores.total[0]) < 100
    np.testing.assert_array_equal(np.sort(screen.scores.share, axis=1), np.sort(sheet.scores.share, axis=1))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a workspace with a paper of every kind of item."""
    root = tmp_path_factory.mktemp("room")
    shutil.copytree(CORPUS / "banks/all-kinds", root / "banks/all-kinds")
    (root / "blueprints").mkdir()
    shutil.copy(CORPUS / "blueprints/all-kinds.yaml", root / "blueprints")
    made, problems = assemble_papers(root / "blueprints/all-kinds.yaml", workspace_at(root), as_of="2026-11-25")
    assert made is not None and not has_errors(problems)
    yield root


def workspace_at(root: Path) -> Workspace:
    return Workspace(root, "zh", str(root / "ledger.db"))


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = installed()
    assert program is not None
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        yield page


def fresh(page: Page, file: Path) -> None:
    """Open an exam in a browser that has kept nothing of one before."""
    page.size(1440)
    blank = file.with_name("blank.html")
    blank.write_text("<!DOCTYPE html><title>.</title>", encoding="utf-8")
    end = time.monotonic() + WAIT
    while True:  # what one page clears the next may see as cleared only a moment later
        page.open(blank.as_uri())
        page.ask("localStorage.clear(); new Promise((done) => { const asked = indexedDB.deleteDatabase('qbank-exam');"
                 " asked.onsuccess = asked.onerror = () => done(true); })")  # fmt: skip
        page.open(file.as_uri())
        page.until("['start', 'exam', 'done'].some((id) => !document.getElementById(id).hidden)")
        if page.ask("!document.getElementById('start').hidden"):
            return
        assert time.monotonic() < end


def opened(page: Page, root: Path, into: Path, **options: Any) -> Path:
    """Print the exam of every kind into a folder and open it; nothing is kept from an exam before."""
    files, problems = print_papers(
        (root / "forms/all-kinds",), workspace_at(root), to="exam", into=into, options=PackageOptions(**options)
    )
    assert [problem.code for problem in problems] == ["Z702"]
    fresh(page, files[0])
    return files[0]


def test_every_kind_is_answered_by_keyboard_and_read_back(window: Page, room: Path, tmp_path: Path) -> None:
    opened(window, room, tmp_path)
    downloads(window, tmp_path / "out")
    begin(window, "A 001")
    (form,) = (json.loads(one) for one in window.ask("[document.getElementById('facts').textContent]"))
    wanted: dict[str, Any] = {}
    for n, place in enumerate(form["places"]):
        assert window.ask(SHOWN) == f"p{n}"
        way, letters, rows = place["way"], place["letters"], place["rows"]
        if way == "one":
            window.key("2")
            wanted[place["name"]] = letters[1]
        elif way == "several":
            for key in ("a", "b", "c", "b"):
                window.key(key)
            wanted[place["name"]] = "AC"
        elif way == "judge":
            window.key("×")
            wanted[place["name"]] = "false"
        elif way == "blanks":
            for row in range(rows):
                write(window, f"空{row}；<b>")
                if row + 1 < rows:
                    window.key("Enter", "\r")
            wanted[place["name"]] = [f"空{row}；<b>" for row in range(rows)]
        elif way in ("number", "text"):
            write(window, "12.5" if way == "number" else "第一行\n第二行 😀")
            wanted[place["name"]] = "12.5" if way == "number" else "第一行\n第二行 😀"
        elif way == "match":
            for row in range(rows):
                window.key("A", "A")
                if row + 1 < rows:
                    window.key("Tab")
            wanted[place["name"]] = ["A"] * rows
        elif way == "order":
            for letter in reversed(letters):
                window.key(letter)
            window.key("Backspace")
            wanted[place["name"]] = list(reversed(letters))[:-1]
        window.key("PageDown")
    assert {one["way"] for one in form["places"]} == {"one", "several", "judge", "blanks", "number", "text", "match", "order", "none"}
    hand_in(window)
    (file,) = saved(tmp_path / "out")
    document = json.loads(file.read_bytes())
    assert document["answers"] == wanted
    assert document["candidate"] == {"number": "A001", "name": NAME}
    assert window.complaints() == []
    written = tmp_path / "written.csv"
    how = Intaking(room_codes=(ROOM,), written=written)
    added, problems = add_responses(
        file, (room / "forms/all-kinds",), workspace_at(room), id="kinds", date=DATE, place="", how=how
    )
    assert added is not None, problems
    assert "Z723" in {problem.code for problem in problems}
    head, rows_ = read_table(written)
    assert "第一行\n第二行 😀" in {row[head.index(text("zh", "exam.column_text"))] for row in rows_}
    assert added.settings["signatures"] == "checked"
    rater, marks = (head.index(text("zh", f"exam.column_{word}")) for word in ("rater", "marks"))
    for row in rows_:
        row[rater], row[marks] = "王考评", "1"
    ratings = write_table(tmp_path / "marked/marked.csv", head, rows_)
    _, problems = add_responses(ratings, (room / "forms/all-kinds",), workspace_at(room), id="kinds", date=DATE)
    assert "R331" not in {problem.code for problem in problems}


def test_the_time_runs_on_when_the_clock_is_put_back_and_its_end_hands_in(window: Page, room: Path, tmp_path: Path) -> None:
    opened(window, room, tmp_path, minutes=7)
    downloads(window, tmp_path / "out")
    window.ask(CLOCK)
    begin(window)
    assert window.ask("document.getElementById('timer').textContent") == "07:00"
    window.key("a")
    window.ask("putBack(86400)")
    window.ask("later(120.5)")
    window.until("document.getElementById('timer').textContent === '05:00'")
    before = state(window)["used"]
    window.until(FLUSHED)
    window.open(window.ask("location.href"))
    window.until("!document.getElementById('exam').hidden")
    assert state(window)["used"] >= before > 115
    window.ask("{ const now = performance.now.bind(performance); performance.now = () => now() + 420000; }")
    window.until("!document.getElementById('done').hidden")
    assert window.ask("document.getElementById('done-title').textContent") == text("zh", "exam.js.time_over")
    document = json.loads(saved(tmp_path / "out")[0].read_bytes())
    assert (document["reason"], document["answers"], document["seconds_allowed"]) == ("time", {"1": "A"}, 420)
    assert any(event["what"] == "clock" for event in document["events"])
    assert window.complaints() == []


class Desk(http.server.BaseHTTPRequestHandler):
    """Takes in what is posted, or refuses it."""

    got: list[bytes]
    status = 200

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[tuple[str, type[Desk]]]:
    handler = type("Here", (Desk,), {"got": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/submit", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_answers_are_posted_to_the_one_address_and_nowhere_else(
    window: Page, room: Path, tmp_path: Path, desk: tuple[str, type[Desk]]
) -> None:
    address, handler = desk
    file = opened(window, room, tmp_path, submit=address)
    begin(window)
    window.key("b")
    hand_in(window)
    window.until(f"document.getElementById('done-said').textContent === {json.dumps(text('zh', 'exam.js.sent'))}")
    window.click("#send")
    window.until("!document.getElementById('send').disabled")
    assert len(handler.got) == 2 and len({*handler.got}) == 1
    assert json.loads(handler.got[0])["answers"] == {"1": "B"}
    assert window.complaints() == []
    asked = [one for one in window.requests() if not one.startswith(("data:", "blob:"))]
    assert {*asked} == {file.as_uri(), address}
    elsewhere = address.replace("/submit", "/elsewhere")
    assert window.ask(f"fetch('{elsewhere}', {{method: 'POST', body: 'x'}}).then(() => 'went', () => 'stopped')") == "stopped"
    assert len(handler.got) == 2
    handler.status = 500
    window.click("#send")
    window.until("document.getElementById('done-said').textContent.includes('500')")


@pytest.mark.parametrize("opened_as", ["a local file", "a page of the desk"])
def test_an_exam_is_submitted_to_the_desk_and_its_folder_is_a_sitting(
    window: Page, room: Path, tmp_path: Path, opened_as: str
) -> None:
    """The command itself receives; a page that comes by plain http from the network signs as one from the disk does."""
    with socket.create_server(("0.0.0.0", 0)) as free:
        port = free.getsockname()[1]
    host = "127.0.0.1" if opened_as == "a local file" else _network_address()
    folder, submit = tmp_path / "answers", f"http://{host}:{port}/submit"
    file = opened(window, room, tmp_path / "print", submit=submit)
    words = [sys.executable, "-m", "qbank", "sitting", "receive", str(folder), "--host", host, "--port", str(port),
             "--room-code", ROOM, "--forms", str(room / "forms/all-kinds"), "--serve", str(file.parent)]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8", env=env) as process, contextlib.ExitStack() as stopping:
        stopping.callback(process.kill)
        assert process.stdout is not None and submit in process.stdout.readline()
        address = process.stdout.readline().strip()
        if opened_as == "a page of the desk":
            window.open(address)
            window.ask("localStorage.clear()")
            window.open(address)
            window.until("!document.getElementById('start').hidden")
            assert window.ask("window.isSecureContext") == (host == "127.0.0.1")
        begin(window)
        window.key("b")
        hand_in(window)
        window.until("/[0-9a-f]{12}/.test(document.getElementById('done-said').textContent)")
        receipt = window.ask("document.getElementById('done-said').textContent.match(/[0-9a-f]{12}/)[0]")
        assert receipt in process.stdout.readline()
        window.click("#send")
        assert receipt in process.stdout.readline()
        assert window.complaints() == []
        process.terminate()
        process.communicate(timeout=WAIT)
    assert process.returncode == 0 and len(list(folder.iterdir())) == 1
    added, problems = add_responses(
        folder, (room / "forms/all-kinds",), workspace_at(room), id=f"desk-{host}", date=DATE, how=Intaking(room_codes=(ROOM,))
    )
    assert added is not None and added.n_persons == 1 and added.settings["signatures"] == "checked", problems


def _network_address() -> str:
    """Return this machine's address in its network, or that of the machine itself where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))  # nothing is sent
            found = str(line.getsockname()[0])
        except OSError:
            return "127.0.0.1"
    return found if is_near(f"http://{found}/") else "127.0.0.1"


@pytest.mark.parametrize("language", PAPERS)
def test_nothing_is_wider_than_the_screen_and_large_print_is_larger(window: Page, tmp_path: Path, language: Language) -> None:
    file = tmp_path / "exam.html"
    file.write_bytes(exam_pages(PAPERS[language](), digest="0" * 16, shown="1" * 16, minutes=90).page())
    fresh(window, file)
    begin(window)
    for width, large in ((390, False), (390, True), (1440, False), (1440, True)):
        window.size(width)
        if window.ask("document.documentElement.classList.contains('large')") != large:
            window.ask("document.getElementById('large').click()")
        for n in range(int(window.ask("document.querySelectorAll('article').length"))):
            window.ask(f"document.querySelector('[data-go=\"{n}\"]').click()")
            assert window.ask("document.documentElement.scrollWidth") <= width, (width, large, n)
    assert window.ask("getComputedStyle(document.documentElement).fontSize") == "24px"
    names = window.ask("[...document.querySelectorAll('article:not([hidden]) input, button, select, textarea')]"
                       ".filter((one) => !(one.labels && one.labels.length) && !one.textContent.trim() && !one.getAttribute('aria-label')).length")  # fmt: skip
    assert names == 0
