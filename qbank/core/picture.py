"""Pictures as they come from outside: which type the bytes are, how large they are drawn, and whether they are safe.

SVG is a program's worth of possibilities; of it only drawing is taken: no script, nothing fetched, no entity, no
document inside the document.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lxml.etree import _Element

PictureType = Literal["svg", "png", "jpeg"]
FaultReason = Literal["type", "damaged", "unsafe", "pixels"]

MAX_PIXELS = 40_000_000
MAX_UNPACKED = 9 * MAX_PIXELS  # 16 bits a channel, four channels, and a byte a row
POINTS_PER_PIXEL = 0.75
UNITS = {"": 0.75, "px": 0.75, "pt": 1.0, "pc": 12.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0}
DRAWING_ONLY = frozenset({"script", "foreignObject", "iframe", "embed", "object", "audio", "video", "handler", "a",
                          "animate", "animateTransform", "animateMotion", "animateColor", "set"})  # fmt: skip
INLINE_IMAGE = re.compile(r"data:image/(?:png|jpe?g);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
FETCHING_STYLE = re.compile(r"""@import|\\|url\(\s*['"]?\s*(?!['"\s#])""", re.IGNORECASE)
LENGTH = re.compile(r"\s*(\d*\.?\d+(?:[eE][+-]?\d+)?)\s*([a-z]*)\s*")
JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Picture:
    """A usable picture: its type, and its natural width and height in points."""

    type: PictureType
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a picture is not used: not one of the types, damaged, unsafe, or too many pixels; what was found."""

    reason: FaultReason
    detail: str


def picture_type(data: bytes) -> PictureType | None:
    r"""Return what the bytes are, whatever the file is called.

    >>> picture_type(b"\x89PNG\r\n\x1a\n..."), picture_type(b"<svg/>"), picture_type(b"GIF89a")
    ('png', 'svg', None)
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return "svg" if head.startswith(b"<") and b"<svg" in data[:65536] else None


def read_picture(data: bytes) -> Picture | Fault:
    """Return the picture that the bytes are, or why it is not used."""
    found = picture_type(data)
    if found is None:
        return Fault("type", first_bytes(data))
    if found == "svg":
        return _read_svg(data)
    return _read_raster(data, found)


def first_bytes(data: bytes) -> str:
    r"""Return the beginning of a file as people can read it.

    >>> first_bytes(b"GIF89a\x01\x00"), first_bytes(b"")
    ('GIF89a', '')
    """
    return re.sub(r"[^\x20-\x7e]+", " ", data[:12].decode("latin-1")).strip()


def _read_raster(data: bytes, found: PictureType) -> Picture | Fault:
    size = _png_size(data) if found == "png" else _jpeg_size(data)
    if size is None or 0 in size:
        return Fault("damaged", found)
    if size[0] * size[1] > MAX_PIXELS:
        return Fault("pixels", f"{size[0]}×{size[1]}")
    if not (_png_is_whole(data) if found == "png" else _jpeg_is_whole(data)):
        return Fault("damaged", found)
    return Picture(found, size[0] * POINTS_PER_PIXEL, size[1] * POINTS_PER_PIXEL)


def _png_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 45 or data[12:16] != b"IHDR" or b"IEND" not in data[-16:]:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return int(width), int(height)


def _png_is_whole(data: bytes) -> bool:
    """Return whether the chunks are as their checksums say and the pixels can be unpacked, to the last of them."""
    place, packed = 8, []
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + 8 + length
        if end + 4 > len(data) or zlib.crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return False
        if data[place + 4 : place + 8] == b"IDAT":
            packed.append(data[place + 8 : end])
        place = end + 4
    unpacker, left, unpacked = zlib.decompressobj(), b"".join(packed), 0
    try:
        while left and not unpacker.eof and unpacked <= MAX_UNPACKED:
            unpacked += len(unpacker.decompress(left, 1 << 20))
            left = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return unpacker.eof


def _jpeg_is_whole(data: bytes) -> bool:
    """Return whether the end of the picture stands behind its pixels: a file that broke off has none."""
    return data.find(b"\xff\xd9", max(0, data.rfind(b"\xff\xda"))) >= 0


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD7:
            place += 1 if marker == 0xFF else 2
            continue
        if marker in JPEG_SIZES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return int(width), int(height)
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def _read_svg(data: bytes) -> Picture | Fault:
    from lxml import etree  # 20 ms, and few banks hold drawings

    if re.search(rb"<!(?:DOCTYPE|ENTITY)", data, re.IGNORECASE):
        return Fault("unsafe", "DOCTYPE")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as found:
        return Fault("damaged", str(found))
    if root.getroottree().docinfo.internalDTD is not None:
        return Fault("unsafe", "DOCTYPE")
    if etree.QName(root).localname != "svg":
        return Fault("type", etree.QName(root).localname)
    stylesheet = root.getprevious()
    while stylesheet is not None:
        if stylesheet.tag is etree.ProcessingInstruction:
            return Fault("unsafe", f"<?{stylesheet.target}?>")
        stylesheet = stylesheet.getprevious()
    unsafe = _unsafe_part(root)
    if unsafe:
        return Fault("unsafe", unsafe)
    size = _svg_size(root)
    return Picture("svg", *size) if size else Fault("damaged", "width, height, viewBox")


def _local(name: object) -> str:
    return name.rsplit("}", 1)[-1] if isinstance(name, str) else ""


def _unsafe_part(root: _Element) -> str:
    """Return the first element or attribute that does more than draw, or an empty text."""
    users = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            if element.tag.__name__ != "Comment":
                return str(element)[:40]
            continue
        name = _local(element.tag)
        if name in DRAWING_ONLY:
            return f"<{name}>"
        if name == "style" and FETCHING_STYLE.search("".join(str(text) for text in element.itertext())):
            return "<style>"
        if name == "use":
            users.append(element)
        for key, value in element.attrib.items():
            if _unsafe_attribute(_local(key), str(value)):
                return f"{_local(key)}={str(value)[:40]!r}"
    return _nested_use(root, users)


def _unsafe_attribute(name: str, value: str) -> bool:
    if name.lower().startswith("on") or "javascript:" in value.lower():
        return True
    if name in ("href", "src") and not value.lstrip().startswith("#"):
        inline = INLINE_IMAGE.fullmatch(value.strip())
        return inline is None or not _sound_inline(inline[1])
    return "url(" in value.lower() and FETCHING_STYLE.search(value) is not None


def _sound_inline(text: str) -> bool:
    try:
        data = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return False
    found = picture_type(data)
    return found in ("png", "jpeg") and isinstance(_read_raster(data, found), Picture)


def _nested_use(root: _Element, users: list[_Element]) -> str:
    """Return ``<use>`` where one copies another: ten lines of such copies make a drawing of a thousand million parts."""
    copied = {str(value).strip().lstrip("#") for one in users for key, value in one.attrib.items() if _local(key) == "href"}
    for element in users:
        above: _Element | None = element
        while above is not None:
            if above.get("id") in copied:
                return "<use> in <use>"
            above = above.getparent()
    return ""


def _svg_size(root: _Element) -> tuple[float, float] | None:
    """Return the natural width and height in points: as declared, else the view box in pixels."""
    width, height = (_points(root.get(name, "")) for name in ("width", "height"))
    box = [float(one) for one in re.findall(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?", root.get("viewBox", ""))]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        shape = box[3] / box[2]
        if width is None and height is None:
            return box[2] * POINTS_PER_PIXEL, box[3] * POINTS_PER_PIXEL
        if width is None and height is not None:
            return height / shape, height
        if width is not None and height is None:
            return width, width * shape
    return (width, height) if width and height else None


def _points(length: str) -> float | None:
    found = LENGTH.fullmatch(length)
    if found is None or found[2] not in UNITS:
        return None
    return float(found[1]) * UNITS[found[2]] or None


def image_paths(markdown: str) -> list[tuple[str, str]]:
    r"""Return the pictures that a text names, in order: (alternative text, path).

    >>> image_paths("如图 ![氧枪](media/lance.svg)")
    [('氧枪', 'media/lance.svg')]
    """
    if "![" not in markdown:
        return []
    return [(alt, path or bare) for alt, path, bare in IMAGE.findall(markdown)]


IMAGE = re.compile(r"""(?<!\\)!\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]*))(?:\s+["'(][^)]*)?\s*\)""")
