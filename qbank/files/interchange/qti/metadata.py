"""What a manifest says of an item: LOM, QTI metadata, and references to the competencies of its standard (CASE)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from qbank.core.item import Item
from qbank.core.standard import Occupation
from qbank.files.interchange.labels import HEAD_LABELS, labels_of
from qbank.files.interchange.qti.asked import Asked
from qbank.files.interchange.qti.item import TONGUES, MadeItem, one_line
from qbank.files.interchange.qti.tree import XML, Version, clean, plain

LOM = "http://ltsc.ieee.org/xsd/LOM"
CSM = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscsmd_v1p1"
QTI_METADATA: dict[Version, str] = {
    "qti3": "http://www.imsglobal.org/xsd/imsqti_metadata_v3p0",
    "qti21": "http://www.imsglobal.org/xsd/imsqti_metadata_v2p1",
}
CATALOG = "qbank"
ITEM_LABELS = (*HEAD_LABELS, "kind", "marks", "credit", "pin", "shuffle", "fold", "any_order", "unit", "tolerance", "formula", "lines",
               "stimulus")  # fmt: skip
"""What of an item its QTI does not say, or not as it was written: keywords of its LOM, ``level:4``."""
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:qbank:competency")


def node(space: str, name: str, *children: Any, **attributes: str) -> Any:
    """Return an element of some name space with its children, elements or texts."""
    from lxml import etree

    made = etree.Element(f"{{{space}}}{name}")
    for key, value in attributes.items():
        made.set(XML + "lang" if key == "lang" else key, clean(value))
    for child in children:
        if isinstance(child, str):
            made.text = (made.text or "") + clean(child)
        elif child is not None:
            made.append(child)
    return made


def lom(name: str, *children: Any, **attributes: str) -> Any:
    """Return an element of LOM."""
    return node(LOM, name, *children, **attributes)


def _words(name: str, text: str, tongue: str) -> Any:
    return lom(name, lom("string", one_line(text), language=tongue))


def entry(id: str, title: str, keywords: Sequence[str], tongue: str, version: str = "") -> Any:
    """Return the general part of LOM: the id in the bank, title, language, keywords; then its version."""
    general = lom(
        "general", lom("identifier", lom("catalog", CATALOG), lom("entry", id)), _words("title", title, tongue),
        lom("language", tongue), *[_words("keyword", word, tongue) for word in keywords],
    )  # fmt: skip
    return lom("lom", general, lom("lifeCycle", _words("version", version, tongue)) if version else None)


def item_labels(asked: Asked) -> list[str]:
    """Return what its QTI does not say of an item, as labels."""
    entries = {**(asked.entries or _head(asked.item)), "kind": asked.item.kind, "marks": asked.marks}
    if asked.item.kind == "numeric" and isinstance(key := entries.get("key"), dict):
        entries |= {name: str(key[name]) for name in ("unit", "tolerance", "formula") if name in key}
    return labels_of(entries, ITEM_LABELS)


def item_metadata(asked: Asked, made: MadeItem, version: Version, occupation: Occupation, revision: str, labels: Sequence[str]) -> list[Any]:
    """Return the metadata of an item.

    revision : its fingerprint, to which statistics belong ; labels : those of `item_labels`, and what else its QTI says
    otherwise than the bank
    """
    tongue = TONGUES[asked.language]
    item = asked.item
    learning = entry(item.id, item.id, labels, tongue, revision)
    minutes = lom("educational", lom("typicalLearningTime", lom("duration", f"PT{item.seconds}S"))) if item.seconds else None
    for part in (lom("technical", lom("format", "text/x-imsqti-item-xml")), minutes, classification(asked.points, occupation, tongue)):
        if part is not None:
            learning.append(part)
    standard = [case_reference(asked.points[-1], occupation, item.id)] if version == "qti3" and asked.points else []
    return [_qti(made, version), *standard, learning]


def _head(item: Item) -> dict[str, Any]:
    """Return what an item itself says for its keywords, where its keys as written are not at hand."""
    found = {key: getattr(item, key) for key in (*HEAD_LABELS, "tags")}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items() if value}


def classification(points: Sequence[str], occupation: Occupation, tongue: str) -> Any:
    """Return where an item stands in its standard: occupation, domains, competency."""
    if not points:
        return None
    taxa = []
    for point in points:
        code, _, title = point.partition(" ")
        taxa.append(lom("taxon", lom("id", code), _words("entry", title or code, tongue)))
    source = " ".join(part for part in (occupation.code, occupation.title, occupation.edition) if part)
    purpose = lom("purpose", lom("source", "LOMv1.0"), lom("value", "competency"))
    return lom("classification", purpose, lom("taxonPath", _words("source", source, tongue), *taxa))


def competency_guid(code: str, occupation: Occupation) -> str:
    """Return the same identifier for the same competency of the same standard, on every machine."""
    return str(uuid.uuid5(_SPACE, f"{occupation.code}/{occupation.edition}/{code}"))


def case_reference(point: str, occupation: Occupation, id: str) -> Any:
    """Return the reference to a competency as CASE has it."""
    code = point.partition(" ")[0]
    guid = competency_guid(code, occupation)
    labelled = node(
        CSM, "labelledGUID", node(CSM, "label", one_line(point)), node(CSM, "caseItemURI", f"urn:uuid:{guid}"), node(CSM, "GUID", guid)
    )
    region = node(CSM, "setOfGUIDs", labelled, version=occupation.edition) if occupation.edition else node(CSM, "setOfGUIDs", labelled)
    provider = node(CSM, "curriculumStandardsMetadata", region, providerId=f"{CATALOG}:{occupation.code}")
    return node(CSM, "curriculumStandardsMetadataSet", provider, resourceLabel="item", resourcePartId=id)


def _qti(made: MadeItem, version: Version) -> Any:
    space = QTI_METADATA[version]
    facts: list[tuple[str, object]] = [("itemTemplate", False), ("timeDependent", False), ("composite", made.composite)]
    facts += [("interactionType", _interaction(name)) for name in made.interactions]
    facts.append(("feedbackType", "nonadaptive" if made.feedback else "none"))
    facts.append(("solutionAvailable", made.machine))
    if version == "qti3":
        facts += [("scoringMode", "human")] * made.by_hand + [("scoringMode", "responseprocessing")] * made.machine
    facts.append(("toolName", CATALOG))
    return node(space, "qtiMetadata", *[node(space, name, plain(fact)) for name, fact in facts])


def _interaction(name: str) -> str:
    """Return the name of an interaction as QTI metadata has it.

    >>> _interaction("text-entry")
    'textEntryInteraction'
    """
    first, *more = name.split("-")
    return first + "".join(word.capitalize() for word in more) + "Interaction"
