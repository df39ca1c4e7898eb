"""Parts of speech as far as a few words tell them: options that say what is done, and one that names a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DOES = re.compile(
    "(?:立即|及时|先|应|再|继续|缓慢|适当|可以?|能够?|使|用以)?(?:去除|除去|脱除|保护|防止|避免|提高|提升|降低|增加|增大|减少|减小|减轻|减弱|加快|加强|加速|促进|抑制|控制|保证|保持|维持|"
    "改善|改变|调整|调节|检查|停止|关闭|打开|开启|启动|切断|切换|更换|清理|清除|测量|记录|报告|通知|撤离|佩戴|使用|采用|支承|支撑|承受|加固|密封|冷却(?!水|剂|器|壁|塔)|搅拌|吸收|排出|补充|延长|缩短|"
    "提枪|降枪|摇炉|停吹|加入|倒出|吹扫|确认|消除|稀释|促使|形成|吸附|回收|输送|传递|固定|连接)"
)
_THING = re.compile(
    "(?:水|渣|钢|铁|气|料|炉|枪|石灰|阀|器|机|泵|砖|剂|物|管|罐|包|车|衬|口|孔|层|板|绳|钩|电|煤|焦|砂|石|罩|塔|环|圈|法|制度)$"
)


def odd_part_of_speech(options: Sequence[str]) -> int | None:
    """Return which option alone names a thing where at least three say what is done, or does where they name things.

    Only what the lists of words are certain of: an option of neither list settles nothing.

    >>> odd_part_of_speech(["去除磷硫", "保护炉衬", "防止吸气", "石灰"]), odd_part_of_speech(["铁水", "废钢", "石灰", "搅拌"])
    (3, None)
    """
    odd = -1
    for at, option in enumerate(options if len(options) >= 4 else ()):
        if _DOES.match(option) is None:
            if odd >= 0 or len(option) > 6 or not _THING.search(option):
                return None
            odd = at
    return odd if odd >= 0 else None
