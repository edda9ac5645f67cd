"""A notice as it may become a listing: proposals with their evidence. Pure; nothing is written.

What a page marks is taken as marked; what is inferred says from which words; what is not there is
left empty. The text read here is the one without contacts (:meth:`scrapers.notice.Notice.redacted`),
so that nothing personal can reach a proposal.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from marketplace.intake import guesses
from marketplace.intake.budgets import budget_of
from marketplace.intake.evidence import Guess
from marketplace.intake.patents import Family, families_in
from marketplace.intake.sections import Section, bodies, of_fields, sections_of
from marketplace.intake.splitting import Part, split_of
from marketplace.intake.words import Words
from matching.document import Document
from matching.evidence import passages
from matching.quantities import Quantity
from matching.readings import quantities_of

MOST_INDICATORS = 20
#: A sum is no indicator; 元/吨 is one.
_MONEY = re.compile(r"元(?:以内|以下|以上|左右)?$")
#: Sections that make the description of a need and of a result, in this order.
_DESCRIPTION = {"need": ("need", "summary"), "result": ("summary", "merits", "need")}
#: Parts that are about the writer, or are kept in fields of their own.
_ELSEWHERE = {
    "need": {"basis", "contact", "problem", "goal", "budget", "field", "region", "owner", "modes", "keywords", "deadline"},
    "result": {"basis", "contact", "applications", "budget", "field", "region", "owner", "modes", "keywords", "stage", "rights"},
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What a notice says, without contacts: title, text, labelled values; ``kind`` of its source."""

    title: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    kind: str = "need"


@dataclass(frozen=True)
class Proposal:
    """One listing that a notice may become; ``guesses`` by the name of the listing's field."""

    kind: str
    title: str
    values: dict[str, object]
    guesses: dict[str, Guess]
    #: None for a technical text.
    route: Guess | None = None


@dataclass(frozen=True)
class Reading:
    """All that was read: the proposal, the parts offered as a split, sections and patents."""

    whole: Proposal
    parts: tuple[Proposal, ...] = ()
    sections: tuple[Section, ...] = ()
    families: tuple[Family, ...] = field(default=())


def read(said: Said, words: Words) -> Reading:
    """What a notice may become."""
    marked = of_fields(said.fields, words.sections)
    named = {section.name for section in marked}
    inside = sections_of(said.text, words.sections)
    sections = (*marked, *(s for s in inside if s.name not in named))
    families = families_in("\n".join((said.title, said.text, *(v for _l, v in said.fields))))
    whole = _proposal(said, sections, families, words)
    parts = split_of(said.text, inside) if whole.kind == "need" else ()
    return Reading(whole, tuple(_part(part, whole, words) for part in parts), sections, families)


def _proposal(
    said: Said, sections: tuple[Section, ...], families: Sequence[Family], words: Words
) -> Proposal:
    kind = guesses.kind_of(said.title, said.text, said.kind, words)
    found = {
        "kind": kind,
        "field": guesses.field_of(said.title, _steering(said.text, sections), sections, words),
        "region": guesses.region_of(said.title, said.text, sections, words),
        "modes": guesses.modes_of(sections, words),
        _money(kind.value): budget_of(said.text, sections, words, kind=kind.value),
        "organization": _marked(sections, "owner"),
        "indicators": _indicators(sections),
    }
    if kind.value == "result":
        found |= {"stage": guesses.stage_of(said.text, sections, words), "ip": _rights(families)}
    known = {name: guess for name, guess in found.items() if guess is not None}
    values = _texts(kind.value, said, sections)
    values |= {name: guess.value for name, guess in known.items() if name != "kind"}
    route = guesses.route_of(said.title, said.text, sections, words)
    return Proposal(kind.value, said.title, values, known, route)


def _part(part: Part, whole: Proposal, words: Words) -> Proposal:
    """A part of a record: its own words, and of the whole what is said of the writer."""
    own = read(Said(part.title, part.text, kind="need"), words).whole
    kept = {n: whole.guesses[n] for n in ("region", "organization", "modes") if n in whole.guesses}
    values = {name: guess.value for name, guess in kept.items()} | own.values
    return Proposal("need", part.title, values, kept | own.guesses, own.route)


def _money(kind: str) -> str:
    return "price" if kind == "result" else "budget"


def _steering(text: str, sections: Sequence[Section]) -> str:
    """The text without what it says of the writer: team and equipment must not steer."""
    for section in sections:
        if section.name in ("basis", "contact"):
            text = text.replace(section.body, " ")
    return text


def _texts(kind: str, said: Said, sections: Sequence[Section]) -> dict[str, object]:
    """Title and the boxes of the listing; text that no heading marks is the description."""
    boxes = ("problem", "goal") if kind == "need" else ("applications",)
    texts = {name: bodies(sections, name) for name in boxes}
    described = bodies(sections, *_DESCRIPTION[kind])
    inside = [s for s in sections if s.end]
    if not described and not inside:
        described = said.text
    elif inside:
        lead = said.text[: min(s.mark for s in inside)]
        rest = [s for s in inside if s.name not in _ELSEWHERE[kind]]
        kept = "\n".join(f"{s.heading}：{s.body}" for s in rest)
        described = "\n".join(filter(None, (_lead(lead), kept))) or described
    values = {"title": said.title, "description": described.strip(), **texts}
    keywords = bodies(sections, "keywords")
    if keywords:
        values["keywords"] = "、".join(re.split(r"[、,，;；\s]+", keywords.strip())[:10])
    return {name: value for name, value in values.items() if value}


def _lead(text: str) -> str:
    """What stands before the first heading, without the bracket or number that belongs to it."""
    return re.sub(
        r"[【\[［〔「（(]?(?:[一二三四五六七八九十\d]{1,2}[、.．)）])?\s*$", "", text
    ).strip()


def _marked(sections: Sequence[Section], name: str) -> Guess | None:
    found = next((section for section in sections if section.name == name), None)
    if found is None or len(found.body.split("\n")[0]) > 60:
        return None
    value = re.split(r"[\n，,；;。]", found.body)[0].strip()
    return Guess(value, (found.heading,), found.body[:60], marked=True) if value else None


def _indicators(sections: Sequence[Section]) -> Guess | None:
    """Rows of the table 技术指标, from the sections that name indicators or goals."""
    text = bodies(sections, "indicators", "goal")
    if not text:
        return None
    found = quantities_of(text, passages(Document("", "", text)))
    rows = [
        _row(one) for one in found if one.name and not one.before and not _MONEY.search(one.text)
    ]
    heading = next(s.heading for s in sections if s.name in ("indicators", "goal"))
    rows = rows[:MOST_INDICATORS]
    return Guess(rows, (heading,), text[:120], marked=True) if rows else None


def _row(quantity: Quantity) -> dict[str, str]:
    return {
        "name": quantity.name[:60],
        "unit": "",
        "now": "",
        "wanted": quantity.shown.strip()[:60],
    }


def _rights(families: Sequence[Family]) -> Guess | None:
    sure = [family for family in families if not family.doubtful]
    if not sure:
        return None
    rows = [{"kind": family.kind, "number": family.numbers[0]} for family in sure]
    return Guess(rows, tuple(family.numbers[0] for family in sure), "")
