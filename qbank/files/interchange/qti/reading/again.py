"""What the reader makes of an item's file without its metadata: the writer looks whether it is what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qbank.core.stimulus import Stimulus
from qbank.files.interchange.labels import read_labels
from qbank.files.interchange.qti.reading.archive import Package, tree_of
from qbank.files.interchange.qti.reading.content import Reading
from qbank.files.interchange.qti.reading.item import read_item
from qbank.files.interchange.qti.reading.manifest import About
from qbank.files.interchange.qti.reading.stimulus import Shared, read_stimulus
from qbank.files.interchange.qti.reading.vocabulary import in_one_vocabulary


class _AnyStimulus(dict[str, Shared]):
    """Stimuli whose files are not there yet: each is known by the name of its file."""

    def __contains__(self, path: object) -> bool:
        return True

    def __missing__(self, path: str) -> Shared:
        return Shared("", "", "")


def seen_again(data: bytes, path: str, media: Mapping[str, bytes], labels: Sequence[str]) -> dict[str, Any]:
    """Return the keys of the item as a reader sees them, with these labels; none where it cannot be read."""
    package = Package("", {path: data, **media})
    root, _ = tree_of(package, path)
    if root is None:
        return {}
    draft, _ = read_item(package, path, in_one_vocabulary(root), About(ours=True, labels=read_labels(labels)), _AnyStimulus())
    if draft is None:
        return {}
    shared = {key: text for key, text in (draft.shared or {}).items() if key != "id" and text}
    return {**draft.entries, **({"shared": shared} if shared else {})}


def stimulus_again(data: bytes, path: str, media: Mapping[str, bytes]) -> dict[str, str]:
    """Return title and text of a stimulus as a reader sees them."""
    package = Package("", {path: data, **media})
    root, _ = tree_of(package, path)
    found = read_stimulus(Reading(package, path), in_one_vocabulary(root)) if root is not None else None
    return stimulus_texts(found) if found else {}


def stimulus_texts(stimulus: Stimulus | Shared) -> dict[str, str]:
    """Return title and text of a stimulus, those that it has."""
    return {key: text for key, text in (("title", stimulus.title), ("text", stimulus.text)) if text}
