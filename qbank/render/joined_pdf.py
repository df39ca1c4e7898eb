"""Several tagged PDFs of the compiler as one that keeps the tags of each: pages, structure, table heads, bookmarks.

Each document was checked as PDF/UA-1 and PDF/A-2b by the compiler. Joined, its structure is a part below one new
``Document`` (ISO 32000-1:2008, 14.8.4.2); the tree of parents (14.7.4.4) is renumbered, the names of table heads
(14.7.2) get a prefix; fonts and pictures that are the same in several documents are written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from qbank.render.pdf_objects import Objects, Writer, first_reference, read_objects, rewritten

ELEMENT, PAGE, ANNOTATION, PARENT = b"<</Type/StructElem", b"<</Type/Page/", b"/Type/Annot", b"/StructParent"
ID = re.compile(rb"<</Type/StructElem/S/\w+/P \d+ 0 R/ID\((\w+)\)")
NUMBERS = re.compile(rb"/Nums\[([^\]]*)\]")
PAIR = re.compile(rb"(\d+) (\d+) 0 R")
ROLES = re.compile(rb"/RoleMap<<(.*?)>>")
ROLE = re.compile(rb"/(\w+)/(\w+)")
SIZE = re.compile(rb"/MediaBox\[[^\]]*\]")
LANGUAGE = re.compile(rb"/Lang\([\w-]+\)")
PAGE_COUNT = re.compile(rb"(<xmpTPg:NPages>)\d+(<)")
INSTANCE = re.compile(rb"(<(?:xmpMM:(?:Instance|Document)ID|stEvt:instanceID)>)[^<]*(<)")


@dataclass(frozen=True, slots=True)
class Document:
    """name : of its bookmark and of its part in the structure ; pdf : tagged, made by the compiler"""

    name: str
    pdf: bytes


@dataclass(slots=True)
class _Trees:
    """What grows with each document: numbers of pages, parts and bookmarks, rows of the trees of parents and heads."""

    pages: list[int] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    marks: list[tuple[int, bytes]] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    roles: dict[bytes, bytes] = field(default_factory=dict)
    next_key: int = 0


@dataclass(frozen=True, slots=True)
class _Roots:
    """Numbers of the objects that the whole file has once."""

    structure: int
    document: int
    pages: int
    outlines: int


def joined_pdf(documents: Iterable[Document]) -> bytes:
    """Return one PDF of several, each from the front of a sheet on; title, language and colours are those of the first.

    A document is forgotten once it is taken in. Raises `ValueError` where there is none, or one that the compiler did
    not make with tags.
    """
    writer, trees, first = Writer(), _Trees(), None
    roots = _Roots(*(writer.number() for _ in range(4)))
    for document in documents:
        found = read_objects(document.pdf)
        turn = _take_in(writer, roots, trees, found, document.name)
        if first is None:
            catalog = found.bodies[found.root]
            intents = turn(first_reference(catalog, b"/OutputIntents"))
            language = LANGUAGE.search(catalog)
            first = (
                found.bodies[first_reference(catalog, b"/Metadata")],
                found.bodies[found.info],
                intents,
                language,
            )
        _fill_up(writer, roots, trees, found)
    if first is None:
        raise ValueError("no document to join")
    metadata, info, intents, language = first
    _write_trees(writer, roots, trees)
    catalog = b"<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/OutputIntents %d 0 R%s/StructTreeRoot %d 0 R" % (
        roots.pages, writer.put(writer.number(), _metadata(metadata, len(trees.pages), writer.digest())), intents,
        language[0] if language else b"", roots.structure,
    )  # fmt: skip
    catalog += (
        b"/MarkInfo<</Marked true/Suspects false>>/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>"
    )
    root = writer.put(writer.number(), b"%s/Outlines %d 0 R>>" % (catalog, roots.outlines))
    return writer.finished(root, writer.put(writer.number(), info))


def _take_in(writer: Writer, roots: _Roots, trees: _Trees, found: Objects, name: str) -> Callable[[int], int]:
    """Write the objects of a document; returns what gives the new number of any other of its objects."""
    catalog = found.bodies[found.root]
    tree, outlines = (first_reference(catalog, key) for key in (b"/StructTreeRoot", b"/Outlines"))
    if not tree:
        raise ValueError("the PDF has no tags")
    marks = list(_bookmarks(found, outlines)) if outlines else []
    elements = [number for number, body in found.bodies.items() if body.startswith(ELEMENT)]
    pages = _kids(found, first_reference(catalog, b"/Pages"))
    links = [
        number for number, body in found.bodies.items()
        if (ANNOTATION in body[:60] or PARENT in body[:2000]) and not body.startswith((ELEMENT, PAGE))
    ]  # fmt: skip
    own = [*elements, *pages, *links, *marks]
    numbers = {number: writer.number() for number in own}
    mark = writer.number()
    numbers |= {first_reference(catalog, b"/Pages"): roots.pages, tree: roots.document, outlines: mark}
    prefix = b"%06d" % len(trees.parts)

    def turn(number: int) -> int:
        if number not in numbers:
            numbers[number] = writer.share(rewritten([found.bodies[number]], turn)[0])
        return numbers[number]

    heads, bodies = [], []
    for number in own:
        body = found.bodies[number]
        if head := ID.match(body):
            heads.append(b"(%s%s)%d 0 R" % (prefix, head[1], numbers[number]))
        if body.startswith(b"<</Type/StructElem/S/Document/P %d 0 R" % tree):
            language = LANGUAGE.search(catalog)
            said = b"/T%s%s" % (text_string(name), language[0] if language else b"")
            body = body.replace(b"/S/Document", b"/S/Part" + said, 1)
            trees.parts.append(numbers[number])
        bodies.append(body)
    for number, body in zip(own, rewritten(bodies, turn, key=trees.next_key, prefix=prefix), strict=True):
        writer.put(numbers[number], body)
    trees.pages += [numbers[page] for page in pages]
    _take_parents(writer, trees, found.bodies[tree], turn)
    if heads:
        heads.sort()
        limits = b"%s%s" % (heads[0].partition(b")")[0] + b")", heads[-1].partition(b")")[0] + b")")
        trees.heads.append(
            writer.put(writer.number(), b"<</Limits[%s]/Names[%s]>>" % (limits, b"".join(heads)))
        )
    first, last = (
        first_reference(found.bodies[outlines], key) if outlines else 0 for key in (b"/First", b"/Last")
    )
    below = b"/First %d 0 R/Last %d 0 R/Count -%d" % (turn(first), turn(last), len(marks)) if first else b""
    trees.marks.append((mark, b"/Title%s/Dest[%d 0 R/Fit]%s" % (text_string(name), numbers[pages[0]], below)))
    return turn


def _bookmarks(found: Objects, parent: int) -> Iterator[int]:
    number = first_reference(found.bodies[parent], b"/First")
    while number:
        yield number
        yield from _bookmarks(found, number)
        number = first_reference(found.bodies[number], b"/Next")


def _kids(found: Objects, tree: int) -> list[int]:
    """Return the pages below a tree of pages, in order."""
    kids = re.search(rb"/Kids\[([^\]]*)\]", found.bodies[tree])
    pages = []
    for kid in re.findall(rb"(\d+) 0 R", kids[1] if kids else b""):
        pages += [int(kid)] if found.bodies[int(kid)].startswith(PAGE) else _kids(found, int(kid))
    return pages


def _take_parents(writer: Writer, trees: _Trees, tree: bytes, turn: Callable[[int], int]) -> None:
    """Write a document's part of the tree of parents, and keep what its own tags stand for."""
    rows = NUMBERS.search(tree)
    pairs = [(int(key), int(number)) for key, number in PAIR.findall(rows[1])] if rows else []
    if pairs:
        low, high = (trees.next_key + pairs[place][0] for place in (0, -1))
        shown = b" ".join(b"%d %d 0 R" % (trees.next_key + key, turn(number)) for key, number in pairs)
        trees.parents.append(writer.put(writer.number(), b"<</Limits[%d %d]/Nums[%s]>>" % (low, high, shown)))
        trees.next_key = high + 1
    if roles := ROLES.search(tree):
        trees.roles |= dict(ROLE.findall(roles[1]))


def _fill_up(writer: Writer, roots: _Roots, trees: _Trees, found: Objects) -> None:
    """Add an empty page where the pages so far are odd: the next document begins on the front of a sheet."""
    if len(trees.pages) % 2:
        size = SIZE.search(
            found.bodies[_kids(found, first_reference(found.bodies[found.root], b"/Pages"))[-1]]
        )
        body = b"<</Type/Page/Resources<<>>%s/Tabs/S/Parent %d 0 R>>" % (
            size[0] if size else b"",
            roots.pages,
        )
        trees.pages.append(writer.put(writer.number(), body))


def _write_trees(writer: Writer, roots: _Roots, trees: _Trees) -> None:
    """Write what holds all documents together."""
    writer.put(
        roots.pages, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(trees.pages), references(trees.pages))
    )
    writer.put(
        roots.document,
        b"<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>" % (roots.structure, references(trees.parts)),
    )
    roles = b"".join(b"/%s/%s" % pair for pair in sorted(trees.roles.items()))
    heads = b"/IDTree<</Kids[%s]>>" % references(trees.heads) if trees.heads else b""
    writer.put(roots.structure, b"<</Type/StructTreeRoot/RoleMap<<%s>>/K[%d 0 R]/ParentTree<</Kids[%s]>>%s/ParentTreeNextKey %d>>" % (
        roles, roots.document, references(trees.parents), heads, trees.next_key,
    ))  # fmt: skip
    numbers = [number for number, _ in trees.marks]
    for place, (number, rest) in enumerate(trees.marks):
        before = b"/Prev %d 0 R" % numbers[place - 1] if place else b""
        after = b"/Next %d 0 R" % numbers[place + 1] if place + 1 < len(numbers) else b""
        writer.put(number, b"<</Parent %d 0 R%s%s%s>>" % (roots.outlines, before, after, rest))
    writer.put(
        roots.outlines,
        b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (numbers[0], numbers[-1], len(numbers)),
    )


def _metadata(body: bytes, n_pages: int, digest: bytes) -> bytes:
    """Return the metadata of the first document as those of the whole file."""
    begin = body.index(b"stream\n") + len(b"stream\n")
    data = body[begin : body.rindex(b"endstream")].rstrip(b"\n")
    data = INSTANCE.sub(rb"\g<1>" + digest + rb"\2", PAGE_COUNT.sub(rb"\g<1>%d\2" % n_pages, data))
    return b"<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream" % (len(data), data)


def references(numbers: Iterable[int]) -> bytes:
    """Return references to objects, as they stand in an array."""
    return b" ".join(b"%d 0 R" % number for number in numbers)


def text_string(words: str) -> bytes:
    """Return a text as it stands in a PDF.

    >>> text_string("A卷")
    b'<FEFF00415377>'
    """
    return b"<FEFF%s>" % words.encode("utf-16-be").hex().upper().encode()
