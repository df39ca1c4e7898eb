"""Keys of age: recipients (the public half, to whom is sealed) and identities (the secret half, that opens)."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qbank.files.disk import read_text, write_bytes
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error, warning

_PUBLIC = re.compile(r"age1[02-9ac-hj-np-z]{58}", re.IGNORECASE)
_SECRET = re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """public : ``age1…`` ; secret : ``AGE-SECRET-KEY-1…``, never shown"""

    public: str
    secret: str = field(repr=False)


def new_key() -> Key:
    """Return a fresh key of X25519."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return Key(str(identity.to_public()), str(identity))


def key_of(secret: str) -> Key:
    """Return both halves of a secret key; raises `ValueError` where it is none."""
    import pyrage

    try:
        identity = pyrage.x25519.Identity.from_str(secret)
    except pyrage.IdentityError as fault:
        raise ValueError(str(fault)) from None
    return Key(str(identity.to_public()), str(identity))


def write_key(path: Path, key: Key, created: str) -> list[Problem]:
    """Write an identity file that only its owner can read, and the public half beside it as ``.pub``.

    Nothing is ever overwritten: a lost key is a lost package.
    """
    public = public_path(path)
    problems = [error("Z104", Span(shown_path(one))) for one in (path, public) if os.path.lexists(one)]
    if not problems:
        text = f"# created: {created}\n# public key: {key.public}\n{key.secret}\n"
        write_bytes(path, text.encode(), mode=0o600)
        write_bytes(public, f"{key.public}\n".encode())
    return problems


def public_path(path: Path) -> Path:
    """Return where the public half of an identity file stands.

    >>> public_path(Path("keys/liu.key")).as_posix()
    'keys/liu.pub'
    """
    return path.with_name(path.name.removesuffix(".key") + ".pub")


def read_recipients(word: str) -> tuple[list[str], list[Problem]]:
    """Return the public keys that a word of the command line means: a key itself, or a file of keys, one a line.

    An identity file is one too: its public half counts.
    """
    word = word.strip()
    if _SECRET.fullmatch(word):
        return [], [error("Z102", Span("--to"))]
    if word.lower().startswith("age1"):
        key = _checked(word)
        return ([], [error("Z101", Span("--to"), word=word[:80])]) if key is None else ([key], [])
    path = Path(word)
    if not path.is_file():
        return [], [error("Z101", Span("--to"), word=word[:80])]
    source, problems = read_text(path, shown_path(path))
    found: list[str] = []
    for number, line in enumerate((source or "").splitlines(), start=1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        key = key_of_line(said) if _SECRET.fullmatch(said) else _checked(said)
        if key is None:
            shown = "AGE-SECRET-KEY-1…" if said.upper().startswith("AGE-SECRET-KEY") else said[:80]
            problems.append(error("Z101", Span(shown_path(path), number, 1), word=shown))
        else:
            found.append(key)
    if not found and not problems:
        problems = [error("Z103", Span(shown_path(path)))]
    return found, problems


def key_of_line(secret: str) -> str | None:
    """Return the public half of a secret key, nothing where it is mistyped."""
    try:
        return key_of(secret).public
    except ValueError:
        return None


def _checked(word: str) -> str | None:
    import pyrage

    if not _PUBLIC.fullmatch(word):
        return None
    try:
        return str(pyrage.x25519.Recipient.from_str(word.lower()))
    except pyrage.RecipientError:
        return None


def read_identity(path: Path) -> tuple[list[Key], list[Problem]]:
    """Return the secret keys of an identity file, or nothing and why; a file that others may read is warned of."""
    source, problems = read_text(path, shown_path(path))
    if source is None:
        return [], problems
    found: list[Key] = []
    for number, line in enumerate(source.splitlines(), start=1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        try:
            found.append(key_of(said.upper()))
        except ValueError:
            problems.append(error("Z211", Span(shown_path(path), number, 1)))
    if not found and not problems:
        problems.append(error("Z211", Span(shown_path(path))))
    if found and os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        problems.append(warning("Z212", Span(shown_path(path)), path=shown_path(path)))
    return found, problems


def recipients_of(keys: list[str]) -> list[Any]:
    """Return public keys as the library takes them."""
    from pyrage import x25519

    return [x25519.Recipient.from_str(key) for key in keys]


def identities_of(keys: list[Key]) -> list[Any]:
    """Return secret keys as the library takes them."""
    from pyrage import x25519

    return [x25519.Identity.from_str(key.secret) for key in keys]
