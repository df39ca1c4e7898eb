"""The desk of an exam room: takes answers that pages post, gives receipts, and at most hands out the pages themselves.

Nothing that comes in names a file or runs: an answer file gets a name from its own record (`qbank.files.answers.exam.inbox`),
and a page is looked up among those that were there at the start. What is long, slow, foreign or too much is turned away.
"""

from __future__ import annotations

import html
import http.server
import json
import socket
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from qbank.problem import Problem

MOST_AT_ONCE, MOST_OF_ONE = 256, 32
"""Connections that are open at the same time, in all and of one address."""
SECONDS = 30.0
"""How long a request may take from its first byte to its last."""
PATHS = ("/submit", "/")
METHODS = "GET, HEAD, POST, OPTIONS"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a page is told: an HTTP status and a record."""

    status: int
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk does, apart from sockets.

    take : bytes and who sent them → the reply ; pages : name in an address → the page's bytes, read when asked for ;
    title : of the list of pages ; is_ours : whether a Host header names this machine or its network
    """

    take: Callable[[bytes, str], Reply]
    pages: Mapping[str, Callable[[], bytes]]
    title: str
    is_ours: Callable[[str], bool]
    longest: int
    seconds: float = SECONDS


class DeskServer(http.server.ThreadingHTTPServer):
    """A server whose connections are counted, and closed when they take too long."""

    daemon_threads = False  # what is being written is written to its end before the desk closes
    request_queue_size = 128

    def __init__(self, host: str, port: int, desk: Desk) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.desk = desk
        self._open: dict[socket.socket, tuple[str, float]] = {}
        self._guard = threading.Lock()
        super().__init__((host, port), DeskHandler)

    def server_bind(self) -> None:
        """Bind without asking any name server what this machine is called."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()[:2]
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Return whether one more connection is taken."""
        with self._guard:
            by_address = Counter(address for address, _ in self._open.values())
            if len(self._open) >= MOST_AT_ONCE or by_address[client_address[0]] >= MOST_OF_ONE:
                return False
            self._open[request] = (client_address[0], time.monotonic() + self.desk.seconds)
        return True

    def service_actions(self) -> None:
        """Close what takes too long; called about twice a second."""
        now = time.monotonic()
        with self._guard:
            for request, (_, end) in self._open.items():
                if now > end:
                    _shut(request)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection, and close it."""
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close: who has not sent everything yet is cut off, what has come is taken in and answered."""
        with self._guard:
            for request in self._open:
                _shut(request, socket.SHUT_RD)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""


def _shut(request: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    try:
        request.shutdown(how)
    except OSError:
        return


class DeskHandler(http.server.BaseHTTPRequestHandler):
    """One request: answers posted, a page asked for, or anything else, which is refused."""

    server: DeskServer
    server_version, sys_version = "qbank", ""
    timeout = 10.0

    def do_POST(self) -> None:
        """Take answers in."""
        if self.path.partition("?")[0] not in PATHS:
            self._say(HTTPStatus.NOT_FOUND, {})
            return
        lengths = self.headers.get_all("Content-Length") or []
        if len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdigit()) or self.headers.get("Transfer-Encoding"):
            self._say(HTTPStatus.LENGTH_REQUIRED, {})
            return
        if len(lengths[0]) > 12 or int(lengths[0]) > self.server.desk.longest:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {})
            return
        data = self._body(int(lengths[0]))
        if data is not None:
            reply = self.server.desk.take(data, self.client_address[0])
            self._say(reply.status, reply.record)

    def _body(self, length: int) -> bytes | None:
        """Return the whole body, or nothing where it does not come in time."""
        try:
            data = self.rfile.read(length)
        except OSError:
            data = b""
        if len(data) == length:
            return data
        self._say(HTTPStatus.REQUEST_TIMEOUT, {})
        return None

    def do_OPTIONS(self) -> None:
        """Tell a browser that asks first that it may post."""
        self._send(HTTPStatus.NO_CONTENT, b"", "text/plain")

    def do_GET(self) -> None:
        """Give the list of pages or one of them, where the desk hands out any."""
        desk = self.server.desk
        if not desk.pages:
            self._say(HTTPStatus.METHOD_NOT_ALLOWED, {})
            return
        name = urllib.parse.unquote(self.path.partition("?")[0]).removeprefix("/")
        if not desk.is_ours(self.headers.get("Host", "")) or (name and name not in desk.pages):
            self._say(HTTPStatus.NOT_FOUND, {})
            return
        try:
            page = desk.pages[name]() if name else page_list(desk.title, tuple(desk.pages))
        except OSError:
            self._say(HTTPStatus.NOT_FOUND, {})
            return
        self._send(HTTPStatus.OK, page, "text/html; charset=utf-8")

    def do_HEAD(self) -> None:
        """Give the headers of what GET gives."""
        self.do_GET()

    def _say(self, status: int, record: Mapping[str, Any]) -> None:
        told = {"received": status == HTTPStatus.OK, **record}
        self._send(status, json.dumps(told, ensure_ascii=False).encode("utf-8"), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Allow-Private-Network": "true",
        }  # fmt: skip
        if kind.startswith("text/html"):  # a page is for those who open it, not for scripts of other places
            headers = {name: value for name, value in headers.items() if not name.startswith("Access-Control")}
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = METHODS if self.server.desk.pages else "POST, OPTIONS"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request, or a method that nobody here knows, without repeating what came."""
        self.close_connection, self.request_version = True, "HTTP/1.0"
        self._say(HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else code, {})

    def version_string(self) -> str:
        """Return who answers, without the version of anything."""
        return self.server_version

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the desk tells what it takes."""


def page_list(title: str, names: tuple[str, ...]) -> bytes:
    """Return the page that lists the exams, each a link."""
    lines = "".join(f'<li><a href="/{urllib.parse.quote(name)}">{html.escape(name)}</a></li>' for name in names)
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{html.escape(title)}</title><style>body {{ font: 1.2rem/1.8 sans-serif; margin: 2rem }}</style></head>"
        f"<body><h1>{html.escape(title)}</h1><ul>{lines}</ul></body></html>"
    ).encode()


def reply_of(problem: Problem, message: str) -> Reply:
    """Return what a page is told whose answers are not taken."""
    return Reply(STATUS.get(problem.code, HTTPStatus.BAD_REQUEST), {"code": problem.code, "message": message})


STATUS: dict[str, int] = {
    "Z713": HTTPStatus.CONFLICT, "Z714": HTTPStatus.CONFLICT, "Z715": HTTPStatus.UNPROCESSABLE_ENTITY,
    "Z716": HTTPStatus.FORBIDDEN, "Z717": HTTPStatus.FORBIDDEN, "Z731": HTTPStatus.TOO_MANY_REQUESTS,
    "Z733": HTTPStatus.INSUFFICIENT_STORAGE,
}  # fmt: skip
"""Why answers are not taken → HTTP status; 400 for all that is no such record."""
