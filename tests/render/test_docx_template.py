"""A centre's Word file: what serves (.docx, .dotx), what is refused, each with the code of its problem."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document

from qbank.render.docx import UnusableTemplate, render_docx
from tests.render.samples import en_paper
from tests.render.test_docx import bomb, changed, files_of, shown_text

TYPES = "[Content_Types].xml"
DOCUMENT = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
STYLES = b"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"


def archive_of(files: dict[str, bytes]) -> bytes:
    """Return files as a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def without_styles(data: bytes) -> bytes:
    files = {name: content for name, content in files_of(data).items() if name != "word/styles.xml"}
    files[TYPES] = files[TYPES].replace(STYLES, b"application/xml")
    return archive_of(files)


PRINTED = render_docx(en_paper(), "key")
MACROS = DOCUMENT.replace(b"openxmlformats-officedocument.wordprocessingml.document", b"ms-word.document.macroEnabled")
REFUSED = {
    "pdf": (b"%PDF-1.7", "Z502", "PDF"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Z502", ".doc"),
    "empty": (b"", "Z502", "''"),
    "excel": (changed(PRINTED, TYPES, DOCUMENT, DOCUMENT.replace(b"wordprocessingml.document", b"spreadsheetml.sheet")), "Z502", "Excel"),
    "open document": (archive_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), "Z502", "OpenDocument"),
    "another archive": (archive_of({"a.txt": b"a"}), "Z502", "ZIP"),
    "docm": (changed(PRINTED, TYPES, DOCUMENT, MACROS), "Z503", "vbaProject"),
    "docx with macros": (archive_of(files_of(PRINTED) | {"word/vbaProject.bin": b"x"}), "Z503", "vbaProject"),
    "bomb": (bomb(), "Z504", "120 MB"),
    "long": (b"PK" + b"\0" * 20_000_001, "Z504", "20 MB"),
    "many": (archive_of({f"{n}.xml": b"" for n in range(2001)}), "Z504", "2001"),
    "cut off": (PRINTED[: len(PRINTED) // 2], "Z501", "zip"),
    "no styles": (without_styles(PRINTED), "Z506", "styles.xml"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_template_is_refused_with_its_own_problem(name: str) -> None:
    data, code, found = REFUSED[name]
    with pytest.raises(UnusableTemplate) as caught:
        render_docx(en_paper(), "key", data)
    assert (caught.value.code, found in caught.value.detail) == (code, True), caught.value.detail


def test_a_template_that_fetches_from_elsewhere_is_refused_and_a_link_is_not() -> None:
    rels = "word/_rels/document.xml.rels"
    told = b'<Relationship Id="rId90" Type="http://x/%s" Target="http://x/" TargetMode="External"/></Relationships>'
    with pytest.raises(UnusableTemplate) as caught:
        render_docx(en_paper(), "key", changed(PRINTED, rels, b"</Relationships>", told % b"attachedTemplate"))
    assert caught.value.code == "Z505"
    assert "attachedTemplate" in caught.value.detail
    assert render_docx(en_paper(), "key", changed(PRINTED, rels, b"</Relationships>", told % b"hyperlink"))


def test_a_dotx_serves_and_what_is_printed_from_it_is_a_docx() -> None:
    template = changed(PRINTED, TYPES, DOCUMENT, DOCUMENT.replace(b"document.main", b"template.main"))
    with pytest.raises(ValueError, match="not a Word file"):
        Document(io.BytesIO(template))
    made = render_docx(en_paper(), "key", template)
    assert DOCUMENT in files_of(made)[TYPES]
    assert "SM4-2026" in shown_text(Document(io.BytesIO(made)).element.body)
    assert made == render_docx(en_paper(), "key", PRINTED)
