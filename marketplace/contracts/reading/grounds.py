"""The grounds of refusal as lights, each with the sentence that lit it.

Green says that the text gives no cause, never that there is none: papers, seals and rights are looked
at by the clerk. The nine grounds of the guide are told apart by the codes of the rule versions.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from marketplace.contracts.checks.light import Colour
from marketplace.contracts.reading.amounts import Total
from marketplace.contracts.reading.cues import Kind
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.kinds import Judgement
from marketplace.contracts.reading.parties import Party
from marketplace.contracts.reading.payments import Method
from marketplace.contracts.reading.sentences import Found, found

#: The codes of all rule versions, in their order; F09 is for the clerk's own words.
CODES = (
    "F01", "F02", "F03a", "F03b", "F03c", "F04", "F05", "F06a", "F06b", "F07", "F08", "F09",
)  # fmt: skip
CONDITION = re.compile(
    r"(?:经|待|自|须|需|报)[^。;]{0,24}(?:批准|审批|备案|核准|到账|付款)[^。;]{0,8}(?:后|之日)(?:起)?(?:方)?(?:生效|有效)|(?:尚未|未)生效|意向(?:书|性)|讨论稿|征求意见稿|草案"
)
DOUBTED_RIGHT = re.compile(
    r"(?:权属|归属)[^。;]{0,6}(?:存在争议|不清|有争议|未确定)|(?:仿制|破解|反编译|抄袭)(?!的?责任)|专利[^。;]{0,6}(?:已(?:经)?(?:失效|过期|终止|届满)|被(?:宣告)?无效)|未经(?:权利人|专利权人|第三方)[^。;]{0,6}(?:同意|许可)[^。;]{0,10}(?:使用|实施|转让)(?!的)"
)
MONOPOLY = re.compile(
    r"不得[^。;]{0,14}(?:改进|(?:进行|从事)[^。;]{0,8}研究(?:开发)?|提出(?:有效性)?异议|质疑)(?![^。;]{0,6}成果)|(?:改进|后续)[^。;]{0,16}(?:无偿|免费)[^。;]{0,8}(?:归|提供|交|转让|回授)|不得(?:从|向|与)(?:其他|第三方|任何其他)[^。;]{0,14}(?:购买|获得|获取|引进|采购|竞争)|(?:必须|只能|仅能)[^。;]{0,10}(?:向|从)[^。;]{0,8}购买[^。;]{0,10}(?:原料|原材料|设备|零部件|产品)|限制[^。;]{0,10}(?:产量|产品数量|销售价格|出口渠道)|不得[^。;]{0,10}(?:生产|销售)(?:同类|竞争)"
)
NEEDS_APPROVAL = re.compile(
    r"技术(?:进|出)口|限制(?:进|出)口|出口许可|转基因|人类遗传资源|放射性|核(?:材料|设施|燃料)|军工|国防专利|农药登记|兽药(?:注册|批准)|新药|临床(?:试验|批件)|医疗器械注册|特种设备|民用爆炸|危险化学品|国有资产[^。;]{0,8}(?:审批|备案|评估)|境外(?:转让|许可)"
)
HAS_APPROVAL = re.compile(
    r"(?:已(?:经)?|业经)[^。;]{0,16}(?:批准|许可|备案|取得)|批准(?:文号|文件)"
)
UNSETTLED_PRICE = re.compile(
    r"(?:价款|报酬|费用?|金额|经费|价格)[^。;]{0,14}(?:另行(?:协商|商定|约定)|待定|面议|双方协商|再行商定|视情况)"
)
BLANK_PRICE = re.compile(r"(?:费|款|额|报酬|经费|价)[^。;\d]{0,8}_+[^。;\d]{0,3}(?:万)?元")
BLANK_SUBJECT = re.compile(r"(?:项目名称|技术内容|标的|服务内容)[:]?_")
PATENT_NUMBER = re.compile(
    r"ZL?\d{8,12}|20\d{10}|专利号[:为]?\d{6,}|SR\d{5,}|登记号[:为]?\d{4,}|CNA\d|BS\.?\d{6,}|申请号[:为]?\d{6,}"
)
SEAL = re.compile(r"盖章|公章|签字|签章|签名|印章|合同专用章")
LEAST_SUBJECT = 120


@dataclass(frozen=True)
class GroundLight:
    """One ground: its code, its colour, what the clerk is told, and the sentence."""

    code: str
    colour: Colour
    message: str
    evidence: Found[str] | None = None


@dataclass(frozen=True)
class Evidence:
    """What was read of the text before the grounds are looked at."""

    script: Script
    title_kind: Kind | None
    judgement: Judgement
    parties: list[Party]
    total: Found[Total] | None
    method: Found[Method] | None
    signed_on: Found[date] | None

    def seek(self, pattern: re.Pattern[str]) -> Found[str] | None:
        """The first place of ``pattern``, with its sentence."""
        match = pattern.search(self.script.flat.text)
        return found(self.script, self.script.flat, *match.span(), match[0]) if match else None


def lights_of(case: Evidence) -> list[GroundLight]:
    """One light for each code, in their order."""
    lit = {light.code: light for check in CHECKS for light in check(case)}
    calm = {code: GroundLight(code, Colour.GREEN, _("文本中未见此情形")) for code in CODES}
    calm["F09"] = GroundLight("F09", Colour.GREEN, _("由登记员判断"))
    return [lit.get(code, calm[code]) for code in CODES]


def _amber(code: str, message: str, evidence: Found[str] | None = None) -> GroundLight:
    return GroundLight(code, Colour.AMBER, message, evidence)


def _red(code: str, message: str, evidence: Found[str] | None = None) -> GroundLight:
    return GroundLight(code, Colour.RED, message, evidence)


def _validity(case: Evidence) -> Iterator[GroundLight]:
    if condition := case.seek(CONDITION):
        yield _amber("F01", _("生效附有条件或尚未生效，请核对条件是否已成就"), condition)
    elif case.signed_on is None:
        yield _amber("F01", _("没有读到签订日期，请核对合同是否已签署生效"))


def _technical(case: Evidence) -> Iterator[GroundLight]:
    judgement = case.judgement
    if not judgement.technical:
        lead = judgement.speaks_for[0] if judgement.speaks_for else None
        text = lead.text if lead else _("没有读到技术内容")
        yield _red("F02", _("可能不是技术合同：%(why)s", why=text), lead.found if lead else None)
    elif not judgement.is_sure:
        against = judgement.speaks_against[0] if judgement.speaks_against else None
        text = _("是否为技术合同、属于哪一类尚不清楚，请看理由")
        yield _amber("F02", text, against.found if against else None)


def _named_parties(case: Evidence) -> Iterator[GroundLight]:
    roles = {party.role for party in case.parties}
    if roles != {"seller", "buyer"}:
        yield _red(
            "F03a", _("没有读到双方当事人的名称"), case.parties[0].name if case.parties else None
        )
    elif blank := next((p for p in case.parties if p.code is None), None):
        yield _amber("F03a", _("没有读到%(n)s的统一社会信用代码", n=blank.name.value), blank.name)


def _subject(case: Evidence) -> Iterator[GroundLight]:
    if blank := case.seek(BLANK_SUBJECT):
        yield _red("F03b", _("标的一栏是空白"), blank)
    elif len(case.script.flat.text) < LEAST_SUBJECT:
        yield _amber("F03b", _("文字太少，看不出技术内容"))


def _price(case: Evidence) -> Iterator[GroundLight]:
    total = case.total
    if total is not None and total.value.agrees is False and total.value.words is not None:
        yield _red("F03c", _("金额的大写与数字不一致"), total.value.words)
    elif unsettled := case.seek(UNSETTLED_PRICE):
        yield _red("F03c", _("价款没有确定"), unsettled)
    elif (
        total is None
        and case.method is not None
        and case.method.value in (Method.ROYALTY, Method.MIXED)
    ):
        yield _amber("F03c", _("价款为提成，请核对计提方法和固定部分"), _as_text(case.method))
    elif total is None:
        yield _red("F03c", _("没有读到合同总价"), case.seek(BLANK_PRICE))


def _as_text(one: Found[Method]) -> Found[str]:
    return Found(one.value.value, one.sentence, one.start, one.end)


def _approval(case: Evidence) -> Iterator[GroundLight]:
    needed = case.seek(NEEDS_APPROVAL)
    if needed and not case.seek(HAS_APPROVAL):
        yield _amber("F04", _("可能须经批准或登记，请核对批准文件"), needed)


def _name(case: Evidence) -> Iterator[GroundLight]:
    said = case.title_kind
    if said is not None and said != case.judgement.kind:
        lead = case.judgement.speaks_for[0].found if case.judgement.speaks_for else None
        yield _amber("F05", _("合同名称与权利义务的内容不一致，应请当事人改正"), lead)


def _monopoly(case: Evidence) -> Iterator[GroundLight]:
    if clause := case.seek(MONOPOLY):
        yield _red("F06a", _("条款可能非法垄断技术、妨碍技术进步"), clause)


def _rights_of_others(case: Evidence) -> Iterator[GroundLight]:
    if clause := case.seek(DOUBTED_RIGHT):
        yield _red("F06b", _("权利有争议、已失效或属于他人"), clause)


def _proof(case: Evidence) -> Iterator[GroundLight]:
    if case.judgement.kind in (Kind.ASSIGNMENT, Kind.LICENCE) and not case.seek(PATENT_NUMBER):
        yield _amber("F07", _("没有读到权利的编号，请附权属证明或技术秘密声明"))


def _seals(case: Evidence) -> Iterator[GroundLight]:
    if not case.seek(SEAL):
        yield _amber("F08", _("文本没有签章栏，请核对原件的印章与书写名称"))


CHECKS: tuple[Callable[[Evidence], Iterator[GroundLight]], ...] = (
    _validity, _technical, _named_parties, _subject, _price, _approval,
    _name, _monopoly, _rights_of_others, _proof, _seals,
)  # fmt: skip
