"""Copies of a SQLite file: one state of it, whole or not at all, while others go on working with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path


def copy_database(source: Path, target: Path) -> None:
    """Write one state of a database to a single file: into a temporary file beside it, flushed, then renamed.

    Raises `sqlite3.Error` or `OSError`; the target is then as it was.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    try:
        reader = sqlite3.connect(f"file:{_quoted(source)}?mode=ro", uri=True)
        with contextlib.closing(reader) as before, contextlib.closing(sqlite3.connect(name)) as after:
            before.backup(after)  # all pages in one step: a single state
            after.execute("PRAGMA journal_mode = DELETE").close()  # no log beside the copy
        with Path(name).open("rb+") as file:
            os.fsync(file.fileno())
        shutil.copymode(source, name)
        replace_file(Path(name), target)
    except BaseException:
        for rest in (name, f"{name}-journal", f"{name}-wal", f"{name}-shm"):
            with contextlib.suppress(OSError):
                Path(rest).unlink()
        raise


def replace_file(file: Path, target: Path) -> None:
    """Give a file that is written and flushed its name, and make that last through a power failure where it can be."""
    file.replace(target)
    with contextlib.suppress(OSError):
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _quoted(path: Path) -> str:
    """Return a path as SQLite's URIs want it.

    >>> _quoted(Path("a?b%c#d"))
    'a%3fb%25c%23d'
    """
    text = path.as_posix()
    for mark, escaped in (("%", "%25"), ("?", "%3f"), ("#", "%23")):
        text = text.replace(mark, escaped)
    return text
