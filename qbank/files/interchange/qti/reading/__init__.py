"""QTI 3, 2.2, 2.1 and 1.2, a package or a single file → drafts, and a list of everything that cannot be kept."""

from __future__ import annotations

from typing import Any

from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, note
from qbank.files.interchange.qti.reading.archive import Package, tree_of, unpack
from qbank.files.interchange.qti.reading.as_written import restored
from qbank.files.interchange.qti.reading.content import Reading
from qbank.files.interchange.qti.reading.item import read_item
from qbank.files.interchange.qti.reading.manifest import MANIFEST, About, read_manifest
from qbank.files.interchange.qti.reading.stimulus import Shared, read_stimulus
from qbank.files.interchange.qti.reading.vocabulary import in_one_vocabulary, local, words
from qbank.problem import Problem, Span, error


def read_qti(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of a QTI package or file; a problem for each item that cannot be kept, with file and line.

    >>> read_qti(b"<assessmentItem identifier='a' title='a'/>", "a.xml")[1][0].code
    'X426'
    """
    package, problems = unpack(data, name)
    if package is None:
        return [], problems
    known, found = read_manifest(package) if not package.single else (None, [])
    return _read(package, known, [*problems, *found])


def _read(package: Package, known: dict[str, About] | None, problems: list[Problem]) -> Read:
    roots: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for path in sorted(package.files):
        if (not package.single and not path.casefold().endswith((".xml", ".qti"))) or path.rpartition("/")[2].casefold() == MANIFEST:
            continue
        root, wrong = tree_of(package, path)
        problems += wrong
        if root is None:
            continue
        name = local(root)
        (roots if name in ITEMS | STIMULI | TESTS | OLD else others)[path] = root
    drafts: list[Draft] = []
    shared: dict[str, Shared] = {}
    for path, root in roots.items():
        if local(root) in STIMULI:
            reading = Reading(package, path)
            stimulus = read_stimulus(reading, in_one_vocabulary(root))
            problems += reading.problems
            if stimulus is not None:
                about = (known or {}).get(path) or About()
                shared[path] = stimulus.said(restored(stimulus.texts(), about.written))
    for path, root in roots.items():
        about = (known or {}).get(path) or About()
        if local(root) in ITEMS:
            draft, wrong = read_item(package, path, in_one_vocabulary(root), about, shared)
            problems += wrong
            drafts += [draft] if draft else []
        elif local(root) in TESTS:
            problems.append(_test(package, path, in_one_vocabulary(root)))
        elif local(root) in OLD:
            from qbank.files.interchange.qti.reading.old import read_old

            more, wrong = read_old(package, path, root, about)
            drafts += more
            problems += wrong
        if sum(problem.severity == "error" for problem in problems) >= MAX_PROBLEMS:
            problems.append(error("I108", Span(package.shown(path)), most=MAX_PROBLEMS))
            break
    for path, root in others.items():
        if "canvas.instructure.com" in str(root.tag):  # the settings of a quiz
            continue
        problems.append(note("X434", Span(package.shown(path), 1, 1), root=local(root)[:60]))
    if not drafts and not any(problem.severity == "error" for problem in problems):
        problems.append(error("X438", Span(package.name)))
    return drafts, problems


ITEMS = frozenset({"assessmentItem", "qti-assessment-item"})
STIMULI = frozenset({"qti-assessment-stimulus", "assessmentStimulus"})
TESTS = frozenset({"assessmentTest", "qti-assessment-test", "assessmentSection", "qti-assessment-section"})
OLD = frozenset({"questestinterop"})


def _test(package: Package, path: str, root: Any) -> Problem:
    """Return a note of what a test holds: an import takes its items, a paper is put together by a blueprint."""
    sections = list(root.iter("assessment-section"))
    listed = [
        f"{' '.join((section.get('title') or section.get('identifier') or '').split())[:40]} ({len(section.findall('assessment-item-ref'))})"
        for section in sections
    ]
    n_items = len(list(root.iter("assessment-item-ref")))
    title = " ".join((root.get("title") or words(root.find("title")) or "").split())[:60]
    return note("X432", Span(package.shown(path), 1, 1), title=title, sections="; ".join(listed)[:300], n=n_items)


__all__ = ["read_qti"]
