"""The data dictionary of a contract: each field once, for forms, files and checks.

``form_name`` is the name on the national web form, as of 2021.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from marketplace import money
from marketplace.codes import current_codes
from marketplace.contracts.countries import code_of, countries
from marketplace.contracts.models import WHOLE, Visibility
from marketplace.listings.cells import BadCell, bounded_text, day_of, folded, text_of, yes_or_no
from marketplace.rules import Rules

Facts = dict[str, Any]
MOST_COUNT = 1_000_000


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    CODE = "code"
    FLAG = "flag"
    SHARE = "share"
    COUNT = "count"
    RATE = "rate"
    COUNTRY = "country"
    REGION = "region"
    NUMBER = "number"
    HUNDREDTHS = "hundredths"
    VISIBILITY = "visibility"


@dataclass(frozen=True)
class Column:
    """One field: its names, what it holds, whether the form requires it, who may see it."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT
    limit: int = 200
    code_list: str = ""
    required: bool = False
    form_name: str = ""
    hint: str = ""
    #: A person's data: masked for whoever has no part in the case.
    personal: bool = False


T, D, M, C, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.CODE, Kind.FLAG
_UNIT = "写明单位，如 1200000元 或 120万元"

CONTRACT: tuple[Column, ...] = (
    Column("project_name", "项目名称", T, 200, required=True, form_name="projectname", hint="与合同书写一致的全称"),
    Column("type", "合同类别", C, code_list="type", required=True, form_name="contracttype", hint="按内容认定，不按合同名称"),
    Column("content", "标的内容", T, 20_000, required=True, hint="技术内容、范围和要求"),
    Column("signed_on", "合同签订日期", D, required=True, form_name="signdate"),
    Column("begins_on", "有效期起", D, required=True, form_name="contractbegindate"),
    Column("ends_on", "有效期止", D, required=True, form_name="contractenddate"),
    Column("term_text", "有效期说明", T, 200, hint="如：至履行完毕"),
    Column("deal_amount", "合同成交额", M, required=True, form_name="totalamount", hint=_UNIT),
    Column("deal_words", "成交额大写", T, 100, hint="如：壹佰贰拾万元整"),
    Column("technology_amount", "技术交易额", M, required=True, form_name="technicalamount", hint=_UNIT),
    Column("payment", "支付方式", C, code_list="payment", required=True, form_name="paymethod"),
    Column("estimated", "提成暂估", F, hint="提成合同只登记固定部分"),
    Column("tax_relief", "拟申请税收优惠", F),
    Column("related", "是否关联交易", F, form_name="isrelated"),
    Column("relation", "关联关系", T, 200),
    Column("related_share", "关联持股比例", Kind.SHARE, hint="百分数，如 51%"),
    Column("plan", "项目计划来源", C, code_list="plan", required=True, form_name="projectplantype"),
    Column("plan_number", "计划项目编号", T, 60),
    Column("field", "技术领域", C, code_list="field", required=True, form_name="techarea"),
    Column("goal", "社会经济目标", C, code_list="goal", required=True, hint="按目标，不按内容；只选主要目标"),
    Column("industry", "服务的国民经济行业", C, code_list="industry", required=True, hint="技术所服务的行业，至少到大类"),
    Column("new_investment", "预计新增投入", M, hint=_UNIT),
    Column("new_output", "预计新增产值", M, hint=_UNIT),
    Column("trade", "进出口标志", C, code_list="trade", required=True),
    Column("country", "对方国别（地区）", Kind.COUNTRY),
    Column("currency", "币种", T, 3, hint="三位字母，人民币为 CNY"),
    Column("foreign_amount", "原币金额", Kind.HUNDREDTHS, hint="原币单位，最多两位小数"),
    Column("rate", "汇率", Kind.RATE, hint="每一单位原币合人民币元"),
    Column("rate_on", "汇率日期", D),
    Column("trade_number", "技术进出口合同登记编号", T, 60),
    Column("licence", "许可方式", C, code_list="licence"),
    Column("licence_territory", "许可地域", T, 100),
    Column("licence_use", "许可使用领域", T, 100),
    Column("licence_until", "许可期限止", D),
    Column("parent_number", "所属合同登记编号", Kind.NUMBER, 16, hint="与开发、转让合同直接相关的咨询、服务填写"),
    Column("foreign_language", "外文合同", F),
    Column("department_signed", "由内设部门或课题组签订", F),
    Column("government_project", "政府项目", F),
    Column("needs_approval", "依法须经批准", F),
    Column("mixed", "含非技术性内容", F),
    Column("classified", "含涉密内容", F),
    Column("visibility", "公开方式", Kind.VISIBILITY),
)  # fmt: skip
PARTY: tuple[Column, ...] = (
    Column("name", "名称", T, 200, required=True, form_name="buyername"),
    Column("seal_name", "印章名称", T, 200, required=True, hint="与印章一致"),
    Column("uscc", "统一社会信用代码或证件号", Kind.NUMBER, 40, required=True, personal=True),
    Column("nature", "性质", C, code_list="nature", required=True, form_name="buyertype"),
    Column("country", "国别（地区）", Kind.COUNTRY),
    Column("region", "行政区划", Kind.REGION),
    Column("industry", "所属行业", C, code_list="industry"),
    Column("is_transfer_agency", "是否技术转移机构", F, form_name="buyer_jszyjg"),
    Column("is_research_body", "是否研发机构", F, form_name="buyer_isyfjg"),
    Column("is_converted_institute", "是否转制院所", F, form_name="buyer_zzkyys"),
    Column("in_zone", "是否国家高新区内企业", F, form_name="buyer_countrygxqqy"),
    Column("listed", "是否上市公司", F, form_name="buyer_islist"),
    Column("scale", "企业规模", C, code_list="scale", form_name="buyer_scale"),
    Column("high_tech", "是否高新技术企业", F),
    Column("address", "通讯地址", T, 200, form_name="buyer_address", personal=True),
    Column("zip_code", "邮政编码", Kind.NUMBER, 10, form_name="buyer_zipcode"),
    Column("representative", "法定代表人", T, 60, form_name="buyer_representative", personal=True),
    Column("contact", "项目联系人", T, 60, form_name="buyer_contact", personal=True),
    Column("phone", "联系电话", Kind.NUMBER, 40, form_name="buyer_contacttel", personal=True),
    Column("share", "份额", Kind.SHARE, hint="同一方有多个当事人时各占的百分数"),
)  # fmt: skip
RIGHT: tuple[Column, ...] = (
    Column("kind", "知识产权类别", C, code_list="ip", required=True, form_name="ipr"),
    Column("number", "编号", Kind.NUMBER, 40, hint="如：ZL201510123456.1"),
    Column("holder", "权利人", T, 200),
    Column("applied_on", "申请日", D),
    Column("valid_until", "有效期至", D),
    Column("pledged", "是否质押", F),
)
BROKER: tuple[Column, ...] = (
    Column("name", "中介方", T, 200, required=True),
    Column("uscc", "统一社会信用代码", Kind.NUMBER, 40),
    Column("agent", "技术经纪人", T, 60, personal=True),
    Column("commission", "中介报酬", M, hint=_UNIT),
)
DEDUCTION: tuple[Column, ...] = (
    Column("kind", "扣除类别", C, code_list="deduction", required=True),
    Column("name", "项目", T, 200, required=True),
    Column("amount", "金额", M, hint=_UNIT),
    Column("quantity", "数量", Kind.COUNT),
    Column("is_device", "成套设备或试验装置", F),
    Column("evidence", "依据", T, 300, hint="合同条款或报价"),
)
#: The tables of one contract: name in forms and snapshots → columns.
TABLES: dict[str, tuple[Column, ...]] = {
    "sellers": PARTY,
    "buyers": PARTY,
    "rights": RIGHT,
    "brokers": BROKER,
    "deductions": DEDUCTION,
}
#: What a cell left empty means, where it is not nothing.
EMPTY: dict[Kind, Any] = {Kind.FLAG: False, Kind.SHARE: 0, Kind.COUNT: 1}
NOTHING = (Kind.DAY, Kind.MONEY, Kind.RATE, Kind.HUNDREDTHS)
VISIBILITIES = {
    "公开": Visibility.PUBLIC,
    "部分公开": Visibility.MASKED,
    "不公开": Visibility.PRIVATE,
}
DEFAULTS: Facts = {
    "currency": "CNY",
    "country": "",
    "trade": "domestic",
    "visibility": Visibility.MASKED,
}
ROW_DEFAULTS: Facts = {"country": "156", "share": WHOLE, "commission": 0, "amount": 0}


def _read_code(cell: Any, column: Column, rules: Rules) -> str:
    text, names = folded(cell), rules.codes_of(column.code_list)
    if not text or text in names:
        return text
    found = [code for code, name in names.items() if folded(name) == text]
    if len(found) != 1:
        raise BadCell(_("没有“%(text)s”这一项，请从列表中选择或填写代码", text=text))
    return found[0]


def _read_money(cell: Any, column: Column, rules: Rules) -> int | None:
    try:
        return money.parse_amount(bounded_text(cell, 60))
    except money.BadAmount as fault:
        raise BadCell(str(fault)) from fault


def _decimal(cell: Any, places: int) -> Decimal | None:
    text = folded(cell).replace(",", "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as fault:
        raise BadCell(_("“%(text)s”不是数字", text=text[:40])) from fault
    if not number.is_finite() or not 0 <= number < 10**13 or number != round(number, places):
        raise BadCell(_("应为不带负号的数字，最多%(n)d位小数", n=places))
    return number


def _read_share(cell: Any, column: Column, rules: Rules) -> int:
    number = _decimal(folded(cell).removesuffix("%"), 2) or Decimal(0)
    if number > 100:
        raise BadCell(_("百分数不能超过100"))
    return int(number * 100)


def _read_count(cell: Any, column: Column, rules: Rules) -> int:
    number = _decimal(cell, 0) or Decimal(0)
    if not 1 <= number <= MOST_COUNT:
        raise BadCell(_("数量应为正整数"))
    return int(number)


def _read_hundredths(cell: Any, column: Column, rules: Rules) -> int | None:
    number = _decimal(cell, 2)
    return None if number is None else int(number * 100)


def _read_country(cell: Any, column: Column, rules: Rules) -> str:
    text = folded(cell)
    code = code_of(text) if text else ""
    if code is None:
        raise BadCell(_("没有国别（地区）“%(text)s”，请填写名称或三位代码", text=text))
    return code


def _read_region(cell: Any, column: Column, rules: Rules) -> str:
    text = folded(cell)
    code = current_codes().find("region", text) if text else ""
    if code is None:
        raise BadCell(_("没有找到地区“%(text)s”，请写盟市或旗县的全称，或六位代码", text=text))
    return code


def _read_visibility(cell: Any, column: Column, rules: Rules) -> Visibility:
    names, text = VISIBILITIES, folded(cell)
    if names.get(text, text) not in set(Visibility):
        raise BadCell(_("公开方式可填：公开、部分公开、不公开"))
    return Visibility(names.get(text, text))


def _read_number(cell: Any, column: Column, rules: Rules) -> str:
    return bounded_text(folded(cell).upper(), column.limit)


READERS: dict[Kind, Callable[[Any, Column, Rules], Any]] = {
    Kind.TEXT: lambda cell, column, rules: bounded_text(cell, column.limit),
    Kind.DAY: lambda cell, column, rules: day_of(cell),
    Kind.MONEY: _read_money,
    Kind.CODE: _read_code,
    Kind.FLAG: lambda cell, column, rules: yes_or_no(cell),
    Kind.SHARE: _read_share,
    Kind.COUNT: _read_count,
    Kind.RATE: lambda cell, column, rules: _decimal(cell, 8),
    Kind.COUNTRY: _read_country,
    Kind.REGION: _read_region,
    Kind.NUMBER: _read_number,
    Kind.HUNDREDTHS: _read_hundredths,
    Kind.VISIBILITY: _read_visibility,
}


def read_row(
    columns: Sequence[Column], row: Mapping[str, Any], rules: Rules, *, path: str = ""
) -> tuple[Facts, dict[str, list[str]]]:
    """``(facts, errors)`` of the columns that ``row`` has; errors by ``path`` and field."""
    facts: Facts = {}
    errors: dict[str, list[str]] = {}
    for column in columns:
        if column.name not in row:
            continue
        try:
            facts[column.name] = _read(column, row[column.name], rules, in_table=bool(path))
        except BadCell as fault:
            errors[path + column.name] = [f"{column.heading}：{fault}"]
    return facts, errors


def _read(column: Column, cell: Any, rules: Rules, *, in_table: bool) -> Any:
    if text_of(cell) == "":
        return _empty(column, in_table=in_table)
    return READERS[column.kind](cell, column, rules)


def _empty(column: Column, *, in_table: bool) -> Any:
    defaults = ROW_DEFAULTS if in_table else DEFAULTS
    if column.name in defaults:
        return defaults[column.name]
    if column.kind in EMPTY:
        return EMPTY[column.kind]
    return None if column.kind in NOTHING else ""


def written(column: Column, value: Any, rules: Rules) -> str:
    """The value as people read it, and as :func:`read_row` reads it back."""
    if value in (None, "") or (
        column.kind is Kind.MONEY and value == ROW_DEFAULTS.get(column.name)
    ):
        return ""
    writers: dict[Kind, Callable[[Any], str]] = {
        Kind.DAY: date.isoformat,
        Kind.MONEY: lambda fen: money.format_yuan(fen),
        Kind.CODE: lambda code: rules.name_of(column.code_list, code),
        Kind.FLAG: lambda flag: _("是") if flag else _("否"),
        Kind.SHARE: lambda share: f"{Decimal(share) / 100:f}%",
        Kind.COUNTRY: lambda code: countries().get(code, code),
        Kind.REGION: lambda code: current_codes().full_region(code),
        Kind.RATE: lambda rate: f"{rate.normalize():f}",
        Kind.VISIBILITY: lambda one: next(
            name for name, code in VISIBILITIES.items() if code == one
        ),
        Kind.HUNDREDTHS: lambda cents: f"{Decimal(cents) / 100:.2f}",
    }
    return writers.get(column.kind, str)(value)
