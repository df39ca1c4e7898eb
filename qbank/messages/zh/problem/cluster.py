"""在集群上估计。"""

TEXTS: dict[str, str] = {
    "C140": "未安装附加组件 cluster，不能使用集群",
    "C140.hint": '安装时带上它：pip install "qbank[cluster]"',
    "C141": "“{found}”不是集群",
    "C141.hint": "可写 local、local:2（本机两个工作进程），或调度器地址 tcp://主机:端口",
    "C142": "{place} 没有调度器应答",
    "C142.hint": "在那台机器上用 dask scheduler 启动调度器，检查主机、端口和防火墙；--cluster local 不需要调度器",
    "C143": "{place} 的调度器没有工作进程",
    "C143.hint": "启动几个：dask worker {place} --nthreads 1 --nworkers 4",
    "C144": "{place} 的工作进程没有安装 qbank，或版本与本机不同：{detail}",
    "C144.hint": "调度器、工作进程和本机装同一版本的 qbank，再重新启动工作进程",
    "C145": "{place} 的工作进程全部失去联系，没有一个恢复",
    "C145.hint": "未存入任何结果；启动工作进程后重新标定",
    "C146": "{place} 的工作进程一再在同一数据块上中断：{detail}",
    "C146.hint": "未存入任何结果；请查看工作进程所在机器的内存和日志",
}
