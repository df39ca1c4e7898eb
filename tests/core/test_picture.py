"""Pictures from outside: type by bytes, natural size, and what of SVG is refused."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.picture import Fault, Picture, image_paths, picture_type, read_picture
from tests.pictures import JPEG, PNG, chunk, png, svg


@pytest.mark.parametrize(
    ("data", "kind", "size"),
    [
        (svg('<rect width="9" height="9"/>', 'width="40" height="20"'), "svg", (30, 15)),
        (svg("", 'viewBox="0 0 80 40"'), "svg", (60, 30)),
        (svg("", 'width="72pt" viewBox="0 0 80 40"'), "svg", (72, 36)),
        (svg("", 'width="100%" height="10mm" viewBox="0 0 80 40"'), "svg", (56.7, 28.3)),
        (b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn -->\n' + svg("", 'width="4in" height="1in"'), "svg", (288, 72)),
        (PNG, "png", (1.5, 0.75)),
        (JPEG, "jpeg", (2.25, 1.5)),
    ],
)
def test_a_picture_is_known_by_its_bytes_and_has_a_natural_size(
    data: bytes, kind: str, size: tuple[float, float]
) -> None:
    found = read_picture(data)
    assert isinstance(found, Picture)
    assert found.type == kind
    assert (found.width, found.height) == pytest.approx(size, abs=0.1)


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<image href="http://example.org/a.png"/>',
        '<image href="file:///etc/passwd"/>',
        '<image xlink:href="../secret.png" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
        '<use href="other.svg#x"/>',
        '<a href="#x"/>',
        "<foreignObject/>",
        '<rect fill="url(http://example.org/#a)"/>',
        '<rect style="fill: url( \'//example.org\' )"/>',
        "<style>@import 'x.css';</style>",
        "<style>rect { fill: u\\72l(x) }</style>",
        '<set attributeName="href" to="javascript:alert(1)"/>',
        "<?xml-stylesheet href='x.css'?>",
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    ],
)
def test_an_svg_that_does_more_than_draw_is_refused(inner: str) -> None:
    found = read_picture(svg(inner, 'width="9" height="9"'))
    assert isinstance(found, Fault)
    assert found.reason == "unsafe"
    assert found.detail


def test_entities_and_stylesheets_before_the_drawing_are_refused() -> None:
    drawing = svg("&x;", 'width="9" height="9"')
    for head in (b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"<!DOCTYPE svg>", b"<?xml-stylesheet href='x'?>"):
        found = read_picture(head + svg("", 'width="9" height="9"'))
        assert isinstance(found, Fault)
        assert found.reason == "unsafe"
    assert read_picture(drawing).reason == "damaged"  # type: ignore[union-attr]


def test_what_drawings_need_is_allowed() -> None:
    inner = (
        '<defs><linearGradient id="g"/><path id="glyph" d="M0 0"/></defs><style>rect { fill: url(#g) }</style>'
        '<rect fill="url(#g)"/><use href="#glyph"/><text>氧枪</text>'
        f'<image href="data:image/png;base64,{base64.b64encode(PNG).decode()}"/>'
    )
    assert isinstance(read_picture(svg(inner, 'width="9" height="9"')), Picture)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GIF89a", "type"),
        (b"", "type"),
        (b"%PDF-1.7", "type"),
        (b"<html><svg></svg></html>", "type"),
        (b"<svg", "damaged"),
        (svg("", ""), "damaged"),
        (svg("", 'width="0" height="0"'), "damaged"),
        (PNG[:30], "damaged"),
        (PNG.replace(b"IDAT", b"IDAX"), "damaged"),
        (PNG[:43] + b"\xff" + PNG[44:], "damaged"),
        (PNG[:33] + chunk(b"IDAT", b"no deflate stream") + PNG[-12:], "damaged"),
        (JPEG[:-2], "damaged"),
        (JPEG[:8], "damaged"),
        (png(100_000, 100_000), "pixels"),
    ],
)
def test_what_is_no_picture_says_why(data: bytes, reason: str) -> None:
    found = read_picture(data)
    assert isinstance(found, Fault)
    assert found.reason == reason


@given(st.binary(max_size=200), st.sampled_from([b"", PNG, JPEG, b"<svg width='1' height='1'>", b"\xff\xd8\xff"]))
def test_no_bytes_make_a_traceback(tail: bytes, head: bytes) -> None:
    assert isinstance(read_picture(head + tail), Picture | Fault)
    assert picture_type(head + tail) in (None, "svg", "png", "jpeg")


def test_a_png_that_declares_more_than_it_holds_still_has_its_declared_size() -> None:
    assert struct.unpack(">II", png(7, 5)[16:24]) == (7, 5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("如图 ![氧枪](media/a.svg)。", [("氧枪", "media/a.svg")]),
        ("![](a.png) ![b](<c d.png>)", [("", "a.png"), ("b", "c d.png")]),
        ('![a](b.png "title") x', [("a", "b.png")]),
        (r"\![a](b.png)", []),
        ("[a](b.png)", []),
        ("无图", []),
    ],
)
def test_a_text_names_its_pictures(text: str, found: list[tuple[str, str]]) -> None:
    assert image_paths(text) == found
