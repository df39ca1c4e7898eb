"""calibrate."""

TEXTS: dict[str, str] = {
    "calibrate.short": "用 IRT 标定试题",
    "calibrate.example": "qbank calibrate 2026-11-A --model 2pl",
    "calibrate.working": "标定…",
    "calibrate.done": "{model}：{n} 人，{items} 题，对数似然 {log_likelihood}，梯度 {norm}，量尺 {scale}，锚定 {anchored} 题",
    "calibrate.left_out": "等待决定而未标定：{items}",
    "calibrate.table": "参数与拟合：{path}",
    "calibrate.report": "报告：{path}",
    "calibrate.planned": "人数少，另按评定难度收缩估计，仅供组卷计划，不得用于计分、划线和等值：{path}",
    "calibrate.anchors": "锚题清单与图：{table}，{plot}",
    "calibrate.comparing": "比较模型…",
    "calibrate.candidate": "{model}：{status}；对数似然 {log_likelihood}，{values} 个参数，AIC {aic}，BIC {bic}，SABIC {sabic}；每题至少 {floor} 人，不足的 {below} 题",
    "calibrate.status.ok": "可用",
    "calibrate.status.too_few_persons": "人数不足",
    "calibrate.status.not_converged": "未收敛",
    "calibrate.verdict.clear": "数据支持 {model}",
    "calibrate.verdict.weak": "数据略支持 {model}，差别很小",
    "calibrate.verdict.mixed": "各指标不一致；按 BIC 用较简单的 {model}",
    "calibrate.verdict.too_few_persons": "人数对各模型都不够；要用就用 {model}，并看标准误",
    "calibrate.verdict.not_converged": "没有模型收敛，请检查数据",
    "option.--compare": "只比较 rasch、2pl、3pl，不存入",
}
