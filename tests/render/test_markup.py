"""Texts from outside are data: what passes, what becomes letters, and what is refused with the item's name."""

from __future__ import annotations

import os
import re
import time

import pytest

from qbank.core.chemistry import latex_of_chemistry, rewrite_chemistry
from qbank.render.failure import UnprintableText
from qbank.render.markup import (
    MAX_CHARACTERS,
    Source,
    Target,
    convert,
    html_fragments,
    page_and_print_fragments,
    typst_fragments,
)

TARGETS: tuple[Target, ...] = ("typst", "html")


def converted(text: str, target: Target = "typst", *, inline: bool = False) -> str:
    return convert([Source("Q-1", "stem", text, inline)], target, language="en")[0]


def refused(text: str, target: Target = "typst") -> list[str]:
    with pytest.raises(UnprintableText) as caught:
        converted(text, target)
    assert all(failure.item == "Q-1" and failure.place == "stem" for failure in caught.value.failures)
    return [failure.reason for failure in caught.value.failures]


def test_a_formula_carries_its_source_as_alternative_text() -> None:
    assert converted("$a_1$") == '#formula("a_1", $a_1$);'
    assert converted("$$a$$").startswith('#display("a", $ a $);')


def test_html_formulae_are_mathml() -> None:
    assert "<msub><mi>a</mi><mn>1</mn></msub>" in converted("$a_1$", "html")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"$\foo{x}$", "formula"),
        (r"$\input{/etc/passwd}$", "formula"),
        (r"$\def\a{b}\a$", "formula"),
        (r"求 \frac{1}{2}", "macro"),
        (r"\input{/etc/passwd}", "macro"),
        (r"$\ce{H2O$", "chemistry"),
        (r"$\ce{\foo}$", "chemistry"),
        ("![x](/etc/passwd)", "image"),
        ("![x](https://example.org/a.png)", "image"),
        ("$" + "{" * 500 + "x" + "}" * 500 + "$", "nesting"),
        ("$" + r"\frac{1}{" * 100 + "x" + "}" * 100 + "$", "nesting"),
        ("> " * 3000 + "x", "nesting"),
        ("字" * (MAX_CHARACTERS + 1), "length"),
    ],
)
def test_what_cannot_be_printed_is_refused_by_name(text: str, reason: str, target: Target) -> None:
    assert reason in refused(text, target)


@pytest.mark.parametrize(
    ("text", "typst"),
    [
        ('#import "x.typ": *', '\\#import "x.typ": \\*'),
        ('#read("/etc/passwd")', '\\#read("/etc/passwd")'),
        ("`x`{=typst}", "`x`{=typst}"),
        ("[here](http://example.org)", "here"),
        ("<b>x</b>", "\\<b\\>x\\</b\\>"),
    ],
)
def test_code_from_outside_becomes_letters(text: str, typst: str) -> None:
    assert converted(text).replace('\\"', '"') == typst


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<svg onload=alert(1)>",
        "[x](javascript:alert(1))",
        '<a href="javascript:alert(1)">x</a>',
        "```{=html}\n<script>alert(1)</script>\n```",
        "<!-- --><script>\nalert(1)\n</script>",
        "$\\text{<script>alert(1)</script>}$",
        "&lt;script&gt;",
    ],
)
def test_no_script_passes_into_html(text: str) -> None:
    html = html_fragments([text])[0]
    tags = set(re.findall(r"<\s*/?\s*([^\s>/]*)", html))
    assert tags <= {"p", "code", "pre", "math", "semantics", "mtext", "annotation"}
    assert not re.search(r"<[^>]*(?:href|src|on\w+)\s*=", html)


def test_one_text_never_reaches_into_the_next() -> None:
    texts = ["```\nopen", "[1]: http://example.org", "see [1]", "::: {.x}", "$a", "b$"]
    fragments = html_fragments(texts)
    assert fragments[2] == "see [1]"
    assert fragments[4:] == ["$a", "b$"]
    assert "see" not in fragments[0]


def test_a_text_cannot_forge_the_cut_between_texts() -> None:
    texts = ["qbank-cut-0-", "```\nqbank-cut-1-\n```", "last"]
    assert convert([Source("", "t", text) for text in texts], "typst", language="en")[2] == "last"


@pytest.mark.parametrize("option", ["- 5", "1. x", "+ 5", "# x", "= x", "/ x", "-", "> 5", "1500~1600"])
def test_an_option_never_begins_a_list_or_a_heading(option: str) -> None:
    body = converted(option, "html", inline=True)
    assert body.replace("&gt;", ">") == option
    assert re.match(r"#none;|\\|\w", converted(option, inline=True))


def test_answer_blanks_survive_markdown() -> None:
    assert converted("是（　　）。") == '是#slot("（　　）");。'
    assert converted("a (   ) b") == 'a #slot("(\u00a0\u00a0\u00a0)"); b'
    assert converted("，____和____。") == "，#blank(4);和#blank(4);。"
    assert converted("，____和____。", "html") == "，____和____。"


def test_a_call_never_swallows_the_words_after_it() -> None:
    assert converted("$x$(y)[z].body") == '#formula("x", $x$);\\(y)\\[z\\].body'


def test_all_failures_are_named_at_once() -> None:
    sources = [Source("Q-1", "stem", r"$\foo$"), Source("Q-2", "option A", r"$\bar$ ![](x)")]
    with pytest.raises(UnprintableText) as caught:
        convert(sources, "typst", language="zh")
    assert {(failure.item, failure.reason) for failure in caught.value.failures} >= {
        ("Q-1", "formula"),
        ("Q-2", "image"),
    }
    assert "Q-1（stem）：无法识别的公式" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "latex"),
    [
        ("H2SO4", r"\mathrm{H}_{2}\mathrm{SO}_{4}"),
        ("SO4^2-", r"\mathrm{SO}_{4}^{2-}"),
        ("Fe^{3+}", r"\mathrm{Fe}^{3+}"),
        ("Na+", r"\mathrm{Na}^{+}"),
        ("Ca(OH)2", r"\mathrm{Ca}(\mathrm{OH})_{2}"),
        ("CuSO4*5H2O", r"\mathrm{CuSO}_{4}\cdot 5\,\mathrm{H}_{2}\mathrm{O}"),
        ("1/2O2", r"\frac{1}{2}\,\mathrm{O}_{2}"),
        ("[C] + [O] = CO ^", r"[\mathrm{C}] + [\mathrm{O}] = \mathrm{CO} \uparrow"),
        ("A <=> B", r"\mathrm{A} \rightleftharpoons \mathrm{B}"),
        ("A->B", r"\mathrm{A} \rightarrow \mathrm{B}"),
        ("A ->[高温] B", r"\mathrm{A} \overset{\text{高温}}{⟶} \mathrm{B}"),
        ("A ->[x y][z] B", r"\mathrm{A} \underset{\mathrm{z}}{\overset{\text{x y}}{⟶}} \mathrm{B}"),
    ],
)
def test_chemistry_becomes_plain_latex(source: str, latex: str) -> None:
    assert latex_of_chemistry(source) == latex
    assert rewrite_chemistry(rf"$\ce{{{source}}}$") == f"${{{latex}}}$"


@pytest.mark.parametrize("source", ["H_{2", "A ~ B", "$x", "#1", r"\alph", "CO+O2", "(CaO", "CaO]", "FeO1.5", "H^2^3", "A ->[x B", r"\frac{1}"])
def test_chemistry_that_is_not_covered_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        latex_of_chemistry(source)


def test_five_hundred_texts_take_one_short_run() -> None:
    texts = [f"第 {n} 题：碱度 $R_{{{n}}}$ 为（　　）。" for n in range(500)]
    start = time.process_time()
    began = os.times()
    assert len(html_fragments(texts)) == 500
    assert time.process_time() - start < 2.0
    ended = os.times()
    assert ended.children_user + ended.children_system - began.children_user - began.children_system < 10.0


TOGETHER = ["炉渣碱度 $R=\\frac{a}{b}$ 为（  ）____", "1. a\n2. b", "- x", "![图](a.png) 看", "| a | b |\n|---|---|\n| 1 | $x$ |", "*a* <b>", ""]


def test_page_and_print_together_are_each_of_them_alone() -> None:
    together = page_and_print_fragments(TOGETHER)
    assert together == (html_fragments(TOGETHER), typst_fragments(TOGETHER))


@pytest.mark.parametrize("wrong", ["$\\nosuchmacro{x}$", "$\\frac{a$", "![](a.png)", "a \\ce b"])
def test_what_fails_alone_fails_together_in_the_same_words(wrong: str) -> None:
    said = []
    for fragments in (html_fragments, page_and_print_fragments):
        with pytest.raises(UnprintableText) as failed:
            fragments(["sound $x$", wrong])
        said.append(str(failed.value))
    assert said[0] == said[1]
