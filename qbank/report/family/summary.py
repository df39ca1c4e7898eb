"""What the family is: how many papers, what they share, how that is known, and which rules hold how."""

from __future__ import annotations

import re

from qbank.assemble.family.showing import papers_that_show
from qbank.assemble.lines import rule_name
from qbank.report.blocks import Block, Cell, Fact, Facts, Table, Text, shown
from qbank.report.family.facts import ENOUGH_ANSWERS, Told, large
from qbank.report.sitting.words import columns_of


def summary_blocks(told: Told) -> tuple[Block, ...]:
    """Return the figures of the family and the sentences that say how they are known."""
    t, facts = told.t, told.facts
    exact = facts.low == facts.high == facts.papers
    under = t("counted") if exact else t("estimated", low=large(facts.low), high=large(facts.high))
    known = papers_that_show(facts.shown.share)
    raw = facts.comparability.verdict("raw")
    blocks: list[Block] = [
        Facts(
            "summary",
            (
                Fact("papers", t("papers"), large(facts.papers), note=under),
                Fact("overlap", t("most_shared"), f"{facts.overlap} / {facts.length}", note=t(f"proof_{facts.proof}")),
                Fact("mean_shared", t("mean_shared"), facts.shared.mean, "number", 2),
                Fact("items", t("items_used"), len(facts.ids), "integer", note=t("of_eligible", n=facts.n_eligible)),
                Fact("known_after", t("known_after"), known, "integer", note=t("under_known")),
                Fact("extra", t("extra_overall"), raw.extra_overall, "percent", 2, note=t("rule_raw")),
            ),
        ),
        Text(t(f"overlap_{facts.proof}", overlap=facts.overlap, length=facts.length, code=_code(told))),
    ]
    if facts.most is not None:
        blocks.append(Text(t("upper_bound", most=large(facts.most), items=len(facts.ids))))
    blocks.append(Text(t("known_text", n=shown(known, "integer", 0), mean=shown(facts.shared.mean, "number", 2)) if known else t("known_never")))
    if facts.basis != "calibrated":
        blocks.append(Text(t(f"basis_{facts.basis}"), "warning"))
    if facts.pilot or facts.answers < ENOUGH_ANSWERS:
        blocks.append(Text(t("few_answers", least=facts.answers, enough=ENOUGH_ANSWERS), "warning"))
    return tuple(blocks)


def _code(told: Told) -> str:
    facts = told.facts
    return told.t("code", order=facts.order, length=facts.places, distance=facts.places - facts.agree)


def rule_table(told: Told) -> Table:
    """Return the rules: those that no word can break, and those that every word is tried against."""
    t, facts = told.t, told.facts
    rows: list[tuple[Cell, ...]] = []
    for how, labels in (("proven", facts.proven), ("tried", facts.tried)):
        rows += [(_rule(told, label), t(how)) for label in labels]
    return Table("rules", t("table_rules"), columns_of(t, ("rule", "prose", 0), ("how", "prose", 0)), tuple(rows), (t("note_rules"),))


def _rule(told: Told, label: str) -> str:
    """Return a rule in words: those that families add of themselves, the blueprint's as it stands."""
    if found := re.match(r"information: \{at: ([^,]+),", label):
        return told.t("rule_information", theta=found[1].replace("-", "−"))
    if label.startswith("expected_score: {at: cut, within"):
        return told.t("rule_score")
    return rule_name(label, told.language)


def version_table(told: Told) -> Table:
    """Return what the family rests on."""
    rows = tuple((told.t(f"what_{what}"), name, version) for what, name, version in told.facts.versions)
    columns = columns_of(told.t, ("what", "text", 0), ("name", "text", 0), ("version", "text", 0))
    return Table("versions", told.t("table_versions"), columns, rows)
