"""Checks of what the contract is about: type, codes, rights, the market's place, the files."""

import re
from collections.abc import Iterator

from flask_babel import gettext as _

from marketplace.contracts.checks.light import Case, Check, Light, amber, red
from marketplace.contracts.columns import CONTRACT
from marketplace.contracts.models import Contract
from marketplace.listings.rights import (
    APPLICATION,
    KIND_DIGITS,
    OLD_APPLICATION,
    PUBLICATION,
    check_digit,
)

#: Leaf of L1 → the first digit of the right (L4) that it is about.
RIGHT_OF_TYPE = {
    "21": "1", "22": "1", "31": "1", "23": "2", "32": "2", "24": "3", "33": "3", "25": "4",
    "34": "4", "26": "5", "35": "5", "27": "6", "36": "6", "28": "7",
}  # fmt: skip
PATENT_KINDS = {"11": "invention", "12": "utility", "13": "design"}
NO_RIGHT, OUTSIDE_PLANS = "9", "5"
#: Lists whose leaf must be chosen, beside those where any code of the list will do.
LEAF_LISTS = {"plan": "plan", "field": "field"}
PLAIN_LISTS = {"payment": "payment", "goal": "goal", "industry": "industry", "trade": "trade"}
NUMBER = re.compile(r"\d{16}")


def required(case: Case) -> Iterator[Light]:
    """Every field that the form requires is filled in."""
    for column in CONTRACT:
        value = getattr(case.contract, column.name)
        if column.required and (value is None or value == ""):
            yield red("required", column.name, _("“%(name)s”必填", name=column.heading))


def type_is_known(case: Case) -> Iterator[Light]:
    """The type is a leaf of L1 in the version that applies."""
    if case.contract.type and case.contract.type not in case.rules.types:
        yield red("type_is_leaf", "type", _("合同类别须选到子类，且为现行规则所列"))


def codes_are_known(case: Case) -> Iterator[Light]:
    """Codes stand in their lists; where a list has leaves, a leaf is chosen."""
    for name, kind in (LEAF_LISTS | PLAIN_LISTS).items():
        code, listed = getattr(case.contract, name), case.rules.lists[kind]
        if code and code not in listed.names:
            yield red("code_is_known", name, _("“%(c)s”不在%(t)s代码表内", c=code, t=listed.title))
        elif code and kind in LEAF_LISTS and not case.rules.is_leaf(kind, code):
            yield red("code_is_leaf", name, _("%(title)s须选到末级", title=listed.title))


def industry_is_division(case: Case) -> Iterator[Light]:
    """服务的国民经济行业 goes to the 大类 at least (GB/T 4754)."""
    if len(case.contract.industry) == 1:
        yield red("industry_is_division", "industry", _("服务的国民经济行业至少选到大类"))


def plan_has_number(case: Case) -> Iterator[Light]:
    """A contract that comes from a plan names the project of the plan."""
    contract = case.contract
    if contract.plan and contract.plan != OUTSIDE_PLANS and not contract.plan_number:
        yield amber("plan_has_number", "plan_number", _("计划内项目请填写计划项目编号"))


def rights_are_named(case: Case) -> Iterator[Light]:
    """知识产权 is always answered, if only by 未涉及, and 未涉及 stands alone."""
    kinds = [right.kind for right in case.contract.rights]
    if not kinds:
        yield red("rights_are_answered", "rights", _("请填写知识产权；没有的选“未涉及知识产权”"))
    if NO_RIGHT in kinds and len(kinds) > 1:
        yield red("no_right_stands_alone", "rights", _("选了“未涉及知识产权”就不能再列其他权利"))
    for place, kind in enumerate(kinds):
        if not case.rules.is_leaf("ip", kind):
            yield red(
                "right_kind_is_leaf", f"rights.{place}.kind", _("知识产权类别不明或未选到末级")
            )


def right_fits_type(case: Case) -> Iterator[Light]:
    """A transfer or licence of a patent names a patent, of software a copyright, and so on."""
    wanted = RIGHT_OF_TYPE.get(case.contract.type)
    if wanted and not any(right.kind.startswith(wanted) for right in case.contract.rights):
        name = case.rules.name_of("ip", wanted)
        yield red("right_fits_type", "rights", _("该合同类别须列明“%(name)s”", name=name))


def patent_numbers(case: Case) -> Iterator[Light]:
    """A patent has a number, of the right form, with the right check digit and kind."""
    for place, right in enumerate(case.contract.rights):
        field = f"rights.{place}.number"
        if right.kind in PATENT_KINDS and (message := _fault_of_number(right.kind, right.number)):
            yield red("patent_number_is_valid", field, message)


def _fault_of_number(kind: str, written: str) -> str:
    number = re.sub(r"\s", "", written).upper()
    if not number:
        return _("请填写专利号或申请号")
    if PUBLICATION.match(number):
        return ""
    match = APPLICATION.match(number) or OLD_APPLICATION.match(number)
    if match is None:
        return _("“%(n)s”不像专利号（应为 ZL 加 12 位数字、小数点和校验位）", n=written)
    if check_digit(match[1]) != match[3]:
        return _("专利号“%(n)s”的校验位不对，请核对", n=written)
    if KIND_DIGITS[match[2]] != PATENT_KINDS[kind]:
        return _("专利号“%(n)s”的种类位与所选专利类别不符", n=written)
    return ""


def pledged_right(case: Case) -> Iterator[Light]:
    """A pledged right needs the pledgee's consent."""
    for place, right in enumerate(case.contract.rights):
        if right.pledged:
            yield amber(
                "pledgee_agrees", f"rights.{place}.pledged", _("权利已质押，请核对质权人书面同意")
            )


def licence_attributes(case: Case) -> Iterator[Light]:
    """A licence says of which kind it is; what is no licence says nothing of the sort."""
    contract, is_licence = case.contract, case.group == "3"
    if is_licence and not contract.licence:
        yield red("licence_has_kind", "licence", _("许可合同须注明独占、排他、普通等许可方式"))
    if contract.licence and contract.licence not in case.rules.lists["licence"].names:
        yield red("code_is_known", "licence", _("许可方式不在代码表内"))
    elif contract.licence and not is_licence:
        yield red("licence_fits_type", "licence", _("只有许可合同才填写许可方式"))
    if is_licence and not contract.licence_until:
        yield amber("licence_has_term", "licence_until", _("请填写许可期限，税务部门据此判断"))


def applicant_is_entitled(case: Case) -> Iterator[Light]:
    """The seller applies; for an import the domestic buyer (G2; draft Art 11)."""
    contract = case.contract
    entitled = contract.buyers if contract.trade == "import" else contract.sellers
    owner = contract.organization
    if not any(
        party.organization_id == owner.id or (owner.uscc and party.uscc == owner.uscc)
        for party in entitled
    ):
        side = _("境内买方") if contract.trade == "import" else _("卖方")
        yield red("applicant_is_entitled", "parties", _("登记主体应为%(side)s之一", side=side))


def parent_number(case: Case) -> Iterator[Light]:
    """A related consulting or service contract names the contract to which it belongs."""
    contract = case.contract
    if contract.parent_number and not NUMBER.fullmatch(contract.parent_number):
        yield red("number_has_sixteen_digits", "parent_number", _("合同登记编号应为16位数字"))
    if contract.tax_relief and case.group in ("4", "5") and not contract.parent_number:
        yield amber("related_service_has_parent", "parent_number", _("咨询、服务申请免税须关联开发或转让合同"))  # fmt: skip


def nothing_is_classified(case: Case) -> Iterator[Light]:
    """Classified content never enters (G5)."""
    if case.contract.classified:
        yield red("nothing_is_classified", "classified", _("涉密内容不得进入本系统，请线下办理"))


def figures_of_transfer(case: Case) -> Iterator[Light]:
    """预计新增投入 and 新增产值 are asked of transfers and licences."""
    for name in ("new_investment", "new_output"):
        if case.group in ("2", "3") and getattr(case.contract, name) is None:
            yield amber("transfer_has_outlook", name, _("转让、许可合同请填写预计新增投入和产值"))


def files(case: Case) -> Iterator[Light]:
    """Which papers are still missing for this contract (G6)."""
    for kind in missing_attachments(case.contract):
        name = case.rules.name_of("attachment", kind)
        yield amber("file_is_complete", "attachments", _("缺少附件：%(name)s", name=name))


def missing_attachments(contract: Contract) -> list[str]:
    """The kinds of attachment that this contract needs and lacks (table of section 3)."""
    has_right = any(right.kind != NO_RIGHT for right in contract.rights)
    needed = {
        "contract": True,
        "ip": has_right and contract.type[:1] in ("2", "3"),
        "cost": contract.deal_amount != contract.technology_amount,
        "authorization": contract.department_signed,
        "approval": contract.needs_approval,
        "award": contract.government_project,
        "translation": contract.foreign_language,
        "brokerage": bool(contract.brokers) or contract.type == "53",
    }
    given = {attachment.kind for attachment in contract.attachments}
    return [kind for kind, is_needed in needed.items() if is_needed and kind not in given]


SUBJECT_CHECKS: tuple[Check, ...] = (
    required, type_is_known, codes_are_known, industry_is_division, plan_has_number,
    rights_are_named, right_fits_type, patent_numbers, pledged_right, licence_attributes,
    applicant_is_entitled, parent_number, nothing_is_classified, figures_of_transfer, files,
)  # fmt: skip
