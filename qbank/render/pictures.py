"""Pictures in converted texts: a call of the Typst template, an image in HTML that carries its own bytes, or words.

No renderer reads a file by a path from a text: the bytes come with the paper, and the names in the Typst source are
made from their hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from html import escape

from qbank.core.picture import Fault, Picture, read_picture
from qbank.core.remembered import Remembered
from qbank.messages import Language, text
from qbank.render.typst_literals import typst_string

Show = Callable[[str, str, bool], str]
"""(path, alternative text, whether it stands alone on its line) → what stands in the converted text."""

MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpeg": "image/jpeg"}
WHOLE_WIDTH, ALONE_HEIGHT, INLINE_HEIGHT, INLINE_WIDTH = 460.0, 215.0, 75.0, 150.0  # points on paper


def usable(media: Mapping[str, bytes]) -> dict[str, tuple[bytes, Picture]]:
    """Return the pictures that can be shown, with their type and natural size."""
    found = {path: (data, _looked_at(data)) for path, data in media.items()}
    return {path: (data, picture) for path, (data, picture) in found.items() if isinstance(picture, Picture)}


_looked_at: Remembered[bytes, Picture | Fault] = Remembered(read_picture, most=64)
"""Bytes → what they are; the papers of a bank hold the same ones."""


def file_name(data: bytes, picture: Picture) -> str:
    """Return the name under which the compiler meets a picture: its hash, never what somebody wrote."""
    return f"{hashlib.sha256(data).hexdigest()[:16]}.{picture.type}"


def drawn_size(picture: Picture, *, alone: bool) -> tuple[float, float]:
    """Return width and height in points as printed: natural, made smaller where it is larger than its place.

    >>> drawn_size(Picture("svg", 920, 100), alone=True)
    (460.0, 50.0)
    """
    most = (WHOLE_WIDTH, ALONE_HEIGHT) if alone else (INLINE_WIDTH, INLINE_HEIGHT)
    scale = min(1.0, most[0] / picture.width, most[1] / picture.height)
    return round(picture.width * scale, 2), round(picture.height * scale, 2)


def typst_pictures(media: Mapping[str, bytes]) -> Show:
    """Return how a picture is called in the Typst source."""
    known = usable(media)

    def show(path: str, alt: str, alone: bool) -> str:
        data, picture = known[path]
        width, _ = drawn_size(picture, alone=alone)
        call = "figure-picture" if alone else "picture"
        return f"#{call}({typst_string(file_name(data, picture))}, {typst_string(alt)}, {width}pt);"

    return show


def html_pictures(media: Mapping[str, bytes]) -> Show:
    """Return how a picture stands in HTML: its bytes in the page, never an address."""
    known = usable(media)

    def show(path: str, alt: str, alone: bool) -> str:
        data, picture = known[path]
        width, height = drawn_size(picture, alone=alone)
        place = "alone" if alone else "inline"
        source = f"data:{MEDIA_TYPES[picture.type]};base64,{base64.b64encode(data).decode('ascii')}"
        size = f'width="{width / 0.75:.0f}" height="{height / 0.75:.0f}"'
        return f'<img class="{place}" {size} alt="{escape(alt)}" src="{source}">'

    return show


def named_pictures(media: Mapping[str, bytes]) -> Show:
    """Return how a picture is named in a tree of JSON whose strings it stands in: path, words and place, as JSON itself."""

    def show(path: str, alt: str, alone: bool) -> str:
        return json.dumps(json.dumps([path, alt, alone]))[1:-1]

    return show


def word_pictures(language: Language) -> Show:
    """Return how a picture is told where nothing can be drawn: its alternative text in brackets."""

    def show(path: str, alt: str, alone: bool) -> str:
        return escape(text(language, "paper.picture", alt=alt))

    return show
