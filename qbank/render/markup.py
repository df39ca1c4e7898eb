"""Markdown with LaTeX mathematics → Typst markup or HTML with MathML, a whole paper in one run of pandoc.

The texts come from outside and are data. Each is read by itself; raw HTML, raw Typst and raw LaTeX become the
letters that were typed; links lose their target; a picture that did not come with the paper, an unknown macro, or a
nesting that no paper holds is a failure with the item's name.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from qbank.core.chemistry import rewrite_chemistry
from qbank.core.chemistry_reader import ChemistryFault
from qbank.messages import Language
from qbank.render.failure import Reason, TextFailure, UnprintableText
from qbank.render.fragment import NOTHING, Fragment, parted
from qbank.render.pandoc import answer_of
from qbank.render.pictures import Show, html_pictures, named_pictures, typst_pictures, usable, word_pictures

Target = Literal["typst", "html", "docx"]

PICTURES: dict[Target, Callable[[Mapping[str, bytes]], Show]] = {
    "typst": typst_pictures, "html": html_pictures, "docx": named_pictures,
}  # fmt: skip
SCRIPT = Path(__file__).parent / "templates" / "fragments.lua"
MAX_CHARACTERS = 20_000
MAX_BRACES = 24
TEXTS_A_RUN = 2000
"""So many texts a run of pandoc take 3 s of a processor; a whole bank has ten times as many."""

# What the HTML writer may put out; a tag or attribute that is not here never reaches a page.
HTML_TAGS = frozenset(
    re.findall(
        r"\w+",
        """p br strong em code pre ul ol li blockquote table thead tbody tfoot tr th td colgroup col caption
        math semantics annotation mrow mi mn mo mtext mspace ms mfrac msqrt mroot msub msup msubsup munder
        mover munderover mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none""",
    )
)
ALLOWED_TAG = "|".join(sorted(HTML_TAGS))
ACTIVE_ATTRIBUTE = r"on\w+|href|src|srcset"
UNSAFE_HTML = re.compile(rf"<(?!/?(?:{ALLOWED_TAG})[\s/>])|<[^>]*\s(?:{ACTIVE_ATTRIBUTE})\s*=", re.IGNORECASE)


TYPST_TABLE = "align(center)[#table("


@dataclass(frozen=True, slots=True)
class Source:
    """One text to convert: its item, its place in it, and whether it is a single line (an option, a key)."""

    item: str
    place: str
    text: str
    inline: bool = False


def brace_depth(text: str) -> int:
    r"""Return how deep braces and ``\left`` stand in each other.

    >>> brace_depth(r"\frac{a}{\sqrt{b}}")
    2
    """
    depth = deepest = 0
    for token in re.findall(r"\\left\b|\\right\b|\\begin\b|\\end\b|(?<!\\)[{}]", text):
        depth += 1 if token in (r"\left", r"\begin", "{") else -1
        deepest = max(deepest, depth)
    return deepest


def too_large(text: str) -> tuple[Reason, str] | None:
    """Return why a text is refused before any converter sees it, or None."""
    if len(text) > MAX_CHARACTERS:
        return "length", str(len(text))
    if brace_depth(text) > MAX_BRACES:
        return "nesting", text[:40]
    return None


def protect_blanks(markdown: str) -> str:
    r"""Return the text with its answer blanks safe from Markdown: spaces in brackets, runs of underscores.

    >>> protect_blanks("(  ) ____") == "(\u00a0\u00a0) \\_\\_\\_\\_"
    True
    """
    kept = re.sub(r"[（(][ \u3000]+[)）]", lambda found: found[0].replace(" ", "\u00a0"), markdown)
    return re.sub(r"(?<![\\_])_{3,}", lambda found: r"\_" * len(found[0]), kept)


def prepared(source: Source) -> tuple[str, TextFailure | None]:
    """Return the text as pandoc shall read it, or an empty one and the failure."""
    refused = too_large(source.text)
    if refused is not None:
        return "", TextFailure(source.item, source.place, *refused)
    try:
        return protect_blanks(rewrite_chemistry(source.text)), None
    except ChemistryFault as fault:
        rest = source.text[fault.offset :].split("\n", 1)[0][:40]
        return "", TextFailure(source.item, source.place, "chemistry", rest or fault.found)


def run_pandoc(job: dict[str, object]) -> list[list[dict[str, object]]]:
    """Return what the script makes of the job, for each of its targets; RuntimeError if pandoc itself fails."""
    return cast("list[list[dict[str, object]]]", answer_of(SCRIPT, job))


def absent_word(texts: Sequence[str]) -> str:
    """Return a word of letters and digits that stands in none of the texts.

    >>> absent_word(["qbankpicture0x"])
    'qbankpicture1x'
    """
    number = 0
    while any(f"qbankpicture{number}x" in text for text in texts):
        number += 1
    return f"qbankpicture{number}x"


def fragment_of(source: Source, result: dict[str, object], target: Target, word: str) -> Fragment:
    """Return one result of the script as a record, refused if its HTML holds what no text may hold.

    Pictures come in afterwards: a tag that draws one is never a text's own.
    """
    body = str(result["body"])
    found = cast("list[dict[str, str]]", result["failures"] or [])
    failures = [
        TextFailure(source.item, source.place, cast("Reason", one["reason"]), one["detail"]) for one in found
    ]
    if target == "html" and not failures and (unsafe := UNSAFE_HTML.search(body)):
        failures.append(TextFailure(source.item, source.place, "markup", unsafe[0]))
    if target == "typst" and TYPST_TABLE in body:
        mark = hashlib.sha256(body.encode("utf-8")).hexdigest()[:10]
        body = body.replace(TYPST_TABLE, f'align(center)[#fitted-table("table {mark}", ')
    return Fragment(NOTHING, failures=tuple(failures)) if failures else parted(body, result, word)


def convert_each(
    sources: Sequence[Source], targets: Sequence[Target], known: Collection[str] | None
) -> list[list[Fragment]]:
    """Return for each target each text converted, with its failures (500 texts: 0.7 s, two targets 1 s; 2,000 in one run of pandoc).

    known : the paths of those that can be shown; None where any can
    """
    ready = [prepared(source) for source in sources]
    if not ready:
        return [[] for _ in targets]
    texts = [
        {"text": text, "inline": source.inline} for source, (text, _) in zip(sources, ready, strict=True)
    ]
    word = absent_word([text for text, _ in ready])
    pictures: dict[str, object] = {"any": known is None, "known": dict.fromkeys(known or (), True), "word": word}
    found: list[list[dict[str, object]]] = [[] for _ in targets]
    for low in range(0, len(texts), TEXTS_A_RUN):
        run = run_pandoc({"targets": list(targets), "texts": texts[low : low + TEXTS_A_RUN], "pictures": pictures})
        for all_results, results in zip(found, run, strict=True):
            all_results += results
    return [
        [
            fragment_of(source, result, target, word) if failure is None else Fragment(NOTHING, failures=(failure,))
            for source, (_, failure), result in zip(sources, ready, results, strict=True)
        ]
        for target, results in zip(targets, found, strict=True)
    ]


def bodies_of(fragments: Sequence[Fragment], show: Show, language: Language) -> list[str]:
    """Return what the texts became; raise `UnprintableText` that names every text that could not be converted."""
    failures = [failure for fragment in fragments for failure in fragment.failures]
    if failures:
        raise UnprintableText(failures, language)
    return [fragment.shown(show) for fragment in fragments]


# Letters that pandoc leaves as they are, in the midst of a text: hanzi, Latin letters, digits and harmless signs.
_LETTERS = "\u4e00-\u9fffA-Za-z0-9，。、；：？（）《》“”％℃Δ"
_PLAIN = re.compile(rf"(?![0-9]+[.)])[{_LETTERS}](?:[{_LETTERS}/,.%+ ]*[{_LETTERS}.%])?|[{_LETTERS}]?")
_BRACKET = re.compile(r"（[\u3000]*）")
_LONG_RUN = re.compile(r"[A-Za-z0-9/,.%+]{40}")
KEPT_FRAGMENTS = 20_000
_kept: OrderedDict[tuple[Target, bool, str], Fragment] = OrderedDict()


def plain_fragment(text: str) -> str | None:
    """Return what pandoc would make of a text that holds nothing to convert, as Typst markup; None where it may.

    Two thirds of the texts of a paper are such; answer brackets become slots as the script makes them.

    >>> plain_fragment("碱度通常用（　　）表示。"), plain_fragment("$R$ 为"), plain_fragment("1. 石灰")
    ('碱度通常用#slot("（　　）");表示。', None, None)
    """
    if len(text) > MAX_CHARACTERS or "  " in text or "//" in text or "（ " in text or _LONG_RUN.search(text) or not _PLAIN.fullmatch(text.replace("\u3000", "（")):
        return None
    if "\u3000" in _BRACKET.sub("", text):
        return None
    return _BRACKET.sub(lambda found: f'#slot("{found[0]}");', text)


def convert(
    sources: Sequence[Source], target: Target, *, language: Language, media: Mapping[str, bytes] | None = None,
    drawn: bool = True,
) -> list[str]:  # fmt: skip
    """Return each text converted; raise `UnprintableText` that names every text that cannot be.

    media : the bytes of the pictures by the path that the texts name ; drawn : false where a picture is told in words
    """
    pictures = media or {}
    if drawn:
        known: Collection[str] | None = usable(pictures).keys()
        show = PICTURES[target](pictures)
    else:
        known, show = None, word_pictures(language)
    return bodies_of(fragments_of(sources, target, known), show, language)


def fragments_of(sources: Sequence[Source], target: Target, known: Collection[str] | None) -> list[Fragment]:
    """Return each text converted, or what is wrong with it; pandoc reads only what it has not read before.

    known : the paths of the pictures that can be shown; None where any can
    """
    fragments = [_known(source, target, known) for source in sources]
    first: dict[tuple[str, bool], Source] = {}
    for source, one in zip(sources, fragments, strict=True):
        if one is None:
            first.setdefault((source.text, source.inline), source)
    found = dict(zip(first, convert_each([*first.values()], [target], known)[0], strict=True))
    for (words, inline), one in found.items():
        _keep(words, target, one, inline=inline)
    return [
        _named(found[source.text, source.inline], source) if one is None else one
        for source, one in zip(sources, fragments, strict=True)
    ]


def _named(fragment: Fragment, source: Source) -> Fragment:
    """Return a fragment whose failures name the text that it is of: several texts may be the same words."""
    named = tuple(replace(failure, item=source.item, place=source.place) for failure in fragment.failures)
    return replace(fragment, failures=named) if named else fragment


def _known(source: Source, target: Target, known: Collection[str] | None) -> Fragment | None:
    """Return what a text became before, if all of its pictures can be shown now, or becomes without pandoc."""
    kept = _kept.get((target, source.inline, source.text))
    if kept is not None:
        there = not kept.pictures or known is None or all(path in known for path, _, _ in kept.pictures)
        return kept if there else None
    if target != "typst" or (plain := plain_fragment(source.text)) is None:
        return None
    one = Fragment((plain,))
    _keep(source.text, target, one, inline=source.inline)
    return one


def _keep(words: str, target: Target, fragment: Fragment, *, inline: bool) -> None:
    """Keep what a text became for the next paper."""
    if not fragment.failures:
        _kept[target, inline, words] = fragment
        if len(_kept) > KEPT_FRAGMENTS:
            _kept.popitem(last=False)


def html_fragments(texts: Sequence[str], *, language: Language = "zh") -> list[str]:
    """Return each Markdown text as HTML with MathML that no script can pass; one run of pandoc for all.

    Pictures are told in words. A failure names the text by its place in the sequence, counted from 1.
    """
    sources = [Source("", f"text {number}", text) for number, text in enumerate(texts, start=1)]
    return convert(sources, "html", language=language, drawn=False)


def typst_fragments(texts: Sequence[str], *, language: Language = "zh") -> list[str]:
    """Return each Markdown text as Typst markup; one run of pandoc for all, failures as in `html_fragments`.

    Pictures are told in words.
    """
    sources = [Source("", f"text {number}", text) for number, text in enumerate(texts, start=1)]
    return convert(sources, "typst", language=language, drawn=False)


def page_and_print_fragments(texts: Sequence[str], *, language: Language = "zh") -> tuple[list[str], list[str]]:
    """Return what `html_fragments` and `typst_fragments` give, the texts read once: two thirds of the time."""
    sources = [Source("", f"text {number}", text) for number, text in enumerate(texts, start=1)]
    told = word_pictures(language)
    pages, prints = convert_each(sources, ["html", "typst"], None)
    return bodies_of(pages, told, language), bodies_of(prints, told, language)
