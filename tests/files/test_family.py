"""Family files: what is written is read, bytes stay as they were, and each change by hand is found; secrets of any length."""

from __future__ import annotations

import json
import stat
from dataclasses import fields, replace
from pathlib import Path

import pytest

from qbank.core.family import Family, FamilyCode
from qbank.files.family import (
    family_digest,
    family_text,
    read_family,
    read_secret,
    secret_check,
    write_family,
    write_secret,
)
from tests.core.test_family import tiny

LISTED = FamilyCode(3, 2, "papers compared one by one", "compared", listed=((0, 1, 2), (1, 0, 0)))


@pytest.mark.parametrize("family", [tiny(), tiny(code=LISTED), tiny(rules=(), apart=(), proven=(), theta=())])
def test_a_family_that_was_written_is_read_as_it_was(family: Family, tmp_path: Path) -> None:
    write_family(family, tmp_path / "a.family.json")
    assert read_family(tmp_path / "a.family.json") == (family, [])
    assert (tmp_path / "a.family.json").read_text("utf-8") == family_text(family)


def test_files_and_digests_stay_what_they_were() -> None:
    """Families that centres have were written so: with another digest none of them could be read any more."""
    assert family_digest(tiny()) == "d6069510b9a86784c737c8859f4652ce"
    text = family_text(tiny())
    assert text.startswith('{"format":1,"digest":"d6069510b9a86784c737c8859f4652ce","id":"small-1","blueprint":"small","title":"小卷",')
    assert text.endswith("}\n") and text.count("\n") == 1
    slots = json.loads(text)["slots"]
    assert ["size" in slot for slot in slots] == [False, True, False]


def another(value: object) -> object:
    """Return another value than a number, a truth or a text."""
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int | float) else f"{value}!"


def test_every_field_is_part_of_the_digest() -> None:
    others = {"code": LISTED, "slots": tiny().slots[:2], "rules": tiny().rules * 2, "apart": tiny().apart * 2, "proven": ("x",), "theta": (0.0,), "size": replace(tiny().size, most=1)}
    changed = {field.name: family_digest(tiny(**{field.name: others.get(field.name) or another(getattr(tiny(), field.name))})) for field in fields(Family)}
    assert family_digest(tiny()) not in changed.values()
    assert len(set(changed.values())) == len(fields(Family))
    assert all(len(digest) == 32 and set(digest) <= set("0123456789abcdef") for digest in changed.values())


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"format": 2}, "F601", "format 2"), ({"more": 1}, "F601", "more"), ({"title": None}, "F602", ""), ({"digest": "0" * 32}, "F602", ""),
        ({"size": {"words": 1}}, "F601", "TypeError"), ({"slots": 3}, "F601", "TypeError"), ({"code": {"no": 1}}, "F601", "TypeError"),
    ],
)  # fmt: skip
def test_a_file_that_was_changed_is_refused(change: dict[str, object], code: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.family.json"
    path.write_text(json.dumps(json.loads(family_text(tiny())) | change), "utf-8")
    found, (problem,) = read_family(path)
    assert found is None and problem.code == code
    detail = dict(problem.facts).get("detail", "")
    assert said in detail and len(detail) <= 120
    assert len(detail) == 120 or "size" not in change, "what Python says is cut short"


def test_a_file_without_a_field_names_it(tmp_path: Path) -> None:
    written = json.loads(family_text(tiny()))
    del written["level"]
    (tmp_path / "a").write_text(json.dumps(written), "utf-8")
    found, (problem,) = read_family(tmp_path / "a")
    assert found is None and (problem.code, dict(problem.facts)["detail"]) == ("F601", "KeyError: 'level'")


@pytest.mark.parametrize(("n", "good"), [(15, False), (16, True), (32, True), (64, True), (65, False), (0, False)])
def test_secrets_have_16_to_64_bytes(n: int, good: bool, tmp_path: Path) -> None:
    secret = bytes(range(n))
    write_secret(secret, tmp_path / "s")
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    found, problems = read_secret(tmp_path / "s")
    assert (found, [problem.code for problem in problems]) == ((secret, []) if good else (None, ["F614"]))


def test_what_is_no_secret_is_told(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b" " + b"ab" * 16 + b" \r\n")
    assert read_secret(tmp_path / "s") == (b"\xab" * 16, [])
    for wrong in (b"xy" * 16, "ａｂ".encode() * 16, b"abc" * 11):
        (tmp_path / "s").write_bytes(wrong)
        assert [problem.code for problem in read_secret(tmp_path / "s")[1]] == ["F614"]
    assert [problem.code for problem in read_secret(tmp_path / "none")[1]] == ["F603"]
    assert [problem.code for problem in read_secret(tmp_path)[1]] == ["F603"]


def test_the_check_of_a_secret_stays_what_it_was_and_tells_secrets_apart() -> None:
    every = {secret_check(bytes(n)) for n in range(16, 65)} | {secret_check(b"a" * 32), secret_check(b"a" * 31 + b"b")}
    assert len(every) == 51 and {len(found) for found in every} == {16}
    assert secret_check(bytes(range(32))) == "4ec32b0de5a9372b"
