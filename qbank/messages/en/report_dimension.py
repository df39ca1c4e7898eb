"""Texts of the report's section on dimension."""

TEXTS: dict[str, str] = {
    "title": "Dimension and dependence",
    "nothing": "There are no data to tell dimensions from.",
    "of_paper": "Paper {form}: ",
    "few_items": "{form}too few items to speak of dimensions.",
    "withheld": "Dimension of paper {form} is withheld: {n} candidates, needed are {needs}.",
    "sentence_one": "{form}essentially one ability is measured (parallel analysis {factors} factors, DETECT {detect}"
    "): the total stands for the paper.",
    "sentence_weak": "{form}there are weak signs of several dimensions (parallel analysis {factors} factors, DETECT {"
    "detect}): the total may be used; look at the pairs below.",
    "sentence_several": "{form}more than one ability is measured (parallel analysis {factors} factors, DETECT {detect}, "
    "{clusters} groups of items): look at the subscores, and use results of one-dimensional models w"
    "ith care.",
    "sentence_none": "{form}the dimension cannot be told.",
    "table": "Indices of dimension",
    "table_eigenvalues": "Eigenvalues (the first ten)",
    "table_pairs": "Pairs with the highest residual correlation",
    "note_detect": "DETECT: half of the persons (seed {seed}) make the groups, the other half checks them; below .2"
    " one dimension, .2 to .4 weakly, .4 to 1 moderately, above 1 strongly several (Roussos and Ozbe"
    "k 2006). DIMTEST asks whether a group of items goes together beyond the rest.",
    "note_parallel": "Parallel analysis: how many eigenvalues stand above the 95th percentile of {n} sets of shuffled"
    " answers.",
    "note_pairs": "aQ3 = Q3 less the mean of all pairs; above .2, or a standardised LD-X² above 10, and beyond cha"
    "nce by Bonferroni, a pair is suggested as enemies.",
    "enemies": "Suggested as enemies (not to meet on a paper again): {pairs}.",
    "no_enemies": "No pair need be kept apart.",
    "figure_scree": "Eigenvalues and chance {form}",
    "alt_scree": "Scree plot of the first {n} eigenvalues, the first {first}; dashed lines are those of shuffled "
    "answers.",
    "figure_q3": "Items with the highest residual correlations (aQ3) {form}",
    "alt_q3": "aQ3 of pairs of items, the highest: {pairs}.",
    "line_observed": "observed",
    "line_random_95": "shuffled, 95th percentile",
    "line_random_mean": "shuffled, mean",
    "axis_position": "Number",
    "axis_eigenvalue": "Eigenvalue",
    "verdict_one": "one",
    "verdict_weak": "weakly several",
    "verdict_several": "several",
    "verdict_none": "unknown",
    "correlation_tetrachoric": "tetrachoric",
    "correlation_polychoric": "polychoric",
    "correlation_pearson": "Pearson",
    "model_given": "ledger's parameters",
    "model_rasch": "Rasch",
    "model_2pl": "2PL",
    "enemy_true": "enemies",
    "enemy_false": "",
    "col_form": "Paper",
    "col_n": "n",
    "col_n_items": "Items",
    "col_first": "First eigenvalue",
    "col_second": "Second",
    "col_first_share": "Share of first",
    "col_n_factors": "Factors",
    "col_n_factors_pearson": "Factors (Pearson)",
    "col_detect": "DETECT (own)",
    "col_detect_other": "DETECT",
    "col_ratio": "Ratio",
    "col_assi": "ASSI",
    "col_n_clusters": "Groups",
    "col_dimtest": "T",
    "col_dimtest_p": "p",
    "col_n_enemies": "Enemies",
    "col_verdict": "Verdict",
    "col_n_left_out": "Left out",
    "col_status": "Status",
    "col_item": "Item",
    "col_other": "Other",
    "col_q3": "Q3",
    "col_aq3": "aQ3",
    "col_ld_z": "LD",
    "col_rank": "Rank",
    "col_enemy": "Suggestion",
    "col_model": "Model",
    "col_correlation": "Correlation",
    "col_position": "Number",
    "col_observed": "Observed",
    "col_random_mean": "Chance, mean",
    "col_random_95": "Chance, 95th percentile",
    "method_parallel": "Parallel analysis: Horn (1965) with the 95th percentile (Glorfeld 1995); tetrachoric or polycho"
    "ric correlations by two-step maximum likelihood (Olsson 1979), smoothed where not positive defi"
    "nite.",
    "method_detect": "DETECT: Zhang and Stout (1999), conditional covariances the mean of those given the rest score "
    "and the total; DIMTEST in the manner of Stout (1987), corrected by simulation (Stout, Froelich "
    "and Gao 2001).",
    "method_q3": "Q3: correlation of residuals (Yen 1984) with parameters of the paper's own calibration; aQ3 tak"
    "es the mean off (Christensen, Makransky and Horton 2017).",
}
