"""What was calibrated, how far it came, and what its numbers mean."""

from __future__ import annotations

from qbank.irt import information_criteria
from qbank.report.blocks import Block, Column, Fact, Facts, Table, Text, shown
from qbank.report.calibration.data import Page
from qbank.report.calibration.items import verdicts

METHODS = ("method_model", "method_estimation", "method_ability", "method_mean_squares", "method_s_x2", "method_rmsd")
NAMED = 12
"""items that the summary names"""


def head_blocks(page: Page) -> tuple[Block, ...]:
    """Return the warnings, what to look at in one sentence, and the figures of the calibration."""
    data, t = page.data, page.t
    fit, criteria = data.fit, information_criteria(data.fit)
    mean, sd = data.spread
    found = [verdict.code for verdict in verdicts(page).values()]
    lead = t(
        "lead", fits=found.count("fits"), look=found.count("look"), untested=found.count("untested"),
        missing=found.count("missing") + len(data.left_out),
    )  # fmt: skip
    look = [item for item, verdict in verdicts(page).items() if verdict.code == "look"]
    if look:
        lead += t("lead_look", items=t("list_comma").join(look[:NAMED]) + ("…" if look[NAMED:] else ""))
    facts = (
        Fact("model", t("fact_model"), t("list_comma").join(t(f"model_{word}") for word in data.words)),
        Fact("persons", t("fact_persons"), fit.n_persons, "integer"),
        Fact("items", t("fact_items"), int(data.estimated.sum()), "integer", 0, t("of_items", n=len(data.items))),
        Fact("held", t("fact_held"), data.held, "integer", 0, fit.parameters.scale),
        Fact("log_likelihood", t("fact_log_likelihood"), fit.log_likelihood, "number", 1),
        Fact("gradient_norm", t("fact_gradient_norm"), f"{fit.gradient_norm:.1e}", note=t("under_gradient")),
        Fact("aic", "AIC", criteria.aic, "number", 1, t("under_free", n=fit.n_free)),
        Fact("bic", "BIC", criteria.bic, "number", 1, t("under_free", n=fit.n_free)),
        Fact("ability_mean", t("fact_ability_mean"), mean, "signed", 2),
        Fact("ability_sd", t("fact_ability_sd"), sd, "number", 2),
        Fact("reliability", t("fact_reliability"), data.reliability, "number", 2, t("under_reliability")),
    )
    warnings = tuple(Text(sentence, "warning") for sentence in data.warnings)
    return (*warnings, Text(lead), Facts("calibration", facts))


def method_blocks(page: Page) -> tuple[Block, ...]:
    """Return the definitions, and what the numbers rest on."""
    data, t = page.data, page.t
    fit = data.fit
    words = {
        "model": t("list_semicolon").join(t(f"equation_{word}") for word in data.words),
        "nodes": fit.nodes.size, "low": shown(float(fit.nodes[0]), "signed", 1), "high": shown(float(fit.nodes[-1]), "signed", 1),
        "ability": t("ability_groups" if fit.groups else f"ability_{fit.ability}"),
        "errors": t(f"errors_{fit.settings['errors']}".replace("-", "_")),
        "tolerance": f"{fit.settings['tolerance']:g}",
        "level": f"{100 * data.limits.level:g}", "rmsea": f"{data.limits.rmsea:g}",
        "range_low": f"{data.limits.low:g}", "range_high": f"{data.limits.high:g}",
    }  # fmt: skip
    columns = (Column("what", t("col_what")), Column("version", t("col_version")))
    versions = (Table("versions", t("table_versions"), columns, data.versions),) if data.versions else ()
    return (*(Text(t(name, **words), "definition") for name in METHODS), *versions)

