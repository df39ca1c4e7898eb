"""What several items of a package share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qbank.files.interchange.qti.names import id_of
from qbank.files.interchange.qti.reading.content import Reading


@dataclass(frozen=True, slots=True)
class Shared:
    """A stimulus of a package: its id in the bank, title, text, pictures."""

    id: str
    title: str
    text: str
    media: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, reading: Reading, body: Any, id: str, title: str = "") -> Shared:
        """Return the stimulus that an element holds; a title of ours stands in its first paragraph."""
        nodes = list(body)
        if nodes and nodes[0].get("class") == "qbank-title":
            title = reading.text(nodes[0]).removeprefix("**").removesuffix("**")
            nodes = nodes[1:]
        before, reading.media = reading.media, {}
        text = reading.text(nodes if nodes != list(body) else body)
        media, reading.media = reading.media, before
        return cls(id, title, text, media)

    def named(self, id: str) -> Shared:
        """Return the same under an id."""
        return replace(self, id=id)

    def texts(self) -> dict[str, str]:
        """Return title and text, those that it has."""
        return {key: text for key, text in (("title", self.title), ("text", self.text)) if text}

    def said(self, texts: Mapping[str, Any]) -> Shared:
        """Return the same with other texts."""
        return replace(self, title=str(texts.get("title") or ""), text=str(texts.get("text") or self.text))

    def plain(self) -> dict[str, str]:
        """Return it as the keys of a bank's file."""
        return {"id": self.id, **({"title": self.title} if self.title else {}), "text": self.text}


def read_stimulus(reading: Reading, root: Any) -> Shared | None:
    """Return the stimulus of a file, None where it holds none."""
    body = root.find("stimulus-body")
    if body is None:
        return None
    ours = root.get("tool-name") == "qbank"
    given = id_of(root.get("identifier", "")) if ours else re.sub(r"[^A-Za-z0-9._-]+", "-", root.get("identifier", ""))
    id = given.strip("-._") or "stimulus"
    found = Shared.of(reading, body, id, "" if ours else " ".join((root.get("title") or "").split()))
    return found if found.text else None
