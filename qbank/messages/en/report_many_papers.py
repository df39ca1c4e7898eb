"""Texts of a sitting of very many papers, one a person; those that `report` has too stand in their place."""

TEXTS: dict[str, str] = {
    # in place of the texts of `report`
    "note_alpha": "One row for all papers: α is from the covariances of any two items over the candidates who had both, and tells what the marks as given are "
    "worth: what the paper drawn adds or takes counts as error. {confidence} % interval by each candidate's influence.",
    "note_kr": "KR-20 equals α where items earn full marks or none; items and marks are those of a paper on average.",
    "note_item_rest": "Discrimination is the item–rest correlation: with the share of marks above expectation on the other scored items of the paper sat, "
    "over the candidates of all papers that hold the item; an item's expectation is its mean over all who had it. Fisher's {confidence} % interval.",
    "note_d27": "D27 = facility in the upper minus the lower group, each exactly 27 % of all candidates by rank of the share of marks above expectation; "
    "tied candidates share the places.",
    "note_alpha_if_dropped": "α of the other items of their papers, over the candidates who had the item.",
    "axis_fifth": "Group by marks above expectation, {groups} of equal size (low → high)",
    "method_alpha": "Reliability: α = Σk²/Σk(k−1) · C/(C+V), k a candidate's items, V the mean over candidates of the sum of their items' variances, C that of the "
    "sum of the covariances of any two of them, each estimated from all who had both items (with everybody on one paper this is Cronbach's 1951 α). "
    "Items missing by design: Graham, Taylor, Olchowski and Cumsille (2006). Of the marks as given it is the same true variance over theirs, "
    "differences between papers being error (a coefficient of dependability, Brennan 2001).",
    "method_item_rest": "Discrimination: Pearson's r; the criterion is the marks on the other scored items of the paper sat, less the mean marks of these items "
    "over all who had them, as a share of their full marks, so that candidates of different papers stand side by side. Pretest items count in no total.",
    "method_groups": "Groups: thirds, fifths or the outer 27 % of all candidates by rank of the share of marks above expectation, of exactly the stated "
    "sizes; tied candidates are divided in proportion, so the order of rows does not matter.",
    "method_options": "Option with rest: Pearson's r of choosing (1) or not (0) with the share of marks above expectation on the other items, over all who saw the item; who omitted it did not "
    "choose. The mean score of the choosers is of their marks as given, each on the paper sat.",
    "method_difference": "Papers: of each paper the marks are given that somebody of mean facility on every item would have: the sum of its items' mean marks over all who "
    "had them. By this the papers differ as far as candidates got them by chance.",
    "design_spiralled": "Papers were assigned at random: what their items let expect may be compared.",
    "table_papers": "Papers, from the hardest to the easiest",
    "table_reliability": "Reliability",
    "col_forms": "Papers",
    # its own
    "many_lead": "{papers} papers were sat, {persons}; one by one they are not told apart. Items were had by {least} to {most} candidates.",
    "many_one_each": "one candidate each",
    "many_several": "up to {n} candidates each",
    "many_spread": "The papers let expect {least} to {most} marks of somebody of mean facility on every item, middle {middle}, standard deviation {sd}. "
    "That is {share} of the variance of the totals; it counts as error in the reliability and in the decisions above.",
    "many_table_spread": "Marks that the papers let expect",
    "many_col_what": "Of the papers",
    "many_col_least": "Least", "many_col_lower": "Lower quartile", "many_col_middle": "Median", "many_col_upper": "Upper quartile", "many_col_most": "Most", "many_col_sd": "SD",
    "many_of_expected": "Marks expected", "many_of_facility": "Facility", "many_of_items": "Items", "many_of_persons": "Candidates",
    "many_col_n": "Candidates",
    "many_col_n_items": "Items",
    "many_col_form": "Paper",
    "many_col_expected": "Marks expected", "many_col_facility": "Facility", "many_col_marks_max": "Marks", "many_col_digest": "Digest", "many_col_cut": "Cut",
    "many_note_rows": "{n} of {of} papers: the hardest, the quartiles and the easiest; all of them stand in the data files (CSV, workbook, JSON).",
    "many_family": "{papers} papers",
    "many_cuts": " (equated: {n} papers have cuts from {low} to {high})",
    "many_dimension": "Not given: nobody else answered the items of one paper, so that no table of all their correlations exists. Calibrate the sitting, "
    "and the report of the calibration tells how items fit one dimension.",
    "many_decisions": "The decisions are on the marks as given, whatever paper was drawn; “twice” means on two papers. By item parameters, marks at an ability are "
    "taken as normal.",
    "many_dif": "Candidates sat different papers: all are matched together, on the marks above what their own paper lets expect (see Methods). SIBTEST and DIF by item "
    "response theory need enough candidates of both groups on the same items, and are not given.",
    # methods: in place of what the sections say of one paper
    "method_sem": "Standard error of measurement: s·√(1−α), both of the marks as given, differences between papers included: one value for all candidates. The SEM beside α in the "
    "first row of the coefficients is without the differences between papers.",
    "many_method_strata": "Stratified α: 1 − Σ error variances / variance (Cronbach, Schönemann and McKie 1965), of marks above expectation; a stratum's error is from the covariances of any "
    "two of its items, and a stratum of one item is all error. The reliability of the parts is of their marks as given, differences between papers being error.",
    "many_method_conditional": "Conditional standard error: Lord (1957) takes each candidate's items as drawn at random, which includes what papers differ by; Keats (1957) is brought to the α of "
    "the marks as given; Feldt and Qualls (1996) and the compound error (Feldt 1984) are from the spread of each candidate's marks on the paper sat, without what papers differ by, smoothed over the candidates "
    "of all papers with both ends held at zero; IRT adds the variance of the papers' expected marks at an ability.",
    "many_method_subscores": "Subscores are marks above expectation; items are a candidate's on average. Their reliability therefore differs a little from that of the parts, which is of the marks as given.",
    "many_method_decided": "Candidates of all papers are decided on together: the α above is that of the marks as given, differences between papers being error. The error changes with the score but is the same for all papers and "
    "candidates; none is estimated person by person. Totals of a paper with an (equated) cut of its own are moved by the difference of the two cuts; where full marks differ, totals are brought to the largest.",
    "many_method_lee": "Where all items that count have parameters: Lee (2010), the marks on each paper being taken as normal given ability, with mean and variance summed over its items and half a step added "
    "(not the exact distribution); papers are weighted by candidates; the true category is by the marks expected on a paper on average; two decisions are on two papers. "
    "Methods for one paper (Hanson–Brennan, Huynh, Subkoviak, Rudner) are not given.",
    "many_method_figures": "All valid candidates count; a total at the cut passes. A true score on a paper on average at or above the cut deserves to pass.",
    "many_method_intervals": "Decision accuracy needs {needed} candidates. Intervals by bootstrap over candidates with their papers ({n} samples, seed {seed}, percentiles), the reliability anew in every sample, "
    "the expectations of items kept; none above 20,000 candidates.",
}
