"""Bytes thrown at the readers: whatever comes in, problems come out, soon, and never an exception.

`python benchmarks/fuzz.py [--case reader|standard|csv|…] [--seconds 600] [--seed N] [--json] [--keep FOLDER]`
(`--target` is another word for `--case`). Sound files are damaged at random — bits, stretches, copies, borders of
numbers, pieces of other files, words of the format — and each is read in this process. An exception, or more than five
seconds, is a finding; its input is kept in the folder.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

HANG_SECONDS = 5.0
MAX_INPUT = 200_000
Target = Callable[[bytes], object]
EDGES = [b"0", b"-1", b"1e999", b"9" * 400, b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\x85", b"\xe2\x80\xa8", b"\xed\xa0\x80"]
YAML_WORDS = [b": ", b"- ", b"\n  ", b"\n", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!!x ", b"? ", b"|\n", b">-\n", b"'", b'"', b"#", b"---\n",
              b"{{", b"}}", b"$", b"____", b"![a](media/x.svg)", b"kind: case", b"kind: fill", b"kind: task", b"parts:", b"key: [A]",
              b"parameters: {x: {from: 0, to: 9}}", b"{{ x / 0 }}", b"{{ 9 ** 9 ** 9 }}", b"formula: '9**9**9'", b"# allow: W101 x"]  # fmt: skip
TEXT_WORDS = [b"{", b"}", b"=", b"~", b"#", b"->", b"::", b"%50%", b"ANSWER: ", b"\n\n", b"//", b"\\", b"<", b">", b"</", b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
              b"&a;", b"<![CDATA[", b"]]>", b'"', b",", b"\t", b"=1+1", b"##\xe7\xbb\x93\xe6\x9d\x9f\xe7\xac\xa6", b"PK\x03\x04"]  # fmt: skip
ELEMENT = re.compile(rb"<(\w+)[^<>]*>[^<>]*</\1>")
TEXT_OR_VALUE = re.compile(rb"(?<=>)[^<>]*(?=</)|(?<==\")[^\"<>]*(?=\")")
UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Hang(BaseException):
    """Reading took too long; no reader catches this by accident."""


def mutated(rng: random.Random, corpus: list[bytes], words: list[bytes]) -> bytes:
    """Return one of the sound files after some damage; of XML mostly damage that its parser passes on."""
    sound = rng.choice(corpus)
    if sound.startswith(b"<?xml") and rng.random() < 0.8:
        return damaged_texts(rng, sound, words)
    return damaged(rng, sound, corpus, words)


def damaged_texts(rng: random.Random, sound: bytes, words: list[bytes]) -> bytes:
    """Return XML in which some texts and values of attributes are damaged, and some elements are gone or there twice."""
    data = sound
    for _ in range(1 << rng.randint(0, 3)):
        if rng.random() < 0.2:
            elements = list(ELEMENT.finditer(data))
            start, end = rng.choice(elements).span()
            data = data[:start] + data[start:end] * rng.choice((0, 2)) + data[end:]
        texts = [match for match in TEXT_OR_VALUE.finditer(data) if b"xml" not in data[match.start() - 20 : match.start()]]
        match = rng.choice(texts)
        text = damaged(rng, match.group(), [match.group() for match in texts], words).decode("utf-8", "replace")
        text = UNPRINTABLE.sub("", text)
        data = data[: match.start()] + escape(text).encode() + data[match.end() :]
    return data[:MAX_INPUT]


def damaged(rng: random.Random, sound: bytes, corpus: list[bytes], words: list[bytes]) -> bytes:
    """Return some bytes after 1 to 32 damages."""
    data = bytearray(sound)
    if len(data) > 4000 and rng.random() < 0.5:
        start = rng.randrange(len(data) - 2000)
        data = data[start : start + rng.randint(200, 4000)] if rng.random() < 0.3 else data
    for _ in range(1 << rng.randint(0, 5)):
        at = rng.randint(0, len(data))
        match rng.randrange(8):
            case 0 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randint(1, 1 << rng.randint(0, 9))]
            case 2:
                data[at:at] = rng.choice(words)
            case 3:
                data[at:at] = rng.choice(EDGES)
            case 4:
                length = rng.randint(1, 1 << rng.randint(0, 8))
                start = rng.randint(0, len(data))
                data[at:at] = data[start : start + length] * rng.choice((1, 1, 2, 30))
            case 5:
                other = rng.choice(corpus)
                start = rng.randint(0, len(other))
                data[at : at + rng.randint(0, 200)] = other[start : start + rng.randint(1, 200)]
            case 6:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case _:
                word = rng.choice(words)
                data[at : at + len(word)] = word
    return bytes(data[:MAX_INPUT])


def bank_target(file: str) -> tuple[Target, list[bytes], list[bytes]]:
    """Return checking a small bank one of whose files is the input, whole check included, and sound files."""
    from qbank.kinds import KINDS
    from qbank.kinds.skeleton import item_skeleton
    from qbank.workflow.bank import check_bank
    from tests.corpus import CORPUS
    from tests.files.sound import BANK, ITEMS, SOUND, STANDARD, write_bank

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    root = write_bank(folder / "bank", SOUND)

    def check(data: bytes) -> object:
        (root / file).write_bytes(data)
        return check_bank(root)

    stubs = [item_skeleton(kind, "zh", id=f"N-{kind}", competency="A-001", title="", level=4) for kind in KINDS]
    bare = [stub.replace("# ", "", 12) for stub in stubs]
    corpora = {
        "items/a.yaml": [ITEMS, *("items:\n" + stub for stub in stubs), *("items:\n" + stub for stub in bare)],
        "standard.yaml": [STANDARD], "bank.yaml": [BANK, BANK + "references: [{title: a, edition: '2020'}]\n"],
    }  # fmt: skip
    corpus = [text.encode() for text in corpora[file]]
    if file == "items/a.yaml":
        corpus += [path.read_bytes() for path in sorted((CORPUS / "banks").rglob("items/**/*.yaml"))[:12]]
    return check, corpus, YAML_WORDS


def blueprint_target() -> tuple[Target, list[bytes], list[bytes]]:
    """Return reading a blueprint."""
    from qbank.files.blueprint import read_blueprint
    from tests.corpus import CORPUS

    path = Path(tempfile.mkdtemp(prefix="fuzz-")) / "b.yaml"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        return read_blueprint(path)

    return read, [path.read_bytes() for path in sorted((CORPUS / "blueprints").glob("*.yaml"))], YAML_WORDS


def picture_target() -> tuple[Target, list[bytes], list[bytes]]:
    """Return reading a picture's bytes."""
    from qbank.core.picture import read_picture
    from tests.pictures import png

    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9mm" viewBox="0 0 9 9"><path d="M0 0h9"/><use href="#a"/></svg>'
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x00\x09\x00\x09\x03\x01\x22\x00\xff\xd9"
    return read_picture, [svg, png(9, 9), jpeg], [*TEXT_WORDS, b"url(", b"data:image/png;base64,", b"style=", b"<use/>"]


def import_target(format: str) -> tuple[Target, list[bytes], list[bytes]]:
    """Return reading a file of another program."""
    from qbank.files.interchange import parse_bytes

    def read(data: bytes) -> object:
        return parse_bytes(format, data, f"x.{format}")

    return read, import_corpus(format), TEXT_WORDS


def sheet_target() -> tuple[Target, list[bytes], list[bytes]]:
    """Return reading a workbook whose sheet or shared texts are the input: damaged bytes of a ZIP seldom get that far."""
    import io
    import zipfile

    from qbank.files.interchange import parse_bytes

    with zipfile.ZipFile(io.BytesIO(workbook())) as book:
        parts = {name: book.read(name) for name in book.namelist()}

    def read(data: bytes) -> object:
        buffer = io.BytesIO()
        damaged = "xl/sharedStrings.xml" if b"<sst" in data[:300] else "xl/worksheets/sheet1.xml"
        with zipfile.ZipFile(buffer, "w") as book:
            for name, content in parts.items():
                book.writestr(name, data if name == damaged else content)
        return parse_bytes("xlsx", buffer.getvalue(), "x.xlsx")

    words = [*TEXT_WORDS, b'<c r="XFD1048576" t="s"><v>', b"<v>99999999</v>", b't="e"', b"<f>1/0</f>", b"</row>", b'r="A1"']
    return read, [parts["xl/worksheets/sheet1.xml"], parts["xl/sharedStrings.xml"]], words


def import_corpus(format: str) -> list[bytes]:
    """Return sound files of a format: those that the tests hold, else a few lines of it."""
    lines = {
        "gift": "::Q1:: 炉渣碱度是{=CaO/SiO2 ~SiO2/CaO #对 ~%50%MgO}\n\n真{TRUE}\n\n数{#3.14:0.01}\n\n配{=a -> b =c -> d}\n\n空{=x =%50%y}\n",
        "aiken": "铁水的主要成分是什么？\nA. 铁\nB. 铜\nANSWER: A\n\n下一题\nA) x\nB) y\nANSWER: B\n",
        "moodle": '<?xml version="1.0" encoding="UTF-8"?><quiz><question type="multichoice"><name><text>a</text></name><questiontext format="html">'
                  '<text><![CDATA[<p>题 \\(x^2\\)</p>]]></text></questiontext><single>true</single><answer fraction="100"><text>对</text></answer>'
                  '<answer fraction="0"><text>错</text></answer></question><question type="numerical"><questiontext><text>n</text></questiontext>'
                  '<answer fraction="100"><text>3</text><tolerance>0.1</tolerance></answer></question>'
                  '<question type="truefalse"><questiontext><text>t</text></questiontext><answer fraction="100"><text>true</text></answer>'
                  '<answer fraction="0"><text>false</text></answer></question><question type="matching"><questiontext><text>m</text></questiontext>'
                  '<subquestion><text>碳</text><answer><text>C</text></answer></subquestion><subquestion><text>硅</text><answer><text>Si</text>'
                  '</answer></subquestion><defaultgrade>2</defaultgrade></question><question type="shortanswer"><questiontext><text>s ____</text>'
                  '</questiontext><usecase>0</usecase><answer fraction="100"><text>脱碳</text></answer></question><question type="essay">'
                  '<questiontext format="markdown"><text>e</text></questiontext><graderinfo><text>g</text></graderinfo></question>'
                  '<question type="cloze"><questiontext><text>{1:SHORTANSWER:=脱碳~%50%造渣} {2:NUMERICAL:=3:0.1}</text></questiontext></question>'
                  '<question type="category"><category><text>$course$/A</text></category></question></quiz>',
        "csv": "题型,题干,答案,选项A,选项B,知识点一级,难度,分数,解析,出处\n单选,铁水是什么,A,铁,铜,A-001,易,1,见书,教材\n判断,水往低处流,对,,,A-001,2,1,,\n",
        "legacy": "1．铁水的主要成分是（ ）。\nA、铁 B、铜\n答案：A\n##结束符\n判断题\n1．水往低处流。（√）\n##结束符\n",
    }  # fmt: skip
    if format == "xlsx":
        return [workbook()]
    text = lines.get(format, lines["csv"])
    if format == "moodle":
        return [text.encode(), text.replace("><", ">\n<").encode(), text.encode("utf-16")]
    return [text.encode(), text.encode("gb18030"), "\ufeff".encode() + text.encode(), text.encode("utf-16")]


def workbook() -> bytes:
    """Return a small XLSX file."""
    import io

    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("题库")
        for row, line in enumerate(import_corpus("csv")[0].decode().splitlines()):
            sheet.write_row(row, 0, line.split(","))
    return buffer.getvalue()


def answers_target(name: str) -> tuple[Target, list[bytes], list[bytes]]:
    """Return reading a file of answers to a paper with every kind of item, its problems said in both languages."""
    from qbank.files.answers import Reading, read_answers
    from qbank.kinds.answer_texts import answer_texts
    from qbank.messages import LANGUAGES, problem_hint, problem_message
    from tests.files.answers.papers import every_kind
    from tests.files.answers.sound_files import corpus

    form, bank = every_kind()
    texts = answer_texts((form,), bank)
    path = Path(tempfile.mkdtemp(prefix="fuzz-")) / "answers"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        found, problems = read_answers(path, (form,), "S", reading=Reading(), texts=texts)
        for problem in problems:
            for language in LANGUAGES:
                problem_message(problem, language)
                problem_hint(problem, language)
        assert (found is None) == any(problem.severity == "error" for problem in problems)
        return found

    words = [*TEXT_WORDS, "√".encode(), "缺考".encode(), b"K-8.step1@a", b"Response 1", b"Q. 1 /1.00", b"person", b"item", b"rater", "否定".encode()]
    return read, corpus(name), words


ANSWERS = ("answers-csv", "answers-xlsx", "answers-parquet", "qti-results", "moodle-responses", "ratings")


def targets() -> dict[str, Callable[[], tuple[Target, list[bytes], list[bytes]]]]:
    """Return every reader by name; those of other programs' files as far as this version reads them."""
    found: dict[str, Callable[[], tuple[Target, list[bytes], list[bytes]]]] = {
        "reader": lambda: bank_target("items/a.yaml"), "standard": lambda: bank_target("standard.yaml"),
        "bank": lambda: bank_target("bank.yaml"), "blueprint": blueprint_target, "picture": picture_target,
    }  # fmt: skip
    with contextlib.suppress(ImportError):
        from qbank.files.interchange import READERS

        found |= {format: (lambda format=format: import_target(format)) for format in READERS}
        found["sheet"] = sheet_target
    return found | {name: (lambda name=name: answers_target(name)) for name in ANSWERS}


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """End the block with `Hang` where it takes longer; where there is no alarm clock, only the time is taken."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def measure(name: str, seconds: float, seed: int, keep: Path) -> dict[str, object]:
    """Return how many inputs were read in the time, and what was found; equal findings count once."""
    read, corpus, words = targets()[name]()
    rng = random.Random(seed)
    findings: dict[str, str] = {}
    n_inputs, slowest = 0, 0.0
    begin, cpu = time.monotonic(), time.process_time()
    while time.monotonic() - begin < seconds:
        data = mutated(rng, corpus, words) if n_inputs >= len(corpus) else corpus[n_inputs]
        n_inputs += 1
        one = time.monotonic()
        try:
            with alarm(HANG_SECONDS):
                read(data)
            found = "" if time.monotonic() - one < HANG_SECONDS else "slow"
        except Hang:
            found = "hang"
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as fault:  # a panic of a compiled library is no Exception
            last = traceback.extract_tb(fault.__traceback__)[-1]
            found = f"{type(fault).__name__} at {Path(last.filename).name}:{last.lineno}"
        slowest = max(slowest, time.monotonic() - one)
        if found and found not in findings:
            keep.mkdir(parents=True, exist_ok=True)
            path = keep / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            findings[found] = str(path)
    return {
        "case": name, "seed": seed, "cpu_s": round(time.process_time() - cpu, 1),
        "wall_s": round(time.monotonic() - begin, 1), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "inputs": n_inputs, "slowest_s": round(slowest, 2), "findings": findings,
    }  # fmt: skip


def main() -> None:
    """Print one line, or one JSON object, a reader; end with 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", "--target", dest="case", choices=sorted(targets()))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    words = parser.parse_args()
    failed = False
    for name in [words.case] if words.case else targets():
        found = measure(name, words.seconds, words.seed, words.keep)
        failed |= bool(found["findings"])
        line = json.dumps(found, ensure_ascii=False) if words.json else "  ".join(f"{key} {value}" for key, value in found.items())
        print(line, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
