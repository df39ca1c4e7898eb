"""Writing a package: tar and encryption as one stream, so that nothing readable of it ever touches the disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbank.files.paths import shown_path
from qbank.files.sealing.keys import recipients_of
from qbank.files.sealing.manifest import MANIFEST, Manifest, PackedFile, manifest_text
from qbank.files.sealing.names import is_safe, same_names
from qbank.files.sealing.tar import END, header, padding
from qbank.problem import Problem, Span, error, note

PIECE = 1 << 20
MOST_SIZE = (8 << 30) - 1
"""Bytes of one file: what eleven octal digits of a tar say."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be packed: under which name, and where it is."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Written:
    """What an archive is from outside: its bytes and their SHA-256."""

    size: int
    sha256: str


class ChangedError(Exception):
    """A file is not any more what the manifest says of it."""


def gathered(paths: Sequence[Path]) -> tuple[list[Source], list[Problem]]:
    """Return all files in files and folders: of a folder with its own name before theirs, hidden ones left out.

    Links, and what is no file, are errors; so are names that another system could not write, or takes for one.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    for path in dict.fromkeys(paths):
        if not os.path.lexists(path):
            problems.append(error("Z105", Span(shown_path(path)), detail=os.strerror(2)))
        elif path.is_dir() and not path.is_symlink():
            sources += _below(path, problems)
        else:
            sources += _plain(Source(path.name, path), problems)
    problems += [
        error("Z107", Span(shown_path(one.path)), name=one.name) for one in sources if not is_safe(one.name)
    ]
    doubled = set(same_names([MANIFEST, *(one.name for one in sources)]))
    problems += [error("Z108", Span(shown_path(one.path)), name=one.name) for one in sources if one.name in doubled]
    return sources, problems


def _below(folder: Path, problems: list[Problem]) -> Iterator[Source]:
    head = folder.resolve().name
    for here, folders, files in os.walk(folder):
        hidden = [name for name in (*folders, *files) if name.startswith(".")]
        problems += [note("Z114", Span(shown_path(Path(here, name)))) for name in sorted(hidden)]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(here, name).is_symlink()]
        problems += [error("Z106", Span(Path(here, name).as_posix())) for name in links]
        for name in sorted(set(files) - set(hidden)):
            path = Path(here, name)
            yield from _plain(Source(f"{head}/{path.relative_to(folder).as_posix()}", path), problems)


def _plain(source: Source, problems: list[Problem]) -> Iterator[Source]:
    found = source.path.lstat()
    if not stat.S_ISREG(found.st_mode):
        problems.append(error("Z106", Span(source.path.as_posix())))
    elif found.st_size > MOST_SIZE:
        problems.append(error("Z113", Span(shown_path(source.path)), gigabytes=found.st_size >> 30))
    else:
        yield source


def hashed(source: Source) -> tuple[PackedFile | None, list[Problem]]:
    """Return size and SHA-256 of a file, or why it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with source.path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                size += len(piece)
    except OSError as fault:
        return None, [error("Z105", Span(shown_path(source.path)), detail=fault.strerror or str(fault))]
    return PackedFile(source.name, size, digest.hexdigest()), []


def write_package(path: Path, manifest: Manifest, sources: Sequence[Source], recipients: list[str]) -> tuple[Path | None, Written, list[Problem]]:
    """Write an archive beside where it shall stand and return that file, its digest, and what kept it from being written.

    The caller renames it. A file that is not any more what the manifest says of it is an error. Memory is bounded,
    whatever the files are.
    """
    import pyrage

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    reader = _Reader(_pieces(manifest, sources))
    try:
        with os.fdopen(handle, "w+b") as file:
            writer = _Hashing(file)
            try:
                pyrage.encrypt_io(reader, writer, recipients_of(recipients))
            except pyrage.EncryptError:
                if reader.fault is None:
                    raise
            if reader.fault is not None:
                raise reader.fault
            file.flush()
            os.fsync(file.fileno())
        return Path(name), Written(writer.size, writer.digest.hexdigest()), []
    except ChangedError as fault:
        remove(Path(name))
        return None, Written(0, ""), [error("Z110", Span(str(fault)))]
    except BaseException:
        remove(Path(name))
        raise


def remove(path: Path) -> None:
    """Delete a file that need not be there any more."""
    with contextlib.suppress(OSError):
        path.unlink()


def _pieces(manifest: Manifest, sources: Sequence[Source]) -> Iterator[bytes]:
    """Yield the tar: the manifest, then the files by name, read once more and held against the manifest."""
    text = manifest_text(manifest).encode()
    yield header(MANIFEST, len(text)) + text + padding(len(text))
    places = {source.name: source.path for source in sources}
    for packed in sorted(manifest.files, key=lambda file: file.name):
        yield header(packed.name, packed.size)
        digest, left = hashlib.sha256(), packed.size
        shown = shown_path(places[packed.name])
        with places[packed.name].open("rb") as file:
            while piece := file.read(PIECE):
                left -= len(piece)
                if left < 0:
                    break
                digest.update(piece)
                yield piece
        if left or digest.hexdigest() != packed.sha256:
            raise ChangedError(shown)
        yield padding(packed.size)
    yield END


class _Reader:
    """A stream out of pieces; what one of them raises is kept, as the library only keeps its words."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held, self._place = pieces, b"", 0
        self.fault: BaseException | None = None

    def read(self, n: int = -1) -> bytes:
        try:
            while self._place == len(self._held):
                self._held, self._place = next(self._pieces), 0
        except StopIteration:
            return b""
        except BaseException as fault:
            self.fault = fault
            raise
        end = len(self._held) if n < 0 else self._place + n
        piece = self._held[self._place : end]
        self._place += len(piece)
        return piece


class _Hashing:
    """A file that knows the digest of what was written to it."""

    def __init__(self, file: Any) -> None:
        self._file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        self._file.write(data)
        return len(data)

    def flush(self) -> None:
        self._file.flush()
