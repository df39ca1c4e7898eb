"""seal: papers and keys into encrypted archives, with what is needed to open them, and a row in the ledger."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank import __version__
from qbank.files.disk import write_bytes, write_text
from qbank.files.paths import shown_path
from qbank.files.sealing.keys import key_of, new_key, public_path, read_recipients, write_key
from qbank.files.sealing.manifest import (
    Manifest,
    PackedFile,
    Part,
    manifest_text,
    parse_manifest,
    plain_words,
)
from qbank.files.sealing.pack import Source, gathered, hashed, remove, write_package
from qbank.files.sealing.receipt import SUFFIX, Receipt, SealedArchive, receipt_text
from qbank.files.sealing.shares import Share, joined_key, secret_key_of, share_rows, shares_of
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.sealing_parts import forms_among, packed_form, place_of
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Sealing:
    """How to seal.

    to : who opens the archives ; keys_to : who opens that of the keys instead ; shares : k and n of a fresh key that is
    split, one for each archive ; out : the archive, or what both are named after ; together : one archive for all ;
    keys : files that hold keys whatever they are called ; not_before : a day, as a statement
    """

    to: tuple[str, ...] = ()
    keys_to: tuple[str, ...] = ()
    shares: tuple[int, int] | None = None
    out: Path = Path("exam.age")
    together: bool = False
    keys: tuple[Path, ...] = ()
    sitting: str = ""
    who: str = ""
    not_before: str = ""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """One archive: where it is, what it is from outside, its manifest, the sheets of its shares."""

    path: Path
    archive: SealedArchive
    manifest: Manifest
    shares: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The archives, and the receipt that may travel openly."""

    parts: tuple[SealedPart, ...]
    receipt: Path
    recorded: bool


@dataclass(frozen=True, slots=True)
class MadeKey:
    """path : of the identity file ; public_path : of the public half ; recipient : that half, ``age1…``"""

    path: Path
    public_path: Path
    recipient: str


def make_key(name: str) -> tuple[MadeKey | None, list[Problem]]:
    """Write a new identity file ``NAME.key`` for its owner only, and ``NAME.pub`` to be handed out."""
    path = Path(name if name.endswith(".key") else f"{name}.key")
    key = new_key()
    problems = write_key(path, key, now())
    return (None if problems else MadeKey(path, public_path(path), key.public)), problems


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def seal_package(paths: Sequence[Path], workspace: Workspace, how: Sealing) -> tuple[Sealed | None, list[Problem]]:
    """Write the archives, shares and receipt, or nothing at all and why; a row of the ledger, where there is one."""
    sources, problems = gathered([*paths, *how.keys])
    forms, wrong = forms_among(sources, workspace.forms)
    problems += wrong
    groups, wrong = _groups(sources, {source.path for source in gathered(how.keys)[0]}, together=how.together)
    problems += wrong
    recipients: dict[Part, list[str]] = {}
    for part in groups:
        recipients[part], wrong = _recipients(how.keys_to if part == "keys" and how.keys_to else how.to)
        problems += [problem for problem in wrong if problem not in problems]
    targets = {part: _target(how.out, part, alone=len(groups) == 1) for part in groups}
    problems += _in_the_way(targets, how)
    if not groups or has_errors(problems):
        return None, problems
    manifests: dict[Part, Manifest] = {}
    who = how.who or user()
    entries = tuple(packed_form(form) for form in sorted(forms, key=lambda form: form.id))
    for part, group in groups.items():
        files, wrong = _hashed(group)
        problems += wrong
        manifests[part] = Manifest(part, plain_words(how.sitting), plain_words(who), how.not_before, __version__, entries, files)
        problems += parse_manifest(manifest_text(manifests[part]).encode(), shown_path(targets[part]))[1] if not wrong else []
    if has_errors(problems):
        return None, problems
    sealed, wrong = _write(targets, manifests, groups, recipients, how, workspace)
    return sealed, [*problems, *wrong]


def user() -> str:
    """Return who acts: what QBANK_USER says, else the user of the system."""
    import getpass

    try:
        return os.environ.get("QBANK_USER") or getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return ""


def _groups(sources: Sequence[Source], keys: set[Path], *, together: bool) -> tuple[dict[Part, list[Source]], list[Problem]]:
    """Return the files of each archive; of a file whose name does not say it, it is told where it goes."""
    if together:
        return ({"together": list(sources)} if sources else {}), []
    groups: dict[Part, list[Source]] = {"papers": [], "keys": []}
    problems: list[Problem] = []
    for source in sources:
        place = "keys" if source.path in keys else place_of(source.name)
        if place is None:
            problems.append(warning("Z111", Span(shown_path(source.path)), name=source.name))
        groups[place or "papers"].append(source)
    if groups["keys"] and not groups["papers"]:
        problems.append(warning("Z112", Span(shown_path(groups["keys"][0].path)), n=len(groups["keys"])))
    if not sources:
        problems.append(error("Z109", Span(".")))
    return {part: group for part, group in groups.items() if group}, problems


def _recipients(words: Sequence[str]) -> tuple[list[str], list[Problem]]:
    found: list[str] = []
    problems: list[Problem] = []
    for word in words:
        keys, wrong = read_recipients(word)
        found += [key for key in keys if key not in found]
        problems += wrong
    return found, problems


def _target(out: Path, part: Part, *, alone: bool) -> Path:
    """Return where an archive goes: of two each has the name of what it holds in its own.

    >>> _target(Path("exam.age"), "keys", alone=False).name, _target(Path("exam.age"), "papers", alone=True).name
    ('exam.keys.age', 'exam.age')
    """
    stem = out.name.removesuffix(".age")
    return out.with_name(out.name if alone else f"{stem}.{part}.age")


def _stem(path: Path) -> str:
    return path.name.removesuffix(".age")


def _receipt_path(out: Path) -> Path:
    return out.with_name(_stem(out) + SUFFIX)


def share_paths(target: Path, number: int, n: int) -> tuple[Path, Path]:
    """Return the sheet and the text file of a share of an archive's key."""
    stem = f"{_stem(target)}.share-{number}-of-{n}"
    return target.with_name(f"{stem}.pdf"), target.with_name(f"{stem}.txt")


def _in_the_way(targets: dict[Part, Path], how: Sealing) -> list[Problem]:
    files = [*targets.values(), _receipt_path(how.out)]
    _, n = how.shares or (0, 0)
    files += [path for target in targets.values() for number in range(1, n + 1) for path in share_paths(target, number, n)]
    return [error("Z104", Span(shown_path(path))) for path in files if os.path.lexists(path)]


def _hashed(sources: Sequence[Source]) -> tuple[tuple[PackedFile, ...], list[Problem]]:
    files: list[PackedFile] = []
    problems: list[Problem] = []
    for source in sorted(sources, key=lambda one: one.name):
        file, wrong = hashed(source)
        files += [] if file is None else [file]
        problems += wrong
    return tuple(files), problems


def _write(
    targets: dict[Part, Path], manifests: dict[Part, Manifest], groups: dict[Part, list[Source]],
    recipients: dict[Part, list[str]], how: Sealing, workspace: Workspace,
) -> tuple[Sealed | None, list[Problem]]:  # fmt: skip
    """Write everything beside its place, then the row of the ledger, then put everything in its place."""
    at = now()
    waiting: dict[Path, Path] = {}
    private: dict[Path, bytes] = {}
    parts: list[SealedPart] = []
    try:
        for part, target in targets.items():
            shares, split_to = _split(how.shares)
            sheets = _sheets(shares, target, manifests[part], at, workspace.language)
            private |= sheets
            to = [*recipients[part], *split_to]
            temporary, written, problems = write_package(target, manifests[part], groups[part], to)
            if temporary is None:
                return None, problems
            waiting[target] = temporary
            mark = shares[0].key.hex() if shares else ""
            k, n = how.shares or (0, 0)
            archive = SealedArchive(target.name, part, written.size, written.sha256, tuple(recipients[part]), k, n, mark)
            parts.append(SealedPart(target, archive, manifests[part], tuple(sheets)))
        recorded = _recorded(parts, workspace)
        for path, data in private.items():
            write_bytes(path, data, mode=0o600)
        for target in list(waiting):
            waiting.pop(target).replace(target)
    finally:
        for temporary in waiting.values():
            remove(temporary)
        if waiting:  # the archives did not come about: their shares open nothing
            for path in private:
                remove(path)
    receipt = Receipt(at, parts[0].manifest.who, parts[0].manifest.sitting, how.not_before, tuple(part.archive for part in parts))
    write_text(_receipt_path(how.out), receipt_text(receipt))
    return Sealed(tuple(parts), _receipt_path(how.out), recorded), []


def _split(shares: tuple[int, int] | None) -> tuple[tuple[Share, ...], list[str]]:
    """Return the shares of a fresh key, proved to give it back, and its public half; nothing where none are wanted."""
    if shares is None:
        return (), []
    key = new_key()
    made = shares_of(key.secret, key.public, *shares)
    for some in (made[: shares[0]], made[-shares[0] :]):
        data, _ = joined_key(some, [""] * len(some))
        if data is None or key_of(secret_key_of(data)) != key:
            raise RuntimeError("shares do not give back their key")
    return made, [key.public]


def _sheets(shares: tuple[Share, ...], target: Path, manifest: Manifest, at: str, language: Language) -> dict[Path, bytes]:
    """Return the sheet and the words of each share by the file that each goes into."""
    files: dict[Path, bytes] = {}
    for share in shares:
        from qbank.render.share_sheet import share_sheet

        rows = share_rows(share)
        facts = {
            "package": target.name, "part": text(language, f"share.part_{manifest.part}"), "sitting": manifest.sitting,
            "not_before": manifest.not_before, "who": manifest.who, "sealed_at": at.removesuffix("+00:00").replace("T", " "),
            "mark": share.key.hex(),
        }  # fmt: skip
        sheet, words = share_paths(target, share.number, share.n)
        files[sheet] = share_sheet(rows, share.number, share.k, share.n, facts, language)
        head = text(language, "share.file", number=share.number, n=share.n, k=share.k, package=target.name)
        files[words] = "".join([f"# {head}\n", *(" ".join(row) + "\n" for row in rows)]).encode()
    return files


def _recorded(parts: Sequence[SealedPart], workspace: Workspace) -> bool:
    """Write rows of the trail, where the workspace has a ledger."""
    if not workspace.has_ledger():
        return False
    from qbank.ledger.openings import record_package

    ledger = workspace.open(who=parts[0].manifest.who)
    try:
        for part in parts:
            facts = archive_facts(part.path.name, part.archive.sha256, part.archive.size, part.manifest, manifest_sha256(part.manifest))
            facts |= {"recipients": list(part.archive.recipients), "k": part.archive.k, "n": part.archive.n}
            record_package(ledger, "package sealed", part.manifest.sitting or part.path.name, facts)
    finally:
        ledger.close()
    return True


def manifest_sha256(manifest: Manifest) -> str:
    """Return the SHA-256 of a manifest as it stands in the archive."""
    return hashlib.sha256(manifest_text(manifest).encode()).hexdigest()


def archive_facts(name: str, sha256: str, size: int, manifest: Manifest | None, digest: str) -> dict[str, object]:
    """Return what the trail says of an archive; of one that could not be read only its outside."""
    facts: dict[str, object] = {"name": name, "sha256": sha256, "size": size}
    if manifest is not None:
        facts |= {
            "part": manifest.part, "manifest": digest, "not_before": manifest.not_before,
            "forms": [[form.form, form.digest] for form in manifest.forms], "n_files": len(manifest.files),
        }  # fmt: skip
    return facts
