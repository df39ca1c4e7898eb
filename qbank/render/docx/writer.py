"""What every part of a Word document is written with: the paper, its converted texts, its fixed words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbank.core.presentation import Paper, PaperSection, SharedText
from qbank.messages import text
from qbank.render.docx.flow import Cell, Flow, Paragraph, Table, kept, mm
from qbank.render.docx.runs import Texts, blank, run
from qbank.render.labels import conditions, joined, section_heading, shared_label
from qbank.render.readable import width

LONG_TEXT = 1_500  # characters; a frame with more may break over pages
HANGING_EMS = {"zh": 0.9, "en": 0.6}
INFO_LETTER = 95  # twips of a half-width letter of the line with code, time and marks


@dataclass(frozen=True, slots=True)
class Writer:
    """The paper as it is printed, its texts already converted, and what turns them into paragraphs.

    centre, logo : the centre's name, and the run that draws its logo ; plain : without scores to be filled in, as a
    booklet is
    """

    paper: Paper
    texts: Texts
    centre: str = ""
    logo: str = ""
    plain: bool = False

    def say(self, key: str, **fields: object) -> str:
        """Return a fixed word of the paper's language; its own group is ``paper``."""
        return text(self.paper.language, key if "." in key else f"paper.{key}", **fields)

    @property
    def width(self) -> int:
        """Return the width of the text in twips, as letters of 10.5 points would have it."""
        return self.texts.room

    @property
    def number_width(self) -> int:
        """Return the room of a question's number, the widest of the paper."""
        numbers = [question.number for section in self.paper.sections for question in section.questions]
        ems = 0.55 * len(str(max(numbers, default=1))) + HANGING_EMS[self.paper.language]
        return round(ems * 210) + 60

    def titles(self, heading: str = "", *, conditioned: bool = True) -> list[Flow]:
        """Return the head of a part: title with the part's word, subject, code, time and marks."""
        paper = self.paper
        title = joined(paper, heading) or paper.code
        info = self.say("paper_code", code=paper.code)
        if conditioned:
            both = f"{info}\u3000\u3000{conditions(paper)}"
            fits = width(both) * INFO_LETTER <= self.width
            info = both if fits else f"{info}\n{conditions(paper)}"
        shown: list[Flow] = [*self.centre_line(), Paragraph("Title", run(title))]
        if paper.subject:
            shown.append(Paragraph("Subtitle", run(paper.subject)))
        return [*shown, Paragraph("QInfo", run(info))]

    def centre_line(self) -> list[Paragraph]:
        """Return the line with the centre's logo and name, where there is either."""
        named = self.logo + run(("\u2002" if self.logo else "") + self.centre if self.centre else "")
        return [Paragraph("QCentre", named)] if named else []

    def section_title(self, index: int) -> Paragraph:
        """Return the heading of a section, counted from 0."""
        return Paragraph("Heading1", run(section_heading(self.paper, index)))

    def fields(self) -> list[Flow]:
        """Return the line with what is filled in by hand."""
        names = self.paper.fields
        shown = run("\u3000").join(run(name + " ") + blank(16 if len(names) < 4 else 10) for name in names)
        return [Paragraph("QFields", shown)] if names else []

    def frame(self, blocks: Sequence[Flow], name: str, n_characters: int, *, left: int = 0) -> Table:
        """Return blocks in a frame; one with many characters may break over pages."""
        return Table((self.width - left,), ((Cell(tuple(blocks), top=True),),), name, n_heads=0, whole=n_characters <= LONG_TEXT,
                     left=left, padding=mm(2.8))  # fmt: skip

    def shared(self, shared: SharedText) -> list[Flow]:
        """Return a stimulus: for whom it is, its title and its text in a frame, kept with what follows."""
        blocks: list[Flow] = [Paragraph("QMaterialTitle", self.texts.line(shared.title))] if shared.title else []
        blocks += self.texts.blocks(shared.text, "QMaterial", self.width - mm(6))
        frame = self.frame(blocks, self.say("docx.table_material"), len(shared.text))
        return kept([Paragraph("QMaterialLabel", run(shared_label(self.paper, shared))), frame], to_next=True)

    def head_cells(self, names: Sequence[str]) -> tuple[Cell, ...]:
        """Return the head row of a table."""
        return tuple(Cell((Paragraph("QCellSmall", run(name)),), head=True) for name in names)

    def answered(self) -> list[tuple[int, PaperSection]]:
        """Return the sections that have questions, each with its place counted from 0."""
        return [(index, section) for index, section in enumerate(self.paper.sections) if section.questions]


def cell(words: str, style: str = "QCell") -> Cell:
    """Return a cell with plain words."""
    return Cell((Paragraph(style, run(words)),))
