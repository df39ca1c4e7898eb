"""Words of the results list and of report titles."""

TEXTS: dict[str, str] = {
    "person": "person",
    "form": "paper",
    "site": "site",
    "room": "room",
    "seat": "seat",
    "group": "group",
    "batch": "batch",
    "sex": "sex",
    "team": "team",
    "version": "Version",
    "name": "name",
    "signature": "signature",
    "seating": "seating",
    "total": "total",
    "verdict": "verdict",
    "pass": "pass",
    "fail": "fail",
    "void": "not assessed",
    "sheet": "results",
    "report_title": "Report on sitting {id}",
}
