"""One run of pandoc: data in, data out, and a limit on the time it takes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pypandoc

SECONDS = 300
"""A run takes 3 s of a processor; on a machine that is busy with much else it waits."""


def answer_of(script: Path, job: object) -> Any:
    """Return what a script of pandoc's makes of a job, both plain data.

    TimeoutError, which is an OSError, where it does not come to an end; RuntimeError where pandoc itself fails.
    """
    command = [pypandoc.get_pandoc_path(), "--sandbox", "--from", str(script), "--to", str(script)]
    data = json.dumps(job, ensure_ascii=False).encode("utf-8", "replace")
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"pandoc: > {SECONDS} s") from None
    if done.returncode != 0:
        raise RuntimeError(f"pandoc: {done.stderr.decode('utf-8', 'replace').strip()}")
    return json.loads(done.stdout.decode("utf-8"))
