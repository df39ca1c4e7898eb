"""Texts of the report's section on decision accuracy."""

TEXTS: dict[str, str] = {
    "title": "Decision accuracy",
    "nothing": "Nothing is said about the decisions: there are none.",
    "of_paper": "Paper {form}: ",
    "sentence": "{form}{accuracy} of the candidates are judged as their true level deserves. Of 100 who passed, about {passed} "
    "should not have; of 100 who failed, about {failed} should have passed. On another paper like this one {consistency} "
    "would get the same result (κ = {kappa}).",
    "with_interval": "{number} ({ends})",
    "less_than_one": "fewer than 1",
    "nobody": "none (nobody is in that group)",
    "withheld_too_few": "{form}decision accuracy is not shown: {n} candidates, needed are {needed}.",
    "withheld_no_cut": "{form}decision accuracy does not exist: the sitting has no cut.",
    "withheld_no_data": "{form}decision accuracy does not exist: there are no complete answers.",
    "withheld_constant": "{form}decision accuracy does not exist: all totals are equal.",
    "withheld_no_reliability": "{form}decision accuracy does not exist: α is not above 0. Check the key first.",
    "withheld_no_length": "{form}decision accuracy does not exist: scores this unreliable are those of fewer than two questions.",
    "withheld_no_variance": "{form}decision accuracy does not exist: by α and the spread of the totals the true scores do not vary.",
    "table": "Decisions at the cut, by method",
    "table_near": "Candidates within one standard error at the cut",
    "figure": "Chance of the right decision, by true score",
    "alt": "Probability of the right decision at each true score ({forms}): lowest at the cut, which the dashed line marks.",
    "axis_true": "True score (marks)",
    "axis_probability": "Probability",
    "curve_accuracy": "right decision",
    "curve_passing": "passing",
    "note_figures": "Accuracy: decided as the true score would be. Consistency: the same decision twice. κ = (consistency − "
    "chance) / (1 − chance). Wrong passes and wrong fails are shares of all candidates; of those passed and of those failed "
    "stand beside. The first row is the one in the sentence.",
    "note_bootstrap": "Intervals: {confidence} %, {n} samples of the candidates drawn with replacement (seed {seed}), first method only; "
    "the data file has them for every figure.",
    "note_no_interval": "No intervals were computed.",
    "note_fallback": "Four moments gave no four-parameter distribution of true scores ({forms}): the two-parameter one stands "
    "in the first row too.",
    "note_near": "Standard error at the cut: that of the model, full marks × √(p(1 − p)/n), p = cut / full marks, n the effective "
    "test length.",
    "col_form": "Paper",
    "col_method": "Method",
    "col_n": "n",
    "col_status": "Status",
    "col_accuracy": "Accuracy",
    "col_accuracy_low": "Accuracy low",
    "col_accuracy_high": "Accuracy high",
    "col_consistency": "Consistency",
    "col_consistency_low": "Consistency low",
    "col_consistency_high": "Consistency high",
    "col_kappa": "κ",
    "col_kappa_low": "κ low",
    "col_kappa_high": "κ high",
    "col_false_pass": "Wrong passes",
    "col_false_fail": "Wrong fails",
    "col_wrong_of_passed": "of those passed",
    "col_wrong_of_failed": "of those failed",
    "col_pass_rate": "Pass rate, model",
    "col_observed_rate": "Pass rate, observed",
    "col_reliability": "α",
    "col_effective_length": "Effective length",
    "col_cut": "Cut",
    "col_csem": "SEM at the cut",
    "col_n_below": "Within 1 SEM below",
    "col_n_above": "Within 1 SEM above",
    "col_share": "Share of all",
    "col_share_low": "low",
    "col_share_high": "high",
    "method_livingston_lewis_4p": "Livingston–Lewis, 4 parameters",
    "method_livingston_lewis_2p": "Livingston–Lewis, 2 parameters",
    "method_hanson_brennan_4p": "Hanson–Brennan",
    "method_huynh": "Huynh (KR-21)",
    "method_subkoviak": "Subkoviak",
    "method_lee": "Lee (IRT, sum score)",
    "method_rudner": "Rudner (IRT, ability)",
    "status_ok": "",
    "status_too_few": "too few persons",
    "status_no_cut": "no cut",
    "status_no_data": "no data",
    "status_constant": "all totals equal",
    "status_one_item": "one item",
    "status_too_short": "fewer than 4 items",
    "status_no_reliability": "α not above 0",
    "status_no_length": "too unreliable",
    "status_no_variance": "true scores do not vary",
    "status_negative": "KR-21 not above 0",
    "status_not_right_wrong": "only for items of equal marks, right or wrong",
    "status_no_parameters": "needs item parameters",
    "method_reported": "Decision accuracy: Livingston and Lewis (1995). Totals on the scale of the effective test length "
    "n = (m(T − m) − α·s²) / (s²(1 − α)) (T full marks); the true shares follow a beta distribution with the moments that "
    "binomial errors leave (four parameters; two where four moments allow none), scores are binomial of n rounded; the cut is "
    "the whole number nearest to cut/T × n. Marginals are the model's, not adjusted to the observed pass rate.",
    "method_numbers_right": "Beside it, where all items earn the same marks or none: Hanson and Brennan (1990; Lord's two-term "
    "compound binomial), Huynh (1976; beta-binomial with KR-21), Subkoviak (1976; true share regressed by α, consistency only).",
    "method_parameters": "Where the items have parameters: Lee (2010; distribution of the sum given ability, Lord and Wingersky "
    "1984, true category by expected score) and Rudner (2005; estimate normal around ability, error 1/√information, the cut at "
    "the ability whose expected score it is). Slopes are per logistic unit: no constant D.",
    "method_figures": "Persons complete on the scored items; a total at the cut passes. A true score at or above the cut "
    "deserves to pass.",
    "method_intervals": "Decision accuracy needs {needed} persons on a paper. Intervals by bootstrap over persons ({n} samples, "
    "seed {seed}, percentiles), α anew in every sample; none above 20,000 persons.",
    "method_near": "Near the cut: totals within one conditional standard error at the cut, on either side; the table of the score "
    "distribution uses the one standard error s·√(1 − α) of all.",
}
