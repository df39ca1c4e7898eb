"""组卷结果的证明。"""

TEXTS: dict[str, str] = {
    "certificate.title": "组卷证明",
    "certificate.colon": "：",
    "certificate.goal": "目标",
    "certificate.reached": "达到",
    "certificate.then": "其次",
    "certificate.deviation": "最大偏差 {value}（下界 {bound}，差距 {gap}）",
    "certificate.mixed": "{value}（下界 {bound}，差距 {gap}）",
    "certificate.information": "信息量 {value}（至多 {bound}，差距 {gap}，即 {percent}%）",
    "certificate.uses": "以前用过 {value} 次（下界 {bound}，差距 {gap}）",
    "certificate.seconds": "{value} 秒（下界 {bound}，差距 {gap}）",
    "certificate.later": "{value}（下界 {bound}）",
    "certificate.apart": "各卷之间",
    "certificate.differ": "期望得分至多相差 {score} 分，信息量至多相差 {information}%",
    "certificate.estimation": "仅由参数估计误差造成",
    "certificate.error": "±{score_error} 分，信息量 ±{information_error}%（两卷之差的一个标准误）",
    "certificate.error_alone": "±{score_error} 分，信息量 ±{information_error}%（一个标准误）",
    "certificate.rules": "规则",
    "certificate.broken": "不依赖求解器逐条复核 {n} 项，违反 {broken} 项",
    "certificate.method": "方法",
}
