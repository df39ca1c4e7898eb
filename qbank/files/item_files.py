"""items/**/*.yaml of a bank: finding them, reading those that changed, taking the others from the cache."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from qbank.core.item import Item, fingerprint, seen_with
from qbank.core.opt_out import OptOut
from qbank.core.picture import image_paths
from qbank.core.stimulus import Stimulus, stimulus_hash
from qbank.files.cache import Cache
from qbank.files.comments import read_opt_outs
from qbank.files.disk import read_data
from qbank.files.items import ItemPlaces, ItemText, duplicate_ids, file_stimuli, read_items
from qbank.files.media import named_pictures, picture_state, stimuli_with_media, with_media
from qbank.files.paths import lies_below, parse_data, shown_path
from qbank.files.stimuli import StimulusSource, by_id, sound
from qbank.files.stored import Reader, Unstorable, Writer
from qbank.problem import Problem, Span, error

Inspect = Callable[..., Iterable[Problem]]
"""Rules over one item or stimulus: (its text, standard, language) → what they find."""
Rules = Callable[[ItemText | StimulusSource], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class FileItems:
    """What stands in one file: sound items, the place of every id, what is wrong, the items' fingerprints.

    A fingerprint here knows no stimulus yet, which may stand in another file. opt_outs : its comments that accept a
    finding ; stimuli : sound or not
    """

    texts: list[ItemText]
    declared: dict[str, Span]
    problems: list[Problem]
    fingerprints: list[str]
    opt_outs: tuple[OptOut, ...]
    stimuli: list[StimulusSource]


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in all files: items and stimuli by id (the first of equal ones), fingerprints, every id, comments."""

    texts: Mapping[str, ItemText]
    fingerprints: Mapping[str, str]
    declared: frozenset[str]
    opt_outs: tuple[OptOut, ...]
    stimuli: Mapping[str, StimulusSource]


@dataclass(slots=True)
class Pictures:
    """What is known in this run of the pictures that items name: hashes for items, states for the cache."""

    root: Path
    hashes: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def state(self, name: str) -> str:
        """Return what reading an item depends on in a picture."""
        if name not in self.states:
            self.states[name] = picture_state(self.root, name)
        return self.states[name]


def read_item_files(root: Path, rules: Rules | None, cache: Cache | None) -> tuple[Found, list[Problem]]:
    """Return the items of all files below ``items`` and everything that is wrong with them."""
    texts: dict[str, ItemText] = {}
    fingerprints: dict[str, str] = {}
    declared: list[dict[str, Span]] = []
    opt_outs: list[OptOut] = []
    stimuli: list[StimulusSource] = []
    pictures = Pictures(root)
    paths, problems = yaml_files(root / "items", root)
    for path, shown in paths:
        data, wrong = read_data(path, shown)
        problems += wrong
        if data is None:
            continue
        file = _kept(data, shown, cache, pictures)
        if file is None:
            file = _read(data, shown, rules, cache, pictures)
        problems += file.problems
        declared.append(file.declared)
        opt_outs += file.opt_outs
        stimuli += file.stimuli
        for text, identity in zip(file.texts, file.fingerprints, strict=True):
            if texts.setdefault(text.item.id, text) is text:
                fingerprints[text.item.id] = identity
    problems += duplicate_ids(declared)
    shared, wrong = by_id(stimuli)
    problems += wrong
    if shared:
        _attach(sound(shared), texts, fingerprints)
    every_id = frozenset(id for ids in declared for id in ids)
    return Found(texts, fingerprints, every_id, tuple(opt_outs), shared), problems


def _attach(stimuli: Mapping[str, Stimulus], texts: dict[str, ItemText], fingerprints: dict[str, str]) -> None:
    """Let every item that names a stimulus know what it shows; only then its fingerprint is whole."""
    hashes = {id: stimulus_hash(stimulus) for id, stimulus in stimuli.items()}
    for id, text in texts.items():
        if (shown := hashes.get(text.item.stimulus)) is not None:
            texts[id] = replace(text, item=replace(text.item, stimulus_hash=shown))
            seen, _, marked = fingerprints[id].partition(".")
            fingerprints[id] = f"{seen_with(seen, shown)}.{marked}"


def yaml_files(folder: Path, root: Path) -> tuple[list[tuple[Path, str]], list[Problem]]:
    """Return the YAML files below a folder, each with the path to show, in an order that no file system decides.

    What leads out of the bank and what is no file (a pipe, a device) is told and left alone.
    """
    problems: list[Problem] = []
    if folder.is_symlink() and not lies_below(folder, root):
        return [], [error("B011", Span(shown_path(root)), file=folder.name)]

    def unreadable(fault: OSError) -> None:
        if not isinstance(fault, FileNotFoundError):
            problems.append(error("Y011", Span(shown_path(Path(fault.filename))), detail=fault.strerror))

    top = shown_path(folder)
    prefix = "" if top == "." else f"{top}/"
    found: list[tuple[str, Path, str]] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable):
        for name in [*names, *(name for name in folders if (Path(parent) / name).is_symlink())]:
            if name.startswith(".") or not (name.endswith((".yaml", ".yml")) or name in folders):
                continue
            path = Path(parent, name)
            below = path.relative_to(folder).as_posix()
            wrong = _not_to_be_read(path, root, prefix + below)
            problems += wrong
            if not wrong and name not in folders:
                found.append((below, path, shown_path(path) if path.is_symlink() else prefix + below))
    return [(path, shown) for _, path, shown in sorted(found)], problems


def _not_to_be_read(path: Path, root: Path, shown: str) -> list[Problem]:
    try:
        kind = path.lstat().st_mode
        if stat.S_ISLNK(kind):
            if not lies_below(path, root):
                return [error("B011", Span(shown), file=path.name)]
            kind = path.stat().st_mode
    except OSError:
        return []  # reading it will say why
    return [] if stat.S_ISREG(kind) or stat.S_ISDIR(kind) else [error("B010", Span(shown), file=path.name)]


def _read(
    data: bytes, shown: str, rules: Rules | None, cache: Cache | None, pictures: Pictures
) -> FileItems:
    node, problems = parse_data(data, shown)
    places = ItemPlaces(shown)
    texts: list[ItemText] = []
    declared: dict[str, Span] = {}
    opt_outs: tuple[OptOut, ...] = ()
    stimuli: list[StimulusSource] = []
    pictured = _may_name_pictures(data)
    if node is not None:
        opt_outs = tuple(read_opt_outs(data, node, shown))
        texts, declared, wrong = read_items(node, places)
        problems += wrong
        stimuli, wrong = file_stimuli(node, shown)
        problems += wrong
        if pictured:
            texts, wrong = with_media(texts, pictures.root, pictures.hashes)
            problems += wrong
            stimuli, wrong = stimuli_with_media(stimuli, pictures.root, pictures.hashes)
            problems += wrong
        if rules is not None:
            given: list[ItemText | StimulusSource] = [*texts, *stimuli]
            for text in given:
                problems += rules(text)
    outlines = places.close()
    identities = [fingerprint(text.item) for text in texts]
    file = FileItems(texts, declared, list(dict.fromkeys(problems)), identities, opt_outs, stimuli)
    if cache is not None:
        states = {name: pictures.state(name) for name in _named(texts, stimuli)} if pictured else {}
        _keep(file, outlines, data, shown, cache, states)
    return file


def _may_name_pictures(data: bytes) -> bool:
    """Return whether any text of a file may hold ``![``: the mark itself, or an escape that may stand for it."""
    return b"!" in data or (b"\\" in data and any(mark in data for mark in (b"\\x", b"\\u", b"\\U")))


def _named(texts: Iterable[ItemText], stimuli: Iterable[StimulusSource]) -> Iterator[str]:
    for text in texts:
        yield from (path for _, _, path in named_pictures(text.item))
    for source in stimuli:
        if source.stimulus is not None:
            yield from (path for _, path in image_paths(source.stimulus.text))


def _keep(
    file: FileItems, outlines: bytes, data: bytes, shown: str, cache: Cache, states: Mapping[str, str]
) -> None:
    writer = Writer()
    try:
        rows = [(text.number, writer.encode(text.item)) for text in file.texts]
        problems = writer.encode(tuple(file.problems))
        opt_outs = writer.encode(file.opt_outs)
        stimuli = writer.encode(tuple(file.stimuli))
    except Unstorable:
        return
    declared = [(id, span.line, span.column) for id, span in file.declared.items()]
    kept = (writer.names, states, rows, declared, problems, file.fingerprints, opt_outs, stimuli, outlines)
    cache.keep(shown, data, kept)


def _kept(data: bytes, shown: str, cache: Cache | None, pictures: Pictures) -> FileItems | None:
    kept = cache.load_file(shown, data) if cache is not None else None
    if kept is None:
        return None
    try:
        names, states, rows, declared, problems, fingerprints, opt_outs, stimuli, outlines = kept
        if any(pictures.state(name) != state for name, state in states.items()):
            return None
        reader = Reader(names)
        places = ItemPlaces(shown, outlines)
        texts = [ItemText(_item(reader.decode(row)), shown, places, number) for number, row in rows]
        spans = {id: Span(shown, line, column) for id, line, column in declared}
        found = list(reader.decode(problems))
        shared = list(reader.decode(stimuli))
        return FileItems(texts, spans, found, fingerprints, tuple(reader.decode(opt_outs)), shared)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None  # well-formed, but not what this module writes: as good as nothing


def _item(value: object) -> Item:
    if not isinstance(value, Item):
        raise TypeError(value)
    return value


def kept_problems(cache: Cache, name: str, state: bytes) -> list[Problem] | None:
    """Return the problems kept under a name for a state of the bank, or None."""
    kept = cache.load(name, state)
    try:
        return None if kept is None else list(Reader(kept[0]).decode(kept[1]))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def keep_problems(cache: Cache, name: str, state: bytes, problems: list[Problem]) -> None:
    """Keep problems under a name for a state of the bank."""
    writer = Writer()
    encoded = writer.encode(tuple(problems))
    cache.keep(name, state, (writer.names, encoded))
