"""What all tests share: laws are judged by what they say, never by how busy the machine is; no cache of the user's."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

settings.register_profile("qbank", deadline=None)
settings.load_profile("qbank")

# Each test has banks of its own: kept in the user's folder they would pile up there, and each check walks what is kept.
_cache = tempfile.mkdtemp(prefix="qbank-tests-cache-")
os.environ["QBANK_CACHE_DIR"] = _cache
atexit.register(shutil.rmtree, _cache, ignore_errors=True)
