"""What was found in a file the last time, kept in the user's cache folder under a hash of everything it depends on.

An entry counts only for the very bytes it was made from, the same bank.yaml and standard, the same engine (its source
text, not its version) and the same Python and libraries. No clock is asked, no date of a file. An entry that is
damaged, cut short or of another kind is as good as none. The folder may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import qbank

FOLDER_VARIABLE = "QBANK_CACHE_DIR"
MAGIC = b"qbank cache 1\n"
SHELF = "qbank-check"
MAX_BYTES = 1 << 30
UNUSED_DAYS = 30
DAY = 86400
WALKED = "walked"
"""A file whose date says when all banks' entries were last counted."""
LIBRARIES = ("pydantic", "pydantic_core", "PyYAML", "pint", "google-re2", "simpleeval", "lxml", "pypandoc_binary")
OUTER = ("analysis", "assemble", "cli", "irt", "ledger", "render", "report", "starter", "web", "__pycache__")
"""Packages that reading and rules over items never call, but for `INNER`."""
INNER = ("render/formulae.py", "render/templates/formulae.lua")
"""What of these packages says whether a formula can be read."""


@cache
def engine_digest() -> bytes:
    """Return the hash of every file of the engine that reading and rules run, of Python and of the libraries.

    The files are read each time (4 ms): dates and sizes do not tell an edited engine from an old one.
    """
    total = hashlib.sha256(f"{sys.version}\0{marshal.version}".encode())
    root = Path(qbank.__file__).parent
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in OUTER)
        for name in sorted(names):
            path = Path(parent) / name
            total.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    for name in INNER:
        with contextlib.suppress(FileNotFoundError):
            total.update(hashlib.sha256((root / name).read_bytes()).digest())
    for library in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            total.update(f"\0{library} {metadata.version(library)}".encode())
    return total.digest()


def cache_folder() -> Path | None:
    """Return where caches lie: ``QBANK_CACHE_DIR``, else the user's cache folder; nothing where that word is empty."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("qbank", appauthor=False))


@dataclass(slots=True)
class Cache:
    """The entries of one bank: a file each, named by the path that its problems name.

    context : what all entries of this run depend on, see `use` ; used : the names of entries read or written ;
    written : how many were ; files : the keys of all files asked for, in order
    """

    folder: Path
    context: bytes = b""
    used: set[str] = field(default_factory=set)
    written: int = 0
    files: list[bytes] = field(default_factory=list)

    def use(self, *parts: bytes) -> None:
        """Say what every entry depends on beside its own file."""
        total = hashlib.sha256(engine_digest())
        for part in parts:
            total.update(hashlib.sha256(part).digest())
        self.context = total.digest()

    def load_file(self, name: str, data: bytes) -> Any:
        """Return what was kept for a file of the bank with these bytes, or None; see `state`."""
        self.files.append(self._key(name, data))
        return self.load(name, data)

    def state(self) -> bytes:
        """Return what identifies all files of the bank as they are in this run, for what was found over the whole."""
        return hashlib.sha256(b"".join(self.files)).digest()

    def load(self, name: str, data: bytes) -> Any:
        """Return what was kept under a name for these bytes, or None."""
        try:
            entry = self._path(name).read_bytes()
        except OSError:
            return None
        start = len(MAGIC)
        payload = entry[start + 64 :]
        if (
            entry[:start] != MAGIC
            or entry[start : start + 32] != self._key(name, data)
            or entry[start + 32 : start + 64] != hashlib.sha256(payload).digest()
        ):
            return None
        try:
            return marshal.loads(payload)
        except (EOFError, ValueError, TypeError):
            return None

    def keep(self, name: str, data: bytes, value: Any) -> None:
        """Keep plain data for a file with these bytes; a folder that cannot be written is no misfortune."""
        payload = marshal.dumps(value)
        entry = MAGIC + self._key(name, data) + hashlib.sha256(payload).digest() + payload
        with contextlib.suppress(OSError):
            if not self.written:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # not flushed to disk: the hash tells a half-written entry after a power failure
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(entry)
                Path(temporary).replace(self._path(name))
            except BaseException:
                Path(temporary).unlink()
                raise
            self.written += 1

    def _path(self, name: str) -> Path:
        entry = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:40]
        self.used.add(entry)
        return self.folder / entry

    def _key(self, name: str, data: bytes) -> bytes:
        words = name.encode("utf-8", "surrogateescape")
        return hashlib.sha256(self.context + hashlib.sha256(words).digest() + hashlib.sha256(data).digest()).digest()


def bank_cache(root: Path) -> Cache | None:
    """Return the cache of the bank in a folder, or nothing where there is no cache folder."""
    folder = cache_folder()
    if folder is None:
        return None
    place = os.path.realpath(root).encode("utf-8", "surrogateescape")
    return Cache(folder / SHELF / hashlib.sha256(place).hexdigest()[:16])


def tidy(cache: Cache) -> None:
    """Mark a bank's entries as used; where some were written, drop what was long unused, and once a day what is beyond 1 GB.

    Only names that this module gives are ever removed, whatever folder `FOLDER_VARIABLE` names.
    """
    with contextlib.suppress(OSError):
        os.utime(cache.folder)
    if not cache.written:
        return
    with contextlib.suppress(OSError):
        _drop_old_entries(cache)
    with contextlib.suppress(OSError):
        walked = cache.folder.parent / WALKED
        if walked.exists() and 0 <= time.time() - walked.stat().st_mtime < DAY:
            return
        walked.touch()
        banks = [folder for folder in cache.folder.parent.iterdir() if re.fullmatch("[0-9a-f]{16}", folder.name)]
        total = 0
        for folder in sorted(banks, key=lambda folder: folder.stat().st_mtime, reverse=True):
            total += sum(size for _, _, size in _entries(folder))
            if total > MAX_BYTES and folder != cache.folder:
                for path, _, _ in _entries(folder):
                    path.unlink()


def _drop_old_entries(cache: Cache) -> None:
    before = time.time() - UNUSED_DAYS * DAY
    for path, written, _ in _entries(cache.folder):
        if path.name not in cache.used and written < before:
            path.unlink()


def _entries(folder: Path) -> list[tuple[Path, float, int]]:
    with os.scandir(folder) as entries:
        return [
            (Path(entry.path), state.st_mtime, state.st_size)
            for entry in entries
            if re.fullmatch(r"[0-9a-f]{40}|\.new-\w+", entry.name)
            for state in [entry.stat(follow_symlinks=False)]
        ]
