"""Parallel papers from a blueprint: eligible items as arrays, labelled rows, one solver, an independent audit."""

from __future__ import annotations

from qbank.assemble.engine import Assembly, assemble
from qbank.assemble.setting import Setting, make_setting
from qbank.assemble.verify import Audit, audit_forms

__all__ = ["Assembly", "Audit", "Setting", "assemble", "audit_forms", "make_setting"]
