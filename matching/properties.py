"""Whose a number is: the property that its words name, and when two sides mean the same one.

A property is a measure (寿命, 去除率 …) of something. Two agree when the measure is the same and
the nearest of its qualifiers is shared: 氨氮去除率 is not COD去除率, though both are of mine water.
A measure that says little alone (温度, 成本) needs a shared qualifier on both sides. Words are
compared by the thesaurus where it knows them, so that 颗粒物 is 粉尘.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from matching.segmenter import Segmenter, Token
from matching.text import normalise
from matching.thesaurus import Thesaurus


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SAME_MEASURE = """
寿命 使用寿命 使用时间 服役寿命 服役时间 使用周期 工作寿命 运行寿命
处理量 处理能力 处理规模 日处理 日处理量 年处理量 年处理 处理
含水率 含水量 含水 水分 水份
噪声 噪音
去除率 脱除率 净化率 去除 脱除 去除效率 脱除效率 去盐 脱盐率
收率 回收率 得率 总收率 提取率
检出率 识别率 检测率
准确率 正确率 精度 准确度
误差 偏差 误报率
成本 费用 加工费 单价 价格 售价 造价
处理成本 处理费 处理费用 运行费用 运行成本 吨成本 吨处理费用 吨处理成本
能耗 单耗 耗能 单位能耗
电耗 耗电 耗电量 用电 用电量 单位电耗
水耗 耗水 用水量 耗水量 补水 补水量
温度 温 水温 气温 室温 炉温
压力 压强
时间 用时 耗时 时长 历时 小时数
周期 间隔 间隔期 频次
强度 抗压强度
速度 线速度 车速
产量 单产 亩产 年产量 日产量
流量 风量 水量
半径 覆盖半径 距离 射程
功率 出力
效率 热效率
转化率 转换率
浓度 含量 质量浓度
"""
_SAME_SUBSTANCE = """
粉尘 颗粒物 烟尘 粉尘量 尘
氮氧化物 nox
二氧化硫 so2
化学需氧量 cod codcr
悬浮物 ss
游离氧化钙 f-cao fcao
总溶解固体 tds 溶解性总固体
氨氮 nh3-n 铵氮
一氧化碳 co
"""
_BARE = _listed(
    "成本 误差 时间 周期 温度 压力 强度 速度 产量 流量 半径 功率 效率 准确率 收率 去除率 能耗 转化率 检出率"
)
"""Measures that say little without what they are of."""
_NO_MEASURE = _listed(
    "浓度 含量 排放 排放量 排放浓度 出口 出水 净化 净化后 尾水 外排 处理后 连续 累计 约 所得 材料 数值 值 指标 水平 平均 平均值 最终 总 单位 综合 一次 单次 单支 单台 支 台 套 "
    "每 实际 设计 产品 成品 全年 年均 左右 范围 技术 技术指标 工艺 系统 装置 设备 材料 样品 试验 测试 检测 "
    "显示 结果 要求 稳定 保持 控制 应用 使用 现 其中 可以 一般 典型 常规 表 表明 经 后 质量 单 率 度 量 以 计 年 月 日 吨"
)
_EXTREMES = {"最高": 1, "最大": 1, "上限": 1, "最低": -1, "最小": -1, "下限": -1}
_SUFFIXES = frozenset("率量度值比数力差期")
MOST_TERMS = 5
_LED = re.compile(r"[-−]?[0-9][0-9.]*\s?(?:°c|%|次|h|d|min|天|年|小时)?[^\W\d_]{0,2}$")


@dataclass(frozen=True)
class Property:
    """A measure ("" where the last word is one of its own) of ``terms``, the nearest last."""

    name: str
    measure: str
    terms: tuple[str, ...]
    extreme: int = 0


def _first_of(lines: str) -> dict[str, str]:
    groups = [line.split() for line in lines.strip().splitlines()]
    return {name: group[0] for group in groups for name in group}


MEASURES = _first_of(_SAME_MEASURE)
SUBSTANCES = _first_of(_SAME_SUBSTANCE)


class PropertyReader:
    """Reads properties by one segmenter and thesaurus; keeps what it has read."""

    def __init__(self, segmenter: Segmenter, thesaurus: Thesaurus) -> None:
        self._segmenter = segmenter
        self._thesaurus = thesaurus
        self.read = lru_cache(maxsize=8_192)(self._read)

    def _read(self, words: str) -> Property | None:
        """Return the property that ``words`` end in, or None where they name none."""
        form = normalise(words.partition("(")[0])
        normal = form.text
        tail = _tail(normal, self._tokens(normal))
        named = [
            token for token in tail if token.word not in _NO_MEASURE and not _bare_number(token)
        ]
        extreme = next((_EXTREMES[t.word] for t in named if t.word in _EXTREMES), 0)
        named = [token for token in named if token.word not in _EXTREMES]
        if not named:
            return None
        first, last = form.original_span(_led_by(normal, named[0].start), tail[-1].end)
        return self._property(words[first:last], named, extreme)

    def _property(self, name: str, named: list[Token], extreme: int) -> Property | None:
        measure = MEASURES.get(named[-1].word, "")
        if measure in _NO_MEASURE:
            measure = ""
        of = named[:-1] if measure else named
        terms = tuple(self._concept(token.word) for token in of[-MOST_TERMS:])
        return Property(name, measure, terms, extreme) if measure or terms else None

    def _tokens(self, normal: str) -> list[Token]:
        """Return the words with those that are one measure joined: 净绒 + 率, 使用 + 时间."""
        joined: list[Token] = []
        for token in self._segmenter.tokens(normal, search_mode=False):
            last = joined[-1] if joined else None
            touches = last is not None and last.end == token.start
            if last and touches and (token.word in _SUFFIXES or last.word + token.word in MEASURES):
                joined[-1] = Token(last.word + token.word, last.start, token.end)
            else:
                joined.append(token)
        return joined

    def _concept(self, word: str) -> str:
        if word in SUBSTANCES:
            return SUBSTANCES[word]
        found = self._thesaurus.mentions(word)
        whole = len(found) == 1 and found[0].end - found[0].start == len(word)
        return found[0].concept if whole else word


def ends_in_measure(words: str) -> bool:
    """Tell, without cutting words, whether the last of them may be a known measure."""
    return any(words[-length:] in MEASURES for length in range(1, 7))


def _tail(normal: str, tokens: list[Token]) -> list[Token]:
    """Return the last words that stand together; a stop word other than 的 parts them."""
    tail: list[Token] = []
    for token in reversed(tokens):
        gap = normal[token.end : tail[0].start] if tail else normal[token.end :]
        if gap.strip(" 的") or len(tail) > MOST_TERMS:
            break
        tail.insert(0, token)
    return tail


def _led_by(normal: str, start: int) -> int:
    """Return where the number begins that stands right before a name: 60 °c in 60 °c动稳定度."""
    found = _LED.search(normal[:start])
    return found.start() if found else start


def _bare_number(token: Token) -> bool:
    return token.word.replace(".", "").isdigit()


def _same_substance(asked: Property, offered: Property, shared: int) -> int:
    """COD is COD, but that of the mother liquor is not that of the brine."""
    if asked.terms[-1] != offered.terms[-1]:
        return 0
    both_qualified = len(asked.terms) > 1 and len(offered.terms) > 1
    return 0 if both_qualified and shared < 2 else shared


def agreement(asked: Property, offered: Property) -> int:
    """Return how surely two properties are the same: 0 not, more with each shared qualifier."""
    if asked.measure != offered.measure or asked.extreme * offered.extreme < 0:
        return 0
    shared = set(asked.terms) & set(offered.terms)
    if not asked.measure:
        return _same_substance(asked, offered, len(shared))
    if asked.terms and offered.terms:
        nearest = asked.terms[-1] in offered.terms or offered.terms[-1] in asked.terms
        return 1 + len(shared) if nearest else 0
    return 0 if asked.measure in _BARE else 1


def rivals(asked: Property, offered: Property) -> bool:
    """Tell whether a text speaks of the same thing elsewhere: COD of brine where 母液COD is asked.

    Beside it an unqualified COD may be either, and nothing can be said.
    """
    if asked.measure != offered.measure or not (asked.terms and offered.terms):
        return False
    same = bool(asked.measure) or asked.terms[-1] == offered.terms[-1]
    return same and agreement(asked, offered) == 0
