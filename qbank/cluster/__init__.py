"""Calibration on more than one machine: workers hold the answers in blocks, only sums travel.

The estimation is that of qbank.irt, step by step; what is summed over persons is summed by the workers of a
dask.distributed cluster (extra `cluster`), and their sums are added in the order of the sources.
"""

from qbank.cluster.calibration import Options, calibrate_blocks, calibrate_matrix
from qbank.cluster.connection import Cluster, ClusterError, open_cluster
from qbank.cluster.ledger_source import LedgerSource, ledger_sources
from qbank.cluster.sources import (
    ArraySource,
    BlockSource,
    MatrixSource,
    ParquetSource,
    SimulatedSource,
    file_sources,
    matrix_sources,
    simulated_sources,
)

__all__ = [
    "ArraySource",
    "BlockSource",
    "Cluster",
    "ClusterError",
    "LedgerSource",
    "MatrixSource",
    "Options",
    "ParquetSource",
    "SimulatedSource",
    "calibrate_blocks",
    "calibrate_matrix",
    "file_sources",
    "ledger_sources",
    "matrix_sources",
    "open_cluster",
    "simulated_sources",
]
