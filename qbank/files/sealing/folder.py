"""A folder held against a manifest, file by file: changed, missing, additional, or no plain file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from qbank.files.paths import shown_path
from qbank.files.sealing.manifest import MANIFEST, Manifest, PackedFile
from qbank.files.sealing.pack import Source, hashed
from qbank.problem import Problem, Span, error


def compared(folder: Path, manifest: Manifest) -> list[Problem]:
    """Return every way in which a folder is not what the manifest says; none where it is, to the byte.

    Links are not followed: a link in the place of a file is one of the differences, whatever it leads to.
    """
    problems: list[Problem] = []
    known = {file.name: file for file in manifest.files}
    found: set[str] = set()
    for here, folders, files in os.walk(folder):
        links = [name for name in folders if Path(here, name).is_symlink()]
        folders[:] = sorted(set(folders) - set(links))
        for name in sorted([*files, *links]):
            path = Path(here, name)
            own = path.relative_to(folder).as_posix()
            found.add(own)
            shown = f"{shown_path(folder)}/{own}"
            if not stat.S_ISREG(path.lstat().st_mode):
                problems.append(error("Z304", Span(shown)))
            elif own not in known:
                problems += [] if own == MANIFEST else [error("Z303", Span(shown))]
            else:
                problems += _changed(path, known[own], shown)
    problems += [error("Z302", Span(f"{shown_path(folder)}/{name}")) for name in sorted(known.keys() - found)]
    return problems


def _changed(path: Path, packed: PackedFile, shown: str) -> list[Problem]:
    size = path.stat().st_size
    if size != packed.size:
        return [error("Z301", Span(shown), found=size, size=packed.size)]
    now, problems = hashed(Source(packed.name, path))
    if now is not None and now.sha256 != packed.sha256:
        problems.append(error("Z301", Span(shown), found=size, size=packed.size))
    return problems
