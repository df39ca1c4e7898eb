"""The papers of a room with tags: each candidate's structure is whole after joining, as independent readers see it."""

from __future__ import annotations

import re
import subprocess
import zlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.presentation import Paper
from qbank.render.failure import UnprintableText
from qbank.render.joined_pdf import Document, joined_pdf
from qbank.render.layout import Centre, Layout
from qbank.render.pdf import render_pdf
from qbank.render.pdf_objects import Writer, read_objects, rewritten
from qbank.render.room import Candidate, Printed, Room, n_pages, personal_base, room_pdf
from qbank.render.tagged_room import most_candidates, tagged_room_pdf
from tests.render.samples import en_paper, zh_paper
from tests.render.test_layouts import told

PARTS = ("paper", "answer-sheet")
ROOM = Room("一号考点", "03", (Candidate("2026000001", "王伟", "1", 0), Candidate("2026000002", "李镕", "2", 1), Candidate("3", "张(芳)", "", 0)))
REFERENCE = re.compile(rb"(\d+) 0 R")


def printed(papers: list[Paper], layout: Layout) -> list[list[Printed]]:
    return [[personal_base(paper, part, layout) for part in PARTS] for paper in papers]


@cache
def made() -> tuple[bytes, bytes]:
    """Return the papers of a room with tags, and the same as the printing house gets them."""
    papers = printed([zh_paper(20, 5, 0), replace(zh_paper(18, 5, 0), version="B", digest="beef0000")], Layout())
    return tagged_room_pdf(ROOM, papers, Layout()), room_pdf(ROOM, papers, Layout())


@dataclass(frozen=True)
class Seen:
    """The objects of a PDF by number, read without the package's own reader: packs and table of a later kind."""

    objects: dict[int, bytes]

    @classmethod
    def of(cls, pdf: bytes) -> Seen:
        objects = {}
        for found in re.finditer(rb"(?<=\n)(\d+) 0 obj\n(.*?)\nendobj\n", pdf, re.DOTALL):
            objects[int(found[1])] = found[2]
            if b"/Type/ObjStm" in found[2]:
                data = zlib.decompress(found[2].split(b"stream\n", 1)[1].removesuffix(b"\nendstream"))
                first = int(re.search(rb"/First (\d+)", found[2])[1])  # type: ignore[index]
                numbers = [int(word) for word in data[:first].split()]
                places = [*numbers[1::2], len(data) - first]
                for number, begin, end in zip(numbers[::2], places, places[1:], strict=False):
                    objects[number] = data[first + begin : first + end].rstrip()
        return cls(objects)

    def all(self, kind: bytes) -> dict[int, bytes]:
        return {number: body for number, body in self.objects.items() if body.startswith(b"<</Type/" + kind)}

    def rows(self, key: bytes) -> list[bytes]:
        """Return the leaves of the tree of the structure that stands under a key."""
        (root,) = self.all(b"StructTreeRoot").values()
        kids = re.search(key + rb"<</Kids\[([^\]]*)\]", root)
        return [self.objects[int(kid)] for kid in REFERENCE.findall(kids[1])] if kids else []


def test_a_room_with_tags_declares_both_standards_and_says_what_it_is(tmp_path: Path) -> None:
    pdf, usual = made()
    said = told("pdfinfo", pdf, tmp_path)
    assert "Tagged:          yes" in said
    assert re.search(r"Title: .*一号考点 03", said)
    metadata = told("pdfinfo", pdf, tmp_path, "-meta")
    for word in ("<pdfuaid:part>1<", "<pdfaid:part>2<", "<pdfaid:conformance>B<", f"NPages>{n_pages(pdf)}<"):
        assert word in metadata
    assert "Tagged:          no" in told("pdfinfo", usual, tmp_path)
    fonts = told("pdffonts", pdf, tmp_path).splitlines()[2:]
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)


def test_a_room_with_tags_has_the_pages_and_words_of_the_usual_one(tmp_path: Path) -> None:
    pages = [told("pdftotext", pdf, tmp_path).split("\f")[:-1] for pdf in made()]
    assert len(pages[0]) == len(pages[1]) == n_pages(made()[0])
    for tagged, usual in zip(*pages, strict=True):
        assert sorted("".join(tagged.split())) == sorted("".join(usual.split()))


def test_every_candidate_is_read_out_in_order_with_headings_and_the_code_in_words(tmp_path: Path) -> None:
    candidates = tuple(replace(one, paper=0) for one in ROOM.candidates[1:])
    small = tagged_room_pdf(replace(ROOM, candidates=candidates), [[personal_base(zh_paper(1, 0, 0), "paper", Layout())]], Layout())
    told("pdfinfo", small, tmp_path)
    said = subprocess.run(["pdfinfo", "-struct-text", str(tmp_path / "told.pdf")], capture_output=True, check=True)
    read = said.stdout.decode("utf-8", "replace")  # titles of tags come out in an encoding of their own
    words = "".join(re.findall(r'"([^"]*)"', read))
    places = [words.index(word) for word in ("2026000002", "李镕", "一、单项选择题", "张(芳)")]
    assert places == sorted(places)
    assert len(re.findall(r"(?m)^\s*H1 ", read)) == len(candidates)
    assert words.index("李镕") < words.index("注意事项") < words.index("一、单项选择题")
    figures = [body for body in Seen.of(small).all(b"StructElem").values() if b"/S/Figure" in body]
    assert figures
    assert all(b"/Alt" in body for body in figures)


def test_every_mark_on_every_page_leads_to_its_tag_and_every_tag_to_the_root() -> None:
    seen = Seen.of(made()[0])
    parents = {int(key): int(number) for row in seen.rows(b"/ParentTree") for key, number in re.findall(rb"(\d+) (\d+) 0 R", row.split(b"/Nums")[1])}
    elements, pages, keys = seen.all(b"StructElem"), seen.all(b"Page/"), set()
    for number, page in pages.items():
        found = re.search(rb"/StructParents (\d+)", page)
        if found is None:
            assert b"/Contents" not in page
            continue
        key = int(found[1])
        assert key not in keys
        keys.add(key)
        contents = seen.objects[int(re.search(rb"/Contents (\d+)", page)[1])]  # type: ignore[index]
        drawn = zlib.decompress(contents.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0])
        marks = {int(mark) for mark in re.findall(rb"/MCID (\d+)", drawn)}
        tags = [int(tag) for tag in REFERENCE.findall(seen.objects[parents[key]])]
        assert marks == set(range(len(tags)))
        for mark, tag in enumerate(tags):
            assert b"/Pg %d 0 R" % number in elements[tag]
            assert re.search(rb"(?<![\d.])%d(?! 0 R)" % mark, elements[tag].rsplit(b"/K[", 1)[1])
    assert keys == set(parents)
    for number, body in elements.items():
        for _ in range(100):
            parent = int(re.search(rb"/P (\d+) 0 R", body)[1])  # type: ignore[index]
            above = elements.get(parent)
            if above is None:
                break
            assert b"%d 0 R" % number in above
            number, body = parent, above
        assert b"/Type/StructTreeRoot" in seen.objects[parent]


def test_every_head_of_a_table_has_one_name_and_cells_know_theirs() -> None:
    seen = Seen.of(made()[0])
    names = [name for row in seen.rows(b"/IDTree") for name in re.findall(rb"\((\w+)\)\d+ 0 R", row.split(b"/Names")[1])]
    assert names == sorted(set(names))
    for row in seen.rows(b"/IDTree"):
        inside = re.findall(rb"\((\w+)\)\d+ 0 R", row.split(b"/Names")[1])
        assert re.search(rb"/Limits\[\((\w+)\)\((\w+)\)\]", row).groups() == (inside[0], inside[-1])  # type: ignore[union-attr]
    heads = [word for body in seen.all(b"StructElem").values() for words in re.findall(rb"/Headers\[([^\]]*)\]", body) for word in re.findall(rb"\((\w+)\)", words)]
    assert heads
    assert set(heads) <= set(names)


def test_no_reference_leads_nowhere_and_what_is_the_same_is_written_once() -> None:
    seen = Seen.of(made()[0])
    for body in seen.objects.values():
        if not body.endswith(b"endstream"):
            assert all(int(number) in seen.objects for number in REFERENCE.findall(re.sub(rb"\((?:[^()\\]|\\.)*\)", b"", body)))
    fonts = [body for body in seen.objects.values() if b"/FontName/" in body and b"NotoSerifSC-Regular" in body]
    assert len(fonts) == 3  # one a version, what is a candidate's own in another; 镕 alone is in this one only


def test_the_same_room_gives_the_same_bytes_and_folded_sheets_count_their_own_pages(tmp_path: Path) -> None:
    folded = Layout(sheet="a3")
    papers = printed([en_paper()], folded)
    room = Room("", "", (Candidate("1", "Ann", "", 0), Candidate("2", "Bo", "", 0)))
    pdf = tagged_room_pdf(room, papers, folded)
    assert pdf == tagged_room_pdf(room, papers, folded)
    assert re.findall(r"Page (\d+) of (\d+)", told("pdftotext", pdf, tmp_path)) == [("1", "1"), ("1", "1")] * 2
    assert "1190.55 x 841.89" in told("pdfinfo", pdf, tmp_path)


def test_a_footer_of_the_centre_counts_the_pages_of_one_paper(tmp_path: Path) -> None:
    block = b"#let footer(code, digest, words) = context [Leaf #counter(page).display() / #counter(page).final().first()]\n"
    layout = Layout(centre=Centre(files={"centre.typ": block}))
    pdf = tagged_room_pdf(ROOM, printed([zh_paper(20, 0, 0), zh_paper(3, 0, 0)], layout), layout)
    leaves = re.findall(r"Leaf (\d+) / (\d+)", told("pdftotext", pdf, tmp_path))
    assert leaves == [("1", "2"), ("2", "2"), ("1", "1"), ("1", "2"), ("2", "2")]


def test_every_name_that_no_font_has_is_told() -> None:
    strange = replace(ROOM, candidates=(Candidate("1", "王𠮷", "", 0), Candidate("2", "李", "", 0), Candidate("3", "张𡋾", "", 0)))
    with pytest.raises(UnprintableText, match=r"U\+20BB7[\s\S]*U\+212FE"):
        tagged_room_pdf(strange, printed([zh_paper(2, 0, 0)], Layout()), Layout())


def test_how_many_candidates_a_file_holds_depends_on_the_paper() -> None:
    few, many = (most_candidates(printed([zh_paper(n, 0, 0)], Layout())) for n in (80, 5))
    assert 1000 < few < many


def test_what_was_not_made_with_tags_is_not_joined() -> None:
    with pytest.raises(ValueError, match="no tags"):
        joined_pdf([Document("x", made()[1])])
    with pytest.raises(ValueError, match="no document"):
        joined_pdf([])


@given(st.lists(st.text(st.sampled_from("ab()\\ 0R7/ID"), max_size=12), min_size=1, max_size=4))
@settings(deadline=None)
def test_what_stands_in_a_text_is_never_taken_for_a_reference(texts: list[str]) -> None:
    shown = [re.sub(r"([\\()])", r"\\\1", text).encode() for text in texts]
    bodies = [b"<</Alt(%s)/P 7 0 R/T(%s)>>" % (text, text) for text in shown]
    assert rewritten(bodies, lambda n: n + 1) == [body.replace(b"/P 7 0 R/T", b"/P 8 0 R/T") for body in bodies]


def test_objects_are_read_as_they_were_written() -> None:
    found = read_objects(render_pdf(zh_paper(2, 0, 0), "paper"))
    assert found.bodies[found.root].startswith(b"<</Type/Catalog")
    assert sorted(found.bodies) == list(range(1, len(found.bodies) + 1))
    writer = Writer()
    numbers = [writer.share(b"<</A 1>>"), writer.share(b"<</A 2>>"), writer.share(b"<</A 1>>")]
    assert numbers == [1, 2, 1]
