"""A computer room for the page on exams on screen: two candidates hand in what the pages would, one first with a wrong code."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shlex
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qbank.files.answers.exam.signature import sealed

USUAL_PORT = 8765
ROOM = "7788"
PERSONS = {"zh": (("20261101", "张小钢"), ("20261102", "李卫")), "en": (("20261101", "Li Wei"), ("20261102", "Ann Jones"))}


def handed_in(page: Path, number: str, name: str, room: str, leave: int = -1) -> bytes:
    """Return what a page posts for a candidate who answers everything but the question at place ``leave``."""
    (found,) = re.findall(r'<script type="application/json" id="facts">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    facts = json.loads(found)
    given = {place["name"]: answered(place) for n, place in enumerate(facts["places"]) if n != leave}
    record = {
        "format": "qbank-exam-answers", "version": 1, "paper": facts["paper"], "digest": facts["digest"], "shown": facts["shown"],
        "candidate": {"number": number, "name": name}, "attempt": f"a{number}", "sequence": 60,
        "started": "2026-11-26T01:00:00.000Z", "submitted": "2026-11-26T02:00:00.000Z", "seconds_used": 3600,
        "seconds_allowed": facts["seconds"], "reason": "candidate", "marked": [], "events": [],
        "answers": {place: answer for place, answer in given.items() if answer},
    }  # fmt: skip
    return json.dumps(sealed(record, room), ensure_ascii=False).encode()


def answered(place: dict[str, Any]) -> str | list[str]:
    """Return some answer to a place of a page."""
    letters, rows = place["letters"], place["rows"]
    found: dict[str, str | list[str]] = {
        "one": letters[:1], "several": letters[:2], "judge": "true", "blanks": ["12"] * rows, "number": "12.5", "text": "…",
        "match": [letters[:1]] * rows, "order": [*letters],
    }  # fmt: skip
    return found.get(place["way"], "")


@contextlib.contextmanager
def candidates(command: str, language: str) -> Iterator[tuple[str, str]]:
    """Hand in at the desk that a command opens, and end it; yields the command with a port that is free, and that port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (page,) = Path("print/all-kinds").glob("*-exam.html")
    (first, second) = PERSONS[language]
    sent = [handed_in(page, *first, ROOM), handed_in(page, *second, "7789"), handed_in(page, *second, ROOM, leave=1)]
    hands = threading.Thread(target=hand_in, args=(port, sent))
    hands.start()
    try:
        yield shlex.join([*shlex.split(command), "--port", str(port)]), str(port)
    finally:
        hands.join()


def hand_in(port: int, sent: list[bytes]) -> None:
    """Post some bodies one after another, and stop the desk as Ctrl-C does."""
    for body in sent:
        until = time.monotonic() + 180
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            try:
                connection.request("POST", "/submit", body)
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
    signal.raise_signal(signal.SIGINT)
