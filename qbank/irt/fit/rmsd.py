"""RMSD and MD: how far an item's observed curve lies from the model's, in units of probability."""

import numpy as np

from qbank.irt.fit.evidence import Evidence
from qbank.irt.models import FloatArray


def deviations(evidence: Evidence) -> dict[str, FloatArray]:
    """Return rmsd and md, each (n_items,).

    rmsd = sqrt(sum over nodes of f sum over k of (o_k - P_k)^2 / K), md = sum over nodes of f sum over k of
    k (o_k - P_k): o_k the share of category k among the persons expected at the node (pseudo-counts of the
    posterior), f the ability distribution of the persons who saw the item. Oliveri & von Davier (2011); K, as in
    PISA's software, makes right/wrong items sqrt(sum of f (o - P)^2). rmsd has no p value and grows as persons get
    fewer; 0.10 and more is what PISA (0.12) and PIAAC (0.15) look at.
    """
    n_items = evidence.answers.shape[1]
    rmsd, md = np.full((2, n_items), np.nan)
    seen = evidence.seen
    by_group = np.zeros((evidence.weights.shape[0], n_items))
    for group in range(by_group.shape[0]):
        by_group[group] = seen[evidence.group_of == group].sum(axis=0)
    for item in np.flatnonzero(evidence.parameters.estimated & seen.any(axis=0)).tolist():
        rows = slice(evidence.first[item], evidence.first[item + 1])
        counts = evidence.counts[rows]
        persons = counts.sum(axis=0)
        density = by_group[:, item] @ evidence.weights / by_group[:, item].sum()
        share = np.divide(counts, persons, out=np.zeros_like(counts), where=persons > 0)
        apart = np.where(persons > 0, share - np.exp(evidence.log_probability[rows]), 0.0)
        rmsd[item] = np.sqrt((apart**2).mean(axis=0) @ density)
        md[item] = np.arange(counts.shape[0]) @ apart @ density
    return {"rmsd": rmsd, "md": md}
