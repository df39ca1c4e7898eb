"""Why a database could not be used, in reasons that the command line has words for; never a password among them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Reason = Literal[
    "locked", "full", "read_only", "newer", "damaged", "unreachable", "password", "bad_address", "unknown_engine",
    "is_folder", "no_folder", "refused",
]  # fmt: skip
TAKEN_BACK = ("40001", "40P01")
"""SQLSTATE of a transaction that the server itself took back: serialisation, deadlock."""
LOST = ("57P01", "57P02", "57P03", "08000", "08003", "08006")
_PASSWORD_OPTION = re.compile(r"((?:^|[?&\s])(?:password|sslpassword)=)[^&\s]*", re.IGNORECASE)


class LedgerError(OSError):
    """The database cannot be used.

    reason : locked by another process for too long, disk full, not writable, of a newer program, damaged, not reached,
        login refused, no such address, folder or engine, or refused for what ``detail`` says
    """

    def __init__(self, reason: Reason, place: str, detail: object = "") -> None:
        super().__init__(f"{place}: {detail}" if str(detail) else f"{place}: {reason}")
        self.reason, self.place, self.detail = reason, place, str(detail)


def shown_place(text: str) -> str:
    """Return a path as people type it, or a URL without its password.

    >>> shown_place("postgresql://bank:secret@host:5432/ledger")
    'postgresql://bank:***@host:5432/ledger'
    >>> shown_place("postgresql://host/ledger?user=bank&password=secret")
    'postgresql://host/ledger?user=bank&password=***'
    """
    head, mark, tail = text.partition("://")
    if not mark:
        path, here = Path(text), Path.cwd()
        return path.relative_to(here).as_posix() if path.is_relative_to(here) else text
    tail = _PASSWORD_OPTION.sub(r"\1***", tail)
    login, at, rest = tail.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{head}://{user}{':***' if colon else ''}{at}{rest}"


def without_password(words: str, url: str) -> str:
    """Return a message of the driver without the password of the URL, wherever it stands in it; of one whose marks were
    not escaped, so that the driver took it for something else, without its parts.

    >>> without_password("bad port: 'secret@host'", "postgresql://bank:secret@host")
    "bad port: '***@host'"
    """
    tail = url.partition("://")[2]
    found = {m.group()[len(m.group(1)) :] for m in _PASSWORD_OPTION.finditer(tail)}
    login, at, _ = tail.rpartition("@")
    if at and ":" in login:
        secret = login.partition(":")[2]
        found |= {secret, f"{re.split('[@:/]', secret)[-1]}@", *(p for p in re.split("[@:/]", secret) if len(p) > 3)}
    for secret in sorted({*found, *map(unquote, found)} - {""}, key=len, reverse=True):
        words = words.replace(secret, "***@" if secret.endswith("@") else "***")
    return words


def reason_of(fault: BaseException) -> Reason:
    """Return what kept a database from doing what was asked."""
    orig = getattr(fault, "orig", None) or fault
    words = str(orig).lower()
    state = getattr(orig, "sqlstate", None) or ""
    found: list[tuple[bool, Reason]] = [
        ("locked" in words or isinstance(fault, PoolTimeout) or state in ("55P03", *TAKEN_BACK), "locked"),
        ("disk is full" in words or "no space" in words or state.startswith("53"), "full"),
        ("readonly" in words or "read-only" in words or state == "25006", "read_only"),
        ("malformed" in words or "not a database" in words or state in ("XX001", "XX002"), "damaged"),
        ("password" in words or state.startswith("28"), "password"),
        ("unable to open" in words or "connection" in words or _never_connected(orig) or state.startswith(("08", "57P", "3D")), "unreachable"),
        ("disk i/o error" in words, "full"),
    ]
    return next((reason for holds, reason in found if holds), "refused")


def _never_connected(fault: BaseException) -> bool:
    """Return whether PostgreSQL's driver failed without a word of a server: no such host, refused, timed out."""
    kind = type(fault)
    return kind.__module__.startswith("psycopg") and kind.__name__ in ("OperationalError", "ConnectionTimeout")


def can_be_repeated(fault: BaseException | None) -> bool:
    """Return whether a transaction that failed so has left nothing behind and may succeed if it is run again."""
    if not isinstance(fault, DBAPIError):
        return False
    state = getattr(fault.orig, "sqlstate", None) or ""
    return fault.connection_invalidated or state in TAKEN_BACK or state in LOST
