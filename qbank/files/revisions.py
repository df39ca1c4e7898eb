"""A bank as it stood at a git revision, unpacked into a private folder; nothing of the repository is touched.

Only objects are read (``ls-tree`` and ``cat-file``): no checkout, no hook, no filter of ``.gitattributes``, no link
followed, and nothing fetched from elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from qbank.files.disk import write_bytes
from qbank.files.paths import shown_path
from qbank.files.yaml_text import MAX_BYTES
from qbank.problem import Problem, Span, error

_REGULAR = re.compile(r"1006(44|55)|1007(44|55)")
_SECONDS = 120
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision's folder: ``name`` as asked for, ``commit`` in full, ``folder`` where the bank's files lie now."""

    name: str
    commit: str
    folder: Path


@contextmanager
def bank_at(root: Path, revision: str) -> Iterator[tuple[Revision | None, list[Problem]]]:
    """Give the bank of a folder as it stood at a revision, or nothing and why; the copy is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        yield _unpack(root, revision, Path(os.path.realpath(name)))


def _unpack(root: Path, revision: str, folder: Path) -> tuple[Revision | None, list[Problem]]:
    place = Span(shown_path(root))
    if shutil.which("git") is None:
        return None, [error("E110", place)]
    if not root.is_dir():
        return None, [error("B004", place)]
    status, prefix = _git(root, "rev-parse", "--show-prefix")
    if status:
        return None, [error("E111", place)]
    status, commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if status or "\n" in commit.strip():
        return None, [error("E112", place, revision=revision)]
    commit, prefix = commit.strip(), prefix.rstrip("\n")
    status, listing = _git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *([prefix] if prefix else []))
    if status:
        return None, [error("E114", place, revision=revision)]
    wanted, problems = _entries(listing, prefix, revision)
    if problems:
        return None, problems
    if not any(path == PurePosixPath("bank.yaml") for path, _ in wanted):
        return None, [error("E113", place, revision=revision)]
    if not _write(root, wanted, folder):
        return None, [error("E114", place, revision=revision)]
    return Revision(revision, commit, folder), []


def _environment() -> dict[str, str]:
    """Return the environment for git: no fetching, no questions, and no other repository, as a hook would set one."""
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**kept, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def _git(root: Path, *words: str) -> tuple[int, str]:
    status, data = _run(root, words, b"")
    return status, data.decode("utf-8", "surrogateescape")


def _run(root: Path, words: Sequence[str], given: bytes) -> tuple[int, bytes]:
    """Return git's exit status and what it printed; a git that never ends has failed."""
    command = ["git", "-C", str(root), "--no-pager", *words]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, check=False, timeout=_SECONDS, env=_environment()
        )
    except subprocess.TimeoutExpired:
        return 1, b""
    return done.returncode, done.stdout


def _entries(listing: str, prefix: str, revision: str) -> tuple[list[tuple[PurePosixPath, str]], list[Problem]]:
    """Return path below the bank and object of every file that a bank reads; links and submodules are left out."""
    found, problems = [], []
    for row in listing.split("\0"):
        head, _, name = row.partition("\t")
        mode, _, rest = head.partition(" ")
        object_, _, size = rest.removeprefix("blob ").partition(" ")
        if not name or not _REGULAR.fullmatch(mode) or not name.startswith(prefix):
            continue
        path = PurePosixPath(name.removeprefix(prefix))
        if not _is_inside(path):
            problems.append(error("E115", Span(f"{revision}:{name}")))
        elif path.suffix in (".yaml", ".yml") or path.parts[0] == "media":
            if int(size) > MAX_BYTES:
                problems.append(error("Y010", Span(f"{revision}:{name}"), megabytes=MAX_BYTES >> 20))
            found.append((path, object_))
    return found, problems


def _is_inside(path: PurePosixPath) -> bool:
    """Return whether a path of the repository stays in the folder that it is unpacked to, on any system.

    >>> _is_inside(PurePosixPath("items/a.yaml")), _is_inside(PurePosixPath("../a.yaml"))
    (True, False)
    """
    odd = any(part in ("..", ".git") or "\\" in part or ":" in part for part in path.parts)
    return not (path.is_absolute() or odd or not path.parts)


def _write(root: Path, wanted: Sequence[tuple[PurePosixPath, str]], folder: Path) -> bool:
    """Write the objects below the folder; return whether git gave all of them."""
    asked = "".join(f"{name}\n" for _, name in wanted).encode("ascii")
    status, data = _run(root, ["cat-file", "--batch"], asked)
    at = 0
    for path, name in wanted:
        end = data.find(b"\n", at)
        words = data[at:end].split(b" ")
        if end < 0 or len(words) != 3 or words[0] != name.encode("ascii") or words[1] != b"blob":
            return False
        size = int(words[2])
        write_bytes(folder.joinpath(*path.parts), data[end + 1 : end + 1 + size])
        at = end + 2 + size
    return status == 0
