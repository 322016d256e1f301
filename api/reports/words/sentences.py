# ruff: noqa: RUF001  (Chinese punctuation is meant)
"""What the engine says in English, as it stands in Chinese.

A sentence that is not here stays as it is: wrong words would be worse than foreign ones.
"""

import re
from typing import Final

_SENTENCES: Final = (
    (r"(.+) to (.+): unseen for (\d+) s from (\S+); not searched throughout: (.+)",
     "{0}至{1}：自 {3} 起 {2} 秒未见；此间未完全检索：{4}"),
    (r"(.+) to (.+): unseen for (\d+) s from (\S+)", "{0}至{1}：自 {3} 起 {2} 秒未见"),
    (r"tracklet (\d+): was confirmed, and is not in the case any more",
     "轨迹段 {0}：曾被确认，现已不在案件范围内"),
    (r"tracklet (\d+): confirmed by one person, rejected by another",
     "轨迹段 {0}：有人确认，有人否定"),
    (r"tracklets (\d+) and (\d+): at once in the view of (.+), doubled or two subjects",
     "轨迹段 {0} 与 {1}：同时出现在 {2} 画面中，系重复或两个目标"),
    (r"tracklets (\d+) and (\d+): at once at (.+) and (.+), for ([\d.]+) s from (\S+)",
     "轨迹段 {0} 与 {1}：自 {5} 起同时出现在 {2} 与 {3}，共 {4} 秒"),
    (r"(\d+) m (.+) in ([\d.-]+) s(.*): a (.+) takes ([\d.]+) s at least",
     "{0} 米（{1}），{2} 秒{3}：{4}至少需 {5} 秒"),
    (r"(\d+) m (.+) in ([\d.]+) s: longer than a slow (.+) takes",
     "{0} 米（{1}），{2} 秒：比慢速{3}所需更久"),
    (r"(\d+) m (.+) at the same time(.*): within what clocks and views allow",
     "{0} 米（{1}），同时{2}：在时钟误差与视野范围允许之内"),
    (r"(\d+) m (.+?) in ([\d.]+) s(, clocks within .+)?: ([\d.]+) m/s",
     "{0} 米（{1}），{2} 秒{3}：{4} 米/秒"),
    (r"no road and no position: cannot be judged", "没有道路和位置信息，无法判断"),
    (r"views that overlap", "视野重叠"),
    (r"the same camera(.*)", "同一摄像机{0}"),
)  # fmt: skip
_PIECES: Final = (
    (r", clocks within ([\d.]+) s", "，时钟误差 {0} 秒内"),
    (r"by road", "沿道路"),
    (r"as the crow flies", "按直线估算"),
    (r"\bperson\b", "行人"),
    (r"\brider\b", "骑行者"),
    (r"\bvehicle\b", "车辆"),
    (r" or ", "或"),
    (r" to ", "转"),
)


def in_chinese(sentence: str) -> str:
    """The engine's sentence in Chinese, or as it is where it is none of the known ones."""
    for pattern, words in _SENTENCES:
        if match := re.fullmatch(pattern, sentence):
            return words.format(*((part or "") for part in map(_piece, match.groups())))
    return _piece(sentence) or ""


def _piece(text: str | None) -> str | None:
    """Fixed words inside a sentence; a camera's name is left alone unless it is one of them."""
    if text is None:
        return None
    for pattern, words in _PIECES:
        if match := re.fullmatch(pattern, text):
            return words.format(*match.groups())
    if re.fullmatch(r"(person|rider|vehicle)( (or|to) (person|rider|vehicle))*", text):
        for pattern, words in _PIECES[3:]:
            text = re.sub(pattern, words, text)
    return text
