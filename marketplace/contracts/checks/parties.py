"""Checks of sellers and buyers: who they are, where, with which share, and how they are related."""

from collections.abc import Iterator

from flask_babel import gettext as _
from rapidfuzz import fuzz
from stdnum.cn import ric, uscc

from marketplace.accounts.models import Organization
from marketplace.brokering.states import SIDE_NAMES, Side
from marketplace.codes import current_codes
from marketplace.contracts.checks.light import Case, Check, Light, amber, red
from marketplace.contracts.countries import CHINA, HMT, countries
from marketplace.contracts.models import WHOLE, Party

NATURAL_PERSON, FOREIGN_BODY = "900", "910"
ENTERPRISE_DIGITS = ("1", "2", "3", "4")
#: Two names that agree so far (of 100) belong to one group more often than not.
ALIKE = 80
ENTERPRISE_ONLY = {"in_zone": "国家高新区内企业", "listed": "上市公司", "high_tech": "高新技术企业"}


def placed(case: Case) -> Iterator[tuple[str, Party]]:
    """Each party with the path of its fields: ``sellers.0``."""
    for side, parties in (("sellers", case.contract.sellers), ("buyers", case.contract.buyers)):
        yield from ((f"{side}.{place}", party) for place, party in enumerate(parties))


def is_enterprise(party: Party) -> bool:
    """Whether the nature (L8) is that of an enterprise."""
    return party.nature.startswith(ENTERPRISE_DIGITS)


def both_sides(case: Case) -> Iterator[Light]:
    """There is a seller and a buyer (F03a)."""
    if not case.contract.sellers:
        yield red("there_is_a_seller", "sellers", _("请填写卖方"))
    if not case.contract.buyers:
        yield red("there_is_a_buyer", "buyers", _("请填写买方"))


def names(case: Case) -> Iterator[Light]:
    """Each party has a name, and its seal bears that name (F08)."""
    for path, party in placed(case):
        if not party.name:
            yield red("party_has_name", f"{path}.name", _("请填写名称"))
        if not party.seal_name:
            yield red("party_has_seal", f"{path}.seal_name", _("请填写印章上的名称"))
        elif _plain(party.seal_name) != _plain(party.name):
            yield red("seal_name_is_party_name", f"{path}.seal_name", _("印章名称与当事人名称不一致"))  # fmt: skip


def _plain(name: str) -> str:
    """Brackets in half or full width are one bracket."""
    return "".join(name.split()).replace("（", "(").replace("）", ")")


def identities(case: Case) -> Iterator[Light]:
    """统一社会信用代码 of a domestic body, 身份证号 of a domestic person; abroad any number."""
    for path, party in placed(case):
        field = f"{path}.uscc"
        if party.country != CHINA:
            continue
        if party.nature == NATURAL_PERSON:
            if not ric.is_valid(party.uscc):
                yield red("identity_is_valid", field, _("身份证号码不正确"))
        elif not uscc.is_valid(party.uscc):
            yield red("uscc_is_valid", field, _("统一社会信用代码应为18位且校验位正确"))


def natures(case: Case) -> Iterator[Light]:
    """The nature stands in L8, on its leaf as far as the list goes."""
    for path, party in placed(case):
        if party.nature not in case.rules.lists["nature"].names:
            yield red("nature_is_known", f"{path}.nature", _("单位性质必填，且须在代码表内"))
        elif party.nature in ("010", "020", "100", "200", "300"):
            yield red("nature_is_leaf", f"{path}.nature", _("单位性质须选到下级"))
        elif party.nature == FOREIGN_BODY and party.country == CHINA:
            yield red("foreign_body_is_abroad", f"{path}.country", _("境外机构须填写其国别或地区"))


def places(case: Case) -> Iterator[Light]:
    """A domestic party has a region of GB/T 2260, one abroad a country and no region."""
    codes = current_codes()
    for path, party in placed(case):
        if party.country not in countries():
            yield red("country_is_known", f"{path}.country", _("国别（地区）代码不正确"))
        elif party.country == CHINA and party.region not in codes.regions:
            yield red("region_is_known", f"{path}.region", _("行政区划必填，且须为六位代码"))
        elif party.country != CHINA and party.region:
            yield red("abroad_has_no_region", f"{path}.region", _("境外当事人不填行政区划"))


def enterprise_facts(case: Case) -> Iterator[Light]:
    """高新区, 上市, 高新技术企业 and 规模 are said of enterprises alone."""
    for path, party in placed(case):
        if is_enterprise(party):
            if not party.scale:
                yield amber("enterprise_has_scale", f"{path}.scale", _("请填写企业规模"))
            continue
        for name, heading in ENTERPRISE_ONLY.items():
            if getattr(party, name):
                yield red("enterprises_only", f"{path}.{name}", _("只有企业才选“%(h)s”", h=heading))
        if party.scale:
            yield red("enterprises_only", f"{path}.scale", _("只有企业才填写企业规模"))


def shares(case: Case) -> Iterator[Light]:
    """The shares of a side sum to the whole."""
    for side, parties in (("sellers", case.contract.sellers), ("buyers", case.contract.buyers)):
        total = sum(party.share for party in parties)
        if parties and total != WHOLE:
            said = f"{total / 100:g}"
            yield red("shares_sum_to_whole", f"{side}.0.share", _("份额合计应为100%%，现为%(t)s%%", t=said))  # fmt: skip


def nobody_on_both_sides(case: Case) -> Iterator[Light]:
    """A party does not deal with itself."""
    sellers = {party.uscc or party.name for party in case.contract.sellers}
    for place, party in enumerate(case.contract.buyers):
        if (party.uscc or party.name) in sellers - {""}:
            yield red("parties_are_different", f"buyers.{place}.uscc", _("买方与卖方不能是同一当事人"))  # fmt: skip


def twice_on_one_side(case: Case) -> Iterator[Light]:
    """A party stands once on its side."""
    seen: set[tuple[str, str]] = set()
    for path, party in placed(case):
        one = (path.split(".")[0], party.uscc)
        if party.uscc and one in seen:
            yield red("party_stands_once", f"{path}.uscc", _("同一当事人重复填写"))
        seen.add(one)


def relation(case: Case) -> Iterator[Light]:
    """关联交易 is told with the relation and the share held."""
    contract = case.contract
    if contract.related and not contract.relation:
        yield red("relation_is_told", "relation", _("关联交易须说明关联关系"))
    if contract.related and not contract.related_share:
        yield amber("related_share_is_told", "related_share", _("请填写关联持股比例"))
    if not contract.related and contract.related_share:
        yield red("share_needs_relation", "related", _("填写了关联持股比例，却未标明关联交易"))
    if not contract.related and _looks_related(case):
        yield amber("looks_related", "related", _("买卖双方疑似关联（名称、法定代表人或电话相近）"))


def _looks_related(case: Case) -> bool:
    return any(
        (seller.representative and seller.representative == buyer.representative)
        or (seller.phone and seller.phone == buyer.phone)
        or fuzz.ratio(seller.name, buyer.name) >= ALIKE
        for seller in case.contract.sellers
        for buyer in case.contract.buyers
    )


def trade_fits_parties(case: Case) -> Iterator[Light]:
    """境内, 出口, 进口 and 港澳台 follow from where the parties are."""
    contract = case.contract
    abroad = {
        "sellers": {party.country for party in contract.sellers} - {CHINA},
        "buyers": {party.country for party in contract.buyers} - {CHINA},
    }
    everywhere = abroad["sellers"] | abroad["buyers"]
    fits = {
        "domestic": not everywhere,
        "export": bool(abroad["buyers"] - set(HMT)),
        "import": bool(abroad["sellers"] - set(HMT)),
        "hmt": bool(everywhere & set(HMT)),
    }
    if not fits.get(contract.trade, True):
        yield red("trade_fits_parties", "trade", _("进出口标志与买卖双方所在国别（地区）不符"))


def contacts(case: Case) -> Iterator[Light]:
    """Someone can be asked about each party."""
    for path, party in placed(case):
        for name, heading in (("representative", _("法定代表人")), ("contact", _("项目联系人"))):
            if not getattr(party, name):
                yield amber("party_can_be_asked", f"{path}.{name}", _("请填写%(h)s", h=heading))


def point_serves(case: Case) -> Iterator[Light]:
    """The point serves the applicant's place or institution, within its delegation (G1).

    What is registered is changed at the body that registered it, wherever the applicant has gone.
    """
    contract = case.contract
    if contract.local_no is not None:
        return
    if not contract.point.takes(contract.applicant_region, contract.organization_id):
        yield red("right_place", "point_code", _("登记主体不在该登记点受理范围，请转交登记主体所在地的登记点"))  # fmt: skip
    limit = contract.point.limit_fen
    if limit is not None and (contract.technology_amount or 0) > limit:
        yield red("within_delegation", "point_code", _("技术交易额超过该登记点的受理权限，请转交上级登记点"))  # fmt: skip
    if not contract.point.is_open(case.day):
        yield red("point_is_open", "point_code", _("该登记点尚未启用或已停用"))


def introduced(case: Case) -> Iterator[Light]:
    """A contract that came of an introduction is between the two who were introduced.

    A related body may sign in its stead, so that a person has to look; no name is said here, because
    the clerk need not know who was introduced.
    """
    origin = case.contract.introduction
    if origin is None:
        return
    for side, field, owner in (
        ("need", "buyers", origin.need_owner),
        ("result", "sellers", origin.result_owner),
    ):
        if not any(_is(party, owner) for party in case.contract.parties):
            said = {"number": origin.number, "side": SIDE_NAMES[Side(side)]}
            yield amber("parties_were_introduced", field, _("合同来自对接%(number)s，当事人中却没有该对接的%(side)s，请核对是否由关联单位签订、对接是否选错", **said))  # fmt: skip


def _is(party: Party, organization: Organization) -> bool:
    same_code = bool(party.uscc) and party.uscc == organization.uscc
    return same_code or _plain(party.name) == _plain(organization.name)


PARTY_CHECKS: tuple[Check, ...] = (
    both_sides, names, identities, natures, places, enterprise_facts, shares,
    nobody_on_both_sides, twice_on_one_side, relation, trade_fits_parties, contacts, point_serves,
    introduced,
)  # fmt: skip
