"""Likely duplicates and splits: the same parties, close in amount or time, with similar text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz import fuzz
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from marketplace.contracts.models import WHOLE, Attachment, Contract, Party, Side
from marketplace.contracts.states import IN_PROGRESS, LIVE, State
from marketplace.extensions import db
from marketplace.rules import Thresholds

#: What a suspicion may be about: cases under way and registrations that stand.
RELEVANT = IN_PROGRESS | LIVE | {State.REEXAM}
#: Amounts that differ by less than a hundredth are close; so are signings within a month.
CLOSE_AMOUNT, CLOSE_DAYS = 100, 31
#: So many characters of a text tell whether it is another's.
TELLING = 4_000
#: Against so many earlier cases of the same parties a new one is compared.
MOST_COMPARED = 500


@dataclass(frozen=True)
class Suspicion:
    """Why ``other`` may be the same or a part of the same; ``score`` of 100 is the texts' likeness."""

    other: Contract
    kind: str  # same_text, duplicate, split
    score: int


def suspicions_of(contract: Contract, limits: Thresholds) -> list[Suspicion]:
    """What stands beside ``contract`` and may be it again, the likeliest first."""
    same = [Suspicion(other, "same_text", 100) for other in _with_same_text(contract)]
    found = {suspicion.other.id: suspicion for suspicion in same}
    for other in _between_same_parties(contract):
        if other.id not in found and (suspicion := judge(contract, other, limits)):
            found[other.id] = suspicion
    return sorted(found.values(), key=lambda one: -one.score)


def judge(contract: Contract, other: Contract, limits: Thresholds) -> Suspicion | None:
    """Whether two contracts between the same parties are one, or parts of one."""
    score = likeness(contract, other)
    if score < limits.similar_text:
        return None
    near = _days_apart(contract, other)
    if near is not None and near <= limits.split_window_days and _is_split(contract, other, limits):
        return Suspicion(other, "split", score)
    if _is_close_amount(contract, other) or (near is not None and near <= CLOSE_DAYS):
        return Suspicion(other, "duplicate", score)
    return None


def likeness(one: Contract, other: Contract) -> int:
    """How much the names or the contents agree, of 100; what is too short tells nothing."""
    names = fuzz.ratio(_plain(one.project_name), _plain(other.project_name))
    texts = [_plain(contract.content)[:TELLING] for contract in (one, other)]
    contents = fuzz.ratio(*texts) if all(texts) else 0.0
    return round(max(names, contents))


def _plain(text: str) -> str:
    """Without numbering and punctuation: 一期, 第2批 and (补充) do not make another subject."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = re.sub(r"第?[一二三四五六七八九十\d]+[期批次阶段部分包标]+", "", folded)
    return re.sub(r"[\W_]+", "", folded)


def _days_apart(one: Contract, other: Contract) -> int | None:
    if one.signed_on is None or other.signed_on is None:
        return None
    return abs((one.signed_on - other.signed_on).days)


def _is_close_amount(one: Contract, other: Contract) -> bool:
    larger = max(one.deal_amount or 0, other.deal_amount or 0)
    smaller = min(one.deal_amount or 0, other.deal_amount or 0)
    return larger - smaller <= larger // CLOSE_AMOUNT


def _is_split(one: Contract, other: Contract, limits: Thresholds) -> bool:
    """Each below the threshold, and together above it or one of them just below."""
    sums = [contract.technology_amount or 0 for contract in (one, other)]
    just_below = limits.large_fen * limits.split_reach // WHOLE
    below = all(amount < limits.large_fen for amount in sums)
    return below and (sum(sums) >= limits.large_fen or max(sums) >= just_below)


def _with_same_text(contract: Contract) -> Sequence[Contract]:
    texts = [a.digest for a in contract.attachments if a.kind == "contract"]
    bearing = select(Attachment.contract_id).where(
        Attachment.digest.in_(texts), Attachment.kind == "contract"
    )
    wanted = select(Contract).where(
        Contract.id.in_(bearing), Contract.id != contract.id, Contract.state.in_(RELEVANT)
    )
    return db.session.scalars(wanted.limit(MOST_COMPARED)).all() if texts else ()


def _between_same_parties(contract: Contract) -> Sequence[Contract]:
    seller, buyer = aliased(Party), aliased(Party)
    wanted = (
        select(Contract)
        .join(seller, and_(seller.contract_id == Contract.id, seller.side == Side.SELLER))
        .join(buyer, and_(buyer.contract_id == Contract.id, buyer.side == Side.BUYER))
        .where(_is_one_of(seller, contract.sellers), _is_one_of(buyer, contract.buyers))
        .where(Contract.id != contract.id, Contract.state.in_(RELEVANT))
        .where(_signed_near(contract))
        .distinct()
    )
    ids = wanted.with_only_columns(Contract.id).limit(MOST_COMPARED)
    return db.session.scalars(select(Contract).where(Contract.id.in_(ids))).all()


def _is_one_of(party: type[Party], parties: Sequence[Party]):  # noqa: ANN202
    codes = [one.uscc for one in parties if one.uscc]
    return or_(party.uscc.in_(codes), party.name.in_([one.name for one in parties if one.name]))


def _signed_near(contract: Contract):  # noqa: ANN202
    """Within two years either way: an older contract of the same parties is another one."""
    if contract.signed_on is None:
        return Contract.signed_on.is_(None)
    reach = timedelta(days=730)
    return Contract.signed_on.between(contract.signed_on - reach, contract.signed_on + reach)
