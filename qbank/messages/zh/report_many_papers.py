"""试卷很多（一人一卷）的考试的文本；与 report 同名的取代之。"""

TEXTS: dict[str, str] = {
    # 取代 report 中的同名文本
    "note_alpha": "全部试卷合为一行：α 由任意两题在同时做过这两题的考生中的协方差求得，说明原始得分有多可靠：抽到哪份卷带来的分差计为误差。"
    "{confidence}% 区间由每名考生的影响求得。",
    "note_kr": "KR-20 在试题只有满分和零分时等于 α；题数与分值为各卷平均。",
    "note_item_rest": "区分度为校正题总相关：与所做试卷其余计分题的超期望得分率的相关，合并含本题的全部试卷的考生；一题的期望为做过该题的全部考生的平均得分。"
    "区间按 Fisher 变换，{confidence}%。",
    "note_d27": "D27＝高分组与低分组难度系数之差，两组各为全部考生按超期望得分率排序的 27%；同分者平均分摊名额。",
    "note_alpha_if_dropped": "在做过本题的考生中，其试卷其余题的 α。",
    "method_alpha": "信度：α＝Σk²÷Σk(k−1) × C÷(C+V)，k 为考生的题数，V 为考生所做各题方差之和的平均，C 为其中任意两题协方差之和的平均，"
    "每个协方差由同时做过这两题的全部考生估计（全体同卷时即 Cronbach 1951 的 α）。按设计缺失：Graham、Taylor、Olchowski 与 Cumsille（2006）。"
    "原始得分的信度为同一真分数方差除以原始得分方差，试卷之间的差异计为误差（可靠性系数，Brennan 2001）。",
    "method_item_rest": "区分度：皮尔逊相关；效标为所做试卷其余计分题的得分减去这些题在全部做过者中的平均得分，再除以其满分，使不同试卷的考生可以并列。试测题不计入任何总分。",
    "method_groups": "分组：全部考生按超期望得分率名次分为三组、五组或上下 27%，各组人数恰为规定比例；同分者按比例分摊，与考生次序无关。",
    "method_difference": "试卷：每份卷给出各题难度都居平均的考生应得的分数，即其各题在全部做过者中平均得分之和。考生随机得卷时，各卷即相差如此。",
    "design_spiralled": "试卷随机发放：可比较各卷试题的期望得分。",
    "table_papers": "各卷由难到易",
    "table_reliability": "信度",
    "col_forms": "卷数",
    # 自有
    "many_lead": "共用 {papers} 份试卷，{persons}；不逐卷分析。每题有 {least} 至 {most} 名考生做过。",
    "many_one_each": "每卷一人",
    "many_several": "每卷至多 {n} 人",
    "many_spread": "各题难度都居平均的考生，各卷的期望得分为 {least} 至 {most} 分，中位 {middle}，标准差 {sd}，占总分方差的 {share}；在上文信度与合格判定中计为误差。",
    "many_table_spread": "各卷的期望得分",
    "many_col_what": "各卷的",
    "many_col_least": "最低", "many_col_lower": "下四分位", "many_col_middle": "中位", "many_col_upper": "上四分位", "many_col_most": "最高", "many_col_sd": "标准差",
    "many_of_expected": "期望得分", "many_of_facility": "难度系数", "many_of_items": "题数", "many_of_persons": "人数",
    "many_col_n": "人数",
    "many_col_n_items": "题数",
    "many_col_form": "试卷",
    "many_col_expected": "期望得分", "many_col_facility": "难度系数", "many_col_marks_max": "满分", "many_col_digest": "摘要", "many_col_cut": "合格线",
    "many_note_rows": "{of} 份试卷中的 {n} 份：最难的、四分位处的和最易的；全部列在数据文件中（CSV、工作簿、JSON）。",
    "many_family": "{papers} 份试卷",
    "many_cuts": "（等值：{n} 份试卷的合格线为 {low} 至 {high}）",
    "many_dimension": "不予给出：一份试卷的题没有别人做过，得不到完整的相关矩阵。请标定本次考试，标定报告说明各题是否符合单维。",
    "many_decisions": "判定以原始得分为准，不论抽到哪份卷；“两次”指两份不同的卷。按试题参数计算时，一定能力下的得分视为正态分布。",
    "many_dif": "全部试卷的考生按各自试卷的得分匹配；SIBTEST 要求全体做同样的题，故不列。",
}
