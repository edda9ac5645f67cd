"""How the price is paid: at once, in instalments, as a royalty, or as both."""

import re
from enum import StrEnum

from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found


class Method(StrEnum):
    """What a contract says of the way of payment."""

    ONCE = "once"
    INSTALMENTS = "instalments"
    ROYALTY = "royalty"
    MIXED = "mixed"


#: The code of L2 for each: a royalty with a fixed part is entered as a royalty.
CODES = {Method.ONCE: "1", Method.INSTALMENTS: "2", Method.ROYALTY: "3", Method.MIXED: "3"}
CHOSEN = re.compile(r"[√✓☑☒■●](?:\)|\(?\d?[)、.]?)?(一次|分期|提成|其他)")
ROYALTY = re.compile(
    r"提成(?!奖)|按[^。;]{0,24}(?:销售(?:额|收入|量)|产值|产量|利润|实际(?:发|产)[^,。;]{0,6}|收益)[^。;]{0,16}(?:%|提取|计提|计付|分成|支付)"
    r"|(?:每|/)(?:吨|台|件|斤|公斤|只|瓶|套)[^。;]{0,12}(?:元)[^。;]{0,10}(?:许可费|使用费|提取)|销售(?:净额|额|收入)的?\d"
)
FIXED = re.compile(r"入门费|固定(?:部分|费用?|金额)|(?:首付|先期|一次性)[^。;]{0,16}\d[^。;]{0,10}元")
INSTALMENTS = re.compile(
    r"分期|分[两二三四五六2-6一-]*(?:次|期|笔|阶段|批)(?:支付|付清|付款|拨付|结算|结清|向)|首付款?|首期|首笔|第[一二三四1-4](?:期|笔|次付|阶段付|批)"
    r"|预付|余款|尾款|进度款|剩余(?:的|款|费|\d|部分|[一-鿿]{0,4}\d)|(?:合同|总)(?:总)?(?:价|额|金额|价款|款|费|经费)[^。;]{0,5}\d{1,2}%"
    r"|(?:支付|付|拨付)[^。;,]{0,14}\d{1,2}%|按(?:月|季|季度|年|学期|半年)(?:支付|结算|缴纳|付)|每(?:月|季度?|年)[^。;]{0,10}(?:前|内|日)(?:支付|付|缴)"
)
ONCE = re.compile(
    r"一次(?:性)?(?:总付|付清|支付|付款|结清|汇|向|足额|全额|转|拨)|(?:一次性|全额)(?:[^,。;]{0,12})(?:支付|付清|付款|结清)"
    r"|[日天内后][^。;]{0,12}(?:支付|付清|结清)[^。;]{0,8}全(?:部|款|额)|货到(?:付款|一次)|全款"
)


def method_of(script: Script) -> Found[Method] | None:
    """The way of payment with its sentence; ``None`` where the text does not say it."""
    flat = script.flat.text
    if chosen := CHOSEN.search(flat):
        methods = {"一次": Method.ONCE, "分期": Method.INSTALMENTS, "提成": Method.ROYALTY}
        if chosen[1] in methods:
            return found(script, script.flat, *chosen.span(), methods[chosen[1]])
    royalty, instalments, once = (p.search(flat) for p in (ROYALTY, INSTALMENTS, ONCE))
    if royalty:
        fixed = FIXED.search(flat)
        return found(script, script.flat, *royalty.span(), Method.MIXED if fixed else Method.ROYALTY)
    if instalments:
        return found(script, script.flat, *instalments.span(), Method.INSTALMENTS)
    return found(script, script.flat, *once.span(), Method.ONCE) if once else None
