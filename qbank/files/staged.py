"""Several files at once: all of them are there in the end, or none is, and nobody ever sees half of one.

Each file is written apart as soon as it is made, into a hidden folder beside its place, so that memory holds one at a
time; the last step gives all of them their names. A program that is killed before leaves that hidden folder and nothing
else, and the next one to write there clears it away after a day; killed in the last step, which takes milliseconds, it
leaves some files new and some old, each whole.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

PREFIX = ".qbank-unfinished-"
STALE_SECONDS = 24 * 3600


class Staged:
    """Files that wait for `commit`; left without it, also by an error, they are gone and so is every folder made for them.

    >>> with tempfile.TemporaryDirectory() as name, Staged() as staged:
    ...     staged.put(Path(name) / "print", {"a.txt": b"A", "b.txt": b"B"})
    ...     before = list(Path(name).glob("print/*.txt"))
    ...     paths = staged.commit()
    ...     before, [path.name for path in paths], paths[1].read_bytes()
    ([], ['a.txt', 'b.txt'], b'B')
    """

    def __init__(self) -> None:
        self._waiting: dict[Path, Path] = {}
        self._apart: dict[Path, Path] = {}
        self._made: list[Path] = []

    def __enter__(self) -> Staged:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for folder in self._apart.values():
            shutil.rmtree(folder, ignore_errors=True)
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def put(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Write files of a folder by name, flushed to disk, not yet under their names."""
        for name, data in files.items():
            path = folder / name
            apart = self._folder_beside(path.parent)
            waiting = self._waiting.setdefault(path, apart / f"{len(self._waiting)}.new")
            with waiting.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())

    def commit(self) -> tuple[Path, ...]:
        """Give all files their names; returns the paths. Where one cannot be put there, those before are as they were."""
        taken = [path for path in self._waiting if path.is_dir()]
        if taken:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(taken[0]))
        done: list[tuple[Path, Path | None]] = []
        try:
            for path, waiting in self._waiting.items():
                kept = _kept(path, waiting.with_suffix(".old"))
                waiting.replace(path)
                done.append((path, kept))
        except BaseException:
            for path, kept in reversed(done):
                if kept is None:
                    path.unlink()
                else:
                    kept.replace(path)
            raise
        self._made = []
        return tuple(path for path, _ in done)

    def _folder_beside(self, parent: Path) -> Path:
        """Return the hidden folder in which the files of a folder wait."""
        if parent not in self._apart:
            missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
            for folder in reversed(missing):
                folder.mkdir(exist_ok=True)
                self._made.append(folder)
            _clear_stale(parent)
            self._apart[parent] = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        return self._apart[parent]


def _kept(path: Path, apart: Path) -> Path | None:
    """Return where a file that will be replaced can be had again, or nothing where there is none."""
    if not path.exists():
        return None
    try:
        os.link(path, apart)
    except OSError:  # a file system without links
        shutil.copy2(path, apart)
    return apart


def _clear_stale(folder: Path) -> None:
    """Remove what a program that was killed long ago left here."""
    for left in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if left.is_dir() and time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
