"""What a Chinese stem says of its answer before it is read: how many parts it has, and what its measure word takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_COUNTED = re.compile(
    r"[“\"](?P<quoted>[两二三四五六七八九])[^”\"\d]{1,4}[”\"][^，。（(]{0,8}(?:是|为|指|包括)的?(?:什么)?[：:]?[\s\u3000]{0,3}[（(？?]"
    r"|(?P<number>[两二三四五六七八九])(?P<what>个字|[大项个种类方面要素步阶段]{1,3})[^。（(\d]{0,8}(?:是|为|指|有|即|包括|依次是|分别是)[：:]?[\s\u3000]{0,3}[（(？?]"
)
_AND = re.compile("[、，；]|(?<=.{2})[和与及]")
_TAKES = {
    "根": "绳管棒杆线枪梁索条", "台": "机泵车器炉", "座": "炉桥塔厂", "把": "钳手刀锤铲锹锁", "块": "砖板石布", "张": "图表纸单",
    "辆": "车", "顶": "帽", "副": "镜套", "支": "枪笔管偶", "本": "册书簿", "只": "钩环扣套",
}  # fmt: skip
_MEASURED = re.compile(rf"[一两三这那每]([{''.join(_TAKES)}])[\s\u3000]{{0,3}}[（(][\s\u3000]{{0,9}}[)）]\s{{0,3}}[。．]?$")


def parts_ruled_out(stem: str, options: Sequence[str], key: int) -> list[int]:
    """Return the options whose number of parts, or of characters, is not the one that the stem tells; the key fits.

    >>> parts_ruled_out("炼钢的“三脱”指（　　）。", ["脱碳、脱磷、脱硫", "脱碳、脱磷", "脱气、脱碳、脱磷", "脱硫"], 0)
    [1, 3]
    """
    match = _COUNTED.search(stem)
    if match is None:
        return []
    wanted = _DIGITS[match["quoted"] or match["number"]]
    by_character = match["what"] == "个字"
    sizes = [len(option) if by_character else len(_AND.split(option)) for option in options]
    return [at for at, size in enumerate(sizes) if size != wanted] if sizes[key] == wanted else []


def measure_ruled_out(stem: str, options: Sequence[str], key: int) -> list[int]:
    """Return the options that the measure word before the blank cannot take, where the key is one that it takes.

    Only options that another measure word of the list takes are certain not to fit.

    >>> measure_ruled_out("起吊时断裂的是一根（　　）。", ["钢丝绳", "起重机", "扳手", "钢管"], 0)
    [1, 2]
    """
    match = _MEASURED.search(stem)
    if match is None:
        return []
    takes = _TAKES[match[1]]
    others = "".join(_TAKES.values())
    if options[key][-1:] not in takes:
        return []
    return [at for at, option in enumerate(options) if option[-1:] not in takes and option[-1:] in others]
