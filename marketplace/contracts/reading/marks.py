"""The values of a reading as the page shows them: each with its field, and marked in the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from marketplace.contracts.reading.leaves import leaf_of
from marketplace.contracts.reading.parties import Party
from marketplace.contracts.reading.payments import CODES
from marketplace.contracts.reading.reading import Reading
from marketplace.contracts.reading.sentences import Found
from marketplace.money import format_yuan

#: Reasons whose sentences together say what the contract is about.
SENTENCES_OF_CONTENT = 3


@dataclass(frozen=True)
class Value:
    """One value: the field of the form it may fill (empty: none), its label, and where it was found."""

    field: str
    label: str
    text: str
    found: Found[Any] | None
    #: what a value of this field is chosen from: ``type``, ``payment``, or nothing
    choice: str = ""


@dataclass(frozen=True)
class Piece:
    """A stretch of the text, and the places of the values that were found in it."""

    text: str
    values: tuple[int, ...] = ()


def values_of(reading: Reading) -> list[Value]:
    """The values that may fill the form first, then those that only help to look."""
    return [*_of_contract(reading), *_of_parties(reading), *_of_clauses(reading)]


def _of_contract(reading: Reading) -> Iterator[Value]:
    project = reading.project or reading.title
    if project:
        yield Value("project_name", _("项目名称"), project.value, project)
    reasons = reading.judgement.speaks_for
    if leaf := leaf_of(reading):
        lead = reasons[0].found if reasons else None
        yield Value("type", _("合同类别"), leaf, lead, "type")
    content = list(dict.fromkeys(one.found.sentence for one in reasons[:SENTENCES_OF_CONTENT]))
    if content and reading.judgement.technical:
        yield Value("content", _("标的内容"), "\n".join(content), reasons[0].found)
    days = (
        ("signed_on", _("合同签订日期")),
        ("begins_on", _("有效期起")),
        ("ends_on", _("有效期止")),
    )
    for name, label in days:
        if day := getattr(reading, name):
            yield Value(name, label, day.value.isoformat(), day)
    yield from _of_price(reading)


def _of_price(reading: Reading) -> Iterator[Value]:
    if total := reading.registered:
        yield Value("deal_amount", _("合同成交额"), format_yuan(total.value.fen), total)
        if words := total.value.words:
            yield Value("deal_words", _("成交额大写"), words.value, words)
    if payment := reading.payment:
        yield Value("payment", _("支付方式"), CODES[payment.value], payment, "payment")


def _of_parties(reading: Reading) -> Iterator[Value]:
    for side, title in (("seller", _("卖方")), ("buyer", _("买方"))):
        for place, party in enumerate(reading.parties_as(side)):
            for name, label, one in _of_party(party):
                if one is not None:
                    field = f"{side}s-{place}-{name}"
                    told = _("%(side)s%(n)d %(label)s", side=title, n=place + 1, label=label)
                    yield Value(field, told, one.value, one)


def _of_party(party: Party) -> list[tuple[str, str, Found[str] | None]]:
    return [
        ("name", pgettext("party", "名称"), party.name),
        ("uscc", _("统一社会信用代码或证件号"), party.code),
        ("address", _("通讯地址"), party.address),
        ("representative", _("法定代表人"), party.representative),
    ]


def _of_clauses(reading: Reading) -> Iterator[Value]:
    for label, clauses in (
        (_("交付成果"), reading.deliverables),
        (_("知识产权归属"), reading.rights),
        (_("验收"), reading.acceptance),
        (_("设备、材料（不计入技术交易额）"), reading.equipment),
    ):
        for one in clauses:
            yield Value("", label, one.value, one)


def pieces_of(text: str, values: Sequence[Value]) -> list[Piece]:
    """The whole text in pieces; where values overlap, the piece belongs to both."""
    spans = [(v.found.start, v.found.end, i) for i, v in enumerate(values) if v.found]
    spans = [span for span in spans if span[1] > span[0]]
    cuts = sorted({0, len(text), *(cut for start, end, _i in spans for cut in (start, end))})
    pieces = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        here = tuple(i for first, last, i in spans if first <= start and end <= last)
        pieces.append(Piece(text[start:end], here))
    return pieces
