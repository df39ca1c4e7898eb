"""sitting mark."""

from __future__ import annotations

from typing import Literal

import click

from qbank.cli.gate import stage_name
from qbank.cli.output import HelpCommand, common, finish, here
from qbank.core.responses import STANDINGS, Standing
from qbank.ledger import Stage
from qbank.messages import Language, text
from qbank.workflow.standing import Whose, mark_single_answers, mark_standing
from qbank.workflow.workspace import Workspace


@click.command(cls=HelpCommand)
@click.argument("id")
@click.argument("person", required=False, default="")
@click.argument("standing", required=False, default="")
@click.option("--standing", "asked", type=click.Choice(STANDINGS), default=None)
@click.option("--item", "items", multiple=True, metavar="ITEM")
@click.option("--site", default="")
@click.option("--room", default="")
@click.option("--why", required=True)
@click.option("--who", default="")
@common
def mark(
    id: str, person: str, standing: str, asked: str | None, items: tuple[str, ...], site: str, room: str, why: str,
    who: str, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if not standing and person in STANDINGS and (asked is None or site or room):
        person, standing = "", person  # qbank sitting mark ID void --room 3 --item Q17
    word = _standing(standing, asked, language)
    whose = Whose(person, site, room)
    if not why.strip():
        raise click.UsageError(text(language, "cli.sitting_mark.why"))
    if bool(person) == bool(site or room):
        raise click.UsageError(text(language, "cli.sitting_mark.whose"))
    if not items:
        if not person:
            raise click.UsageError(text(language, "cli.sitting_mark.which_item"))
        _mark_paper(id, person, word, workspace, why, who, as_json=as_json)
        return
    if word == "absent":
        raise click.UsageError(text(language, "cli.sitting_mark.no_absent_answer"))
    _mark_answers(id, whose, items, word, workspace, why, who, as_json=as_json)


def _standing(given: str, asked: str | None, language: Language) -> Standing:
    """Return the standing, which may stand as a word or behind --standing."""
    if given and asked and given != asked:
        raise click.UsageError(text(language, "cli.sitting_mark.two_standings", one=given, other=asked))
    word = asked or given
    if word not in STANDINGS:
        raise click.UsageError(text(language, "cli.sitting_mark.standing", found=word or "–", known=", ".join(STANDINGS)))
    return word


def _mark_paper(id: str, person: str, standing: Standing, workspace: Workspace, why: str, who: str, *, as_json: bool) -> None:
    language = workspace.language
    done, problems = mark_standing(id, person, standing, workspace, why=why, who=who)
    result = done and {name: getattr(done, name) for name in done.__slots__}
    finish(problems, language, as_json=as_json, result=result)
    if done is None or as_json:
        return
    words = {name: text(language, f"cli.standing.{getattr(done, name)}") for name in ("before", "after")}
    key = "unchanged" if done.before == done.after else "changed"
    click.echo(text(language, f"cli.sitting_mark.{key}", id=id, person=person, **words))
    _say_taken_back(id, done.taken_back, language)


def _mark_answers(
    id: str, whose: Whose, items: tuple[str, ...], standing: Literal["present", "void", "withheld"], workspace: Workspace,
    why: str, who: str, *, as_json: bool,
) -> None:  # fmt: skip
    language = workspace.language
    marked, problems = mark_single_answers(id, whose, items, standing, workspace, why=why, who=who)
    result = marked and {
        "items": marked.items, "standing": standing, "persons": marked.done.n_persons, "changed": marked.done.n_changed,
        "taken_back": marked.done.taken_back,
    }  # fmt: skip
    finish(problems, language, as_json=as_json, result=result)
    if marked is None or as_json:
        return
    words = {
        "id": id, "items": text(language, "cli.gate.and").join(marked.items), "persons": marked.done.n_persons,
        "n": marked.done.n_changed, "standing": text(language, f"cli.answer_standing.{standing}"),
    }  # fmt: skip
    click.echo(text(language, f"cli.sitting_mark.{'answers' if marked.done.n_changed else 'answers_unchanged'}", **words))
    if marked.done.n_changed and standing != "present":
        click.echo("  " + text(language, "cli.sitting_mark.on_paper"))
    _say_taken_back(id, marked.done.taken_back, language)


def _say_taken_back(id: str, stages: tuple[Stage, ...], language: Language) -> None:
    if stages:
        names = text(language, "cli.gate.and").join(stage_name(stage, language) for stage in stages)
        click.echo(text(language, "cli.gate.taken_back", id=id, stages=names))
