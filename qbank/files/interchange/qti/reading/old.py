"""QTI 1.2, as Canvas and others write it, → drafts: materials in HTML, answers by what their conditions set."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.draft import Draft, clean, note
from qbank.files.interchange.labels import read_labels
from qbank.files.interchange.platform_text import LETTERS, choice_body, credit_of, unlike_credit
from qbank.files.interchange.qti.reading.archive import Package
from qbank.files.interchange.qti.reading.as_written import WORD, restored
from qbank.files.interchange.qti.reading.choices import TRUTHS
from qbank.files.interchange.qti.reading.content import Reading
from qbank.files.interchange.qti.reading.declared import number
from qbank.files.interchange.qti.reading.manifest import About
from qbank.files.interchange.qti.reading.vocabulary import local, words
from qbank.files.interchange.qti.reading.written import TO_BE_WRITTEN
from qbank.kinds import KINDS
from qbank.problem import Problem

LABEL = "qbank_label"
"""Metadata field in which a package of ours keeps a label."""
Found = tuple[str, dict[str, Any]] | None


@dataclass(slots=True)
class OldItem:
    """An item of QTI 1.2 while it is read: its element, metadata by label, and what its conditions give each answer."""

    reading: Reading
    node: Any
    fields: Mapping[str, str]
    labels: dict[str, Any] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)

    def material(self, node: Any) -> str:
        """Return what the materials of an element show, those of its parts left out."""
        found = []
        for one in node.iter("material", "material_ref"):
            if any(local(part) in _PARTS and part is not node for part in _between(one, node)):
                continue
            found += [self.text(piece) for part in one for piece in (part if local(part) == "mat_extension" else (part,))]
        return "\n\n".join(filter(None, found))

    def text(self, node: Any) -> str:
        """Return one piece of material as Markdown."""
        name = local(node)
        if name == "mat_formattedtext" and not len(node):
            return self.reading.markdown(node.text or "", node)
        if name in ("mattext", "matemtext", "mat_formattedtext"):
            source = node.text or ""
            if len(node):
                return self.reading.text(node)
            html_like = node.get("texttype", "").casefold() in ("text/html", "text/xhtml", "html") or re.search(r"<[a-zA-Z/]|&[a-z#]", source)
            return self.reading.markdown(source, node) if html_like else clean(re.sub(r"[$*]|\\(?=[$*\\|])", r"\\\g<0>", source))
        if name == "matimage" and (address := node.get("uri")):
            path = self.reading.picture(address, node)
            return f"![{(node.get('label') or '').translate({91: None, 93: None})}]({path})" if path else ""
        if name in ("mataudio", "matvideo", "matapplet", "matapplication"):
            self.reading.doubt("X425", node, element=name, file=str(node.get("uri") or "")[:100])
        return ""


_PARTS = frozenset({"response_label", "response_lid", "response_str", "response_num", "response_xy", "response_grp", "itemfeedback"})


def _between(node: Any, outer: Any) -> list[Any]:
    found = []
    for one in node.iterancestors():
        if one is outer:
            break
        found.append(one)
    return found


def read_old(package: Package, path: str, root: Any, about: About) -> tuple[list[Draft], list[Problem]]:
    """Return the drafts of a file, and all that is to be said of its items."""
    for node in root.iter():
        if isinstance(node.tag, str):
            node.tag = node.tag.rpartition("}")[2]
    drafts, problems = [], []
    for node in root.iter("item"):
        reading = Reading(package, path)
        told = node.iter("qtimetadatafield", "qti_metadatafield")
        fields = {words(one.find("fieldlabel")): words(one.find("fieldentry")) for one in told}
        fields |= {local(one): words(one) for one in node.iter("bbmd_asi_object_id", "qmd_absolutescore_max")}
        written = [words(one.find("fieldentry")) for one in node.iter("qtimetadatafield") if words(one.find("fieldlabel")) == LABEL]
        item = OldItem(reading, node, fields, read_labels([text for text in written if not text.startswith(WORD)]))
        draft = _draft(item, next((text for text in written if text.startswith(WORD)), ""))
        problems += reading.problems
        for code, found in (("I141", reading.dropped), ("I147", reading.lost)):
            if found:
                problems.append(note(code, reading.span(node), tags=", ".join(sorted(found))))
        if draft and not any(problem.severity == "error" for problem in reading.problems):
            drafts.append(draft)
    if any(True for _ in root.iter("selection_ordering", "selection")):
        reading = Reading(package, path)
        n = len(list(root.iter("section")))
        problems.append(note("I147", reading.span(next(root.iter("selection_ordering", "selection"))), tags=f"selection ({n} sections)"))
    return drafts, problems


def _draft(item: OldItem, written: str) -> Draft | None:
    presentation = item.node.find("presentation")
    type = item.fields.get("question_type") or item.fields.get("cc_profile") or _type_of(item.node)
    if type in ("text_only_question",):
        item.reading.problems.append(note("I148", item.reading.span(item.node)))
        return None
    read = TYPES.get(type) or TYPES.get(_type_of(item.node) if type not in NOT_TAKEN else "")
    if read is None or presentation is None:
        item.reading.wrong("X439", item.node, type=type[:60] or "?", known=", ".join(sorted(one for one in TYPES if one.endswith("_question"))))
        return None
    item.hints = _feedback(item)
    entries: dict[str, Any] = {"stem": _stem(item, presentation)}
    found = read(item, entries)
    if found is None:
        return None
    kind, body = found
    entries |= body
    marks = next(filter(None, (number(item.fields.get(word)) for word in ("points_possible", "qmd_weighting", "qmd_absolutescore_max"))), 0.0)
    if marks > 0 and "marks" not in body:
        nearest = max(round(2 * marks), 1) / 2  # the bank counts in halves
        if abs(nearest - marks) > 1e-6:
            item.reading.doubt("X427", item.node, what=f"{marks:g} ≠ {nearest:g}")
        entries["marks"] = plain_number(f"{nearest:g}")
    if rest := [text for id, text in item.hints.items() if text]:
        entries["rationale"] = "\n\n".join(dict.fromkeys(rest))
    return _finished(item, kind, entries, written)


def _finished(item: OldItem, kind: str, entries: dict[str, Any], written: str) -> Draft | None:
    labels = item.labels
    ours = bool(labels)
    told = labels.pop("kind", "")
    competency, level, source_id = (labels.pop(key, "") for key in ("competency", "level", "source_id"))
    entries = restored({**entries, **labels}, written)
    if ours and told in KINDS:
        kind = str(told)
    if not str(entries.get("stem", "")).strip():
        if not item.reading.failed:
            item.reading.wrong("X426", item.node, reason="no_stem", found=item.node.get("ident", ""))
        return None
    ident = item.node.get("ident", "") or item.fields.get("bbmd_asi_object_id", "")
    title = item.node.get("title", "")
    id = title if ours else ""
    if not ours:
        source_id = f"{item.reading.package.name.rpartition('/')[2].rpartition('.')[0]}:{ident}"[:200]
        if title:
            item.reading.lost.add(f"title “{' '.join(title.split())[:60]}”")
    return Draft(
        kind, entries, item.reading.span(item.node), id, str(source_id), str(competency), (), level if isinstance(level, int) else 0,
        media=item.reading.media,
    )  # fmt: skip


def _stem(item: OldItem, presentation: Any) -> str:
    """Return what stands before the answers; in square brackets a name of a blank is one."""
    return item.material(presentation)


def _feedback(item: OldItem) -> dict[str, str]:
    """Return what the item says after an answer, by the name of the feedback."""
    return {node.get("ident", ""): item.material(node) for node in item.node.iterfind("itemfeedback")}


def _type_of(node: Any) -> str:
    """Return Canvas's word for an item that does not tell its type, by what it asks for."""
    lids, texts = list(node.iter("response_lid")), list(node.iter("response_str", "response_num"))
    if len(lids) > 1 and not texts:
        return "matching_question"
    if len(lids) == 1 and not texts:
        return "multiple_answers_question" if lids[0].get("rcardinality", "Single") == "Multiple" else "multiple_choice_question"
    if len(texts) == 1 and not lids:
        numeric = local(texts[0]) == "response_num" or any(one.get("fibtype", "") in ("Integer", "Decimal") for one in texts[0].iter("render_fib"))
        if numeric:
            return "numerical_question"
        return "short_answer_question" if any(True for _ in node.iter("varequal")) else "essay_question"
    return ""


def _given(item: OldItem, respident: str = "") -> dict[str, float]:
    """Return what each answer earns in per cent of the best, as the conditions of the item set or add it.

    An answer that a condition wants and others beside it earns its share; one behind a ``not`` earns nothing.
    """
    found: dict[str, float] = {}
    for condition in item.node.iter("respcondition"):
        value = sum(_set_to(one) for one in condition.iterfind("setvar") if (one.get("varname") or "SCORE").upper() in ("SCORE", "QUE_SCORE"))
        wanted = [one for one in condition.iter("varequal") if not respident or one.get("respident", "") == respident]
        right = [one for one in wanted if not any(local(outer) == "not" for outer in one.iterancestors())]
        for one in wanted:
            found.setdefault(words(one), 0.0)
        if value <= 0 and not (value < 0 and len(right) == 1):
            continue
        together = any(local(outer) == "and" for one in right for outer in one.iterancestors())
        for one in right:
            found[words(one)] = found[words(one)] + (value / len(right) if together else value)
    best = max(found.values(), default=0.0)
    return {key: 100 * value / best for key, value in found.items()} if best > 0 else found


def _set_to(node: Any) -> float:
    """Return what a condition sets or adds; ``SCORE.max``, which some platforms write, is all of it."""
    said = words(node)
    return 100.0 if said.casefold() in ("score.max", "maxscore") else number(said) or 0.0


def _labels(lid: Any) -> list[Any]:
    return list(lid.iter("response_label"))


def _choice(item: OldItem, entries: dict[str, Any]) -> Found:
    lid = next(item.node.iter("response_lid"), None)
    labels = _labels(lid) if lid is not None else []
    if lid is None or not 2 <= len(labels) <= len(LETTERS):
        item.reading.wrong("X426", item.node, reason="no_options" if len(labels) < 2 else "too_many_options", found=str(len(labels)))
        return None
    given = _given(item, lid.get("ident", ""))
    ids = [label.get("ident", "") for label in labels]
    worth = [given.get(id, 0.0) for id in ids]
    if not any(value > 0 for value in worth):
        item.reading.wrong("X426", item.node, reason="no_key", found=" ".join(given)[:60])
        return None
    texts = [item.material(label) for label in labels]
    several = lid.get("rcardinality", "Single") == "Multiple"
    if not several and sum(value > 0 for value in worth) > 1:
        item.reading.doubt("X427", item.node, what=" ".join(f"{value:g}" for value in worth))
        worth = [value if value == max(worth) else min(value, 0.0) for value in worth]
    said = [TRUTHS.get(text.strip("*. ").casefold()) for text in texts]
    if not several and set(said) == {True, False} and len(said) == 2:
        return "true_false", {"key": said[worth.index(max(worth))]}
    hints = _taken_hints(item, ids, worth)
    if several:
        sets = [one for one in item.node.iter("setvar") if _set_to(one) > 0]
        together = len(sets) == 1
        right = [value > 0 for value in worth]
        weights = [100.0 / sum(right) if here else 0.0 for here in right] if together else [value * 100 / sum(v for v in worth if v > 0) for value in worth]
        kind, body = choice_body([(text, weight, hint) for text, weight, hint in zip(texts, weights, hints, strict=True)], {"credit": "all"} if together else {})
        if not together:
            item.reading.problems += unlike_credit(weights, {}, item.reading.span(item.node))
            body["credit"] = credit_of(weights)[0]
        elif kind == "multiple":  # Canvas gives each its share and takes one for each wrong answer, whatever the condition says
            body["credit"] = "balance" if item.fields.get("question_type") == "multiple_answers_question" else "all"
        if isinstance(body["key"], list) and len(body["key"]) == 1:
            kind, body["key"] = "single", body["key"][0]
            body.pop("credit", None)
    else:
        kind, body = choice_body([(text, 100.0 * (value > 0), hint) for text, value, hint in zip(texts, worth, hints, strict=True)], {})
    choice = next(lid.iter("render_choice"), None)
    if choice is not None and choice.get("shuffle", "").casefold() == "no":
        body["shuffle"] = False
    return kind, body


def _taken_hints(item: OldItem, ids: list[str], worth: list[float]) -> list[str]:
    """Return what is told to whoever chose each option, a right one nothing; it is no rationale any more."""
    shown: dict[str, str] = {}
    for condition in item.node.iter("respcondition"):
        wanted, links = list(condition.iter("varequal")), [one.get("linkrefid", "") for one in condition.iterfind("displayfeedback")]
        if len(wanted) == 1 and words(wanted[0]) in ids:
            shown |= {words(wanted[0]): link for link in links if link in item.hints and link not in ("correct_fb", "general_fb")}
    return [item.hints.pop(shown[id], "") if id in shown and value <= 0 else "" for id, value in zip(ids, worth, strict=True)]


def _blank(item: OldItem, entries: dict[str, Any]) -> Found:
    given = _given(item)
    accepted = [text for text, value in given.items() if value >= 99.99 and text]
    if not accepted:
        item.reading.wrong("X426", item.node, reason="no_key", found=" ".join(given)[:60])
        return None
    if any(0 < value < 99.99 for value in given.values()):
        item.reading.doubt("X427", item.node, what=", ".join(f"{text}={value:g}" for text, value in given.items())[:80])
    strict = any(one.get("case", "No").casefold() == "yes" for one in item.node.iter("varequal"))
    body: dict[str, Any] = {"key": [accepted[0] if len(accepted) == 1 else accepted]}
    if "___" not in str(entries["stem"]):
        body["stem"] = f"{entries['stem']} ____".strip()
    return "fill", body | ({"fold": {"case": False}} if strict else {})


def _blanks(item: OldItem, entries: dict[str, Any]) -> Found:
    """Return a text with several blanks, each named in square brackets, as a fill-in item; menus become their right word."""
    stem, key = str(entries["stem"]), []
    for lid in item.node.iter("response_lid"):
        given = _given(item, lid.get("ident", ""))
        best = max(given.values(), default=0.0)
        texts = {label.get("ident", ""): item.material(label) for label in _labels(lid)}
        accepted = list(dict.fromkeys(texts.get(id, id) for id, value in given.items() if value > 0 and value >= best - 0.01))
        name = words(next(lid.iter("mattext"), None)) or lid.get("ident", "").removeprefix("response_")
        if not accepted or not name:
            item.reading.wrong("X426", lid, reason="no_key", found=name)
            return None
        key.append(accepted[0] if len(accepted) == 1 else accepted)
        stem = stem.replace(f"[{name}]", "____")
    if item.fields.get("question_type") == "multiple_dropdowns_question":
        item.reading.doubt("X428", item.node, interaction="multiple_dropdowns_question", kind="fill", what="options")
    if stem.count("____") != len(key):
        stem += " ____" * len(key) if "____" not in stem else ""
    return "fill", {"stem": stem, "key": key}


def _number(item: OldItem, entries: dict[str, Any]) -> Found:
    exact = [value for one in item.node.iter("varequal") if (value := number(words(one))) is not None]
    low = [value for one in item.node.iter("vargte", "vargt") if (value := number(words(one))) is not None]
    high = [value for one in item.node.iter("varlte", "varlt") if (value := number(words(one))) is not None]
    if not exact and not (low and high):
        item.reading.wrong("X426", item.node, reason="no_number", found=words(item.node.find("resprocessing"))[:60])
        return None
    if len(exact) > 1 or len(low) > 1:
        item.reading.doubt("X427", item.node, what=" ".join(f"{value:g}" for value in [*exact, *low, *high])[:80])
    value = exact[0] if exact else (low[0] + high[0]) / 2
    key: dict[str, Any] = {"value": plain_number(f"{value:.12g}" if abs(value) < 1e12 else repr(value))}
    if low and high and (away := max(abs(value - low[0]), abs(high[0] - value))) > 1e-12 * max(1.0, abs(value)):
        key["tolerance"] = plain_number(f"{away:.10f}".rstrip("0").rstrip(".") or "0") or away
    return "numeric", {"key": key}


def _matching(item: OldItem, entries: dict[str, Any]) -> Found:
    """Return prompts and options of several choices with the same options."""
    lids = list(item.node.iter("response_lid"))
    options: dict[str, str] = {}
    prompts, keys = [], []
    for lid in lids:
        for label in _labels(lid):
            options.setdefault(label.get("ident", ""), item.material(label))
        given = {id: value for id, value in _given(item, lid.get("ident", "")).items() if value > 0}
        prompts.append(item.material(lid))
        keys.append(next(iter(given), ""))
    texts = list(dict.fromkeys(options.values()))
    letters = {id: LETTERS[texts.index(text)] for id, text in options.items() if texts.index(text) < len(LETTERS)}
    if not lids or any(key not in letters for key in keys):
        item.reading.wrong("X426", item.node, reason="prompt_without_key", found=str(sum(key not in letters for key in keys)))
        return None
    body = {"prompts": prompts, "options": dict(zip(LETTERS, texts, strict=False)), "key": [letters[key] for key in keys]}
    return "matching", body


def _essay(item: OldItem, entries: dict[str, Any]) -> Found:
    solutions = [item.material(node) for node in item.node.iter("solution", "hint")]
    key = "\n\n".join(filter(None, solutions)) or item.hints.pop("correct_fb", "") or item.hints.pop("general_fb", "")
    marks = number(item.fields.get("points_possible")) or 1.0
    worth = plain_number(f"{marks if marks > 0 else 1:g}")
    if not key:
        key = TO_BE_WRITTEN
        item.reading.doubt("X429", item.node, stand=key)
    return "essay", {"key": key, "rubric": [{"points": worth, "text": key}], "marks": worth}


TYPES: dict[str, Callable[[OldItem, dict[str, Any]], Found]] = {
    "multiple_choice_question": _choice, "true_false_question": _choice, "multiple_answers_question": _choice,
    "short_answer_question": _blank, "fill_in_multiple_blanks_question": _blanks, "multiple_dropdowns_question": _blanks,
    "numerical_question": _number, "matching_question": _matching, "essay_question": _essay,
    "cc.multiple_choice.v0p1": _choice, "cc.true_false.v0p1": _choice, "cc.multiple_response.v0p1": _choice, "cc.fib.v0p1": _blank,
    "cc.essay.v0p1": _essay,
}  # fmt: skip
"""type of question in the metadata → how it is read"""
NOT_TAKEN = frozenset({"calculated_question", "file_upload_question"})
