"""open, verify: a package decrypted and held against its manifest; every opening, also one that failed, in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qbank.files.disk import read_data, read_text
from qbank.files.paths import shown_path
from qbank.files.sealing.folder import compared
from qbank.files.sealing.keys import Key, key_of, read_identity
from qbank.files.sealing.manifest import MANIFEST, Manifest, parse_manifest, plain_words
from qbank.files.sealing.pack import Source, hashed
from qbank.files.sealing.receipt import SUFFIX, archive_named, read_receipt
from qbank.files.sealing.shares import Share, joined_key, key_mark, parse_share, secret_key_of
from qbank.files.sealing.unpack import Unpacked, clear_killed, is_free, move_to, private_folder, read_package
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.sealing import archive_facts, user
from qbank.workflow.workspace import Workspace

if TYPE_CHECKING:
    from qbank.ledger import Entry, Ledger


@dataclass(frozen=True, slots=True)
class WithWhat:
    """What somebody opens with: identity files, and shares as files or words."""

    identities: tuple[Path, ...] = ()
    shares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """folder : where the files are now ; recorded : whether the ledger has it ; known : the row that says it was sealed"""

    folder: Path
    found: Unpacked
    manifest: Manifest
    recorded: bool


@dataclass(frozen=True, slots=True)
class _Keys:
    """keys : secret halves that were found ; by_share : those that shares gave ; said : what the trail is told of them"""

    keys: tuple[Key, ...] = ()
    by_share: frozenset[str] = frozenset()
    said: Mapping[str, object] = field(default_factory=dict)


def open_package(
    path: Path, into: Path, workspace: Workspace, what: WithWhat, *, who: str = "", today: str, make_ledger: bool = False
) -> tuple[Opened | None, list[Problem]]:
    """Decrypt a package, hold every file against the manifest, and only then put the folder where it is wanted.

    today : a day as YYYY-MM-DD, held against what the package says not to be opened before ; make_ledger : make the
    ledger where there is none, so that the opening is on record
    """
    if not path.is_file():
        return None, [error("Z201", Span(shown_path(path)), detail=_why_no_file(path))]
    if not is_free(into):
        return None, [error("Z217", Span(shown_path(into)))]
    keys, problems = _keys(what)
    problems = clear_killed(into) + problems
    ledger = workspace.open(who=plain_words(who or user())) if make_ledger or workspace.has_ledger() else None
    try:
        if has_errors(problems):
            _fail(ledger, path, Unpacked(), keys, problems)
            return None, problems
        opened, wrong = _open(path, into, keys, ledger, today)
    finally:
        if ledger is not None:
            ledger.close()
    problems += wrong
    if opened is not None and ledger is None:
        problems.append(warning("Z214", Span(shown_path(path))))
    return opened, problems


def _why_no_file(path: Path) -> str:
    beside = [one.name for part in ("papers", "keys") if (one := path.with_name(f"{path.name.removesuffix('.age')}.{part}.age")).is_file()]
    return ", ".join(beside) or "–"


def _open(
    path: Path, into: Path, keys: _Keys, ledger: Ledger | None, today: str
) -> tuple[Opened | None, list[Problem]]:
    with private_folder(into) as folder:
        try:
            found, problems = read_package(path, list(keys.keys), folder)
        except OSError:
            _fail(ledger, path, Unpacked(), keys, [])
            raise
        problems = _of_shares(problems, keys)
        manifest = found.manifest
        if has_errors(problems) or manifest is None:
            _fail(ledger, path, found, keys, problems)
            return None, problems
        early = bool(manifest.not_before) and today < manifest.not_before[:10]
        if early:
            problems.append(warning("Z213", Span(shown_path(path)), not_before=manifest.not_before))
        if ledger is not None:
            problems += _unknown(path, found, ledger)
            facts = archive_facts(path.name, found.sha256, found.size, manifest, found.manifest_sha256)
            facts |= {"early": early, **keys.said}
            _record(ledger, "package opened", manifest.sitting or path.name, facts)
        move_to(folder, into)
    return Opened(into, found, manifest, ledger is not None), problems


def _of_shares(problems: list[Problem], keys: _Keys) -> list[Problem]:
    """Return the problems, in the words of shares where it was shares that do not open the package."""
    if not keys.by_share:
        return problems
    return [error("Z135", one.span) if one.code == "Z203" else one for one in problems]


def _keys(what: WithWhat) -> tuple[_Keys, list[Problem]]:
    """Return the secret keys of identity files and of shares, and everything that is wrong with them."""
    found: list[Key] = []
    problems: list[Problem] = []
    said: dict[str, object] = {}
    for path in what.identities:
        keys, wrong = read_identity(path)
        found += keys
        problems += wrong
    if found:
        said["identities"] = [key.public for key in found]
    if not what.shares:
        return _Keys(tuple(found), frozenset(), said), problems
    shares, names, wrong = _shares(what.shares)
    problems += wrong
    said["shares"] = [share.number for share in shares]
    data, wrong = joined_key(shares, names) if shares and not has_errors(wrong) else (None, [])
    problems += wrong
    if data is None:
        return _Keys(tuple(found), frozenset(), said), problems
    key = key_of(secret_key_of(data))
    if key_mark(key.public) != shares[0].key:
        numbers = ", ".join(str(share.number) for share in shares)
        problems.append(error("Z134", Span(names[0]), numbers=numbers))
    return _Keys((*found, key), frozenset({key.public}), said), problems


def _shares(words: Sequence[str]) -> tuple[list[Share], list[str], list[Problem]]:
    shares: list[Share] = []
    names: list[str] = []
    problems: list[Problem] = []
    for place, word in enumerate(words, start=1):
        source, shown, wrong = _share_text(word, place)
        share, more = (None, []) if source is None else parse_share(source, shown)
        problems += [*wrong, *more]
        if share is not None:
            shares.append(share)
            names.append(shown)
    return shares, names, problems


def _share_text(word: str, place: int) -> tuple[str | None, str, list[Problem]]:
    """Return the words of a share: of a text file, of a picture of its code, or as they are."""
    path = Path(word)
    if len(word.split()) > 1 and not _is_file(path):
        return word, f"--share {place}", []
    if path.suffix.casefold() in (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".pdf"):
        return _of_picture(path)
    source, problems = read_text(path, shown_path(path))
    return source, shown_path(path), problems


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _of_picture(path: Path) -> tuple[str | None, str, list[Problem]]:
    """Return what the QR code in a scan, a photograph or the sheet itself says."""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, shown, problems
    from qbank.workflow.share_picture import code_in

    source = code_in(path)
    return source, shown, [] if source else [error("Z125", Span(shown))]


def _unknown(path: Path, found: Unpacked, ledger: Ledger) -> list[Problem]:
    """Return a warning where the ledger knows of sealed packages, and this one is none of them."""
    sealed = _sealed(ledger)
    if not sealed or any(entry.facts.get("sha256") == found.sha256 for entry in sealed):
        return []
    return [warning("Z216", Span(shown_path(path)), sha256=found.sha256[:16])]


def _sealed(ledger: Ledger) -> list[Entry]:
    from qbank.ledger.openings import packages_in_trail

    return [entry for entry in packages_in_trail(ledger) if entry.action == "package sealed"]


def _fail(ledger: Ledger | None, path: Path, found: Unpacked, keys: _Keys, problems: Sequence[Problem]) -> None:
    """Put on record that somebody tried to open a package and did not; of which sitting, as far as that is known."""
    if ledger is None:
        return
    if not found.sha256:
        file, _ = hashed(Source(path.name, path))
        found = replace(found, sha256=file.sha256, size=file.size) if file is not None else found
    sealed = _sealed(ledger)
    entry = next((one for one in sealed if one.facts.get("sha256") == found.sha256), None)
    if entry is None:  # damaged on the way: the last one of that name
        entry = next((one for one in reversed(sealed) if one.facts.get("name") == path.name), None)
    facts = archive_facts(path.name, found.sha256, found.size, found.manifest, found.manifest_sha256)
    facts |= {"problems": sorted({one.code for one in problems if one.severity == "error"}), **keys.said}
    subject = found.manifest.sitting if found.manifest is not None else entry.subject if entry is not None else ""
    _record(ledger, "package not opened", subject or path.name, facts)


def _record(ledger: Ledger, action: str, subject: str, facts: Mapping[str, object]) -> None:
    from qbank.ledger.openings import record_package

    record_package(ledger, "package opened" if action == "package opened" else "package not opened", subject, facts)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared: a package or a folder ; against : manifest, receipt, ledger — whichever there was"""

    path: Path
    against: tuple[str, ...]
    sha256: str
    manifest: Manifest | None


def verify_package(
    path: Path, workspace: Workspace, what: WithWhat, manifest: Path | None = None
) -> tuple[Checked | None, list[Problem]]:
    """Say whether a package or an opened folder is what it was when it was sealed; nothing is written anywhere.

    Of a folder every file is held against the manifest; of a package its own digest against receipt and ledger, and,
    where a key is given, every file inside against the manifest inside.

    manifest : a manifest or a receipt that was kept apart
    """
    if path.is_dir():
        return _verify_folder(path, workspace, manifest)
    if not path.is_file():
        return None, [error("Z201", Span(shown_path(path)), detail=_why_no_file(path))]
    keys, problems = _keys(what)
    if has_errors(problems):
        return None, problems
    against: list[str] = []
    inside: Manifest | None = None
    if keys.keys:
        found, wrong = read_package(path, list(keys.keys))
        problems += _of_shares(wrong, keys)
        inside, sha256 = found.manifest, found.sha256
        against.append("manifest")
    else:
        file, wrong = hashed(Source(path.name, path))
        problems += wrong
        sha256 = file.sha256 if file is not None else ""
    if sha256:
        problems += _against_receipt(path, sha256, manifest, against)
        problems += _against_ledger(path, "sha256", sha256, workspace, against)
    if not against and not has_errors(problems):
        problems.append(error("Z307", Span(shown_path(path))))
    return Checked(path, tuple(against), sha256, inside), problems


def _against_receipt(path: Path, sha256: str, given: Path | None, against: list[str]) -> list[Problem]:
    stem = path.name.removesuffix(".age")
    stems = (stem, stem.removesuffix(".papers"), stem.removesuffix(".keys"))
    beside = next((one for name in stems if (one := path.with_name(name + SUFFIX)).is_file()), None)
    place = given or beside
    if place is None:
        return []
    receipt, problems = read_receipt(place)
    if receipt is None:
        return problems
    said = archive_named(receipt, path, sha256)
    if said is None:
        return [] if given is None else [error("Z308", Span(shown_path(place)), name=path.name)]
    against.append("receipt")
    if said.sha256 != sha256:
        return [error("Z306", Span(shown_path(path)), at=receipt.sealed_at, expected=said.sha256[:16], found=sha256[:16])]
    return []


def _against_ledger(path: Path, fact: str, sha256: str, workspace: Workspace, against: list[str]) -> list[Problem]:
    """Note that the ledger knows a digest; where it only knows others of that name, say so."""
    if not workspace.has_ledger():
        return []
    from qbank.ledger.openings import packages_in_trail

    ledger = workspace.open()
    try:
        entries = [entry for entry in packages_in_trail(ledger) if entry.action != "package not opened"]
    finally:
        ledger.close()
    sealed = [entry for entry in entries if entry.action == "package sealed"]
    if any(entry.facts.get(fact) == sha256 for entry in (entries if fact == "manifest" else sealed)):
        against.append("ledger")
        return []
    same = [entry for entry in sealed if fact == "sha256" and entry.facts.get("name") == path.name]
    if not same:
        return []
    against.append("ledger")
    expected = str(same[-1].facts.get(fact, ""))
    return [error("Z306", Span(shown_path(path)), at=same[-1].at, expected=expected[:16], found=sha256[:16])]


def _verify_folder(folder: Path, workspace: Workspace, given: Path | None) -> tuple[Checked | None, list[Problem]]:
    place = given or folder / MANIFEST
    if not place.is_file() or place.is_symlink():
        return None, [error("Z305", Span(shown_path(place)))]
    data, problems = read_data(place, shown_path(place))
    if data is None:
        return None, problems
    manifest, problems = parse_manifest(data, shown_path(place))
    if manifest is None:
        return None, problems
    against = ["manifest"]
    sha256 = hashlib.sha256(data).hexdigest()
    problems += compared(folder, manifest)
    own = folder / MANIFEST
    if given is not None and own.is_file() and read_data(own, MANIFEST)[0] != data:
        problems.append(error("Z311", Span(shown_path(own))))
    _against_ledger(folder, "manifest", sha256, workspace, against)
    if given is None and "ledger" not in against:
        problems.append(warning("Z310", Span(shown_path(place)), sha256=sha256))
    return Checked(folder, tuple(against), sha256, manifest), problems
