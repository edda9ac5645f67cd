"""Sums of money: every sum with its sentence, the total of the contract, figures against words.

A sum is read in 元, 万元, 亿元 or 大写 and kept in fen. The total is the sum that stands nearest to
the words of a total; shares, instalments, penalties and unit prices are never taken for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import cn2an

from marketplace.contracts.reading.folding import Folded, Script
from marketplace.contracts.reading.sentences import Found, found
from marketplace.money import CAPITALS, FEN, LARGEST, PLAIN_NUMERALS, agrees_with_capitals

FIGURES = re.compile(
    r"(?:人民币|RMB|CNY|[¥￥])*(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)"
    r"_?(?P<unit>亿元|万元|元|万块|块|亿(?=人民币)|万(?=人民币|[整,。;、()]))(?!/)"
)
UNITS = FEN | {"块": FEN["元"], "万块": FEN["万元"]}
#: ``¥1,200,000.00`` without 元: the sign says the unit.
SIGNED = re.compile(
    r"[¥￥](?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{3,15}(?:\.\d{1,2})?)(?![\d,]*\.?\d*[万亿元])"
)
NUMERAL = "零〇一二三四五六七八九十百千两壹贰貳叁参叄肆伍陆陸柒捌玖拾佰仟万萬亿億"
WORDS = re.compile(
    rf"(?P<words>[{NUMERAL}]{{2,24}}(?:[元圆]|(?<=万)(?=[整,。;、)]))(?:[{NUMERAL}]角)?(?:[{NUMERAL}]{{1,2}}分)?[整正]?)"
)
#: 大写, or a numeral in common hand with its units: 二十六万, not 一二元.
SUM_IN_WORDS = re.compile("[壹贰貳叁参叄肆伍陆陸柒捌玖拾佰仟]|[一二三四五六七八九十两][十百千万]")

#: What stands before the total, the strongest first; weights are compared, not added up.
TOTAL_WORDS = (
    (re.compile(r"(?:合同|费用|经费|价款|报酬|转让费|许可费|服务费|咨询费|项目|工程|货款|租金)?(?:总(?:金额|价款|价|额|经费|费用|报酬|计|造价)|金额合计|总的?[^,。;]{0,6}(?:费|报酬)|共计|合计|暂定总价|签约合同价)(?:\(大写\))?[^。;,]{0,14}$"), 6),
    (re.compile(r"(?:合同(?:金额|价款|价|款|额|经费)|成交(?:额|价|金额)|价款或报酬|交易额)[^。;,]{0,14}$"), 5),
    (re.compile(r"(?:(?:研究|研发|开发|研制|科研|课题)[^。;,]{0,4}经费(?:和报酬|及报酬|及其报酬)?|报酬|(?:技术)?(?:服务|咨询|转让|许可|使用|许可使用|实施许可|培训|顾问|中介|居间|代理|检测|检验|加工|施工|租赁|物业|维护|维保|保养|推广|广告|外包|派遣|设计|编制|评价)(?:费用?|金|价款|款|报酬)|转让(?:总)?价格?|价款|租金|佣金|借款(?:金额|本金)?)[^。;]{0,22}$"), 4),
    (re.compile(r"(?:费用|金额|经费|货款|工程款|价格|价钱|包干|一口价|打包|定价|酬劳|酬金|收费|入门费|作价|资金|(?<!押)金|费|出资|全年|(?:^|[,:])共)(?!率)[^。;,]{0,14}$"), 3),
    (re.compile(r"(?:共|(?<![估预累])计|(?:^|[,;。])[一二三四五六\d]{1,3}年|以(?:货币|现金|资金)(?:方式)?(?:出资|投资|投入)?)$"), 3),
    (re.compile(r"(?:钱|支付)[^。;]{0,24}$"), 1),
)  # fmt: skip
#: What makes a sum a part, a threat or a description.
PART_WORDS = re.compile(
    r"(?:违约金|赔偿|罚款|保证金|质保金|押金|定金|注册资[本金]|营业额|营业收入|产值|利润|预计|每公斤|每年|每月|每台|每吨|每次|"
    r"每件|每人|[月日时年](?:租|薪|工资)|底薪|工资|津贴|补助|奖金|单价|官费|年费|食宿费|交通费|诉讼费|仲裁费|报名费|体检费|工本费|专家费|其中|首付款?|预付款?|首期|首笔|第[一二三四五六1-6](?:期|笔|次|阶段|批)|余款|尾款|剩余|进度款|"
    r"低于|超过|不足|达到|累计|最高|上限|封顶|(?:工程|采购|投资|建设)概算|估算|投资(?!方|人)|市场|报价|评估值|补贴|奖励|逾期|扣除|定金|年金|设备费|材料费|差旅费|测试费|人工费|管理费|外协费)[^。;]{0,16}$"
)
#: A most that a price may come to leaves the price open.
CEILING = re.compile(r"(?:最高|不超过|上限|封顶)[^,。;]{0,8}$")
CALLED_AFTER = re.compile(r"^(?:\(|为|即|系|作为)(?:合同|含税)?总价|^总额")
#: What is settled beside the price is no part of it.
APART_AFTER = re.compile(
    r"^(?:\([^()]{0,20}\))?(?:为基数|以[内上下]|的?(?:违约金|罚款|赔偿|押金|保证金|定金)|,?(?:[按凭][^,。;]{0,10}结算,)?(?:不(?:计入|列入|含在|包含在|入)|另[付行计开列]|凭[^,。;]{0,6}结算))"
)
#: An estimate that is settled by what was done leaves the price open, too.
ESTIMATED = re.compile(r"(?:预计|预估|估计|暂估|约)(?:为|人民币)?$")
BY_COUNT = re.compile(r"^[^。;]{0,14}(?:据实|按实)[^。;]{0,8}结算")
#: A price for each thing; what follows in its sentence are prices of other things.
EACH = re.compile(
    r"每[一-鿿]{0,2}[件台套人吨次份页条样项课亩株头只][^,。;]{0,6}\d|元/[件台套人吨次份页条样项课亩株头只]"
)
RATE_AFTER = re.compile(
    r"^(?:/|每|/?(?:台|套|吨|人(?!民币)|月|年|次|件|米|天|日|小时|亩|份|样|㎡|平方米|立方米)(?![^,。;]{0,4}共))"
)
#: All that may stand between figures and the words that repeat them.
BETWEEN = re.compile(r"(?:[(),:、_]|大写|小写|人民币|RMB|[¥￥]|即|为|是|计|合|整|金额){0,12}")
#: In a sentence of unit prices only a clause of its own says that a sum is a whole.
OWN_TOTAL = re.compile(r"总|合计|共|计|全年|全部|[一二三四五六\d]年$")
WINDOW = 46
#: What a sum weighs that nothing calls a price but that its parts make up.
MADE_UP = 2
LEAST_PARTS = 2


@dataclass(frozen=True)
class Sum:
    """One sum in fen and how it was written."""

    fen: int
    in_words: bool


@dataclass(frozen=True)
class Total:
    """The price of the contract: figures, words where there are any, and whether they agree."""

    fen: int
    words: Found[str] | None
    agrees: bool | None


Hit = tuple[int, int, Sum]


def fen_of_words(words: str) -> int | None:
    """``壹佰贰拾万元零伍分`` → 120000005; ``None`` where the words are no number."""
    plain = words.translate(str.maketrans("参叄", "叁叁")).translate(PLAIN_NUMERALS)
    plain = plain.translate(CAPITALS)
    yuan, _sign, rest = plain.partition("元")
    try:
        whole = int(cn2an.cn2an(yuan, "smart"))
    except ValueError:
        return None
    fen = whole * 100
    for numeral, unit in re.findall(r"([壹贰叁肆伍陆柒捌玖])([角分])", rest):
        fen += "零壹贰叁肆伍陆柒捌玖".index(numeral) * (10 if unit == "角" else 1)
    return fen if 0 < fen <= LARGEST else None


def sums_of(script: Script) -> list[Found[Sum]]:
    """Every sum of the text, in its order."""
    flat = script.flat
    hits = [*_figures(flat), *_words(flat)]
    return [found(script, flat, s, e, value) for s, e, value in sorted(hits, key=lambda h: h[:2])]


def _figures(flat: Folded) -> Iterator[tuple[int, int, Sum]]:
    for pattern in (FIGURES, SIGNED):
        for match in pattern.finditer(flat.text):
            unit = UNITS[match["unit"]] if "unit" in pattern.groupindex else 100
            fen = Decimal(match["digits"].replace(",", "")) * unit
            if fen == int(fen) and 0 < fen <= LARGEST:
                yield match.start(), match.end(), Sum(int(fen), in_words=False)


def _words(flat: Folded) -> Iterator[tuple[int, int, Sum]]:
    for match in WORDS.finditer(flat.text):
        fen = fen_of_words(match["words"])
        if fen is not None and SUM_IN_WORDS.search(match["words"]):
            yield match.start(), match.end(), Sum(fen, in_words=True)


def total_of(script: Script) -> Found[Total] | None:
    """The price of the contract; ``None`` where no sum is called one, or only a most is named.

    Where figures and words stand side by side both are compared; the figures are the value.
    """
    flat = script.flat.text
    hits = sorted([*_figures(script.flat), *_words(script.flat)], key=lambda hit: hit[:2])
    ranked = []
    for place, (start, end, _value) in enumerate(hits):
        weight = _likeness(flat, start, end)
        if weight == 0 and _made_up(hits, place):
            weight = MADE_UP
        ranked.append((weight, -start, place))
    best = max(ranked, default=None)
    if best is None or best[0] <= 0:
        return None
    start, end, value = hits[best[2]]
    return None if _is_open(flat, start, end) else _with_words(script, hits, start, end, value)


def _made_up(hits: list[Hit], place: int) -> bool:
    """Whether the sums that follow add up to this one: its instalments or its parts."""
    whole, paid = hits[place][2].fen, 0
    for count, (_start, _end, part) in enumerate(hits[place + 1 : place + 9], start=1):
        paid += part.fen
        if paid >= whole:
            return paid == whole and count >= LEAST_PARTS
    return False


def _is_open(flat: str, start: int, end: int) -> bool:
    before = flat[max(start - 12, 0) : start]
    by_count = ESTIMATED.search(before) and BY_COUNT.match(flat[end : end + 40])
    return bool(CEILING.search(before) or by_count)


def _likeness(flat: str, start: int, end: int) -> int:
    if RATE_AFTER.match(flat[end : end + 8]) or APART_AFTER.match(flat[end : end + 40]):
        return 0
    before = _before(flat, start)
    own = re.split(r"[,;。]", before)[-1]
    if EACH.search(re.split("[。;]", before)[-1]) and not OWN_TOTAL.search(own):
        return 0
    weight = next((w for pattern, w in TOTAL_WORDS if pattern.search(before)), 0)
    if CALLED_AFTER.match(flat[end : end + 8]):
        weight = TOTAL_WORDS[0][1]
    if PART_WORDS.search(own) and not CEILING.search(own):
        weight -= 5
    return weight


def _before(flat: str, start: int) -> str:
    """What stands before a sum, without the signs and the words that only repeat it."""
    before = flat[max(start - WINDOW, 0) : start]
    # The figures inside the brackets of their own words are called what the words are called.
    before = re.sub(
        rf"[{NUMERAL}元圆角分整正]{{4,}}[(,]?(?:小写|即|计|¥|￥|:|人民币)*$", "", before
    )
    return re.sub(
        r"[(,]?(?:大写|小写|人民币|RMB|¥|￥|:|为|是|即|_)*[)]?(?:人民币|:|为|_)*$", "", before
    )


def _with_words(script: Script, hits: list[Hit], start: int, end: int, value: Sum) -> Found[Total]:
    near = [
        h
        for h in hits
        if h[2].in_words != value.in_words and _is_beside(script.flat.text, h, start, end)
    ]
    if not near:
        alone = _text(script, start, end) if value.in_words else None
        return found(script, script.flat, start, end, Total(value.fen, alone, None))
    other = near[0]
    figures, words = (
        (other, (start, end, value)) if value.in_words else ((start, end, value), other)
    )
    said = _text(script, words[0], words[1])
    agrees = agrees_with_capitals(figures[2].fen, said.value) or figures[2].fen == words[2].fen
    total = Total(figures[2].fen, said, agrees)
    return found(script, script.flat, figures[0], figures[1], total)


def _text(script: Script, start: int, end: int) -> Found[str]:
    return found(script, script.flat, start, end, script.flat.text[start:end])


def _is_beside(flat: str, hit: tuple[int, int, Sum], start: int, end: int) -> bool:
    first, second = sorted(((hit[0], hit[1]), (start, end)))
    return bool(BETWEEN.fullmatch(flat, first[1], second[0]))
