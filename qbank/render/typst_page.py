"""What the Typst sources of all parts begin with: the template, the fixed words, the head."""

from __future__ import annotations

from qbank.core.presentation import Paper, SharedText
from qbank.messages import text
from qbank.render.labels import joined, page_words, shared_label
from qbank.render.typst_literals import content, dictionary, item_comment, strings, typst_string

LABELS = (
    "seal", "seal_notice", "notices", "score_number", "score", "marker", "total", "key_number", "key_answer",
    "guide_point", "guide_marks",
)  # fmt: skip


def labels(paper: Paper) -> str:
    """Return the fixed words that the template prints, as a dictionary of strings."""
    say = {name: typst_string(text(paper.language, f"paper.{name}")) for name in LABELS}
    return dictionary({name.replace("_", "-"): words for name, words in say.items()})


def preamble(paper: Paper, title: str, template: str = "paper") -> list[str]:
    """Return the lines that set up every page of a part that runs over pages."""
    arguments = {
        "title": typst_string(title),
        "language": typst_string(paper.language),
        "code": typst_string(paper.code),
        "digest": typst_string(paper.digest),
        "page-words": strings(page_words(paper.language)),
    }
    shown = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return [f'#import "{template}.typ": *', f"#show: base.with({shown})", f"#let labels = {labels(paper)}", ""]


def paper_title(paper: Paper) -> str:
    """Return the title of the document: title and subject, or its code where it has neither (PDF/UA demands one)."""
    return " ".join(part for part in (paper.title, paper.subject) if part) or paper.code


def titles(paper: Paper, heading: str, condition_line: str) -> str:
    """Return the call that sets the head of a part other than the paper itself."""
    code_line = text(paper.language, "paper.paper_code", code=paper.code)
    return f"#titles({', '.join(map(typst_string, [joined(paper, heading), paper.subject, code_line, condition_line]))})"


def shared_call(paper: Paper, shared: SharedText) -> str:
    """Return the call that sets a stimulus, open for the first question of its run."""
    title = content(shared.title) if shared.title else "none"
    label = typst_string(shared_label(paper, shared))
    return f"{item_comment(shared.stimulus)}\n#shared({label}, {title}, {content(shared.text)})["
