"""Reading text whatever its bytes are, and writing so that nobody ever sees half a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from qbank.files.yaml_text import MAX_BYTES, end_of
from qbank.problem import Problem, Span, error

BOM = "\ufeff"


def read_text(path: Path, shown: str) -> tuple[str | None, list[Problem]]:
    """Return the UTF-8 text of a file without BOM, or nothing and why.

    shown : the path as problems should name it
    """
    data, problems = read_data(path, shown)
    return (None, problems) if data is None else decoded(data, shown)


def read_data(path: Path, shown: str) -> tuple[bytes | None, list[Problem]]:
    """Return the bytes of a file, or nothing and why."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None, [error("Y010", Span(shown), megabytes=MAX_BYTES >> 20)]
        return path.read_bytes(), []
    except OSError as fault:
        return None, [error("Y011", Span(shown), detail=fault.strerror or str(fault))]


def decoded(data: bytes, shown: str) -> tuple[str | None, list[Problem]]:
    """Return UTF-8 bytes as text without BOM, or nothing and where they are no UTF-8."""
    try:
        return data.decode("utf-8").removeprefix(BOM), []
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8").removeprefix(BOM)
        return None, [error("Y009", Span(shown, *end_of(before)), byte=f"0x{data[fault.start]:02X}")]


def write_bytes(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write the whole file or nothing: a temporary file beside it, flushed to disk, then renamed.

    mode : who may read it once it is there; until then only the owner
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def write_text(path: Path, text: str, *, bom: bool = False) -> None:
    """Write UTF-8 text with ``\\n`` line ends; with ``bom`` for files that Excel will open."""
    write_bytes(path, ((BOM if bom else "") + text).encode("utf-8"))
