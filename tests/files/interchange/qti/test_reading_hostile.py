"""Hostile and odd QTI packages: a Problem each, never a traceback, nothing outside the bank."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.interchange import parse_any
from qbank.files.interchange.qti.reading.as_written import as_written, restored
from tests.files.interchange.qti.test_reading import packed, read

HEAD = '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="a" title="a">'
KEY = (
    '<responseDeclaration identifier="R" cardinality="single" baseType="identifier"><correctResponse><value>x</value></correctResponse>'
    "</responseDeclaration>"
)
ASK = (
    '<choiceInteraction responseIdentifier="R" maxChoices="1"><simpleChoice identifier="x">一</simpleChoice>'
    '<simpleChoice identifier="y">二</simpleChoice></choiceInteraction>'
)


def item(body: str) -> str:
    return f"{HEAD}{KEY}<itemBody>{body}{ASK}</itemBody></assessmentItem>"


def codes(source: str | bytes, name: str = "a.xml") -> list[str]:
    drafts, problems = read(source, name)
    assert drafts == []
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    "head",
    ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>', "<!ENTITY x 'y'>"],
)
def test_entities_are_refused(head: str) -> None:
    assert codes(f"{head}{item('<p>&b;</p>')}") == ["I143"]


def test_a_document_type_that_only_names_a_dtd_is_passed_over_and_lines_stay_true() -> None:
    source = '<?xml version="1.0"?>\n<!DOCTYPE questestinterop SYSTEM\n "http://127.0.0.1:9/x.dtd">\n' + item("<p>题</p>")
    drafts, _ = read(source)
    assert drafts[0].span.line == 4


def test_a_zip_bomb_is_not_opened() -> None:
    assert codes(packed({"imsmanifest.xml": "<manifest/>", "a.xml": b" " * 50_000_000}), "a.zip") == ["I120"]


@pytest.mark.parametrize("name", ["../a.xml", "/../../etc/a.xml", "C:/a.xml", "x/..\\..\\a.xml"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    assert codes(packed({"imsmanifest.xml": "<manifest/>", name: item("<p>题</p>")}), "a.zip") == ["I121"]


def test_two_files_of_one_name_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("imsmanifest.xml", "<manifest/>")
        archive.writestr("a.xml", item("<p>一</p>"))
        archive.writestr("a.xml", item("<p>二</p>"))
    assert codes(out.getvalue(), "a.zip") == ["I121"]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" * 10)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [(png(60_000, 60_000), "X423"), (b"GIF89a", "X423"), (b"", "X423"),
     (b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>', "X423")],
)  # fmt: skip
def test_pictures_that_cannot_be_used_are_named(data: bytes, code: str) -> None:
    assert codes(packed({"imsmanifest.xml": "<manifest/>", "a.xml": item('<p><img src="p.png" alt="x"/></p>'), "p.png": data}), "a.zip") == [code]


@pytest.mark.parametrize("address", ["../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/a.png", "missing.png", "%2e%2e/%2e%2e/x"])
def test_a_picture_that_is_not_in_the_package_is_named_with_its_line(address: str) -> None:
    data = packed({"imsmanifest.xml": "<manifest/>", "q/a.xml": "\n" + item(f'<p>\n<img src="{address}" alt="x"/></p>')})
    _, problems = parse_any(data, "a.zip")
    assert [(problem.code, problem.span.path) for problem in problems if problem.severity == "error"] == [("I142", "a.zip/q/a.xml")]


def test_elements_too_deep_in_each_other_are_refused() -> None:
    assert codes(item("<div>" * 130 + "</div>" * 130)) == ["X422"]
    assert codes(item("<div>" * 5000 + "</div>" * 5000)) in (["X422"], ["I101"])


@pytest.mark.parametrize("text", ["]]&gt;", "&lt;b&gt;", "😀", "$5 *x*", "a" * 5_000, "&#xA0;　（　　）", "\\(x\\)"])
def test_odd_texts_are_kept(text: str) -> None:
    drafts, problems = read(item(f"<p>题{text}</p>"))
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert str(drafts[0].entries["stem"]).startswith("题")


def test_a_wide_file_takes_no_long_time() -> None:
    start = time.process_time()
    read(item("".join(f"<p>段 {n} <b>重</b> <i>斜</i></p>" for n in range(2_000))))
    read(item("<math xmlns='http://www.w3.org/1998/Math/MathML'>" + "<mi>x</mi>" * 5_000 + "</math>"))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("mathml", "latex"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^{2}"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", r"\frac{a+b}{2}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>", r"\sum_{i=1}^{n}i"),
        ("<mover><mi>v</mi><mo>→</mo></mover>", r"\vec{v}"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", r"\left( a,b\right) "),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr></mtable>", r"\begin{matrix}1 & 0\end{matrix}"),
        ("<mi>sin</mi><mi>θ</mi><mo>≤</mo><mn>50</mn><mo>%</mo>", r"\sin \theta \le 50\%"),
        ("<semantics><mi>x</mi><annotation encoding='application/x-tex'>w(\\mathrm{C})</annotation></semantics>", r"w(\mathrm{C})"),
    ],
)
def test_mathml_becomes_latex(mathml: str, latex: str) -> None:
    drafts, _ = read(item(f"<p><math xmlns='http://www.w3.org/1998/Math/MathML'>{mathml}</math></p>"))
    assert drafts[0].entries["stem"] == f"${latex.strip()}$"


DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ENTRIES = st.dictionaries(st.sampled_from(["stem", "key", "options", "marks", "tags"]), DATA.filter(lambda value: value is not None), max_size=4)


@settings(max_examples=200, deadline=None)
@given(written=ENTRIES, seen=ENTRIES)
def test_what_is_seen_otherwise_comes_back_as_it_was_written(written: dict[str, object], seen: dict[str, object]) -> None:
    from qbank.files.interchange.qti.reading.as_written import mark

    label = as_written(written, seen)
    back = restored(seen, " ".join(label.split()) if label else "")
    assert {key: mark(value) for key, value in back.items()} == {key: mark(value) for key, value in written.items()}


@pytest.mark.parametrize("label", ["as_written:", "as_written:[1]", 'as_written:{"stem":1}', 'as_written:{"stem":["x"]}', "as_written:" + "[" * 9000])
def test_a_broken_label_changes_nothing(label: str) -> None:
    assert restored({"stem": "题"}, label) == {"stem": "题"}


OLD = """<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><assessment ident="a" title="Quiz"><section ident="root_section">
{items}</section></assessment></questestinterop>"""
FIELD = "<qtimetadatafield><fieldlabel>{}</fieldlabel><fieldentry>{}</fieldentry></qtimetadatafield>"


def old(type: str, asked: str, conditions: str, stem: str = "题", more: str = "") -> str:
    fields = FIELD.format("question_type", type) + FIELD.format("points_possible", "2.0")
    return OLD.format(items=(
        f'<item ident="q"><itemmetadata><qtimetadata>{fields}</qtimetadata></itemmetadata><presentation><material>'
        f'<mattext texttype="text/html">{stem}</mattext></material>{asked}</presentation><resprocessing>{conditions}</resprocessing>{more}</item>'
    ))  # fmt: skip


def condition(test: str, score: str = "100", action: str = "Set") -> str:
    return f'<respcondition><conditionvar>{test}</conditionvar><setvar action="{action}" varname="SCORE">{score}</setvar></respcondition>'


def lid(name: str, cardinality: str, *options: str, material: str = "") -> str:
    labels = "".join(
        f'<response_label ident="{n}"><material><mattext>{text}</mattext></material></response_label>' for n, text in enumerate(options, start=1)
    )
    told = f"<material><mattext>{material}</mattext></material>" if material else ""
    return f'<response_lid ident="{name}" rcardinality="{cardinality}">{told}<render_choice>{labels}</render_choice></response_lid>'


ENTRY = '<response_str ident="r" rcardinality="Single"><render_fib fibtype="{}"><response_label ident="a"/></render_fib></response_str>'


@pytest.mark.parametrize(
    ("source", "kind", "body"),
    [
        (old("multiple_choice_question", lid("r", "Single", "一", "二"), condition('<varequal respident="r">2</varequal>')),
         "single", {"key": "B", "options": {"A": "一", "B": "二"}}),
        (old("true_false_question", lid("r", "Single", "True", "False"), condition('<varequal respident="r">2</varequal>')), "true_false", {"key": False}),
        (old("multiple_answers_question", lid("r", "Multiple", "一", "二", "三"), condition(
            '<and><varequal respident="r">1</varequal><not><varequal respident="r">2</varequal></not><varequal respident="r">3</varequal></and>')),
         "multiple", {"key": ["A", "C"], "credit": "balance"}),
        (old("short_answer_question", ENTRY.format(""), condition('<varequal respident="r">CaO</varequal><varequal respident="r">石灰</varequal>')),
         "fill", {"key": [["CaO", "石灰"]]}),
        (old("numerical_question", ENTRY.format("Decimal"), condition(
            '<or><varequal respident="r">3.14</varequal><and><vargte respident="r">3.13</vargte><varlte respident="r">3.15</varlte></and></or>')),
         "numeric", {"key": {"value": 3.14, "tolerance": 0.01}}),
        (old("matching_question", lid("r1", "Single", "甲", "乙", material="一") + lid("r2", "Single", "甲", "乙", material="二"),
             condition('<varequal respident="r1">2</varequal>', "50", "Add") + condition('<varequal respident="r2">1</varequal>', "50", "Add")),
         "matching", {"prompts": ["一", "二"], "key": ["B", "A"]}),
        (old("fill_in_multiple_blanks_question", lid("response_a", "Single", "红", material="a") + lid("response_b", "Single", "蓝", material="b"),
             condition('<varequal respident="response_a">1</varequal>', "50", "Add") + condition('<varequal respident="response_b">1</varequal>', "50", "Add"),
             stem="[a]与[b]"), "fill", {"key": ["红", "蓝"], "stem": "____与____"}),
    ],
    ids=["single", "true_false", "multiple", "fill", "numeric", "matching", "blanks"],
)  # fmt: skip
def test_questions_of_qti_1_2_become_items(source: str, kind: str, body: dict[str, object]) -> None:
    drafts, problems = read(source)
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert drafts[0].kind == kind and drafts[0].entries["marks"] == 2
    assert {key: drafts[0].entries[key] for key in body} == body


def test_a_formula_of_canvas_and_a_hint_are_kept() -> None:
    stem = "&lt;img class='equation_image' src='/equation_images/x' alt='LaTeX: x^2' data-equation-content='x^2'&gt; 是"
    shown = '<respcondition><conditionvar><varequal respident="r">1</varequal></conditionvar><displayfeedback linkrefid="1_fb"/></respcondition>'
    told = '<itemfeedback ident="1_fb"><flow_mat><material><mattext>不对</mattext></material></flow_mat></itemfeedback>'
    source = old("multiple_choice_question", lid("r", "Single", "一", "二"), shown + condition('<varequal respident="r">2</varequal>'), stem, told)
    entries = read(source)[0][0].entries
    assert entries["stem"] == "$x^2$ 是" and entries["misconception"] == {"A": "不对"}


@pytest.mark.parametrize("type", ["calculated_question", "file_upload_question"])
def test_types_without_a_kind_are_named(type: str) -> None:
    assert codes(old(type, ENTRY.format(""), "")) == ["X439"]
