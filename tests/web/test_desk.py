"""The desk of an exam room: what is taken, what is refused and how, and that nothing ever overwrites or reads a file."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.answers import Accepting
from qbank.files.answers.exam.documents import MOST_BYTES
from qbank.files.answers.exam.inbox import MOST_EACH, Inbox, file_stem
from qbank.files.answers.exam.signature import sealed, signed_bytes
from qbank.messages import LANGUAGES, problem_message
from qbank.web import desk as desk_module
from qbank.web.desk import Desk, DeskServer, Reply, reply_of
from qbank.workflow import receiving as work
from tests.files.answers.test_exam_files import ROOM, document, form
from tests.workflow.places import REPOSITORY


def posted(number: str = "001", room: str = ROOM, **changes: Any) -> bytes:
    """Return what a page posts, signed by a room code, or not signed at all."""
    made = document(number, **changes)
    return json.dumps(sealed(made, room) if room else made | {"checksum": "", "signature": ""}, ensure_ascii=False).encode()


def inbox(folder: Path, *, forms: bool = True, codes: tuple[str, ...] = (ROOM,), unsigned: bool = False) -> Inbox:
    folder.mkdir(exist_ok=True)
    return Inbox(folder, (form(),) if forms else (), Accepting(codes, unsigned))


@contextlib.contextmanager
def running(folder: Path, pages: dict[str, Any] | None = None, seconds: float = 20.0, **options: Any) -> Iterator[DeskServer]:
    """Yield a desk that listens on a free port of this machine."""
    take = work.takes(inbox(folder, **options), lambda *_: None)

    def answer(data: bytes, sender: str) -> Reply:
        taken = take(data, sender)
        if taken.outcome == "refused":
            return reply_of(taken.problems[0], problem_message(taken.problems[0], "zh"))
        return Reply(200, {"receipt": taken.receipt, "outcome": taken.outcome})

    desk = Desk(answer, pages or {}, "考试 <b>", work.host_is_ours, MOST_BYTES, seconds)
    with DeskServer("127.0.0.1", 0, desk) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def asked(server: DeskServer, method: str, path: str = "/submit", body: bytes | None = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    """Return status, record or text, and headers of the answer to a request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    data, told = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return answer.status, json.loads(data) if told["content-type"].startswith("application/json") else data.decode(), told


def raw(server: DeskServer, data: bytes) -> bytes:
    """Return everything that comes back for some bytes on the wire."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as line:
        with contextlib.suppress(OSError):
            line.sendall(data)
        got = b""
        with contextlib.suppress(OSError):
            while part := line.recv(65536):
                got += part
    return got


def test_answers_are_kept_byte_for_byte_under_the_candidates_number_with_a_receipt(tmp_path: Path) -> None:
    with running(tmp_path / "in") as server:
        status, told, headers = asked(server, "POST", "/submit", posted(), Origin="null")
    assert (status, told["received"], told["outcome"]) == (200, True, "kept")
    assert headers["access-control-allow-origin"] == "*"
    (file,) = (tmp_path / "in").iterdir()
    assert file.name == f"{form().id}-001.json" and file.read_bytes() == posted()
    assert len(told["receipt"]) == 12 and int(told["receipt"], 16) >= 0


def test_a_different_submission_is_kept_beside_the_first_and_the_same_one_only_once(tmp_path: Path) -> None:
    box = inbox(tmp_path / "in")
    first, again = box.take(posted(), "a"), box.take(posted(), "b")
    other = box.take(posted(sequence=8), "a")
    assert [one.outcome for one in (first, again, other)] == ["kept", "again", "another"]
    assert first.receipt == again.receipt != other.receipt
    assert [problem.code for problem in other.problems] == ["Z732"]
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == [first.file, other.file]
    assert (tmp_path / "in" / first.file).read_bytes() == posted()
    opened_again = inbox(tmp_path / "in")  # as after a crash of the machine that receives
    assert opened_again.n_persons == 1
    assert opened_again.take(posted(sequence=8), "a").outcome == "again"
    assert opened_again.take(posted(sequence=9), "a").outcome == "another"
    assert len(list((tmp_path / "in").iterdir())) == 3


def test_two_candidates_whose_numbers_give_one_name_are_two_and_neither_is_told_of_the_other(tmp_path: Path) -> None:
    box = inbox(tmp_path / "in")
    taken = [box.take(posted(number), "a") for number in ("A/1", "A_1", "a 1", "../../etc/passwd")]
    assert [one.outcome for one in taken] == ["kept"] * 4 and box.n_persons == 4
    files = [*(tmp_path / "in").iterdir()]
    assert len({path.name.casefold() for path in files}) == 4 and sorted(path.parent for path in files) == [tmp_path / "in"] * 4
    assert [*tmp_path.iterdir()] == [tmp_path / "in"]


@given(st.text(min_size=1, max_size=60), st.text(max_size=200))
def test_a_name_is_one_word_whatever_the_number_says(number: str, paper: str) -> None:
    stem = file_stem(paper, number)
    assert Path(stem).name == stem and not stem.startswith(".") and len(f"{stem}~99999.json".encode()) < 255
    assert not {*stem} & {*'/\\:*?"<>|\0\n'}


REFUSED = [
    ("Z711", 400, b"{"),
    ("Z711", 400, b""),
    ("Z711", 400, b"[" * 200_000),
    ("Z711", 400, b'{"format": "qbank-exam-answers", "version": ' + b"9" * 10_000 + b"}"),
    ("Z711", 400, b'{"format": "\xff"}'),
    ("Z712", 400, b"{}"),
    ("Z713", 409, posted(paper="another")),
    ("Z714", 409, posted(digest="0" * 16)),
    ("Z715", 422, posted().replace("张小钢".encode(), "张大钢".encode())),
    ("Z716", 403, posted(room="another")),
    ("Z717", 403, posted(room="")),
]


@pytest.mark.parametrize(("code", "status", "data"), REFUSED, ids=[f"{code}-{n}" for n, (code, _, _) in enumerate(REFUSED)])
def test_what_is_damaged_unsigned_or_of_another_paper_is_refused_and_not_kept(tmp_path: Path, code: str, status: int, data: bytes) -> None:
    with running(tmp_path / "in") as server:
        found, told, _ = asked(server, "POST", "/submit", data)
    assert (found, told["received"], told["code"]) == (status, False, code)
    assert told["message"] and [*(tmp_path / "in").iterdir()] == []


def test_unsigned_answers_are_taken_where_somebody_said_so(tmp_path: Path) -> None:
    box = inbox(tmp_path / "in", unsigned=True)
    assert [box.take(posted(number, room), "a").outcome for number, room in (("1", ""), ("2", "another"))] == ["kept", "kept"]
    assert inbox(tmp_path / "free", codes=()).take(posted(room="any"), "a").problems == ()


def test_one_candidate_cannot_fill_the_disk(tmp_path: Path) -> None:
    box = inbox(tmp_path / "in")
    outcomes = [box.take(posted(sequence=n), "a") for n in range(MOST_EACH + 1)]
    assert outcomes[-1].outcome == "refused" and outcomes[-1].problems[0].code == "Z731"
    assert len(list((tmp_path / "in").iterdir())) == MOST_EACH


def test_a_disk_that_refuses_is_told_to_the_candidate_and_the_next_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qbank.files.answers.exam import inbox as module

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with running(tmp_path / "in") as server:
        with monkeypatch.context() as patched:
            patched.setattr(module, "write_bytes", full)
            status, told, _ = asked(server, "POST", "/submit", posted())
            assert (status, told["code"]) == (507, "Z733") and "No space" in told["message"]
        assert asked(server, "POST", "/submit", posted())[1]["outcome"] == "kept"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "XYZ"])
def test_a_foreign_method_is_refused_and_no_file_is_ever_served(tmp_path: Path, method: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/secret.json").write_text("{}")
    with running(tmp_path / "in") as server:
        for path in ("/submit", "/", "/secret.json", "/../in/secret.json", "//secret.json"):
            got = raw(server, f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            assert got.startswith(b"HTTP/1.0 405 ") and b"Allow: POST, OPTIONS" in got and b"secret" not in got


def test_a_browser_that_asks_first_is_told_that_it_may_post(tmp_path: Path) -> None:
    with running(tmp_path / "in") as server:
        status, _, headers = asked(server, "OPTIONS", "/submit", Origin="null", Access_Control_Request_Method="POST")
    assert status == 204
    assert headers["access-control-allow-methods"] == "POST" and headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /elsewhere HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 404),
        ("POST /submit/../in/x HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 404),
        ("POST /submit HTTP/1.1\r\n\r\n", 411),
        ("POST /submit HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 411),
        ("POST /submit HTTP/1.1\r\nContent-Length: ٥\r\n\r\n", 411),
        ("POST /submit HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 411),
        ("POST /submit HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411),
        (f"POST /submit HTTP/1.1\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n", 413),
        (f"POST /submit HTTP/1.1\r\nContent-Length: {'9' * 5000}\r\n\r\n", 413),
        ("nonsense\r\n\r\n", 400),
        ("POST /submit HTTP/9.9\r\n\r\n", 505),
        ("POST /" + "x" * 70_000 + " HTTP/1.1\r\n\r\n", 414),
        ("POST /submit HTTP/1.1\r\n" + "X: y\r\n" * 150 + "\r\n", 431),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_that_is_long_or_no_request_is_refused_in_one_line(tmp_path: Path, head: str, status: int) -> None:
    with running(tmp_path / "in") as server:
        got = raw(server, head.encode())
        assert f" {status} ".encode() in got.split(b"\r\n")[0] and b'"received": false' in got
        assert asked(server, "POST", "/submit", posted())[0] == 200
    assert len(list((tmp_path / "in").iterdir())) == 1


def test_a_slow_client_is_cut_off_and_the_others_are_served_meanwhile(tmp_path: Path) -> None:
    with running(tmp_path / "in", seconds=2.0) as server:
        lines = [socket.create_connection(("127.0.0.1", server.server_port), timeout=20) for _ in range(3)]
        for line, head in zip(lines, (b"", b"POST /submit HT", b"POST /submit HTTP/1.1\r\nContent-Length: 500\r\n\r\n{"), strict=True):
            line.sendall(head)
        assert asked(server, "POST", "/submit", posted())[0] == 200
        began = time.monotonic()
        for line in lines:
            with contextlib.suppress(OSError):
                while line.recv(1000):
                    pass
            line.close()
        assert time.monotonic() - began < 15
    assert len(list((tmp_path / "in").iterdir())) == 1


def test_one_address_cannot_hold_all_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MOST_OF_ONE", 2)
    with running(tmp_path / "in") as server:
        held = [socket.create_connection(("127.0.0.1", server.server_port), timeout=20) for _ in range(2)]
        for line in held:
            line.sendall(b"POST ")
        whole = posted("002")
        assert raw(server, b"POST /submit HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(whole), whole)) == b""
        for line in held:
            line.close()
        assert _status(server.server_port, posted()) == 200  # once the server has seen that they are gone


def test_many_candidates_at_once_are_all_taken(tmp_path: Path) -> None:
    results: list[int] = []
    with running(tmp_path / "in") as server:
        def one(n: int) -> None:
            results.append(asked(server, "POST", "/submit", posted(f"{n:03}"))[0])

        threads = [threading.Thread(target=one, args=(n,)) for n in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [200] * 24
    kept = [json.loads(path.read_bytes()) for path in (tmp_path / "in").iterdir()]
    assert sorted(one["candidate"]["number"] for one in kept) == [f"{n:03}" for n in range(24)]
    assert all(hashlib.sha256(signed_bytes(one)).hexdigest() == one["checksum"] for one in kept)


EXAM = '<html><script type="application/json" id="facts">{"submit":"%s","places":[],"digest":"x"}</script></html>'


def test_only_exams_on_screen_are_handed_out_and_only_to_this_network(tmp_path: Path) -> None:
    folder = tmp_path / "print"
    folder.mkdir()
    (folder / "一-exam.html").write_text(EXAM % "http://127.0.0.1:8765/submit", "utf-8")
    (folder / "key.html").write_text("<html>the key</html>")
    (folder / "one-exam-key.json").write_text("{}")
    (folder / "link.html").symlink_to(folder / "一-exam.html")
    pages, problems = work.exam_pages_in(folder, work.Receiving())
    assert [*pages] == ["一-exam.html"] and problems == []
    assert [one.code for one in work.exam_pages_in(folder, work.Receiving(port=1))[1]] == ["Z737"]
    assert [one.code for one in work.exam_pages_in(tmp_path, work.Receiving())[1]] == ["Z736"]
    with running(tmp_path / "in", pages) as server:
        status, page, headers = asked(server, "GET", "/%E4%B8%80-exam.html")
        assert (status, page) == (200, (folder / "一-exam.html").read_text("utf-8"))
        assert "access-control-allow-origin" not in headers
        status, listed, _ = asked(server, "GET", "/")
        assert status == 200 and "%E4%B8%80-exam.html" in listed and "key" not in listed and "&lt;b&gt;" in listed
        for path in ("/key.html", "/one-exam-key.json", "/link.html", "/../print/key.html", "/..%2fprint%2fkey.html", "/%00", "/print/"):
            assert asked(server, "GET", path)[0] == 404
        assert asked(server, "GET", "/", Host="exam.example.com")[0] == 404  # a site that lets its name mean this machine
        assert asked(server, "POST", "/submit", posted())[0] == 200


@pytest.mark.parametrize(("host", "fine"), [("127.0.0.1", True), ("192.168.1.4", True), ("::1", True), ("8.8.8.8", False), ("exam.example.com", False), ("a b", False)])
def test_only_addresses_of_this_machine_or_its_network_are_listened_on(tmp_path: Path, host: str, fine: bool) -> None:
    opened, problems = work.open_inbox(tmp_path / "in", replace(work.Receiving(room_codes=(ROOM,)), host=host))
    assert (opened is not None) == fine and [one.code for one in problems] == ([] if fine else ["Z734"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_prints_a_line_a_candidate_and_ends_cleanly(tmp_path: Path, number: signal.Signals, language: str) -> None:
    as_json = ["--json"] if number == signal.SIGTERM and language == "en" else []
    words = [sys.executable, "-m", "qbank", "--lang", language, "sitting", "receive", "in", "--port", "0", "--room-code", ROOM]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words[words.index("0")] = str(port)
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*words, *as_json], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=env) as process:
        try:
            found = [_status(port, data) for data in (posted("\x1b[31m"), posted(), posted(sequence=9), b"{}")]
            process.send_signal(number)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    assert found == [200, 200, 200, 400]
    assert process.returncode == 0, err
    assert "Traceback" not in err and "\x1b" not in out
    assert len(list((tmp_path / "in").glob("*.json"))) == 3
    if as_json:
        told = json.loads(out)
        assert [told["result"][name] for name in ("persons", "kept", "another", "again", "refused")] == [2, 2, 1, 0, 1]
        assert [one["code"] for one in told["problems"]] == ["Z732"]
    else:
        assert len(out.splitlines()) == 6 and "张小钢" in out and "Z732" in err


def _status(port: int, data: bytes) -> int:
    """Return the status of a submission to a server that may not listen, or not listen to this machine, yet."""
    end = time.monotonic() + 120
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("POST", "/submit", data)
            return connection.getresponse().status
        except ConnectionError:
            assert time.monotonic() < end
            time.sleep(0.1)
        finally:
            connection.close()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.dictionaries(st.sampled_from([*document()]), inner, max_size=5) | st.lists(inner, max_size=3)).map(lambda value: json.dumps(value).encode()))
def test_no_bytes_make_an_inbox_fail_or_write(data: bytes) -> None:
    box = Inbox(Path("nowhere-at-all"), (), Accepting((ROOM,), True))
    taken = box.take(data, "x")
    assert taken.outcome == "refused" and taken.problems and not Path("nowhere-at-all").exists()
