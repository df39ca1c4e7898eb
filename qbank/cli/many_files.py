"""What is said of files that were written: a line each, of very many a line for each folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from qbank.cli.output import shown
from qbank.messages import Language, text

MOST_LINES = 64
"""So many files are named one by one."""


def file_lines(paths: Sequence[Path], language: Language, line: Callable[[Path], str]) -> list[str]:
    """Return the line of each file; of more than `MOST_LINES` files, for each folder how many, the first and the last.

    >>> file_lines([Path("/print/a.pdf")], "en", "wrote {}".format)
    ['wrote /print/a.pdf']
    >>> file_lines([Path(f"/print/{n}.pdf") for n in range(1, 1201)], "en", "wrote {}".format)
    ['wrote 1,200 files in /print: 1.pdf … 1200.pdf']
    """
    if len(paths) <= MOST_LINES:
        return [line(path) for path in paths]
    folders: dict[Path, list[str]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path.name)
    return [_folder_line(folder, names, language) for folder, names in folders.items()]


def _folder_line(folder: Path, names: Sequence[str], language: Language) -> str:
    if len(names) == 1:
        return text(language, "cli.files.one", folder=shown(folder), first=names[0])
    return text(language, "cli.files.many", n=f"{len(names):,}", folder=shown(folder), first=names[0], last=names[-1])
