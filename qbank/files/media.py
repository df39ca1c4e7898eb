"""The pictures of a bank: ``![alt](media/x.svg)`` → bytes, never from outside the bank's folder.

What a text names must lie below the bank, be SVG, PNG or JPEG by its bytes, be small enough, safe, and described in
words for those who cannot see it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from qbank.core.item import Item
from qbank.core.picture import Fault, FaultReason, Picture, image_paths, read_picture
from qbank.core.stimulus import Stimulus
from qbank.files.items import ItemText
from qbank.files.stimuli import StimulusSource
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error

MAX_PICTURE_BYTES = 5_000_000
FAULTS: Mapping[FaultReason, str] = {"type": "Q303", "damaged": "Q307", "unsafe": "Q306", "pixels": "Q308"}


def picture_path(root: Path, name: str) -> Path | None:
    """Return the file that a picture's path means, or nothing where it leads out of the bank's folder.

    No absolute path, no ``..``, no address, no link that leads out.
    """
    parts = PurePosixPath(name).parts
    outside = not parts or ".." in parts or "\\" in name or "\0" in name or ":" in name or "%" in name
    if outside or PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute():
        return None
    path = root / name
    try:
        real = Path(os.path.realpath(path))
        return path if real.is_relative_to(os.path.realpath(root)) else None
    except (OSError, ValueError):
        return None


def read_media(root: Path, name: str, span: Span) -> tuple[bytes | None, list[Problem]]:
    """Return the bytes of one picture, or nothing and why; ``span`` is the text that names it."""
    path = picture_path(root, name)
    if path is None:
        return None, [error("Q302", span, path=name)]
    try:
        if not path.is_file():
            return None, [error("Q301", span, path=name)]
        with path.open("rb") as file:
            data = file.read(MAX_PICTURE_BYTES + 1)
    except (OSError, ValueError) as fault:
        return None, [error("Q309", span, path=name, detail=getattr(fault, "strerror", None) or fault)]
    if len(data) > MAX_PICTURE_BYTES:
        return None, [error("Q305", span, path=name, megabytes=MAX_PICTURE_BYTES // 1_000_000)]
    found = read_picture(data)
    if isinstance(found, Picture):
        return data, []
    return None, [_fault(found, name, span)]


def _fault(found: Fault, name: str, span: Span) -> Problem:
    return error(FAULTS[found.reason], span, path=name, detail=found.detail)


def named_pictures(item: Item) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    """Yield every picture that the item's printed texts name: (keys that lead to the text, alternative text, path)."""
    for alt, path in image_paths(item.stem):
        yield ("stem",), alt, path
    for passage in KINDS[item.kind].passages(item):
        for alt, path in image_paths(passage.text):
            yield passage.steps, alt, path


def with_media(
    texts: Iterable[ItemText], root: Path, known: dict[str, str]
) -> tuple[list[ItemText], list[Problem]]:
    """Return the items with the hashes of their pictures, and what is wrong with any picture.

    known : the hashes of pictures read before, to which those read now are added; a file that many items name is
        read once
    """
    done: list[ItemText] = []
    problems: list[Problem] = []
    for text in texts:
        named = [(text.place(*steps), alt, path) for steps, alt, path in named_pictures(text.item)]
        media, wrong = _hashes(named, root, known)
        problems += wrong
        done.append(replace(text, item=replace(text.item, media=media)) if media else text)
    return done, problems


def stimuli_with_media(
    sources: Iterable[StimulusSource], root: Path, known: dict[str, str]
) -> tuple[list[StimulusSource], list[Problem]]:
    """Return the stimuli with the hashes of their pictures, and what is wrong with any picture; see `with_media`."""
    done: list[StimulusSource] = []
    problems: list[Problem] = []
    for source in sources:
        stimulus = source.stimulus
        if stimulus is not None:
            media, wrong = _hashes([(source.text, alt, path) for alt, path in image_paths(stimulus.text)], root, known)
            problems += wrong
            stimulus = replace(stimulus, media=media)
        done.append(replace(source, stimulus=stimulus))
    return done, problems


def _hashes(
    named: Iterable[tuple[Span, str, str]], root: Path, known: dict[str, str]
) -> tuple[dict[str, str], list[Problem]]:
    """Return the hashes of pictures by path; named : (the text that names it, alternative text, path)"""
    media: dict[str, str] = {}
    problems: list[Problem] = []
    for span, alt, path in named:
        if not alt.strip():
            problems.append(error("Q304", span, path=path))
        if path not in known:
            data, wrong = read_media(root, path, span)
            problems += wrong
            if data is None:
                continue
            known[path] = hashlib.sha256(data).hexdigest()[:16]
        media[path] = known[path]
    return media, problems


def picture_state(root: Path, name: str) -> str:
    """Return what `read_media` depends on for a path: the hash of the bytes, or why there are none."""
    path = picture_path(root, name)
    if path is None:
        return "outside"
    try:
        if not path.is_file():
            return "missing"
        with path.open("rb") as file:
            return hashlib.sha256(file.read(MAX_PICTURE_BYTES + 1)).hexdigest()
    except (OSError, ValueError) as fault:
        return repr(fault)


def media_bytes(
    items: Iterable[Item | Stimulus], root: Path, known: dict[str, bytes] | None = None
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the bytes of the pictures of some items and stimuli by the path that their texts name.

    known : those of this bank read before, to which those read now are added: each is read and looked at once
    """
    known = {} if known is None else known
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    for item in items:
        for path in item.media:
            if path in found:
                continue
            if path not in known:
                data, wrong = read_media(root, path, item.span)
                problems += wrong
                if data is None:
                    continue
                known[path] = data
            found[path] = known[path]
    return found, problems
