"""calibrate."""

TEXTS: dict[str, str] = {
    "calibrate.short": "Calibrate items by IRT",
    "calibrate.example": "qbank calibrate 2026-11-A --model 2pl",
    "calibrate.working": "calibrating…",
    "calibrate.done": "{model}: {n} persons, {items} items, log-likelihood {log_likelihood}, gradient {norm}, scale {scale}, {anchored} anchored",
    "calibrate.left_out": "left out until someone decides: {items}",
    "calibrate.table": "parameters and fit: {path}",
    "calibrate.report": "report: {path}",
    "calibrate.planned": "few persons: difficulties drawn towards the judged grades, for planning only (not for scores, cuts or equating): {path}",
    "calibrate.anchors": "anchors, list and plot: {table}, {plot}",
    "calibrate.comparing": "comparing models…",
    "calibrate.candidate": "{model}: {status}; log-likelihood {log_likelihood}, {values} values, AIC {aic}, BIC {bic}, SABIC {sabic}; wants {floor} persons an item, {below} items have fewer",
    "calibrate.status.ok": "ok",
    "calibrate.status.too_few_persons": "too few persons",
    "calibrate.status.not_converged": "not converged",
    "calibrate.verdict.clear": "the data support {model}",
    "calibrate.verdict.weak": "the data lean towards {model}; the difference is small",
    "calibrate.verdict.mixed": "the criteria disagree; by the BIC take the simpler {model}",
    "calibrate.verdict.too_few_persons": "too few persons for every model; if at all, {model}, and mind the standard errors",
    "calibrate.verdict.not_converged": "no model converged: look at the data",
    "option.--compare": "only compare rasch, 2pl and 3pl; nothing is stored",
}
