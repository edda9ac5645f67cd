"""The conditions of the table up to the registration, each a fact named in a sentence, with what to say where it fails."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.contracts import directory, queries
from marketplace.contracts.checks import errors_of, missing_attachments
from marketplace.contracts.models import Contract, Side
from marketplace.contracts.points import Desk
from marketplace.contracts.proceedings import Answer, NoticeKind
from marketplace.contracts.situation import Situation
from marketplace.lifecycle import Errors, Guard, says
from marketplace.permissions import Role


def form_errors(s: Situation) -> Errors:
    """The red lights of the contract as it would be after the move."""
    return errors_of(s.amended, s.rules, s.day)


form_is_valid = Guard(
    "form_is_valid", _l("表单有误，请按提示修改"), lambda s: not form_errors(s), form_errors
)
amended_form_is_valid = Guard(
    "amended_form_is_valid", _l("更正后的内容有误"), lambda s: not form_errors(s), form_errors
)


@says(_l("单位尚未通过认证，认证后即可提交"))
def applicant_is_verified(s: Situation) -> bool:
    """The market has confirmed who the applicant is."""
    return s.contract.organization.verified_at is not None


@says(_l("登记主体应为卖方；技术进口的由境内买方申请（G2）"))
def applicant_is_entitled(s: Situation) -> bool:
    """卖方登记; of an import the domestic buyer."""
    side = Side.BUYER if s.contract.trade == "import" else Side.SELLER
    owner = s.contract.organization
    return any(
        party.side == side
        and (party.organization_id == owner.id or (owner.uscc and party.uscc == owner.uscc))
        for party in s.contract.parties
    )


@says(_l("请上传合同文本"))
def contract_text_is_attached(s: Situation) -> bool:
    """The complete text is there, by its digest."""
    return any(attachment.kind == "contract" for attachment in s.contract.attachments)


@says(_l("涉密内容不得进入本系统，请线下办理（G5）"))
def nothing_is_classified(s: Situation) -> bool:
    """密级 = 无."""
    return not s.contract.classified


@says(_l("不在合同有效期内，不能申请登记（G4）"))
def within_term(s: Situation) -> bool:
    """The contract has taken effect and its term runs."""
    begins, ends = s.contract.begins_on, s.contract.ends_on
    applied = queries.local_day(s.contract.submitted_at) if s.contract.submitted_at else s.day
    return begins is not None and ends is not None and begins <= applied <= ends


@says(_l("请选择不予受理的情形（G1 至 G4）"))
def gate_is_named(s: Situation) -> bool:
    """The check that it did not pass, of those that send a case back."""
    return s.words("gate") in ("G1", "G2", "G3", "G4") and s.words("gate") in s.rules.gates


@says(_l("该合同不在本登记点受理范围或权限之内（G1）"))
def point_may_take_it(s: Situation) -> bool:
    """The point serves the applicant, is open, and the sum lies within its delegation."""
    contract, point = s.contract, s.contract.point
    within = point.limit_fen is None or (contract.technology_amount or 0) <= point.limit_fen
    serves = point.takes(contract.applicant_region, contract.organization_id)
    return serves and within and point.is_open(s.day)


def _missing(s: Situation) -> Errors:
    names = [s.rules.name_of("attachment", kind) for kind in missing_attachments(s.contract)]
    return {"attachments": [_("缺少%(name)s", name=name) for name in names]} if names else {}


files_are_complete = Guard(
    "files_are_complete",
    _l("材料不齐全，请一次性告知补正（G6）"),
    lambda s: not missing_attachments(s.contract),
    _missing,
)


@says(_l("同一合同已经登记，不能重复登记（G3）"))
def no_live_twin(s: Situation) -> bool:
    """One live registration for each text, parties and signing date, across all points."""
    return queries.live_twin(s.contract) is None


@says(_l("请一次列出全部补正事项"))
def repairs_are_listed(s: Situation) -> bool:
    """One list, each item in words."""
    repairs = s.facts.get("repairs") or []
    return bool(repairs) and all(str(item.get("text", "")).strip() for item in repairs)


@says(_l("补正事项须逐项答复"))
def repairs_are_answered(s: Situation) -> bool:
    """Every listed item has an answer."""
    answers = s.facts.get("answers") or {}
    return all(str(answers.get(item.id, "")).strip() for item in queries.open_repairs(s.contract))


@says(_l("补正期限尚未届满"))
def supplement_time_is_over(s: Situation) -> bool:
    """The last day for the supplement has passed."""
    due = s.contract.supplement_due_on
    return due is not None and s.day > due


@says(_l("尚未向申请人发出补正通知"))
def applicant_was_notified(s: Situation) -> bool:
    """A case lapses after notice only."""
    return queries.has_been_told(s.contract, NoticeKind.SUPPLEMENT)


@says(_l("请选择本登记点的登记员"))
def clerk_is_of_this_point(s: Situation) -> bool:
    """The case goes to a clerk of the point that has it."""
    clerk = s.facts.get("clerk")
    return (
        clerk is not None
        and clerk.role == Role.CLERK
        and clerk.organization_id == s.contract.point_organization_id
    )


@says(_l("该登记员与本合同有利害关系，或为本件代录人，不能初审"))
def clerk_is_impartial(s: Situation) -> bool:
    """Neither of the applicant's organisation nor the one who typed the case."""
    clerk = s.facts["clerk"]
    return not directory.is_conflicted(clerk, s.contract)


@says(_l("A角在岗时由A角初审；该登记员缺勤，或B角不能在A角可办时承办"))
def deputy_stands_in_only(s: Situation) -> bool:
    """AB角: nobody who is away; a B only while no A can take the case."""
    clerk = s.facts["clerk"]
    if directory.is_away(clerk, s.day):
        return False
    return directory.desk_of(clerk) == Desk.A or not directory.clerks_at_desk_a(s.contract, s.day)


@says(_l("未达到大额标准，也没有争议，无须专家审核；或现行规则没有专家审核"))
def is_large_or_disputed(s: Situation) -> bool:
    """技术交易额 reaches the threshold of the version, or the case is disputed."""
    is_said = s.contract.disputed or bool(s.facts.get("disputed"))
    return s.rules.asks_experts(s.contract.technology_amount, disputed=is_said)


def asks_experts(s: Situation, contract: Contract) -> bool:
    """Whether the version asks experts about the sum of ``contract``: the case, or as amended."""
    return s.rules.asks_experts(contract.technology_amount, disputed=s.contract.disputed)


@says(_l("请写明意见"))
def opinion_is_written(s: Situation) -> bool:
    """An opinion is words."""
    return bool(s.words("opinion"))


@says(_l("只有承办本件的初审登记员可以提出登记意见"))
def actor_is_first_reviewer(s: Situation) -> bool:
    """Whoever was assigned proposes."""
    return s.actor_id is not None and s.actor_id == s.contract.first_reviewer_id


def wanted_tests(s: Situation) -> tuple[str, ...]:
    """The checklist of the type, and X where the contract has a non-technical part."""
    return tests_of(s, s.amended)


def tests_of(s: Situation, contract: Contract) -> tuple[str, ...]:
    """The checklist of ``contract``, the case itself or as amended."""
    leaf = s.rules.types.get(contract.type)
    tests = leaf.tests if leaf else ()
    return (*tests, "X1", "X2") if contract.mixed else tests


def open_tests(s: Situation) -> Errors:
    """The tests that were not passed under the version of the case."""
    passed = {
        code
        for code, tick in s.ticks.items()
        if tick.answer == Answer.YES and tick.rules == s.rules.name
    }
    return {
        f"tests.{code}": [s.rules.tests[code].text]
        for code in wanted_tests(s)
        if code not in passed
    }


tests_are_passed = Guard(
    "tests_are_passed",
    _l("认定条件尚未逐条勾选通过"),
    lambda s: bool(wanted_tests(s)) and not open_tests(s),
    open_tests,
)


@says(_l("大额或有争议的合同须先经专家审核并有书面意见"))
def experts_were_heard(s: Situation) -> bool:
    """Where the version asks experts, one has written an opinion.

    What was said before a change made the contract large was said of another contract.
    """
    if not asks_experts(s, s.amended):
        return True
    since = s.request.at if s.request and not asks_experts(s, s.contract) else None
    return any(since is None or one.at >= since for one in queries.opinions_of(s.contract))


@says(_l("没有触发复核的情形"))
def second_review_is_due(s: Situation) -> bool:
    """A trigger of L13 fires."""
    return bool(s.triggers)


@says(_l("触发了复核，须由他人复核"))
def one_review_suffices(s: Situation) -> bool:
    """No trigger of L13 fires."""
    return not s.triggers


@says(_l("不予登记须至少选一项法定情形，并写明理由和合同中的依据位置"))
def grounds_are_given(s: Situation) -> bool:
    """At least one coded ground of the version, each with words and the place of its evidence."""
    grounds = s.facts.get("grounds") or []
    return bool(grounds) and all(
        ground.get("code") in s.rules.grounds
        and str(ground.get("text", "")).strip()
        and str(ground.get("evidence", "")).strip()
        for ground in grounds
    )


@says(_l("复核人不能是初审人"))
def reviewer_is_another(s: Situation) -> bool:
    """Four eyes."""
    return s.actor_id is not None and s.actor_id != s.contract.first_reviewer_id


@says(_l("登记点办理本单位的合同，须由本单位以外的人员复核"))
def reviewer_is_from_outside(s: Situation) -> bool:
    """A point inside an institution does not decide alone on that institution's contract."""
    is_inside = s.actor.organization_id == s.contract.point_organization_id
    return not (s.contract.is_own_institutions and is_inside)


@says(_l("请写明涉密处置决定的文号"))
def order_is_recorded(s: Situation) -> bool:
    """Files are removed under a recorded order only."""
    return bool(s.words("order"))
