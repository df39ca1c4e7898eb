"""Reading a package: decrypted piece by piece, every file held against the manifest, nothing shown before all is right."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from qbank.files.paths import shown_path
from qbank.files.sealing.keys import Key, identities_of
from qbank.files.sealing.manifest import MANIFEST, MOST_BYTES, Manifest, PackedFile, parse_manifest
from qbank.files.sealing.tar import TarError, TarReader
from qbank.problem import Problem, Span, error, warning

PIECE = 1 << 20
OPENING = ".opening-"
"""Stands in the name of the private folder of an opening."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was found: the archive's own size and SHA-256, its manifest and that one's SHA-256, where it got so far."""

    size: int = 0
    sha256: str = ""
    manifest: Manifest | None = None
    manifest_sha256: str = ""


class RefusedError(Exception):
    """The package cannot be what it says; the argument is the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_package(path: Path, keys: list[Key], folder: Path | None = None) -> tuple[Unpacked, list[Problem]]:
    """Return what a package holds, and everything that is wrong with it.

    folder : where its files are written as they come, a private one; without it they are only held against the
    manifest. Files in it may be wrong until the problems are known to be none. Memory is bounded, and no more is ever
    written than the archive has bytes, as nothing in it is compressed.
    """
    shown = shown_path(path)
    try:
        with path.open("rb") as file:
            return _read(_Hashing(file), path.stat().st_size, keys, folder, shown)
    except OSError as fault:
        if fault.filename is not None and Path(fault.filename) == path:
            return Unpacked(), [error("Z201", Span(shown), detail=fault.strerror or str(fault))]
        raise


def _read(
    source: _Hashing, size: int, keys: list[Key], folder: Path | None, shown: str
) -> tuple[Unpacked, list[Problem]]:
    import pyrage

    receiver = _Receiver(folder, size, shown)
    tar = TarReader(receiver)
    writer = _Writer(tar)
    problems: list[Problem] = []
    try:
        pyrage.decrypt_io(source, writer, identities_of(keys))
        if not tar.complete:
            problems.append(error("Z206", Span(shown), detail="end"))
        elif receiver.manifest is None:
            problems.append(error("Z221", Span(shown), name="–"))
    except RefusedError as fault:
        problems.append(fault.problem)
    except TarError as fault:
        problems.append(error("Z206", Span(shown), detail=fault))
    except pyrage.DecryptError as fault:
        problems.append(_not_decrypted(str(fault), shown))
    except OSError as fault:
        if writer.fault is not None or source.fault is not None or fault.errno is not None:
            raise
        problems.append(_damaged(str(fault), receiver, shown))
    finally:
        receiver.close()
    found = Unpacked(size, source.finished(), receiver.manifest, receiver.manifest_sha256)
    return found, [*problems, *receiver.problems(whole=not problems)]


def _not_decrypted(words: str, shown: str) -> Problem:
    if "matching keys" in words:
        return error("Z203", Span(shown))
    return error("Z202", Span(shown))


def _damaged(words: str, receiver: _Receiver, shown: str) -> Problem:
    name = receiver.name or MANIFEST
    if "truncated" in words or "fill whole buffer" in words:
        return error("Z204", Span(shown), name=name, n=receiver.n_right)
    return error("Z205", Span(shown), name=name, n=receiver.n_right)


class _Receiver:
    """Takes the files of a package in turn: first the manifest, then what it names, each once."""

    def __init__(self, folder: Path | None, size: int, shown: str) -> None:
        self._folder, self._size, self._shown = folder, size, shown
        self.manifest: Manifest | None = None
        self.manifest_sha256 = ""
        self.name = ""
        self.n_right = 0
        self._left: dict[str, PackedFile] = {}
        self._held = bytearray()
        self._out: BinaryIO | None = None
        self._expected: PackedFile | None = None
        self._digest = hashlib.sha256()
        self._wrong: list[Problem] = []

    def begin(self, name: str, size: int) -> None:
        self.name, self._digest, self._expected = name, hashlib.sha256(), None
        if self.manifest is None:
            if name != MANIFEST or size > MOST_BYTES:
                raise RefusedError(error("Z221", Span(self._shown), name=name[:100]))
            return
        self._expected = self._left.pop(name, None)
        if self._expected is None:
            raise RefusedError(error("Z209", Span(self._shown), name=name[:100]))
        if size != self._expected.size:
            raise RefusedError(error("Z207", Span(self._shown), name=name))
        if self._folder is not None:
            target = self._folder.joinpath(*name.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            self._out = os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")

    def take(self, piece: bytes) -> None:
        self._digest.update(piece)
        if self.manifest is None:
            self._held += piece
        elif self._out is not None:
            self._out.write(piece)

    def end(self) -> None:
        self.close()
        if self.manifest is None:
            self._take_manifest()
        elif self._expected is not None and self._digest.hexdigest() != self._expected.sha256:
            self._wrong.append(error("Z207", Span(self._shown), name=self.name))
        else:
            self.n_right += 1

    def _take_manifest(self) -> None:
        found, problems = parse_manifest(bytes(self._held), f"{self._shown}/{MANIFEST}")
        if found is None:
            raise RefusedError(problems[0])
        self.manifest, self.manifest_sha256 = found, self._digest.hexdigest()
        self._left = {file.name: file for file in found.files}
        if found.size > self._size:
            raise RefusedError(error("Z223", Span(self._shown), says=found.size, holds=self._size))
        if self._folder is not None:
            if (free := shutil.disk_usage(self._folder).free) < found.size:
                raise RefusedError(error("Z215", Span(self._shown), needed=(found.size >> 20) + 1, free=free >> 20))
            (self._folder / MANIFEST).write_bytes(self._held)
            (self._folder / MANIFEST).chmod(0o600)
        self._held.clear()

    def close(self) -> None:
        if self._out is not None:
            self._out.close()
            self._out = None

    def problems(self, *, whole: bool) -> list[Problem]:
        """Return what is wrong with files; of an archive that was read to its end also what it lacks."""
        missing = [error("Z208", Span(self._shown), name=name) for name in self._left if whole]
        return [*self._wrong, *missing]


class _Writer:
    """Hands bytes to the tar and remembers that a fault came from there."""

    def __init__(self, tar: TarReader) -> None:
        self._tar = tar
        self.fault: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._tar.write(data)
        except BaseException as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        """Do nothing."""


class _Hashing:
    """A file that knows the digest of all its bytes, also of those that nobody wanted to read."""

    def __init__(self, file: Any) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self.fault: BaseException | None = None

    def read(self, n: int = -1) -> bytes:
        try:
            data: bytes = self._file.read(n)
        except BaseException as fault:
            self.fault = fault
            raise
        self._digest.update(data)
        return data

    def finished(self) -> str:
        while self.read(PIECE):
            pass
        return self._digest.hexdigest()


@contextlib.contextmanager
def private_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside the target that only its owner can read, and delete it with all that it holds.

    `move_to` moves it to its place before that. A polite request to end the process (SIGTERM, SIGHUP) deletes it too;
    kill −9 and a power cut cannot: what they leave is for `clear_killed`.
    """
    made = _make_parents(target.parent)
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}{OPENING}"))
    kept = False
    with _ending_politely(), _held(folder):
        try:
            yield folder
            kept = True
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            for parent in reversed([] if kept and target.exists() else made):
                with contextlib.suppress(OSError):
                    parent.rmdir()


def clear_killed(target: Path) -> list[Problem]:
    """Delete what earlier openings of a target left that were killed, and tell of each; one that still runs is left alone.

    A running opening holds a lock on its folder, which ends with its process, however that ends. Where a system has no such
    locks the folder is only told of.
    """
    problems: list[Problem] = []
    for folder in sorted(target.parent.glob(f".{glob.escape(target.name)}{OPENING}*")):
        if folder.is_symlink() or not folder.is_dir():
            continue
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        with _held(folder) as free:
            if not free:
                continue
            if os.name == "posix":
                shutil.rmtree(folder, ignore_errors=True)
        code = "Z219" if folder.exists() else "Z218"
        problems.append(warning(code, Span(shown_path(folder)), n=files))
    return problems


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder as long as this process lives, and yield whether nobody else does."""
    if os.name != "posix":
        yield True
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _make_parents(folder: Path) -> list[Path]:
    """Make folders and return those that were not there."""
    missing = []
    here = folder
    while not here.exists():
        missing.append(here)
        here = here.parent
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


@contextlib.contextmanager
def _ending_politely() -> Iterator[None]:
    """Turn signals that ask a process to end into an exception, so that what is to be deleted is deleted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def move_to(folder: Path, target: Path) -> None:
    """Rename a private folder to where people look for it; an empty folder there makes way."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and os.name == "posix":
            with path.open("rb") as file:
                os.fsync(file.fileno())
    if target.is_dir():
        target.rmdir()
    folder.rename(target)


def is_free(target: Path) -> bool:
    """Return whether files can be put at a place: nothing there, or an empty folder."""
    if not os.path.lexists(target):
        return True
    return target.is_dir() and not target.is_symlink() and not any(target.iterdir())
