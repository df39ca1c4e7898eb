"""sitting receive: what the desk of an exam room takes and hands out; sockets are the business of `qbank.web.desk`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qbank.files.answers import Accepting
from qbank.files.answers.exam.inbox import Inbox, Taken
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.exam import is_near
from qbank.workflow.paper_files import read_forms

LARGEST_PAGE = 64 << 20
_FACTS = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Receiving:
    """How answers are received: where to listen, papers and room codes that are taken, pages that are handed out."""

    host: str = "127.0.0.1"
    port: int = 8765
    forms: tuple[Path, ...] = ()
    room_codes: tuple[str, ...] = ()
    unsigned: bool = False
    serve: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder that is ready, and the pages to hand out by name."""

    inbox: Inbox
    pages: dict[str, Callable[[], bytes]]


def open_inbox(folder: Path, how: Receiving) -> tuple[Opened | None, list[Problem]]:
    """Return a folder ready to take answers in, or nothing and what stands against it."""
    if not is_near(address_of(how.host, how.port)):
        return None, [error("Z734", Span(how.host), host=how.host)]
    problems: list[Problem] = []
    forms, wrong = read_forms(how.forms) if how.forms else ((), [])
    problems += wrong
    if not how.room_codes:
        problems.append(warning("Z735", Span(shown_path(folder))))
    pages, wrong = exam_pages_in(how.serve, how) if how.serve else ({}, [])
    problems += wrong
    if has_errors(problems):
        return None, problems
    folder.mkdir(parents=True, exist_ok=True)
    return Opened(Inbox(folder, forms, Accepting(how.room_codes, how.unsigned)), pages), problems


def address_of(host: str, port: int) -> str:
    """Return where pages submit to: what `qbank print --to exam --submit` is given.

    >>> address_of("127.0.0.1", 8765), address_of("fd00::1", 80)
    ('http://127.0.0.1:8765/submit', 'http://[fd00::1]:80/submit')
    """
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/submit"


def exam_pages_in(folder: Path, how: Receiving) -> tuple[dict[str, Callable[[], bytes]], list[Problem]]:
    """Return the exams on screen in a folder by name, and nothing else that lies there: no key, no answers."""
    pages: dict[str, Callable[[], bytes]] = {}
    elsewhere: list[str] = []
    for path in sorted(folder.glob("*.html")):
        submit = submit_address(path)
        if submit is None:
            continue
        pages[path.name] = path.read_bytes
        if how.host not in ("0.0.0.0", "::") and submit != address_of(how.host, how.port):
            elsewhere.append(path.name)
    if not pages:
        return {}, [error("Z736", Span(shown_path(folder)))]
    wrong = warning("Z737", Span(shown_path(folder)), n=len(elsewhere), files=", ".join(elsewhere[:3]), address=address_of(how.host, how.port))
    return pages, [wrong] if elsewhere else []


def submit_address(path: Path) -> str | None:
    """Return the address that an exam on screen submits to, "" for none, or nothing where the file is no exam on screen."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_PAGE:
        return None
    found = _FACTS.search(path.read_text("utf-8", errors="replace"))
    try:
        facts = json.loads(found[1]) if found else None
    except ValueError:
        return None
    return str(facts["submit"]) if isinstance(facts, dict) and {"submit", "places", "digest"} <= {*facts} else None


def host_is_ours(header: str) -> bool:
    """Return whether a Host header names an address of this machine or a local network, and no site of the internet.

    >>> host_is_ours("127.0.0.1:8765"), host_is_ours("exam.example.com"), host_is_ours("")
    (True, False, False)
    """
    return bool(header) and is_near(f"http://{header}/")


def takes(inbox: Inbox, told: Callable[[Taken, str], None]) -> Callable[[bytes, str], Taken]:
    """Return what takes answers in and tells of each; a disk that refuses is a problem of that submission."""
    return partial(_take, inbox, told)


def _take(inbox: Inbox, told: Callable[[Taken, str], None], data: bytes, sender: str) -> Taken:
    try:
        taken = inbox.take(data, sender)
    except OSError as fault:
        taken = Taken("refused", None, "", "", (error("Z733", Span(sender), detail=fault.strerror or str(fault)),))
    told(taken, sender)
    return taken


def counted(takings: Sequence[Taken]) -> dict[str, int]:
    """Return how many submissions came to each end."""
    return {name: sum(taken.outcome == name for taken in takings) for name in ("kept", "another", "again", "refused")}
