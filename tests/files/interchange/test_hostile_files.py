"""Nothing that somebody hands in ends in a traceback, a long wait or a file outside the bank."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.interchange import READERS, parse_any, parse_bytes
from qbank.messages import problem_hint, problem_message
from tests.files.interchange.test_readers import AIKEN, GIFT, LEGACY, MOODLE, book

TABLE = '试题GUID,题型,题干,答案,选项A,选项B,知识点一级,难度,分数,其他字段(JSON)\ng1,单选,"题,目",A,甲,乙,造渣,2,1,"{""pin"": [""A""]}"\ng2,判断,题,对,,,造渣,3,1,\n'
QTI = """<?xml version="1.0"?><assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="a" title="a">
<responseDeclaration identifier="R" cardinality="single" baseType="identifier"><correctResponse><value>x</value></correctResponse>
</responseDeclaration><itemBody><p>水 <math xmlns="http://www.w3.org/1998/Math/MathML"><msub><mi>H</mi><mn>2</mn></msub></math></p>
<choiceInteraction responseIdentifier="R" maxChoices="1"><simpleChoice identifier="x">一</simpleChoice>
<simpleChoice identifier="y">二</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""
CANVAS = """<questestinterop><assessment ident="a"><section ident="s"><item ident="i" title="t"><presentation>
<material><mattext texttype="text/html">&lt;p&gt;水 \\(x\\)&lt;/p&gt;</mattext></material><response_lid ident="r" rcardinality="Single">
<render_choice><response_label ident="1"><material><mattext>一</mattext></material></response_label><response_label ident="2"><material>
<mattext>二</mattext></material></response_label></render_choice></response_lid></presentation><resprocessing><respcondition><conditionvar>
<varequal respident="r">2</varequal></conditionvar><setvar>1</setvar></respcondition></resprocessing></item></section></assessment>
</questestinterop>"""
VALID: dict[str, bytes] = {
    "xlsx": book([["题干", "答案", "题型"], ["水往低处流。", "对", "判断"]]), "csv": TABLE.encode(), "legacy": LEGACY.encode(),
    "gift": GIFT.encode(), "aiken": AIKEN.encode(), "moodle": MOODLE.encode(),
    "qti": QTI.encode(), "canvas": CANVAS.encode(),
}  # fmt: skip
SECONDS = 5.0
MANY = 300_000


def sound(format: str, data: bytes) -> list[str]:
    """Read the bytes; every problem must have words, and it must not take long. Return the codes."""
    start = time.process_time()
    _, problems = parse_bytes(format, data, f"in.{format}")
    assert time.process_time() - start < SECONDS
    for problem in problems:
        for language in ("zh", "en"):
            assert problem_message(problem, language) and problem_hint(problem, language)  # type: ignore[arg-type]
        assert problem.span.line >= 0 and problem.span.column >= 0
    return [problem.code for problem in problems]


def test_every_reader_has_a_valid_file_here() -> None:
    assert set(VALID) == set(READERS)
    for format, data in VALID.items():
        assert parse_bytes(format, data, "x")[0], format


@pytest.mark.parametrize("format", sorted(VALID))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_mutated_files_give_problems_at_worst(format: str, data: st.DataObject) -> None:
    source = bytearray(VALID[format])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(source)))
        change = data.draw(st.sampled_from(["insert", "delete", "double", "flip"]))
        if change == "insert":
            source[at:at] = data.draw(st.binary(max_size=8) | st.sampled_from([b"{", b"}", b'"', b"<", b"\x00", b"##", b"=", "；".encode()]))
        elif change == "delete":
            del source[at : at + data.draw(st.integers(1, 40))]
        elif change == "double":
            source[at:at] = source[at : at + 60]
        elif at < len(source):
            source[at] ^= 1 << data.draw(st.integers(0, 7))
    sound(format, bytes(source))


@pytest.mark.parametrize("format", sorted(VALID))
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_give_problems_at_worst(format: str, data: bytes) -> None:
    sound(format, data)
    parse_any(data, "x.bin")


@pytest.mark.parametrize("format", sorted(VALID))
@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00" * 100, b"\xff\xfe", b"{" * MANY, b"=" * MANY, b"~" * MANY, b"\\" * MANY, b"::" * MANY, b'"' * MANY, b"<" * MANY,
        b"<a>" * 100_000, ("题目:" * 50_000).encode(), b"A. x\n" * 50_000, b"x" * 5_000_000, "题干,题型,答案\n".encode() + b"," * MANY,
        "题干,题型,答案\n".encode() + b"x\n" * 50_000, b"[id:" * 50_000, b"a {=b\n\n" * 30_000, b"%" * MANY, b"a{#" + b"1" * MANY + b"}",
        b"a{=" + b"\\" * MANY + b"}", b"A." * MANY, ("##结束符" * 20_000).encode(),
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_monsters_are_told_quickly(format: str, data: bytes) -> None:
    assert sound(format, data) or format in ("legacy", "csv", "gift")


BOMB = '<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY b{n} "{"&a;" * 10}">' for n in range(9)
) + "]><quiz><question type='essay'><name><text>&b8;</text></name></question></quiz>"
OUTSIDE = '<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>'


@pytest.mark.parametrize("source", [BOMB, OUTSIDE, "<!doctype html><quiz/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_entities_is_refused_by_name(source: str, encoding: str) -> None:
    assert sound("moodle", source.encode(encoding)) == ["I143"]


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return buffer.getvalue()


def test_a_zip_bomb_is_not_unpacked() -> None:
    assert sound("xlsx", archive({"xl/worksheets/sheet1.xml": b"0" * 60_000_000})) == ["I120"]


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(archive({"xl/worksheets/sheet1.xml": b"0" * 5_000_000, "[Content_Types].xml": b"x"}))
    size = (5_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    assert sound("xlsx", bytes(data).replace(size, (100).to_bytes(4, "little"))) == ["I101"]


@pytest.mark.parametrize("name", ["../../evil", "a/../../b", "C:\\x", "..\\x"])
def test_names_that_lead_out_of_an_archive_are_refused(name: str) -> None:
    assert sound("xlsx", archive({name: b"x"})) == ["I121"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x.svg", "media/../../x.svg", "media/.x.png", "a\x00b.png", "C:\\a.png"])
def test_pictures_never_leave_the_media_folder(name: str) -> None:
    from qbank.files.interchange.media_names import bank_path

    path = bank_path(name, b"x")
    assert path.startswith("media/") and ".." not in path and "\x00" not in path and "\\" not in path and "/." not in path


def test_an_embedded_script_is_no_picture() -> None:
    import base64

    evil = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>x</script></svg>').decode()
    source = MOODLE.split("<file")[0] + f'<file name="a.svg" path="/" encoding="base64">{evil}</file>' + MOODLE.split("</file>")[1]
    assert "I145" in sound("moodle", source.encode())
