"""Texts of the report after a sitting."""

TEXTS: dict[str, str] = {
    # structure
    "contents": "Contents",
    "filter": "Filter by any words",
    "filter_all": "All flags",
    "filter_count": "{n} of {of} rows shown",
    "rows_in_all": "{n} rows",
    "to_table": "to the item table",
    "copy_link": "copy link to this card",
    "link_copied": "copied",
    "summary": "Summary",
    "scores": "Score distribution",
    "reliability": "Reliability",
    "papers": "Papers compared",
    "items": "Items",
    "cards": "Item cards",
    "methods": "Methods and definitions",
    "versions": "Versions",
    "list_comma": ", ",
    # summary
    "present": "Valid candidates",
    "pass_rate": "Pass rate",
    "mean_score": "Mean total",
    "cut": "Cut (marks)",
    "n_papers": "Papers",
    "n_held": "Items held",
    "interval": "95 %: {interval}",
    "under_mean": "standard deviation {sd}",
    "under_items": "{n} items in all",
    "under_held": "not to be used until decided",
    "left_out": "Left out: {void} void, {withheld} withheld, {absent} absent; "
    "among valid candidates a further {void_answers} void and {withheld_answers} withheld answers.",
    "warn_suppressed": "Fewer than {n} valid candidates: no statistics are shown.",
    "warn_small": "Fewer than {n} valid candidates: every statistic here is very uncertain.",
    "note_rates": "Pass: a total of at least {cut} marks. Wilson 95 % intervals; standard deviations "
    "with n − 1.",
    "note_held": "A reviewer checks each of these and decides (correct the key and re-score, drop, "
    "or keep); "
    "the decision is recorded in the bank.",
    "note_suppressed": "Rows with fewer than {n} persons show their number only.",
    "note_small": "Some rows rest on fewer than {n} persons and are very uncertain.",
    "table_rates": "Pass rates",
    "table_held": "Items held for a decision",
    "by_all": "All",
    "by_form": "Paper",
    # score distribution
    "no_scores": "There is no score distribution to show.",
    "no_items": "There are no items.",
    "cut_label": "cut {cut}",
    "axis_score": "Total (marks)",
    "axis_persons": "Candidates",
    "axis_share": "Share of the paper's candidates",
    "axis_cumulative": "Share at or below",
    "figure_histogram": "Histogram of totals (bins of {width} marks, lower edge included, in the "
    "last both)",
    "title_bar": "{low} ≤ total < {high}: {n} candidates",
    "figure_shapes": "Score distribution by paper",
    "figure_cumulative": "Cumulative distribution",
    "alt_histogram": "Histogram of totals: {n} candidates, lowest {low}, highest {high}; the dashed "
    "line is the cut.",
    "alt_shapes": "Score distribution of each paper as a line: {forms}.",
    "alt_cumulative": "Cumulative distribution of each paper: share of candidates at or below each total.",
    "note_forms_drawn": "The figures show the first {n} of {of} papers; the tables hold them all.",
    "table_borderline": "Candidates near the cut",
    "note_borderline": "Totals within one standard error of measurement (SEM) of the cut: "
    "measurement error alone could have decided these.",
    # reliability
    "table_reliability": "Reliability by paper",
    "note_alpha": "α is Cronbach's, over candidates with marks on every scored item; Feldt's "
    "(1965) 95 % interval. "
    "Standardised α comes from the mean inter-item correlation, items that do not vary left out.",
    "note_kr": "KR-20 equals α where items earn full marks or none; KR-21 also needs equal marks; else "
    "neither is given.",
    "note_sem": "SEM = standard deviation × √(1 − α), in marks; variances with n − 1.",
    "status_no_data": "Paper {form}: nobody sat it.",
    "status_one_person": "Paper {form}: one candidate, so no reliability exists.",
    "status_one_item": "Paper {form}: one item, so α does not exist.",
    "status_constant": "Paper {form}: all totals are equal, so no reliability exists.",
    "status_negative": "Paper {form}: α is negative; the items contradict one another. Check the key "
    "first.",
    # papers
    "table_papers": "Papers side by side",
    "table_differences": "Pairwise differences",
    "design_spiralled": "Papers were assigned at random: the groups are alike by chance, "
    "so a difference of means belongs to the papers.",
    "design_anchor": "Papers share common items and candidates were not assigned at random: "
    "a difference of means belongs to the papers only after linking.",
    "design_none": "Papers were not assigned at random and share no items: "
    "a difference of means may come from the candidates or from the papers, and the two cannot be "
    "told apart.",
    "one_paper": "There is one paper, hence nothing to compare.",
    "note_difference": "d = difference of means / pooled standard deviation (n − 1; Cohen 1988), "
    "interval of Hedges and Olkin (1985); first paper minus second.",
    "verdict_alike": "No difference in difficulty shown: the interval holds 0.",
    "verdict_small": "The papers differ in difficulty, but little (|d| < 0.2).",
    "verdict_different": "{first} and {second} differ in difficulty: assignment was random, so it "
    "belongs to the papers.",
    "verdict_anchor": "Not attributable to the papers before linking.",
    "verdict_confounded": "Not attributable to the papers: assignment was not random.",
    "verdict_no_data": "Cannot be compared.",
    "verdict_suppressed": "Too few candidates to compare.",
    # items
    "table_items": "Item statistics (click a heading to sort; item–total, biserial, variance and α "
    "without are on the cards and in the data)",
    "figure_scatter": "Facility and discrimination",
    "alt_scatter": "Scatter plot of {n} items: facility (high = easy) across, item–rest correlation "
    "up. Held: "
    "{held}.",
    "note_facility": "Facility = mean marks / full marks, high = easy; 95 % interval: Wilson where "
    "items earn full marks "
    "or none, otherwise normal.",
    "note_item_rest": "Discrimination is the item–rest correlation: with the marks on the other "
    "scored items of the paper "
    "sat, the item itself left out; for items that papers share the criterion is standardised "
    "within paper and pooled; "
    "Fisher's 95 % interval.",
    "note_item_total": "Item–total correlation: the total includes the item, which raises it.",
    "note_biserial": "Biserial = item–rest correlation × √(p(1−p)) / normal ordinate; only where "
    "items earn full "
    "marks or none.",
    "note_d27": "D27 = facility in the upper minus the lower group, each exactly 27 % by rank of "
    "the paper's total; "
    "tied candidates share the places.",
    "note_variance": "Variance of the marks, with n − 1.",
    "note_omitted": "Omitted (seen, left blank) and not reached (blank to the end) count 0 marks "
    "in every statistic; "
    "shares are of the candidates who saw the item.",
    "note_alpha_if_dropped": "α of the other items; for items that papers share, the mean weighted "
    "by candidates.",
    # cards
    "note_cards": "One card an item: open it for the stem, the options and their curves. Printing "
    "opens all.",
    "lead": "n={n}   facility {facility}   discrimination {rest}",
    "key_is": "key {key}",
    "of_marks": "of {marks} marks",
    "table_options": "Options",
    "figure_quantiles": "Choice by score group (thick: key)",
    "axis_fifth": "Fifth by total (low → high)",
    "axis_option": "Share choosing",
    "alt_quantiles": "Item {item}: share of each of five score groups that chose each option; "
    "numbers in the table.",
    "key_mark": " ✓",
    "role_key": "key",
    "role_distractor": "distractor",
    "role_other": "other answer",
    "role_omitted": "omitted",
    "role_not_reached": "not reached",
    # columns
    "decisions": "Decisions",
    "col_decided": "Decision",
    "col_named": "Key / other item",
    "col_reason": "Reason",
    "col_who": "Who",
    "col_at": "When (UTC)",
    "col_run": "Marking",
    "col_change": "Change in passes",
    "col_current": "Current",
    "yes": "yes",
    "table_decisions": "Decisions about items",
    "table_scorings": "Markings of the answers",
    "no_decisions": "Nothing has been decided about items of this sitting yet.",
    "note_scorings": "Change in passes: against the marking before.",
    "verdict_box": "Verdict",
    "choice_keep": "keep",
    "choice_revise": "revise",
    "choice_rekey": "re-key",
    "choice_accept": "accept another key",
    "choice_drop": "drop",
    "choice_credit": "credit to all",
    "choice_retire": "retire",
    "choice_enemy": "enemy of another item",
    "table_neighbours": "Items with the highest residual correlation",
    "note_neighbours": "Q3: correlation of the residuals of two items once ability is taken out (Yen 1984); aQ3: less the mean of the paper; LD z: Chen & Thissen (1997). Only aQ3 of 0.05 or more, three items at most.",
    "enemy_suggested": "suggested as enemies: does one hint at the other?",
    "col_other": "Item",
    "col_q3": "Q3",
    "col_aq3": "aQ3",
    "col_ld_z": "LD z",
    "col_enemy": "Suggestion",
    "table_history": "Earlier use",
    "col_by": "By",
    "col_value": "Name",
    "col_n": "n",
    "col_n_passed": "Passed",
    "col_rate": "Pass rate",
    "col_rate_low": "low",
    "col_rate_high": "high",
    "col_mean": "Mean",
    "col_sd": "SD",
    "col_form": "Paper",
    "col_forms": "Paper",
    "col_cut": "Cut",
    "col_sem": "SEM",
    "col_n_below": "Within 1 SEM below",
    "col_n_above": "Within 1 SEM above",
    "col_borderline": "Share of all",
    "col_low": "low",
    "col_high": "high",
    "col_n_left_out": "Left out",
    "col_n_items": "Items",
    "col_alpha": "α",
    "col_alpha_low": "α low",
    "col_alpha_high": "α high",
    "col_alpha_standardised": "Standardised α",
    "col_kr20": "KR-20",
    "col_kr21": "KR-21",
    "col_first": "First",
    "col_second": "Second",
    "col_difference": "Difference (marks)",
    "col_d": "d",
    "col_d_low": "d low",
    "col_d_high": "d high",
    "col_verdict": "Verdict",
    "col_item": "Item",
    "col_facility": "Facility",
    "col_facility_low": "low",
    "col_facility_high": "high",
    "col_item_rest": "Item–rest r",
    "col_item_rest_low": "low",
    "col_item_rest_high": "high",
    "col_item_total": "Item–total r",
    "col_biserial": "Biserial",
    "col_d27": "D27",
    "col_variance": "Variance",
    "col_omitted": "Omitted",
    "col_not_reached": "Not reached",
    "col_alpha_if_dropped": "α without",
    "col_mean_marks": "Mean marks",
    "col_flags": "Flags",
    "col_why": "Why",
    "col_option": "Option",
    "col_text": "Text",
    "col_role": "Role",
    "col_share": "Share",
    "col_share_low": "Low third",
    "col_share_mid": "Middle",
    "col_share_high": "High third",
    "col_rest_correlation": "r with rest",
    "col_mean_score": "Mean total",
    "col_threshold": "Threshold",
    "col_limit": "Value",
    "col_raises": "Meaning",
    "col_what": "What",
    "col_name": "Name",
    "col_version": "Version",
    # flags
    "flag_miskey": "possible miskey",
    "flag_negative": "negative",
    "flag_low_discrimination": "low discrimination",
    "flag_too_easy": "too easy",
    "flag_too_easy_short": "easy",
    "flag_too_hard": "too hard",
    "flag_high_omit": "often omitted",
    "flag_not_reached": "often not reached",
    "flag_non_functioning": "idle distractor",
    "flag_small_n": "few persons",
    "flag_suppressed": "too few persons",
    "flag_pretest": "pretest",
    "flag_no_data": "no data",
    "flag_constant": "no variation",
    "why_miskey": "Option {option} correlates {value} with the rest of the paper, the item keyed "
    "{key} only {key_value}, "
    "and strong candidates choose {option}. Check the key.",
    "why_negative": "Item–rest correlation {value}: stronger candidates do worse. "
    "Check the key, the wording, and for a second right answer.",
    "why_low_discrimination": "Item–rest correlation {value}, below {limit}.",
    "why_too_easy": "Facility {value}, above {limit}: almost everybody is right.",
    "why_too_hard": "Facility {value}, below {limit}: near or below guessing.",
    "why_high_omit": "Omitted by {value}, above {limit}.",
    "why_not_reached": "Not reached by {value}, above {limit}: time may have been short.",
    "why_non_functioning": "Option {option} attracted fewer than {limit}. For information only.",
    "why_small_n": "{value} persons, fewer than {limit}: very uncertain.",
    "why_suppressed": "{value} persons, fewer than {limit}: statistics are not shown.",
    "why_pretest": "Being tried out: its marks do not count; its answers are analysed and calibrated like any others.",
    "why_no_data": "There are no usable answers.",
    "why_constant": "Everybody has the same marks (facility {value}): discrimination does not exist.",
    # methods
    "method_facility": "Facility: mean marks / full marks; for items that earn full marks or none, "
    "the share right. "
    "95 % intervals.",
    "method_item_rest": "Discrimination: Pearson's r; the criterion is the candidate's marks on "
    "the other scored items of "
    "the paper sat (the item is not in it). Where papers share no items each item is held against "
    "its own paper; for items "
    "that papers share the criterion is standardised within paper. Pretest items count in no total.",
    "method_biserial": "Biserial: r·√(p(1−p)) / φ(Φ⁻¹(p)) (Lord and Novick 1968), r being the item–"
    "rest correlation.",
    "method_groups": "Groups: thirds, fifths or the outer 27 % by rank of the total within the "
    "paper, of exactly the stated "
    "sizes; tied candidates are divided in proportion, so the order of rows does not matter.",
    "method_options": "Option with rest: Pearson's r of choosing (1) or not (0) with the marks on "
    "the other items, over all "
    "who saw the item; who omitted it did not choose.",
    "method_alpha": "α: k/(k−1)·(1 − Σsᵢ²/s²), variances with n − 1; interval 1 − (1−α)F with n−1 "
    "and (n−1)(k−1) degrees "
    "of freedom (Feldt 1965).",
    "method_sem": "Standard error of measurement: s·√(1−α), one value for all candidates.",
    "method_pass": "Interval of a pass rate: Wilson (1927), without continuity correction.",
    "method_difference": "Standardised difference d: difference of means / pooled standard deviation; "
    "interval d ± 1.96·√((n₁+n₂)/(n₁n₂) + d²/(2(n₁+n₂))).",
    "method_missing": "Missing: an item not seen does not count; omitted and not reached count 0; "
    "void and withheld answers "
    "are left out and counted; a candidate whose every answer is void or withheld is left out.",
    "method_small": "Small samples: below {suppress} persons statistics are suppressed, below {small} "
    "marked. Below {interval} a flag stands only where the whole 95 % interval lies beyond the threshold. A possible miskey must lead the key with the stated certainty at every size (influence of each person on the difference of two correlations, Devlin, Gnanadesikan & Kettenring 1975; Bonferroni over distractors).",
    "table_thresholds": "Thresholds of this report",
    "limit_marks_only_below": "fewer persons: marks and who passed, no statistics",
    "limit_options_only_below": "fewer persons: no flags, only how often each option was chosen",
    "limit_small_below": "fewer persons: a flag only where the interval lies wholly beyond the threshold; from here on Rasch calibration and mean equating",
    "limit_dif_from": "from this many in all: differential functioning (DIF), dimension, linear equating",
    "limit_dif_focal_from": "from this many in the smaller group: differential functioning (DIF)",
    "limit_two_pl_from": "from this many: the two-parameter model",
    "limit_three_pl_from": "from this many: the three-parameter model and equipercentile equating",
    "limit_miskey_key_at_most": "possible miskey: the key's item–rest correlation is at most this",
    "limit_miskey_option_at_least": "possible miskey: another option's correlation is at least this",
    "limit_miskey_margin": "possible miskey: the option leads by at least this",
    "limit_miskey_certainty": "possible miskey: that the option leads the key at all, certainty over all distractors, by the number of persons",
    "limit_miskey_top_share": "possible miskey: at least this share of the top third chose the option",
    "limit_miskey_majority": "possible miskey where nobody chose the key: share of the top third that chose the option",
    "limit_two_keys_of_key": "two keys: the option draws at least so much of what the key draws in the top third",
    "limit_two_keys_top_share": "two keys: and at least this share of the top third",
    "limit_misfit_beyond": "misfit: residual of the model curve beyond so many standard errors",
    "limit_misfit_groups": "misfit: in at least so many groups of ability",
    "limit_negative_below": "negative: item–rest correlation below this",
    "limit_low_discrimination_below": "low discrimination: below this",
    "limit_too_easy_above": "too easy: facility above this",
    "limit_too_hard_below": "too hard: facility below this",
    "limit_non_functioning_below": "idle distractor: share below this",
    "limit_high_omit_above": "often omitted: share above this",
    "limit_not_reached_above": "often not reached: share above this",
    "program": "Program and data",
    "table_rules": "How answers became marks",
    "col_rule": "rule",
    "table_versions": "What this report rests on",
    "note_versions": "The same input gives the same report, byte for byte.",
    "title_curve": "Ability {theta}, {n} persons: {share} of the marks, the model expects {expected}",
    "axis_ability": "Ability",
    "axis_share_of_marks": "Share of the marks",
    "figure_curve": "Found and expected share of the marks",
    "alt_curve": "Curve of item {item}: the share of the marks that {n} groups of persons earned; {off} of them lie clearly off the curve.",
    "method_curve": "Item curve: the line is made from the item's parameters; the points are ten groups of persons by ability (EAP) with their 95 % intervals; a group more than 3 standard errors off its expectation is drawn as a diamond. The abilities rest on the item itself too, which draws the two together a little where a paper has few items.",
    "cuts_of_papers": " (equated: paper {papers})",
}
