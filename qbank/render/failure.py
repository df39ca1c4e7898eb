"""What a renderer says when a text cannot be printed as it stands: every such text, named, none dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from qbank.messages import Language, text
from qbank.problem import Problem, Span, error

Reason = Literal[
    "formula", "chemistry", "macro", "image", "alt", "picture", "nesting", "length", "glyph", "markup", "control",
    "wide_table", "wide_formula",
]  # fmt: skip

PROBLEM_CODE = (
    "F109"  # its sentence stands in the catalogue's group ``problem`` and takes the message as detail
)


@dataclass(frozen=True, slots=True)
class TextFailure:
    """One text that cannot be printed.

    item : the item's id, empty for the head of the paper
    place : ``stem``, ``option B``, ``answer``, ``notice 2`` …
    detail : the formula, macro, character or file that was found
    """

    item: str
    place: str
    reason: Reason
    detail: str

    def message(self, language: Language) -> str:
        """Return the sentence that says what was found, and where.

        >>> TextFailure("BOF4-0001", "stem", "macro", "\\\\frac").message("en")
        'BOF4-0001 (stem): LaTeX outside dollars: \\\\frac'
        """
        both = text(language, "paper.fail_where", item=self.item, place=self.place)
        where = both if self.item and self.place else self.item or self.place
        return text(language, "paper.fail_line", where=where, what=self.sentence(language))

    def sentence(self, language: Language) -> str:
        """Return what was found, without the place."""
        return text(language, f"paper.fail_{self.reason}", detail=self.detail)


class UnprintableText(ValueError):
    """Some texts of a paper cannot be printed; ``failures`` names them all."""

    def __init__(self, failures: Iterable[TextFailure], language: Language = "en") -> None:
        self.failures = tuple(failures)
        self.language: Language = language
        super().__init__("\n".join(failure.message(language) for failure in self.failures))

    def problems(self, span_of: Callable[[str], Span]) -> tuple[Problem, ...]:
        """Return one error per failure; ``span_of`` gives the place of an item's id (``""``: the head)."""
        return tuple(
            error(PROBLEM_CODE, span_of(failure.item), detail=failure.message(self.language))
            for failure in self.failures
        )


class TemplateFailure(ValueError):
    """A file of the centre's own is wrong: its name, the line and column (from 1), and what the compiler says."""

    def __init__(self, file: str, line: int, column: int, detail: str) -> None:
        self.file, self.line, self.column, self.detail = file, line, column, detail
        super().__init__(f"{file}:{line}:{column}: {detail}")

    def problem(self, folder: str) -> Problem:
        """Return the error at its place; ``folder`` is where the file was read."""
        path = f"{folder.rstrip('/')}/{self.file}" if folder else self.file
        return error("Z901", Span(path, self.line, self.column), detail=self.detail)


class TemplateStopped(TemplateFailure):
    """A file of the centre's own does not come to an end, or asks for more memory than it may have."""

    def __init__(self, file: str, seconds: float) -> None:
        super().__init__(file, 1, 1, f"stopped after {seconds:g} s")
        self.seconds = seconds

    def problem(self, folder: str) -> Problem:
        """Return the error at the file; ``folder`` is where it was read."""
        span = super().problem(folder).span
        return error("Z909", span, seconds=f"{self.seconds:g}")
