"""Items of a bank → a QTI package: one file an item, stimuli beside them, pictures, the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.core.item import fingerprint
from qbank.core.presentation import Language
from qbank.core.standard import Occupation
from qbank.files.interchange.qti.asked import Asked, Convert, Passage
from qbank.files.interchange.qti.item import (
    TONGUES,
    item_file,
    make_item,
    make_stimulus,
    stimulus_file,
)
from qbank.files.interchange.qti.manifest import Resource, manifest, media_id
from qbank.files.interchange.qti.metadata import entry, item_labels, item_metadata
from qbank.files.interchange.qti.names import identifier
from qbank.files.interchange.qti.package import MANIFEST, packed
from qbank.files.interchange.qti.reading.again import seen_again, stimulus_again, stimulus_texts
from qbank.files.interchange.qti.reading.as_written import as_written
from qbank.files.interchange.qti.tree import Version, clean, written
from qbank.problem import Problem

LOSSES = {
    "unit": "X403", "any_order": "X404", "pattern": "X405", "no_pattern": "X406", "by_hand": "X407", "task": "X408",
}  # fmt: skip
"""What a player cannot do with an item → the note that says so."""


@dataclass(frozen=True, slots=True)
class About:
    """What a package is about: its id and title, the language, the occupation of its standard."""

    id: str
    title: str
    language: Language
    occupation: Occupation


@dataclass(slots=True)
class Contents:
    """The files of a package and the resources that its manifest lists."""

    files: dict[str, bytes] = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)
    n_items: int = 0


def write_items(questions: Sequence[Asked], about: About, version: Version, convert: Convert) -> tuple[bytes, list[Problem], int]:
    """Return the package, what does not travel with it, and how many items are in it.

    An item with a text that cannot be shown is left out, with an error for each such text.
    """
    contents, problems = package_contents(questions, about, version, convert, inside=True)
    learning = entry(about.id, about.title, (), TONGUES[about.language])
    contents.files[MANIFEST] = manifest(f"MANIFEST-{about.id}", contents.resources, version, learning)
    return packed(contents.files), problems, contents.n_items


def package_contents(
    questions: Sequence[Asked], about: About, version: Version, convert: Convert, *, inside: bool,
    more: Sequence[tuple[str, bool]] = (), told: dict[tuple[str, bool], str] | None = None,
) -> tuple[Contents, list[Problem]]:  # fmt: skip
    """Return the files of some questions with their stimuli and pictures, and what does not travel.

    inside : whether a stimulus stands inside each of its items, where there are no files of stimuli ; more : further
    texts to convert, put into ``told`` with all the others
    """
    words, problems, refused = converted(questions, version, convert, inside=inside, more=more)
    if told is not None:
        told.update(words)
    contents = Contents()
    losses: dict[str, list[Asked]] = {}
    stimuli: dict[str, Asked] = {}
    media: dict[str, bytes] = {}
    for asked in questions:
        if asked.item.id in refused:
            continue
        made = make_item(asked, lambda text, inline: words[text, inline], version, inside=inside)
        pictures = [path for path in asked.media if path in _named(made.root)] if asked.media else []
        needs = [media_id(path) for path in pictures]
        if asked.stimulus and version == "qti3":
            stimuli[asked.stimulus.id] = asked
            needs.append(identifier(asked.stimulus.id))
        media |= {path: asked.media[path] for path in pictures}
        for loss in made.losses:
            losses.setdefault(loss, []).append(asked)
        path = item_file(asked.item.id)
        contents.files[path] = written(made.root, version)
        labels = item_labels(asked)
        shared = {"shared": stimulus_texts(asked.stimulus)} if asked.stimulus and version == "qti21" and inside else {}
        seen = seen_again(contents.files[path], path, asked.media, labels) if asked.entries else {}
        if asked.entries and (kept := as_written({**asked.entries, **shared}, seen)):
            labels.append(kept)
        facts = item_metadata(asked, made, version, about.occupation, fingerprint(asked.item), labels)
        contents.resources.append(Resource(identifier(asked.item.id), path, "item", facts, needs))
        contents.n_items += 1
    for asked in stimuli.values():
        assert asked.stimulus is not None
        root = make_stimulus(asked.stimulus, lambda text, inline: words[text, inline], about.language)
        pictures = [path for path in asked.media if path in _named(root)]
        media |= {path: asked.media[path] for path in pictures}
        path = stimulus_file(asked.stimulus.id)
        contents.files[path] = written(root, version)
        otherwise = as_written(stimulus_texts(asked.stimulus), stimulus_again(contents.files[path], path, asked.media))
        facts = [entry(asked.stimulus.id, asked.stimulus.title or asked.stimulus.id, [otherwise], TONGUES[about.language])] if otherwise else []
        contents.resources.append(Resource(identifier(asked.stimulus.id), path, "stimulus", facts, [media_id(one) for one in pictures]))
    for path, data in sorted(media.items()):
        contents.files[path] = data
        contents.resources.append(Resource(media_id(path), path, "media"))
    problems += [_lost(loss, asked) for loss, all_asked in losses.items() for asked in all_asked]
    return contents, problems


def _named(root: Any) -> set[str]:
    """Return the paths of the pictures that a tree shows."""
    import urllib.parse

    return {urllib.parse.unquote(node.get("src", "")).removeprefix("../") for node in root.iter("{*}img")}


def _lost(loss: str, asked: Asked) -> Problem:
    """Return the note that says what becomes of an item elsewhere."""
    return Problem(LOSSES[loss], "note", asked.item.span, (("id", asked.item.id),))


def converted(
    questions: Sequence[Asked], version: Version, convert: Convert, *, inside: bool, more: Sequence[tuple[str, bool]] = ()
) -> tuple[dict[tuple[str, bool], str], list[Problem], set[str]]:
    """Return every text of the questions as XHTML by what it was, all in one run of the converter, what is wrong with
    some of them, and the ids of the items that these are in.

    What texts there are is found by making each item once with empty words.
    """
    wanted: dict[tuple[str, bool], Passage] = {}
    holders: dict[tuple[str, bool], set[str]] = {}
    media: dict[str, bytes] = {}
    odd: list[Problem] = []
    for asked in questions:
        media |= asked.media
        mine: list[tuple[str, bool]] = []

        def note(text: str, inline: bool, mine: list[tuple[str, bool]] = mine) -> str:
            mine.append((text, inline))
            return ""

        make_item(asked, note, version, inside=inside)
        if asked.stimulus:
            make_stimulus(asked.stimulus, note, asked.language)
        if any(clean(text) != text for text, _ in mine):
            odd.append(Problem("X402", "note", asked.item.span, (("id", asked.item.id),)))
        for key in mine:
            wanted.setdefault(key, Passage(asked.item.id, "", clean(key[0]), key[1]))
            holders.setdefault(key, set()).add(asked.item.id)
    for key in more:
        wanted.setdefault(key, Passage("", "", clean(key[0]), key[1]))
        holders.setdefault(key, set())
    found, problems, failed = convert(list(wanted.values()), media)
    broken = [key for key, wrong in zip(wanted, failed, strict=True) if wrong]
    refused = {id for key in broken for id in holders[key]}
    # a text that several items share was converted once; each of them is told of
    others = [Passage(id, "", clean(key[0]), key[1]) for key in broken for id in sorted(holders[key] - {wanted[key].item})]
    if others:
        problems = [*problems, *convert(others, media)[1]]
    return dict(zip(wanted, found, strict=True)), [*odd, *problems], refused

