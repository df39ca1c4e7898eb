"""The files of papers and blueprints of a workspace: what can be read of them without assembling anything."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from qbank.core.form import Form
from qbank.files.bank import shown_path
from qbank.files.forms import read_form
from qbank.problem import Problem, Span, error
from qbank.workflow.workspace import Workspace


def read_forms(paths: tuple[Path, ...]) -> tuple[tuple[Form, ...], list[Problem]]:
    """Return the papers in files or folders, in the order of their names, and what is wrong with any."""
    files: list[Path] = []
    for path in paths:
        files += sorted(path.glob("*.yaml"), key=lambda file: file.stem) if path.is_dir() else [path]
    forms: list[Form] = []
    problems: list[Problem] = []
    for path in files:
        form, wrong = read_form(path)
        problems += wrong
        if form is not None:
            forms.append(form)
    if not files:
        problems.append(error("F104", Span(", ".join(shown_path(path) for path in paths))))
    for id, n in Counter(form.id for form in forms).items():
        if n > 1:
            problems.append(error("F105", Span(shown_path(files[0])), form=id))
    return tuple(forms), problems


def find_blueprint(form: Form, workspace: Workspace) -> Path | None:
    """Return the blueprint file of a paper: ``blueprints/<name>.yaml`` in the workspace, or the one there that says the name."""
    return blueprint_named(form.blueprint, workspace)


def blueprint_named(name: str, workspace: Workspace) -> Path | None:
    """Return the blueprint file of a name: ``blueprints/<name>.yaml`` in the workspace, or the one there that says it."""
    path = workspace.root / "blueprints" / f"{name}.yaml"
    if path.is_file():
        return path
    line = re.compile(rf"^blueprint:[ \t]*(['\"]?){re.escape(name)}\1[ \t]*(#.*)?$".encode(), re.MULTILINE)
    files = sorted(path.parent.glob("*.yaml"))
    return next((file for file in files if line.search(file.read_bytes().replace(b"\r", b""))), None)
