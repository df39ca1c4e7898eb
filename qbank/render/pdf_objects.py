"""The objects of a PDF that the compiler made, read one by one, and a PDF written of such objects.

Only what the compiler writes as PDF/A is read: a plain table of places, one object after another, no updates.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s*(\d+)\s*%%EOF\s*$", re.DOTALL)
ENTRY = re.compile(rb"(\d{10}) \d{5} n")
TOKEN = re.compile(
    rb"(\d+) 0 R|/ID\((\w+)\)|(/Headers\[[\w()\s]*\])|(/StructParents?) (\d+)|(\((?:[^()\\]|\\.)*\))|([()])|\\.",
    re.DOTALL,
)
NUMBER, WORD, HEADS, PARENTS, KEY, TEXT, BRACKET = range(1, 8)
APART = b"\n\n"
PER_PACK = 1000
MOST_OBJECTS = 8_388_607
"""ISO 19005-2:2011, 6.1.13: a PDF/A file has no more indirect objects."""


@dataclass(frozen=True, slots=True)
class Objects:
    """bodies : what stands between ``n 0 obj`` and ``endobj`` by number ; root, info : numbers of the catalogue and of the
    document's own data"""

    bodies: Mapping[int, bytes]
    root: int
    info: int


def read_objects(pdf: bytes) -> Objects:
    """Return the objects of a PDF. Raises `ValueError` for one that is written in another way."""
    end = TRAILER.search(pdf, max(0, len(pdf) - 2000))
    if end is None or not pdf.startswith(b"xref", start := int(end[2])):
        raise ValueError("the PDF has no plain table of objects")
    places = sorted(int(one[1]) for one in ENTRY.finditer(pdf, start, end.start()))
    bodies = {}
    for begin, after in zip(places, [*places[1:], start], strict=True):
        head, found, body = pdf[begin:after].partition(b" 0 obj")
        if not found or not (body := body.rstrip()).endswith(b"endobj"):
            raise ValueError(f"no object at {begin}")
        bodies[int(head)] = body[: -len(b"endobj")].strip()
    return Objects(bodies, first_reference(end[1], b"/Root"), first_reference(end[1], b"/Info"))


def first_reference(body: bytes, key: bytes) -> int:
    """Return the number of the object that a key refers to, 0 where it does not stand there.

    >>> first_reference(b"<</Pages 3 0 R>>", b"/Pages"), first_reference(b"<</Pages 3 0 R>>", b"/Names")
    (3, 0)
    """
    found = re.search(re.escape(key) + rb" (\d+) 0 R", body)
    return int(found[1]) if found else 0


def is_stream(body: bytes) -> bool:
    """Return whether an object is a stream. No text of a document can look like one: a text ends in its bracket."""
    return body.endswith(b"endstream")


def rewritten(
    bodies: Sequence[bytes], turn: Callable[[int], int], *, key: int = 0, prefix: bytes = b""
) -> list[bytes]:
    """Return objects with their references turned into those of another file; what stands in texts is left alone.

    key : added to the keys under which pages are known to the tree of tags ; prefix : before the names of table heads

    >>> rewritten([b"<</Alt(see (7 0 R) of 2)/K 7 0 R/StructParents 2/ID(U1)>>"], lambda n: n + 10, key=5, prefix=b"a")
    [b'<</Alt(see (7 0 R) of 2)/K 17 0 R/StructParents 7/ID(aU1)>>']
    """
    streams = {place: body.index(b"stream") for place, body in enumerate(bodies) if is_stream(body)}
    shown = APART.join(
        body[: streams[place]].strip() if place in streams else body for place, body in enumerate(bodies)
    )
    pieces, place, depth = [], 0, 0
    for found in TOKEN.finditer(shown):
        kind = found.lastindex
        if kind == BRACKET:
            depth += 1 if found[0] == b"(" else -1
        elif kind is not None and kind != TEXT and not depth:
            pieces += [shown[place : found.start()], _turned(found, turn, key, prefix)]
            place = found.end()
    turned = b"".join([*pieces, shown[place:]]).split(APART)
    if depth or len(turned) != len(bodies):
        raise ValueError("a text without an end")
    for index, begin in streams.items():
        turned[index] += b"\n" + bodies[index][begin:]
    return turned


def _turned(found: re.Match[bytes], turn: Callable[[int], int], key: int, prefix: bytes) -> bytes:
    if found.lastindex == NUMBER:
        return b"%d 0 R" % turn(int(found[NUMBER]))
    if found.lastindex == KEY:
        return b"%s %d" % (found[PARENTS], int(found[KEY]) + key)
    return found[0].replace(b"(", b"(" + prefix)


class Writer:
    """A PDF that grows object by object; what is no stream goes into compressed packs, so that tags take little room."""

    def __init__(self) -> None:
        self._out = bytearray(b"%PDF-1.7\n%\x80\x80\x80\x80\n")
        self._kind, self._first, self._second = array("B", [0]), array("Q", [0]), array("H", [65535])
        self._pending: list[tuple[int, bytes]] = []
        self._shared: dict[bytes, int] = {}

    def number(self) -> int:
        """Return a number for an object that comes later."""
        for column in (self._kind, self._first, self._second):
            column.append(0)
        return len(self._kind) - 1

    def put(self, number: int, body: bytes) -> int:
        """Write an object under its number."""
        if is_stream(body):
            self._place(number, 1, len(self._out), 0)
            self._out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        else:
            self._pending.append((number, body))
            if len(self._pending) == PER_PACK:
                self._pack()
        return number

    def share(self, body: bytes) -> int:
        """Return the number of an object that is written once, however often it is met."""
        digest = hashlib.sha256(body).digest()
        if digest not in self._shared:
            self._shared[digest] = self.put(self.number(), body)
        return self._shared[digest]

    def _place(self, number: int, kind: int, first: int, second: int) -> None:
        self._kind[number], self._first[number], self._second[number] = kind, first, second

    def _pack(self) -> None:
        if not self._pending:
            return
        pack, heads, place = self.number(), [], 0
        for index, (number, body) in enumerate(self._pending):
            heads.append(b"%d %d" % (number, place))
            place += len(body) + 1
            self._place(number, 2, pack, index)
        head = b" ".join(heads) + b"\n"
        entries = b"/Type/ObjStm/N %d/First %d" % (len(heads), len(head))
        self.put(pack, stream(head + b"\n".join(body for _, body in self._pending), entries))
        self._pending = []

    def digest(self) -> bytes:
        """Return what tells this file from others: a hash of what it has so far."""
        self._pack()
        return hashlib.sha256(self._out).hexdigest()[:32].encode()

    def finished(self, root: int, info: int) -> bytes:
        """Return the file."""
        digest = self.digest()
        table, place = self.number(), len(self._out)
        self._place(table, 1, place, 0)
        rows = zip(self._kind, self._first, self._second, strict=True)
        places = b"".join(
            b"%c%b%b" % (kind, a.to_bytes(5, "big"), b.to_bytes(2, "big")) for kind, a, b in rows
        )
        entries = b"/Type/XRef/Size %d/W[1 5 2]/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]" % (
            len(self._kind),
            root,
            info,
            digest,
            digest,
        )
        self._out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
            table,
            stream(places, entries),
            place,
        )
        return bytes(self._out)


def stream(data: bytes, entries: bytes) -> bytes:
    """Return a compressed stream with these entries."""
    packed = zlib.compress(data, 6)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (entries, len(packed), packed)
