"""How many things a paper measures, and which of its items depend on each other."""

from qbank.analysis.dimension.analysis import DimensionAnalysis, dimension_analysis, verdict
from qbank.analysis.dimension.categories import PaperCategories, categories, paper_categories
from qbank.analysis.dimension.dependence import neighbour_table
from qbank.analysis.dimension.detect import Detect, conditional_covariances, detect, index_of, partition
from qbank.analysis.dimension.dimtest import dimtest
from qbank.analysis.dimension.parallel import ParallelAnalysis, parallel_analysis

__all__ = [
    "Detect",
    "DimensionAnalysis",
    "PaperCategories",
    "ParallelAnalysis",
    "categories",
    "conditional_covariances",
    "detect",
    "dimension_analysis",
    "dimtest",
    "index_of",
    "neighbour_table",
    "paper_categories",
    "parallel_analysis",
    "partition",
    "verdict",
]
