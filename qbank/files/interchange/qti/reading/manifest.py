"""The manifest of a package: which files are items, tests and stimuli, and what it knows of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.labels import read_labels
from qbank.files.interchange.qti.reading.archive import Package, tree_of
from qbank.files.interchange.qti.reading.as_written import WORD
from qbank.files.interchange.qti.reading.vocabulary import in_one_vocabulary, local, words
from qbank.problem import Problem

MANIFEST = "imsmanifest.xml"
DIFFICULTY = {"very easy": 1, "easy": 2, "medium": 3, "difficult": 4, "very difficult": 5}
KEPT = frozenset({
    "lom", "general", "identifier", "catalog", "entry", "title", "string", "langstring", "language", "keyword", "life-cycle", "lifecycle", "version",
    "educational", "typical-learning-time", "typicallearningtime", "duration", "datetime", "classification", "purpose", "source", "value", "taxon-path",
    "taxonpath", "taxon", "id", "difficulty", "technical", "format", "status", "structure", "aggregation-level", "meta-metadata", "metadataschema",
})  # fmt: skip
"""Elements of LOM that are read, or say nothing of the question."""


@dataclass(slots=True)
class About:
    """What a manifest knows of a file: kind of resource, labels, competency, points, and what of it is not kept."""

    type: str = ""
    ours: bool = False
    labels: dict[str, Any] = field(default_factory=dict)
    written: str = ""
    competency: str = ""
    points: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def read_manifest(package: Package) -> tuple[dict[str, About] | None, list[Problem]]:
    """Return what the manifest knows by path of the file; None where the package has none."""
    path = next((name for name in package.files if name.rpartition("/")[2].casefold() == MANIFEST), "")
    if not path:
        return None, []
    root, problems = tree_of(package, path)
    if root is None:
        return {}, problems
    in_one_vocabulary(root)
    found = {}
    for resource in root.iter("resource"):
        href = resource.get("href") or next((file.get("href", "") for file in resource.iterfind("file")), "")
        if target := package.found(href, path):
            found[target] = _about(resource)
    return found, problems


def _about(resource: Any) -> About:
    about = About(resource.get("type", ""))
    learning = next(resource.iter("lom"), None)
    if learning is not None:
        _read_lom(learning, about)
    for label in resource.iter("label"):
        if local(label.getparent()) == "labelled-guid":
            code, _, _ = words(label).partition(" ")
            about.competency = about.competency or (code if re.search(r"\d", code) else words(label))[:120]
    if len({words(guid) for guid in resource.iter("guid")}) > 1:
        about.lost += ("labelledGUID",)
    return about


def _read_lom(learning: Any, about: About) -> None:
    about.ours = any(words(node) == "qbank" for node in learning.iter("catalog"))
    keywords = [text for node in learning.iter("keyword") for text in (words(one) for one in node) if text]
    about.written = next((text for text in keywords if text.startswith(WORD)), "")
    plain = [text for text in keywords if not text.startswith(WORD)]
    about.labels = read_labels(plain) if about.ours else ({"tags": list(dict.fromkeys(text[:200] for text in plain))} if plain else {})
    for node in learning.iter("typical-learning-time", "typicallearningtime"):
        if (seconds := _seconds(words(node))) and "seconds" not in about.labels:
            about.labels["seconds"] = seconds
    for node in learning.iter("difficulty"):
        if (grade := DIFFICULTY.get(words(node.find("value")).casefold())) and "grade" not in about.labels:
            about.labels["grade"] = grade
    for node in learning.iter("classification"):
        taxa = [" ".join(filter(None, (words(taxon.find("id")), words(taxon.find("entry"))))) for taxon in node.iter("taxon")]
        if taxa and words(node.find("purpose/value")).casefold() in ("", "competency", "educational objective", "discipline"):
            about.points = about.points or tuple(text[:200] for text in taxa)
            if about.ours:
                about.competency = about.competency or words(next(iter(list(node.iter("taxon"))[-1:])).find("id"))
    about.lost += tuple(sorted({local(node) for node in learning} - KEPT - {""}))
    about.lost += tuple(sorted({local(node) for part in learning if local(part) == "general" for node in part} - KEPT - {""}))


def _seconds(text: str) -> int:
    """Return a duration as seconds, 0 where it is none.

    >>> _seconds("PT1M30S"), _seconds("PT75S"), _seconds("later")
    (90, 75, 0)
    """
    match = re.match(r"P(?:\d+D)?T?(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,6})(?:\.\d+)?S)?", text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds


Known = Mapping[str, About]
