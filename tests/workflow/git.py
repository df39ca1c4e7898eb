"""Throw-away git repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

WHO = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and return what it says."""
    done = subprocess.run(["git", *WHO, *words], cwd=folder, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


def committed(folder: Path) -> str:
    """Commit everything in a folder, a repository from now on, and return the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "state")
    return git(folder, "rev-parse", "HEAD")
