"""What a drawing looks like: its pixels, so that two drawings can be compared as a reader compares them."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from qbank.report.poster import to_png

FONT = "Noto Sans SC"
DEEP = 4
"""Bytes of a pixel: red, green, blue, how opaque."""


def pixels_of(svg: str) -> np.ndarray[Any, Any]:
    """Return the drawing as pixels, int (height, width, 4)."""
    data = to_png(svg.replace("<svg ", f"<svg font-family={FONT!r} ", 1), scale=1.0)
    at, packed, width, height = 8, b"", 0, 0
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IHDR":
            width, height, depth, colours = struct.unpack(">IIBB", data[at + 8 : at + 18])
            assert (depth, colours) == (8, 6)
        packed += data[at + 8 : at + 8 + n] if kind == b"IDAT" else b""
        at += 12 + n
    flat, line = zlib.decompress(packed), bytearray(DEEP * (width + 1))
    lines = []
    for start in range(0, len(flat), 1 + DEEP * width):
        line = _line(flat[start], flat[start + 1 : start + 1 + DEEP * width], line)
        lines.append(line[DEEP:])
    return np.frombuffer(b"".join(lines), np.uint8).reshape(height, width, DEEP).astype(int)


def _line(word: int, coded: bytes, above: bytearray) -> bytearray:
    """Return a row of a PNG after an empty pixel; ``above`` is the row before it, in the same form."""
    line = bytearray(len(above))
    for x, each in enumerate(coded):
        left, up, before = line[x], above[x + DEEP], above[x]
        if word == 4:
            by_left, by_up, by_both = abs(up - before), abs(left - before), abs(left + up - 2 * before)
            guess = left if by_left <= by_up and by_left <= by_both else up if by_up <= by_both else before
        else:
            guess = (0, left, up, (left + up) // 2)[word]
        line[x + DEEP] = (each + guess) & 255
    return line
