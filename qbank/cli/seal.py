"""seal, open, verify."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, iso_date, say_problems, shown, working
from qbank.messages import Language, text
from qbank.problem import has_errors

FILE = click.Path(path_type=Path)


def _k_of_n(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Return K and N of ``K/N``."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*", value)
    k, n = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 2 <= k <= n <= 255:
        raise click.BadParameter(f"{value!r}: K/N, 2 <= K <= N <= 255")
    return k, n


@click.command(cls=HelpCommand)
@click.argument("files", nargs=-1, type=FILE)
@click.option("--to", multiple=True, metavar="RECIPIENT")
@click.option("--keys-to", multiple=True, metavar="RECIPIENT")
@click.option("--shares", default=None, callback=_k_of_n, metavar="K/N")
@click.option("--out", type=FILE, default=Path("exam.age"))
@click.option("--keys", multiple=True, type=FILE)
@click.option("--together", is_flag=True)
@click.option("--sitting", default="", metavar="ID")
@click.option("--not-before", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--who", default="")
@click.option("--new-key", default=None, metavar="NAME")
@common
def seal(
    files: tuple[Path, ...], to: tuple[str, ...], keys_to: tuple[str, ...], shares: tuple[int, int] | None, out: Path,
    keys: tuple[Path, ...], together: bool, sitting: str, not_before: str | None, who: str, new_key: str | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if new_key is not None:
        _make_key(new_key, language, alone=not (files or to or shares), as_json=as_json)
        return
    if not (files or keys):
        raise click.UsageError(text(language, "cli.seal.no_files"))
    if not (to or shares):
        raise click.UsageError(text(language, "cli.seal.to_nobody"))
    if keys_to and together:
        raise click.UsageError(text(language, "cli.seal.keys_to_together"))
    from qbank.workflow import sealing as work

    how = work.Sealing(
        to=to, keys_to=keys_to, shares=shares, out=out, together=together, keys=keys, sitting=sitting.strip(),
        who=who.strip(), not_before=not_before or "",
    )  # fmt: skip
    with working(language, "cli.seal.working"):
        sealed, problems = work.seal_package(files, workspace, how)
    if sealed is not None and not as_json:
        _say_sealed(sealed, language)
    finish(problems, language, as_json=as_json, result=sealed and _sealed_record(sealed))


def _make_key(name: str, language: Language, *, alone: bool, as_json: bool) -> None:
    from qbank.workflow import sealing as work

    if not alone:
        raise click.UsageError(text(language, "cli.seal.key_alone"))
    made, problems = work.make_key(name)
    result = made and {"file": str(made.path), "public_file": str(made.public_path), "recipient": made.recipient}
    if made is not None and not as_json:
        click.echo(text(language, "cli.seal.key_made", path=shown(made.path), public_path=shown(made.public_path)))
        click.echo(text(language, "cli.seal.key_public", recipient=made.recipient))
    finish(problems, language, as_json=as_json, result=result)


def _say_sealed(sealed: Any, language: Language) -> None:
    for part in sealed.parts:
        facts = {"path": shown(part.path), "part": text(language, f"share.part_{part.manifest.part}"), "n": len(part.manifest.files)}
        click.echo(text(language, "cli.seal.wrote", **facts))
        for file in part.manifest.files:
            click.echo(f"  {file.name}")
        click.echo(text(language, "cli.seal.digest", sha256=part.archive.sha256))
        if part.archive.recipients:
            click.echo(text(language, "cli.seal.opens", n=len(part.archive.recipients)))
        if part.shares:
            sheets = ", ".join(shown(path) for path in part.shares if path.suffix == ".pdf")
            click.echo(text(language, "cli.seal.shares", k=part.archive.k, n=part.archive.n, paths=sheets))
    click.echo(text(language, "cli.seal.receipt", path=shown(sealed.receipt)))
    if any(part.shares for part in sealed.parts):
        click.echo(text(language, "cli.seal.hand_out"))


def _sealed_record(sealed: Any) -> dict[str, Any]:
    return {
        "packages": [
            {"path": str(part.path), "part": part.manifest.part, "size": part.archive.size, "sha256": part.archive.sha256,
             "recipients": list(part.archive.recipients), "k": part.archive.k, "n": part.archive.n,
             "shares": [str(path) for path in part.shares], **manifest_record(part.manifest)}
            for part in sealed.parts
        ],
        "receipt": str(sealed.receipt), "recorded": sealed.recorded,
    }  # fmt: skip


def manifest_record(manifest: Any) -> dict[str, Any]:
    """Return a manifest as plain data."""
    return {
        "sitting": manifest.sitting, "who": manifest.who, "not_before": manifest.not_before,
        "forms": [{"form": form.form, "digest": form.digest, "bank_digest": form.bank_digest, "seed": form.seed} for form in manifest.forms],
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in manifest.files],
    }  # fmt: skip


@click.command(name="open", cls=HelpCommand)
@click.argument("package", type=FILE)
@click.option("--identity", "identities", multiple=True, type=FILE)
@click.option("--share", "shares", multiple=True, metavar="FILE")
@click.option("--into", type=FILE, required=True)
@click.option("--ledger", is_flag=True)
@click.option("--who", default="")
@common
def open_(
    package: Path, identities: tuple[Path, ...], shares: tuple[str, ...], into: Path, ledger: bool, who: str,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if not (identities or shares):
        raise click.UsageError(text(language, "cli.open.with_nothing"))
    from qbank.workflow import opening as work

    with working(language, "cli.open.working"):
        opened, problems = work.open_package(
            package, into, workspace, work.WithWhat(identities, shares), who=who.strip(), today=_today(), make_ledger=ledger
        )
    result = opened and {
        "folder": str(opened.folder), "sha256": opened.found.sha256, "manifest_sha256": opened.found.manifest_sha256,
        "part": opened.manifest.part, "recorded": opened.recorded, **manifest_record(opened.manifest),
    }
    if opened is not None and not as_json:
        click.echo(text(language, "cli.open.opened", n=len(opened.manifest.files), path=shown(opened.folder)))
        for file in opened.manifest.files:
            click.echo(f"  {file.name}")
        click.echo(text(language, "cli.open.sealed_by", who=opened.manifest.who or "–", sitting=opened.manifest.sitting or "–"))
        if opened.recorded:
            click.echo(text(language, "cli.open.recorded"))
    finish(problems, language, as_json=as_json, result=result)


def _today() -> str:
    return datetime.date.today().isoformat()


@click.command(cls=HelpCommand)
@click.argument("package", type=FILE)
@click.option("--manifest", type=FILE, default=None)
@click.option("--identity", "identities", multiple=True, type=FILE)
@click.option("--share", "shares", multiple=True, metavar="FILE")
@common
def verify(
    package: Path, manifest: Path | None, identities: tuple[Path, ...], shares: tuple[str, ...], lang: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    from qbank.workflow import opening as work

    with working(language, "cli.verify.working"):
        checked, problems = work.verify_package(package, workspace, work.WithWhat(identities, shares), manifest)
    result = checked and {
        "path": str(checked.path), "against": list(checked.against), "sha256": checked.sha256,
        "sound": not has_errors(problems), "manifest": checked.manifest and manifest_record(checked.manifest),
    }
    if checked is not None and not as_json and not has_errors(problems):
        against = text(language, "cli.verify.and").join(text(language, f"cli.verify.against_{word}") for word in checked.against)
        n = len(checked.manifest.files) if checked.manifest else 0
        key = "cli.verify.sound_files" if checked.manifest else "cli.verify.sound"
        click.echo(text(language, key, path=shown(checked.path), against=against, **({"n": n} if checked.manifest else {})))
        say_problems(problems, language, "text")
        return
    finish(problems, language, as_json=as_json, result=result)
