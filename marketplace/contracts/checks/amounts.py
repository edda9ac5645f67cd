"""Checks of the three amounts, the deductions, the currency, the royalty and the commission."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import gettext as _

from marketplace.contracts.checks.light import Case, Check, Light, amber, green, red
from marketplace.contracts.models import WHOLE
from marketplace.money import agrees_with_capitals, format_both, in_capitals

ROYALTY, BROKERAGE = "3", "53"
EQUIPMENT = re.compile(r"设备|仪器|硬件|装置|原材料|采购|备件|生产线")
#: Below a hundred yuan 万元 were probably written as 元; above ten 亿元 the other way round.
LEAST_LIKELY, MOST_LIKELY = 10_000, 100_000_000_000
#: Half of what the ledger's numbers hold exactly, so that deal and commission fit together.
MOST_COUNTED = 2**52
#: Rounding of the rate may move the sum by a yuan, not by more.
RATE_TOLERANCE = 100
#: A share of technology that far below the usual asks for a look.
FAR_BELOW = 4_500


def is_royalty(case: Case) -> bool:
    """Whether the price is a royalty, of which the fixed part alone is registered."""
    return case.contract.payment == ROYALTY


def deal_amount(case: Case) -> Iterator[Light]:
    """成交额 is positive; zero is legal for an estimated royalty only."""
    contract, deal = case.contract, case.contract.deal_amount
    if deal is None:
        return
    if is_royalty(case) and not deal and not contract.estimated:
        yield red("royalty_has_fixed_part", "deal_amount", _("提成合同须有固定部分（入门费），没有的须标明暂估"))  # fmt: skip
    elif deal <= 0 and not contract.estimated:
        yield red("deal_amount_is_positive", "deal_amount", _("合同成交额应大于零"))
    elif deal > MOST_COUNTED:
        yield red("deal_amount_can_be_counted", "deal_amount", _("金额过大，无法记入台账，请核对单位"))  # fmt: skip
    elif deal < 0:
        yield red("deal_amount_is_positive", "deal_amount", _("合同成交额不能为负"))
    elif 0 < deal < LEAST_LIKELY or deal > MOST_LIKELY:
        said = format_both(deal)
        yield amber("deal_amount_is_plausible", "deal_amount", _("金额为%(s)s，请核对单位", s=said))


def estimated(case: Case) -> Iterator[Light]:
    """暂估 is said of royalties alone, and a royalty is estimated."""
    if case.contract.estimated and not is_royalty(case):
        yield red("estimate_is_royalty", "estimated", _("只有提成支付的合同才能暂估"))
    if is_royalty(case) and not case.contract.estimated:
        yield amber("royalty_is_estimated", "estimated", _("提成合同按固定部分登记，请标明暂估"))


def technology_amount(case: Case) -> Iterator[Light]:
    """0 ≤ 技术交易额 ≤ 成交额."""
    deal, technology = case.contract.deal_amount, case.contract.technology_amount
    if deal is None or technology is None:
        return
    if technology > deal:
        yield red("technology_amount_within_deal_amount", "technology_amount", _("技术交易额不能高于合同成交额"))  # fmt: skip
    if technology < 0 or (technology == 0 and not case.contract.estimated):
        yield red("technology_amount_is_positive", "technology_amount", _("技术交易额应大于零"))


def deductions_sum(case: Case) -> Iterator[Light]:
    """Σ of what is deducted = 成交额 − 技术交易额."""
    contract = case.contract
    if contract.deal_amount is None or contract.technology_amount is None:
        return
    wanted = contract.deal_amount - contract.technology_amount
    if wanted >= 0 and contract.deducted != wanted:
        said, due = format_both(contract.deducted), format_both(wanted)
        yield red("deductions_sum_to_difference", "deductions", _("扣除合计%(s)s，应为成交额减技术交易额%(d)s", s=said, d=due))  # fmt: skip


def deduction_lines(case: Case) -> Iterator[Light]:
    """Each deduction has a kind of the list, a name, an amount and its evidence."""
    names = case.rules.lists["deduction"].names
    for place, line in enumerate(case.contract.deductions):
        path = f"deductions.{place}"
        if line.kind not in names:
            yield red("deduction_kind_is_known", f"{path}.kind", _("请选择扣除项目的类别"))
        if not line.name:
            yield red("deduction_has_name", f"{path}.name", _("请填写扣除项目的名称"))
        if not line.amount and line.is_deducted:
            yield red("deduction_has_amount", f"{path}.amount", _("扣除项目的金额应大于零"))
        if line.is_deducted and not line.evidence:
            yield amber("deduction_has_evidence", f"{path}.evidence", _("请注明扣除依据（合同条款或报价）"))  # fmt: skip


def carriers(case: Case) -> Iterator[Light]:
    """Complete equipment or test devices count as carriers up to one or two sets."""
    most = case.rules.thresholds.carrier_sets
    sets = 0
    for place, line in enumerate(case.contract.deductions):
        if line.is_deducted:
            continue
        if line.is_device:
            sets += line.quantity
        elif EQUIPMENT.search(line.name):
            yield amber("carrier_is_no_equipment", f"deductions.{place}.kind", _("该载体名称像设备，请核对是否应扣除"))  # fmt: skip
    if sets > most:
        yield amber("carriers_are_reasonable", "deductions", _("成套设备或试验装置作为载体一般不超过%(m)s套，现为%(s)s套，请核对超出部分是否应扣除", m=most, s=sets))  # fmt: skip


def equipment_is_deducted(case: Case) -> Iterator[Light]:
    """A contract that speaks of equipment, or is mixed, deducts something."""
    contract = case.contract
    speaks = EQUIPMENT.search(contract.content) or EQUIPMENT.search(contract.project_name)
    if (speaks or contract.mixed) and not any(line.is_deducted for line in contract.deductions):
        yield amber("equipment_is_deducted", "deductions", _("合同涉及设备、材料等非技术性内容，却没有扣除项"))  # fmt: skip


def capitals(case: Case) -> Iterator[Light]:
    """大写 says what the figures say."""
    contract = case.contract
    if contract.deal_amount is None or contract.deal_amount < 0:
        return
    if not contract.deal_words:
        yield amber("capitals_are_given", "deal_words", _("请按合同填写成交额大写"))
    elif not agrees_with_capitals(contract.deal_amount, contract.deal_words):
        right = in_capitals(contract.deal_amount)
        yield red(
            "capitals_agree", "deal_words", _("大写与数字不一致，数字的大写为“%(r)s”", r=right)
        )


def currency(case: Case) -> Iterator[Light]:
    """Another currency comes with its sum, rate and day, and they give 成交额."""
    contract = case.contract
    if contract.currency == "CNY":
        return
    for name in ("foreign_amount", "rate", "rate_on"):
        if not getattr(contract, name):
            yield red("currency_is_complete", name, _("外币合同须填写原币金额、汇率和汇率日期"))
    if contract.foreign_amount and contract.rate and contract.deal_amount is not None:
        exact = Decimal(contract.foreign_amount) * contract.rate
        fen = int(exact.to_integral_value(ROUND_HALF_UP))
        if abs(fen - contract.deal_amount) > RATE_TOLERANCE:
            said = format_both(fen)
            yield red("rate_gives_deal_amount", "rate", _("原币金额乘汇率为%(s)s，与成交额不符", s=said))  # fmt: skip


def trade_facts(case: Case) -> Iterator[Light]:
    """What crosses a border names the country and the number of its own registration."""
    contract = case.contract
    if contract.trade == "domestic":
        return
    if not contract.country:
        yield red("trade_has_country", "country", _("涉外合同须填写对方国别（地区）"))
    if contract.trade in ("export", "import") and not contract.trade_number:
        yield amber("trade_has_number", "trade_number", _("请填写商务部门技术进出口合同登记编号"))


def commission(case: Case) -> Iterator[Light]:
    """Of a brokerage contract the commission alone is the amount; elsewhere it stays within."""
    contract = case.contract
    if contract.type == BROKERAGE and contract.commission != contract.deal_amount:
        yield red("brokerage_amount_is_commission", "deal_amount", _("技术中介合同的成交额只计中介报酬"))  # fmt: skip
    elif contract.commission > (contract.deal_amount or 0):
        yield red("commission_within_deal_amount", "brokers.0.commission", _("中介报酬不能高于合同成交额"))  # fmt: skip
    for place, broker in enumerate(contract.brokers):
        if not broker.name:
            yield red("broker_has_name", f"brokers.{place}.name", _("请填写中介方名称"))


def ratio(case: Case) -> Iterator[Light]:
    """How much of the deal is technology, beside the usual share: a hint, never a rule."""
    deal, technology = case.contract.deal_amount, case.contract.technology_amount
    if not deal or technology is None or not 0 <= technology <= deal:
        return
    share, limits = technology * WHOLE // deal, case.rules.thresholds
    facts = {"s": f"{share / 100:g}", "u": f"{limits.ratio_hint / 100:g}"}
    if share < limits.ratio_hint - FAR_BELOW:
        yield amber("ratio_is_usual", "technology_amount", _("技术交易额占%(s)s%%，远低于通常的%(u)s%%", **facts))  # fmt: skip
    elif share == WHOLE and deal >= limits.large_fen:
        yield amber("ratio_is_usual", "technology_amount", _("大额合同没有任何扣除（通常技术交易额约占%(u)s%%）", **facts))  # fmt: skip
    else:
        yield green("ratio_is_usual", "technology_amount", _("技术交易额占%(s)s%%（通常约%(u)s%%）", **facts))  # fmt: skip


AMOUNT_CHECKS: tuple[Check, ...] = (
    deal_amount, estimated, technology_amount, deductions_sum, deduction_lines, carriers,
    equipment_is_deducted, capitals, currency, trade_facts, commission, ratio,
)  # fmt: skip
