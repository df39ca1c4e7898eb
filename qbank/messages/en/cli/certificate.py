"""The certificate of assembled papers."""

TEXTS: dict[str, str] = {
    "certificate.title": "Certificate",
    "certificate.colon": ": ",
    "certificate.goal": "objective",
    "certificate.reached": "reached",
    "certificate.then": "then",
    "certificate.deviation": "largest deviation {value} (bound {bound}, gap {gap})",
    "certificate.mixed": "{value} (bound {bound}, gap {gap})",
    "certificate.information": "information {value} (at most {bound}, gap {gap} = {percent} %)",
    "certificate.uses": "{value} earlier uses (bound {bound}, gap {gap})",
    "certificate.seconds": "{value} seconds (bound {bound}, gap {gap})",
    "certificate.later": "{value} (bound {bound})",
    "certificate.apart": "between papers",
    "certificate.differ": "expected score differs by at most {score} marks, information by {information} %",
    "certificate.estimation": "estimation error alone",
    "certificate.error": "±{score_error} marks, information ±{information_error} % (one standard error of such a difference)",
    "certificate.error_alone": "±{score_error} marks, information ±{information_error} % (one standard error)",
    "certificate.rules": "rules",
    "certificate.broken": "{broken} of {n} counts broken, counted again without the solver",
    "certificate.method": "method",
}
