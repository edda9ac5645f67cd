"""How the price is paid: at once, in instalments, as a royalty, or as both."""

import re
from bisect import bisect_left
from enum import StrEnum

from marketplace.contracts.reading.amounts import Sum, Total, sums_of
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found, sentences


class Method(StrEnum):
    """What a contract says of the way of payment."""

    ONCE = "once"
    INSTALMENTS = "instalments"
    ROYALTY = "royalty"
    MIXED = "mixed"


#: The code of L2 for each: a royalty with a fixed part is entered as a royalty.
CODES = {Method.ONCE: "1", Method.INSTALMENTS: "2", Method.ROYALTY: "3", Method.MIXED: "3"}
FIXED_METHODS = (Method.ONCE, Method.INSTALMENTS)
CHOSEN = re.compile(r"[√✓☑☒■●](?:\)|\(?\d?[)、.]?)?(一次|分期|提成|其他)")
ROYALTY = re.compile(
    r"提成(?!奖)|按[^。;]{0,24}(?:销售(?:额|收入|量)|产值|产量|利润|收益)[^。;]{0,12}(?:提取|计提|计付|分成|支付|收取)"
    r"|(?:每|/)(?:生产)?一?(?:吨|台|件|斤|公斤|只|瓶|套)[^。;]{0,12}(?:许可费|使用费|提取)|销售(?:净额|额|收入)的?\d"
)
FIXED = re.compile(
    r"(?<!无)入门费|(?<!无)固定(?:部分|费用?|金额)|保底|(?:首付|先期|一次性)[^。;]{0,16}\d[^。;]{0,10}元"
)
INSTALMENTS = re.compile(
    r"分期(?!许可)|分[两二三四五六2-6一-]*(?:个)?(?:次|期|笔|阶段|批|年|年度)(?:支付|付|拨|结|缴|向|各|:)|各(?:占|付)[^。;]{0,8}(?:一半|\d)|(?:定金|付\d{1,2}%)[^。;]{0,16}(?:付清|结清)|[一二三四五六七八九十]年(?:内)?付清|首付款?|首期|首笔|第[一二三四1-4](?:期|笔|次付|阶段付|批)"
    r"|预付|余款|尾款|进度款|剩余(?:的|款|费|\d|部分|[一-鿿]{0,4}\d)|其余[^。;]{0,10}付|(?:半年|季度|月|年)(?:一付|支付|结算|预付|付清)"
    r"|按(?:月|季|季度|年|年度|学期|半年|工程进度|节点|里程碑|进度|批)[^。;,]{0,6}(?:支付|结算|缴纳|付|拨)|(?:每(?:月|季度?|年|批)|工资每月)[^。;]{0,14}(?:支付|付|缴|结算|拨|发放|元)|留\d{1,2}%"
    r"|(?:支付|付款|付)(?:总价|全款|款项|价款)?的?(?:一半|三分之|[一二三四五六七八]成)"
)
#: One part of a price: a share or a sum beside an event.
PART = re.compile(
    r"(?:付款?|支付|拨付|付给|给|后|前|时|清|订|约|货|收|成|案|过|交|:)(?:合同)?(?:总?(?:价款?|额|经费|报酬))?的?(?:\d{1,2}(?:\.\d)?%|\d[\d,.]*(?:万|元)|[一二三四五六七八]成)"
)
LEAST_PARTS = 2
SHARE = re.compile(r"(\d{1,3}(?:\.\d)?)%")
#: Shares of one price stand so near to each other, and sum to the whole.
SHARES_APART = 90
ONCE = re.compile(
    r"一次(?:性)?(?:总付|[^,。;]{0,4}(?:付|缴|交|结|汇|拨|支付))|一次性?(?:足额|全额)|[日天内后][^。;]{0,12}(?:支付|付清|结清)[^。;]{0,8}全(?:部|款|额)|货到付款|全款"
)
#: What a sum is called that is paid besides a share of what will be sold.
ENTRY = re.compile(r"入门费|固定(?:部分|费用?)[^。;]{0,14}$")
NAMED_PRICE = re.compile(r",?(?:作为|即|为)合同(?:总?金额|总价)")
#: So far behind the fixed sum the share is named; behind the clause on results it is another's.
SHARE_WITHIN = 110
#: A share without its rate is one of the ways that a form offers.
RATE, RATE_BEFORE = re.compile(r"\d[\d.]*%|\d元|[一二三四五六七八九]成"), 24
RESULTS = re.compile(r"成果|权属|权益|知识产权|归属|违约")
#: Sentences about breach speak of shares and sums that are no way of payment.
BREACH = re.compile(r"违约|逾期|赔偿|滞纳|罚")


def method_of(script: Script, total: int | None = None) -> Found[Method] | None:
    """The way of payment with its sentence; ``None`` where the text does not say it.

    Sums that follow each other and make up ``total``, the price in fen, are its instalments.
    """
    flat = script.flat.text
    if (chosen := CHOSEN.search(flat)) and (ticked := _chosen(flat)):
        return found(script, script.flat, *chosen.span(), ticked)
    kept = [span for span in sentences(flat) if not BREACH.search(flat, *span)]
    if royalty := _first(ROYALTY, flat, kept):
        method = Method.MIXED if _first(FIXED, flat, kept) else Method.ROYALTY
        return found(script, script.flat, *royalty, method)
    instalments = _first(INSTALMENTS, flat, kept) or _parts(flat, kept) or _whole(flat)
    if instalments:
        return found(script, script.flat, *instalments, Method.INSTALMENTS)
    once = _first(ONCE, flat, kept)
    if once:
        return found(script, script.flat, *once, Method.ONCE)
    parts = _making_up(script, total) if total else None
    return Found(Method.INSTALMENTS, parts.sentence, parts.start, parts.end) if parts else None


def _chosen(flat: str) -> Method | None:
    """The way of payment whose box is ticked."""
    chosen = CHOSEN.search(flat)
    methods = {"一次": Method.ONCE, "分期": Method.INSTALMENTS, "提成": Method.ROYALTY}
    return methods.get(chosen[1]) if chosen else None


def leaves_price_open(script: Script, total: Found[Total]) -> bool:
    """Whether the sum is the fixed part of a price that goes on with a share of what is sold."""
    flat, places = script.flat.text, script.flat.places
    start, end = bisect_left(places, total.start), bisect_left(places, total.end)
    if NAMED_PRICE.match(flat, end) or _chosen(flat) in FIXED_METHODS:
        return False
    if ENTRY.search(flat, max(start - 24, 0), start):
        return True
    share = ROYALTY.search(flat, end, end + SHARE_WITHIN)
    if share is None or RESULTS.search(flat, end, share.end()):
        return False
    closes = re.compile("[。;]").search(flat, share.end())
    return bool(
        RATE.search(flat, share.start() - RATE_BEFORE, closes.start() if closes else len(flat))
    )


def _making_up(script: Script, total: int) -> Found[Sum] | None:
    """The first of two or more sums in a row that make up ``total``."""
    sums = [one for one in sums_of(script) if not one.value.in_words]
    for first in range(len(sums)):
        paid = sums[first].value.fen
        for other in sums[first + 1 :]:
            paid += other.value.fen
            if paid >= total:
                break
        if paid == total and sums[first].value.fen < total:
            return sums[first]
    return None


def _first(
    pattern: re.Pattern[str], flat: str, spans: list[tuple[int, int]]
) -> tuple[int, int] | None:
    matches = (pattern.search(flat, *span) for span in spans)
    return next((match.span() for match in matches if match), None)


def _parts(flat: str, spans: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Where one sentence pays two parts or more."""
    for start, end in spans:
        parts = list(PART.finditer(flat, start, end))
        if len(parts) >= LEAST_PARTS:
            return parts[0].start(), parts[-1].end()
    return None


def _whole(flat: str) -> tuple[int, int] | None:
    """Where shares that follow each other sum to the whole price."""
    shares = list(SHARE.finditer(flat))
    for first, share in enumerate(shares):
        total, last = float(share[1]), share
        for other in shares[first + 1 :]:
            if other.start() - last.end() > SHARES_APART:
                break
            total, last = total + float(other[1]), other
            if total == 100:
                return share.start(), last.end()
    return None
