"""Field, region, library and route of a notice, guessed from its words; each guess shows them.

A guess is left out where two answers have equally much for them: a person then chooses.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from marketplace.intake.evidence import Guess, sentence_around
from marketplace.intake.sections import Section, bodies
from marketplace.intake.words import Words
from matching import Thesaurus
from matching.text import normalise

TITLE_WEIGHT = 3
MOST_WORDS = 6
#: A route needs this much more for it than technical words are against it.
ROUTE_LEAST = 1
_INDICATOR = re.compile(r"[≥≤＞＜>±]|不低于|不高于|不小于|不大于|\d\s*(?:mg|μm|MPa|kW|℃|%|mm|dB)")
#: Levels of a region's name that people leave out: 包头 is 包头市.
_LEVELS = re.compile(r"(?:维吾尔|壮族|回族)?(?:自治区|特别行政区|省|市|盟)$")


def field_of(title: str, text: str, sections: Iterable[Section], words: Words) -> Guess | None:
    """The technical field (a code): as the page says, else that of most words, the title's thrice."""
    marked = next((s for s in sections if s.name == "field"), None)
    if marked is not None:
        parts = re.split(r"[、,，;；/\s>＞-]+", unicodedata.normalize("NFKC", marked.body))
        codes = [words.field_names[part] for part in parts if part in words.field_names]
        if codes:
            return Guess(codes[0], (marked.heading,), marked.body[:60], marked=True)
    fired = (
        _fired(title, words.thesaurus, words.fields),
        _fired(text, words.thesaurus, words.fields),
    )
    scores = {
        code: TITLE_WEIGHT * len(fired[0].get(code, ())) + len(fired[1].get(code, ()))
        for code in words.fields
    }
    return _winner(scores, {c: [*fired[0].get(c, ()), *fired[1].get(c, ())] for c in scores}, text)


def _winner(scores: Mapping[str, int], fired: Mapping[str, list[str]], text: str) -> Guess | None:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] == 0 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    code = ranked[0][0]
    names = tuple(dict.fromkeys(fired[code]))[:MOST_WORDS]
    at = max(0, text.find(names[0].split("（")[0]))
    return Guess(code, names, sentence_around(text, at))


def _fired(
    text: str, thesaurus: Thesaurus, fields: Mapping[str, tuple[str, ...]]
) -> dict[str, list[str]]:
    """Code of a field → the words of ``text`` that speak for it, each once."""
    normal = normalise(text).text
    owners = _owners(tuple((code, names) for code, names in fields.items()))
    found: dict[str, list[str]] = {}
    for word, code in owners.items():
        if word in normal:
            found.setdefault(code, []).append(word)
    for mention in thesaurus.mentions(normal):
        concept = _known_ancestor(mention.concept, thesaurus, owners)
        if concept and mention.name not in owners:
            found.setdefault(owners[concept], []).append(f"{mention.name}（{concept}）")
    return {code: list(dict.fromkeys(names)) for code, names in found.items()}


@lru_cache(maxsize=8)
def _owners(fields: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {normalise(name).text: code for code, names in fields for name in names}


def _known_ancestor(concept: str, thesaurus: Thesaurus, owners: Mapping[str, str]) -> str:
    """The concept itself or the nearest broader one that the table names; empty if none is."""
    seen: set[str] = set()
    while concept and concept not in seen:
        if normalise(concept).text in owners:
            return normalise(concept).text
        seen.add(concept)
        known = thesaurus.concepts.get(concept)
        concept = known.broader if known else ""
    return ""


def region_of(title: str, text: str, sections: Iterable[Section], words: Words) -> Guess | None:
    """The region (a code): where the page says it is, or the owner's name, else the one most named."""
    sections = list(sections)
    for name in ("region", "owner"):
        marked = bodies(sections, name)
        found = _places(marked, words.regions)
        if found:
            code, word = found[0]
            heading = next(s.heading for s in sections if s.name == name)
            return Guess(code, (word,), f"{heading}：{marked[:60]}", marked=name == "region")
    counted = Counter(code for code, _word in _places(f"{title}\n{text}", words.regions))
    ranked = counted.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    word = next(w for c, w in _places(f"{title}\n{text}", words.regions) if c == ranked[0][0])
    return Guess(ranked[0][0], (word,), sentence_around(text, max(0, text.find(word))))


def _places(text: str, regions: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Regions named in ``text`` in order, the most special of those that stand together."""
    names = _region_names(tuple(sorted((c, n, p) for c, (n, p) in regions.items())))
    pattern = _region_pattern(tuple(names))
    found: list[tuple[str, str, int]] = []
    for match in pattern.finditer(text):
        code, end = names[match.group()], match.end()
        if found and found[-1][2] == match.start() and regions[code][1] == found[-1][0]:
            found.pop()
        found.append((code, match.group(), end))
    return [(code, word) for code, word, _end in found]


@lru_cache(maxsize=4)
def _region_names(regions: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    """Full names, and short ones of leagues and provinces; a name that two have counts for neither."""
    named: dict[str, set[str]] = {}
    for code, name, parent in regions:
        top = parent in ("", "150000")
        for written in {name, _LEVELS.sub("", name)} if top else {name}:
            named.setdefault(written, set()).add(code)
    return {name: codes.pop() for name, codes in named.items() if len(codes) == 1 and len(name) > 1}


@lru_cache(maxsize=4)
def _region_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


def kind_of(title: str, text: str, usual: str, words: Words) -> Guess:
    """need or result: the source's own, unless only the other's words are there, and two of them."""
    whole = f"{title}\n{text}"
    fired = {kind: [w for w in names if w in whole] for kind, names in words.kinds.items()}
    other = "result" if usual == "need" else "need"
    if len(fired[other]) >= 2 and not fired[usual]:
        first = fired[other][0]
        return Guess(
            other, tuple(fired[other][:MOST_WORDS]), sentence_around(whole, whole.find(first))
        )
    return Guess(usual, tuple(fired[usual][:MOST_WORDS]), "", marked=not fired[usual])


def route_of(title: str, text: str, sections: Iterable[Section], words: Words) -> Guess | None:
    """Where what is no technical need goes (people, equipment, money, advertising, announcement).

    None for a technical text: its technical words, its indicators and its sections outweigh the rest.
    """
    named = {section.name for section in sections}
    steering = text
    for_it = {
        route: [word for word in names if word in title or word in steering]
        for route, names in words.routes.items()
    }
    weights = {
        route: len(found) + 2 * sum(word in title for word in found)
        for route, found in for_it.items()
    }
    route = max(weights, key=lambda one: weights[one])
    against = sum(word in title or word in steering for word in words.technical)
    against += 2 * bool(named & {"problem", "goal", "indicators", "merits", "summary"})
    against += bool(_INDICATOR.search(unicodedata.normalize("NFKC", text)))
    if weights[route] - against < ROUTE_LEAST:
        return None
    first = for_it[route][0]
    quote = sentence_around(text, text.find(first)) if first in text else title
    return Guess(route, tuple(for_it[route][:MOST_WORDS]), quote)


def stage_of(text: str, sections: Iterable[Section], words: Words) -> Guess | None:
    """The stage of a result, only where the page marks one."""
    marked = bodies(sections, "stage")
    ways = ((stage, name) for stage, names in words.stages.items() for name in names)
    fired = [(marked.find(name), stage, name) for stage, name in ways if name in marked]
    if not fired:
        return None
    _at, stage, name = min(fired)
    return Guess(stage, (name,), marked[:60], marked=True)


def modes_of(sections: Iterable[Section], words: Words) -> Guess | None:
    """Ways of co-operation, only where the page marks them."""
    marked = bodies(sections, "modes")
    also = {
        "委托研发": "commission",
        "合作研发": "joint",
        "联合开发": "joint",
        "技术入股": "equity",
        "专利许可": "licence",
        "联合攻关": "joint",
        "技术合作": "joint",
    }
    names = {name: code for code, name in words.modes.items() if code != "other"} | also
    codes = sorted({code for name, code in names.items() if name in marked})
    fired = tuple(name for name in names if name in marked)
    return Guess(codes, fired[:MOST_WORDS], marked[:60], marked=True) if codes else None
