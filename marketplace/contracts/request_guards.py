"""The conditions of what is asked of a registered or refused case: change, end, objection."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from marketplace.contracts import queries
from marketplace.contracts.guards import (
    asks_experts,
    form_errors,
    open_tests,
    tests_of,
    wanted_tests,
)
from marketplace.contracts.proceedings import RequestKind
from marketplace.contracts.situation import Situation
from marketplace.contracts.states import State
from marketplace.lifecycle import Guard, says
from marketplace.permissions import Role

#: Kinds of attachment that can prove what is asked of a registered contract.
PROOFS = {"amendment", "hearing", "order", "settlement", "receipt"}


@says(_l("请上传并指明证明材料"))
def proof_is_attached(s: Situation) -> bool:
    """Each digest given is an attachment of the case, of a kind that proves."""
    given = s.facts.get("proof") or []
    known = {a.digest for a in s.contract.attachments if a.kind in PROOFS}
    return bool(given) and set(given) <= known


@says(_l("请写明要变更的内容"))
def change_is_said(s: Situation) -> bool:
    """A change names what shall hold instead."""
    return bool(s.facts.get("change"))


change_is_valid = Guard(
    "change_is_valid",
    _l("变更后的内容有误"),
    lambda s: not s.change or not form_errors(s),
    lambda s: form_errors(s) if s.change else {},
)


changed_type_is_tested = Guard(
    "changed_type_is_tested",
    _l("变更后的合同类别须重新逐条勾选认定条件"),
    lambda s: set(wanted_tests(s)) <= set(tests_of(s, s.contract)) or not open_tests(s),
    open_tests,
)


@says(_l("未达到大额标准，也没有争议，无须专家审核；或现行规则没有专家审核"))
def experts_are_asked(s: Situation) -> bool:
    """What shall hold after a change or an objection is large, or the case is disputed."""
    return asks_experts(s, s.amended)


@says(_l("变更后的技术交易额超出本登记点的权限，须由科技主管部门决定"))
def sum_is_within_delegation(s: Situation) -> bool:
    """A change that lifts the sum over what the point may take is decided above it."""
    limit, stood = s.contract.point.limit_fen, s.contract.technology_amount or 0
    within = limit is None or (s.amended.technology_amount or 0) <= max(limit, stood)
    return within or s.actor.role == Role.AUTHORITY


@says(_l("已有审查意见，请由另一人决定"))
def not_examined_yet(s: Situation) -> bool:
    """The request waits for its examination."""
    return s.request is not None and s.request.examined_by_id is None


@says(_l("须先由一人审查，再由另一人决定"))
def examined_by_another(s: Situation) -> bool:
    """Four eyes for every change, cancellation and objection."""
    request = s.request
    return request is not None and request.examined_by_id not in (None, s.actor_id)


@says(_l("变更后的技术交易额低于已核定的技术性收入，请先处理差额并告知优惠主管部门"))
def income_fits_the_change(s: Situation) -> bool:
    """Σ 核定额 stays within the new 技术交易额."""
    return queries.verified_income(s.contract) <= (s.amended.technology_amount or 0)


@says(_l("已标记履行完毕"))
def not_completed_yet(s: Situation) -> bool:
    """The flag is set once."""
    return s.contract.completed_on is None


@says(_l("请上传并指明听证或调查记录"))
def hearing_is_recorded(s: Situation) -> bool:
    """A revocation rests on a record of the hearing."""
    given = s.facts.get("proof") or []
    records = {a.digest for a in s.contract.attachments if a.kind == "hearing"}
    return bool(given) and set(given) <= records


@says(_l("已提出撤销，等待另一人决定"))
def no_revocation_is_proposed(s: Situation) -> bool:
    """One proposal at a time."""
    return s.request is None


@says(_l("没有待决定的撤销提议"))
def revocation_is_proposed(s: Situation) -> bool:
    """Nothing is decided by taking a proposal back: any person of the authority may."""
    return s.request is not None and s.request.kind == RequestKind.REVOKE


@says(_l("撤销登记须先由一人提出，再由另一人决定"))
def revocation_is_proposed_by_another(s: Situation) -> bool:
    """Four eyes for every revocation."""
    request = s.request
    return (
        request is not None
        and request.kind == RequestKind.REVOKE
        and request.by_id not in (None, s.actor_id)
    )


@says(_l("已超过提出异议的期限"))
def objection_is_in_time(s: Situation) -> bool:
    """The applicant has the time of the version; a tax or finance body may object at any time."""
    if s.actor.role == Role.TAX:
        return True
    decided = s.contract.refused_on or queries.versions_of(s.contract)[-1].registered_on
    return s.day <= decided + timedelta(days=s.rules.clock.objection_days)


@says(_l("涉密处置后的案件不能提出异议"))
def case_was_not_purged(s: Situation) -> bool:
    """A stub has nothing to be examined."""
    return s.contract.purged_at is None


@says(_l("异议须由未参与原审核的人员复核"))
def was_no_reviewer_before(s: Situation) -> bool:
    """By other reviewers than those who decided."""
    before = (s.contract.first_reviewer_id, s.contract.second_reviewer_id)
    return s.actor_id is not None and s.actor_id not in before


@says(_l("原决定不是登记"))
def was_registered(s: Situation) -> bool:
    """The objection is against a registration."""
    return s.request is not None and s.request.came_from == State.REGISTERED


@says(_l("原决定不是不予登记"))
def was_refused(s: Situation) -> bool:
    """The objection is against a refusal."""
    return s.request is not None and s.request.came_from == State.REFUSED
