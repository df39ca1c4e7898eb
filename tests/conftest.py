"""What all tests share: laws are judged by what they say, never by how busy the machine is; no cache of the user's.

The cases of a law are the same each time, whatever ran before it: a change is judged by what it changed. To look for new
ones, run with QBANK_LAWS=new.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

SAME = os.environ.get("QBANK_LAWS") != "new"
# a folder that all cases of a law share is meant so
LAX = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("qbank", deadline=None, derandomize=SAME, print_blob=True, suppress_health_check=LAX)
settings.load_profile("qbank")
if SAME and hasattr(providers, "_get_local_constants"):
    # else the numbers and words of all modules that happen to be loaded are among the cases: others in another order of tests
    providers._get_local_constants = lambda: providers._local_constants

# Each test has banks of its own: kept in the user's folder they would pile up there, and each check walks what is kept.
_cache = tempfile.mkdtemp(prefix="qbank-tests-cache-")
os.environ["QBANK_CACHE_DIR"] = _cache
atexit.register(shutil.rmtree, _cache, ignore_errors=True)
