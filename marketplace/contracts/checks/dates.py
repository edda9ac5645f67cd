"""Checks of the order of dates: signing, term, rights, registration."""

from collections.abc import Iterator

from flask_babel import gettext as _

from marketplace.contracts.checks.light import Case, Check, Light, amber, red

#: Groups of L1 that dispose of an existing right.
DISPOSES = ("2", "3")


def signing(case: Case) -> Iterator[Light]:
    """A contract is signed before it is registered."""
    contract = case.contract
    if contract.signed_on and contract.signed_on > case.day:
        yield red("signed_before_registration", "signed_on", _("签订日期不能晚于今天"))
    if contract.signed_on and contract.signed_on < case.day.replace(year=case.day.year - 20, day=1):
        yield amber("signed_long_ago", "signed_on", _("签订日期距今超过二十年，请核对"))


def term(case: Case) -> Iterator[Light]:
    """The term begins before it ends, and neither long before the signing."""
    contract = case.contract
    begins, ends, signed = contract.begins_on, contract.ends_on, contract.signed_on
    if begins and ends and begins > ends:
        yield red("term_begins_before_it_ends", "ends_on", _("有效期止不能早于有效期起"))
    if signed and ends and ends < signed:
        yield red("term_ends_after_signing", "ends_on", _("有效期在签订之前就已届满"))
    if signed and begins and begins < signed:
        yield amber("term_begins_after_signing", "begins_on", _("有效期起早于签订日期，请核对"))


def validity(case: Case) -> Iterator[Light]:
    """The contract is in effect and within its term when it is applied for (G4; draft Art 12)."""
    contract = case.contract
    if contract.begins_on and contract.begins_on > case.applied_on:
        yield red("contract_is_in_effect", "begins_on", _("合同尚未生效，生效后方可申请登记"))
    if contract.ends_on and contract.ends_on < case.applied_on:
        yield red("within_validity", "ends_on", _("合同有效期已届满，不在可登记期间"))


def rights(case: Case) -> Iterator[Light]:
    """A right that is disposed of was filed before the signing and has not lapsed (B5)."""
    contract = case.contract
    for place, right in enumerate(contract.rights):
        path = f"rights.{place}"
        if right.applied_on and contract.signed_on and right.applied_on > contract.signed_on:
            yield red("right_filed_before_signing", f"{path}.applied_on", _("权利申请日晚于合同签订日期"))  # fmt: skip
        if not right.valid_until or case.group not in DISPOSES:
            continue
        if right.valid_until < case.applied_on:
            yield red("right_has_not_lapsed", f"{path}.valid_until", _("权利已届满失效，不能转让或许可"))  # fmt: skip
        elif contract.licence_until and contract.licence_until > right.valid_until:
            yield amber("licence_within_right", "licence_until", _("许可期限超过权利的有效期"))


def rate_day(case: Case) -> Iterator[Light]:
    """The rate is one that was known."""
    contract = case.contract
    if contract.rate_on and contract.rate_on > case.day:
        yield red("rate_is_known", "rate_on", _("汇率日期不能晚于今天"))


DATE_CHECKS: tuple[Check, ...] = (signing, term, validity, rights, rate_day)
