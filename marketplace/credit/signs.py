"""Patterns that may be gaming, found in plain facts. Each is a question, named once by its key."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain

from marketplace.credit.facts import Contact, Deal, DealSide
from marketplace.credit.rules import Thresholds
from marketplace.credit.states import SignKind

WHOLE = 10_000
#: With fewer digits it is an area code or a stopgap, which many share.
SHORTEST_PHONE = 7
#: A burst is held against so many days before it.
YEAR = 365
Edge = tuple[str, str]


@dataclass(frozen=True)
class Suspicion:
    """A pattern: its parties by name, the sources that show it, and the numbers behind it."""

    kind: SignKind
    key: str
    reason: str
    parties: tuple[str, ...]
    evidence: tuple[str, ...]
    facts: dict[str, int] = field(default_factory=dict)


def look(deals: Sequence[Deal], contacts: Sequence[Contact], limits: Thresholds) -> list[Suspicion]:
    """Every suspicion once, in the order of their keys."""
    found = chain(
        circles(deals, limits),
        bursts(deals, limits),
        repeats(deals, limits),
        same_on_both_sides(deals),
        confirmed_by_one(contacts),
    )
    by_key = {one.key: one for one in found}
    return [by_key[key] for key in sorted(by_key)]


def circles(deals: Sequence[Deal], limits: Thresholds) -> Iterator[Suspicion]:
    """A sells to B and B to A, or A to B to C to A, within the window."""
    edges = _edges(deals)
    for parties in _rings(edges):
        ring = [*zip(parties, (*parties[1:], parties[0]), strict=True)]
        shown = _within([edges[edge] for edge in ring], limits.circle_days)
        if shown:
            yield _suspicion(SignKind.CIRCLE, parties, f"ring_of_{len(parties)}", shown)


def _edges(deals: Iterable[Deal]) -> dict[Edge, list[Deal]]:
    edges: defaultdict[Edge, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.seller.key != deal.buyer.key:
            edges[deal.seller.key, deal.buyer.key].append(deal)
    return dict(edges)


def _rings(edges: dict[Edge, list[Deal]]) -> Iterator[tuple[str, ...]]:
    """Rings of two and three, each once: it begins with the least of its parties."""
    buyers: defaultdict[str, list[str]] = defaultdict(list)
    for seller, buyer in edges:
        buyers[seller].append(buyer)
    for first, second in edges:
        if first >= second:
            continue
        if (second, first) in edges:
            yield first, second
        for third in buyers.get(second, ()):
            if third > first and third != second and (third, first) in edges:
                yield first, second, third


def _within(groups: Sequence[Sequence[Deal]], days: int) -> list[Deal]:
    """The first deals, one of each group, that lie within ``days``; empty where there are none."""
    for start in sorted({deal.day for group in groups for deal in group}):
        end = start + timedelta(days=days)
        chosen = [[d for d in group if start <= d.day <= end][:1] for group in groups]
        if all(chosen):
            return [deal for group in chosen for deal in group]
    return []


def bursts(deals: Sequence[Deal], limits: Thresholds) -> Iterator[Suspicion]:
    """Far more registrations of one party, or of one pair, than the year before would give."""
    groups: defaultdict[tuple[str, ...], dict[str, Deal]] = defaultdict(dict)
    for deal in deals:
        pair = tuple(sorted({deal.seller.key, deal.buyer.key}))
        for group in {pair, (deal.seller.key,), (deal.buyer.key,)}:
            groups[group][deal.source] = deal
    for parties, known in groups.items():
        shown = _burst(sorted(known.values(), key=_by_day), limits)
        if shown:
            yield _suspicion(SignKind.BURST, parties, _month(shown), shown)


def _burst(deals: Sequence[Deal], limits: Thresholds) -> list[Deal]:
    """The first window that is out of proportion; ``deals`` by day."""
    begin = 0
    for end, last in enumerate(deals):
        while (last.day - deals[begin].day).days >= limits.burst_days:
            begin += 1
        inside = end - begin + 1
        since = deals[begin].day - timedelta(days=YEAR)
        before = sum(since <= deal.day for deal in deals[:begin])
        usual = before * limits.burst_days / YEAR
        if inside >= limits.burst_least and inside >= limits.burst_times * usual:
            return [*deals[begin : end + 1]]
    return []


def repeats(deals: Sequence[Deal], limits: Thresholds) -> Iterator[Suspicion]:
    """The same two parties again and again, with one equal sum or with round sums."""
    pairs: defaultdict[tuple[str, ...], dict[str, Deal]] = defaultdict(dict)
    for deal in deals:
        pairs[tuple(sorted({deal.seller.key, deal.buyer.key}))][deal.source] = deal
    for parties, known in pairs.items():
        ordered = sorted(known.values(), key=_by_day)
        for shown in _windows(ordered, limits):
            reason = _odd_sums([deal.amount for deal in shown], limits)
            if reason:
                yield _suspicion(SignKind.REPEAT, parties, reason, shown)
                break


def _windows(deals: Sequence[Deal], limits: Thresholds) -> Iterator[list[Deal]]:
    """For each deal, it and what follows within the window, where they are enough."""
    for begin, first in enumerate(deals):
        shown = [d for d in deals[begin:] if (d.day - first.day).days <= limits.repeat_days]
        if len(shown) >= limits.repeat_least:
            yield shown


def _odd_sums(amounts: Sequence[int], limits: Thresholds) -> str:
    needed = len(amounts) * limits.repeat_share
    if max(map(amounts.count, amounts)) * WHOLE >= needed:
        return "equal_sums"
    rounded = sum(amount > 0 and amount % limits.round_fen == 0 for amount in amounts)
    return "round_sums" if rounded * WHOLE >= needed else ""


def same_on_both_sides(deals: Sequence[Deal]) -> Iterator[Suspicion]:
    """One code, representative, contact or telephone on both sides, or the broker's own party.

    However many deals two parties have, each reason is one question.
    """
    groups: defaultdict[tuple[str, Edge], list[Deal]] = defaultdict(list)
    for deal in deals:
        for reason in _shared_facts(deal):
            groups[reason, (deal.seller.key, deal.buyer.key)].append(deal)
    for (reason, pair), shown in groups.items():
        ordered = sorted(shown, key=_by_day)
        yield _suspicion(SignKind.SELF_CONFIRMED, tuple(dict.fromkeys(pair)), reason, ordered)


def _shared_facts(deal: Deal) -> Iterator[str]:
    sides = deal.seller, deal.buyer
    for name in ("key", "representative", "contact", "phone"):
        if _shared(sides, name):
            yield f"same_{name}"
    if deal.broker and deal.broker in (deal.seller.key, deal.buyer.key):
        yield "same_broker"


def _shared(sides: tuple[DealSide, DealSide], name: str) -> bool:
    """Whether both sides say the same; a telephone is compared by its digits, if they are enough."""
    seller, buyer = (getattr(side, name).strip() for side in sides)
    if name == "phone":
        seller, buyer = ("".join(filter(str.isdigit, text)) for text in (seller, buyer))
        return len(seller) >= SHORTEST_PHONE and seller == buyer
    return bool(seller) and seller == buyer


def confirmed_by_one(contacts: Sequence[Contact]) -> Iterator[Suspicion]:
    """One person, by account or by name, asked and answered."""
    for contact in contacts:
        id_, name = contact.asked_by
        same = any(other == id_ or called == name for other, called in contact.answered_by)
        people = [name for _id, name in contact.answered_by]
        if same or len(set(people)) < len(people):
            key = f"{SignKind.SELF_CONFIRMED}:{contact.source}:person"
            yield Suspicion(
                SignKind.SELF_CONFIRMED, key, "same_person", contact.parties, (contact.source,)
            )


def _suspicion(
    kind: SignKind, parties: Sequence[str], reason: str, shown: Sequence[Deal]
) -> Suspicion:
    """Named by its kind, parties, reason and the year in which it begins, so that it is found once."""
    names = {side.key: side.name for deal in shown for side in (deal.seller, deal.buyer)}
    by_source = {deal.source: deal for deal in shown}
    evidence = tuple(one for deal in by_source.values() for one in deal.evidence)
    year = min(deal.day for deal in shown).year
    facts = {"deals": len(by_source), "fen": sum(deal.amount for deal in by_source.values())}
    key = f"{kind}:{reason}:{year}:{'+'.join(parties)}"
    return Suspicion(kind, key[:200], reason, tuple(names[p] for p in parties), evidence, facts)


def _month(shown: Sequence[Deal]) -> str:
    return f"{shown[-1].day:%Y-%m}"


def _by_day(deal: Deal) -> tuple[date, str]:
    return deal.day, deal.source
