"""The dimensions of the tables: which columns each reads, and the path of codes that an entry takes.

A path leads from the group to the leaf, ``("10", "11")``; an entry is counted in every cell on its
path and in the total, the empty path. Of a hierarchy the members of a cell always sum to it: what is
known of a group alone stands in a member of its own, 未细分. ``None`` is a path that the table does not
count. Codes that no list knows are shown as they are, never dropped.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.codes import Codes, current_codes
from marketplace.rules import Rules, current_rules
from marketplace.statistics.definitions import Definitions, current_definitions

Path = tuple[str, ...]
UNKNOWN, ABROAD, OUTSIDE = "", "000000", "990000"
#: Countries of GB/T 2659 that GB/T 2260 counts as provinces.
HMT = {"158": "710000", "344": "810000", "446": "820000"}
LEAST_SPECIFIC = "-"


@dataclass(frozen=True)
class Names:
    """The names of codes on the last day of a period, and what the statistics define themselves."""

    rules: Rules
    codes: Codes
    defined: Definitions

    @classmethod
    def under(cls, rules: Rules) -> "Names":
        """The names under one rule version."""
        return cls(rules, current_codes(), current_definitions())

    def unit_of(self, region: str) -> str:
        """The reporting unit of a region: a league, or a city that reports beside it."""
        return region if region in self.defined.units else f"{region[:4]}00"

    def is_inside(self, region: str) -> bool:
        """Whether GB/T 2260 puts ``region`` into this region."""
        return region[:2] == self.defined.region[:2]

    @property
    def units(self) -> dict[str, str]:
        """Every reporting unit, leagues first."""
        codes = self.codes
        inside = {c: n for c, n in codes.leagues.items() if self.is_inside(c)}
        return inside | dict(self.defined.units)

    def list_of(self, kind: str) -> Mapping[str, str]:
        """Code → name; what this version lacks is named as another version names it."""
        known: dict[str, str] = {}
        for rules in (self.rules, *current_rules()):
            known = {**(rules.groups if kind == "type" else {}), **rules.codes_of(kind), **known}
        return known


@dataclass(frozen=True)
class Dimension:
    """``columns`` of ``ledger_figure`` → :data:`Path`; ``role`` is what may stand there several times."""

    columns: tuple[str, ...]
    path: Callable[..., Path | None]
    names: Callable[[Names], Mapping[str, str]]
    headings: tuple[str, ...]
    role: str = ""
    #: Which of its names is a group that shows with or without contracts.
    shows: Callable[[Names, str], bool] = lambda names, code: True
    #: Members sum to their group, and groups to the total.
    is_additive: bool = True


def _listed(kind: str, width: int) -> Callable[[Names, str], Path]:
    def path(names: Names, code: str) -> Path:
        top = code[:width]
        has_members = any(c != top and c.startswith(top) for c in names.rules.codes_of(kind))
        if not code or not (has_members or len(code) > width):
            return (top,)
        return (top, code if len(code) > width else top + LEAST_SPECIFIC)

    return path


def _type(names: Names, code: str) -> Path:
    leaf = names.rules.types.get(code)
    group = leaf.group if leaf else f"{code[:1]}0" if code else UNKNOWN
    return (group,) if group == code else (group, code) if code else (UNKNOWN,)


def _nature(names: Names, code: str) -> Path:
    for key, _name, prefixes in names.defined.natures:
        if any(code.startswith(prefix) for prefix in prefixes):
            return (key,) if len(key) == 1 else (key[:1], key)
    return (code,)


def _unit(names: Names, region: str, country: str) -> Path:
    if names.is_inside(region):
        known = names.unit_of(region) in names.units
        return (names.unit_of(region) if known else region,)
    return (OUTSIDE if region or country else UNKNOWN,)


def _province(names: Names, region: str, country: str) -> Path:
    if region:
        return (f"{region[:2]}0000",)
    return (HMT.get(country, ABROAD if country else UNKNOWN),)


def _partner(
    names: Names, seller: str, seller_country: str, buyer: str, buyer_country: str
) -> Path | None:
    """The partner, and which way: 1 from here to there, 2 from there to here."""
    sells, buys = (
        _province(names, seller, seller_country)[0],
        _province(names, buyer, buyer_country)[0],
    )
    here, partners = names.defined.region, names.defined.partners
    if sells == here and buys in partners:
        return (buys, f"{buys}>1")
    return (sells, f"{sells}>2") if buys == here and sells in partners else None


def _as_it_is(names: Names, code: Any) -> Path:
    return (str(code),)


def _yes_or_no(names: Names, value: Any) -> Path:
    return ("1" if value else "0",)


def _directions(names: Names) -> Mapping[str, str]:
    directions = {
        f"{code}>{way}": word
        for code in names.defined.partners
        for way, word in (("1", "流向对方（我区输出）"), ("2", "流入我区（我区吸纳）"))
    }
    return {**names.defined.partners, **directions}


def _provinces(names: Names) -> Mapping[str, str]:
    known = {code: name for code, name in names.codes.regions.items() if code.endswith("0000")}
    return {names.defined.region: names.defined.region_name, **known, ABROAD: "境外"}


def _units(names: Names) -> Mapping[str, str]:
    return names.units | {OUTSIDE: "区外"}


def _by_list(kind: str) -> Callable[[Names], Mapping[str, str]]:
    return lambda names: names.list_of(kind)


def _natures(names: Names) -> Mapping[str, str]:
    return {key: name for key, name, _prefixes in names.defined.natures}


def _flag(yes: str, no: str) -> Callable[[Names], Mapping[str, str]]:
    return lambda names: {"1": yes, "0": no}


def _in_list(kind: str, width: int, *headings: str, **more: Any) -> Dimension:
    def shows(names: Names, code: str) -> bool:
        return len(code) == width and code in names.rules.codes_of(kind)

    return Dimension((kind,), _listed(kind, width), _by_list(kind), headings, shows=shows, **more)


def _of_side(side: str, fields: str, path: Any, names: Any, *headings: str) -> Dimension:
    def shows(names: Names, code: str) -> bool:
        return code in names.units or len(code) == 1

    columns = tuple(f"{side}_{field}" for field in fields.split())
    return Dimension(columns, path, names, headings, side, shows)


def _sides() -> Iterator[tuple[str, Dimension]]:
    for side, word in (("seller", "卖方"), ("buyer", "买方")):
        yield (
            f"{side}_nature",
            _of_side(side, "nature", _nature, _natures, f"{word}性质", "细类"),
        )
        place = "region country"
        yield (
            f"{side}_unit",
            _of_side(side, place, _unit, _units, f"{word}所在盟市"),
        )
        yield (
            f"{side}_province",
            _of_side(side, place, _province, _provinces, f"{word}所在省区"),
        )


_BOTH_PLACES = ("seller_region", "seller_country", "buyer_region", "buyer_country")
DIMENSIONS: dict[str, Dimension] = {
    "type": Dimension(
        ("type",),
        _type,
        _by_list("type"),
        ("合同类别", "子类"),
        shows=lambda names, code: code in names.rules.groups,
    ),
    "field": _in_list("field", 2, "技术领域", "二级领域"),
    "goal": _in_list("goal", 2, "社会经济目标"),
    "ip": _in_list("ip", 1, "知识产权", "细类", role="ip", is_additive=False),
    "plan": _in_list("plan", 1, "计划来源", "细类"),
    "industry": _in_list("industry", 1, "门类", "大类"),
    **dict(_sides()),
    "trade": Dimension(("trade",), _as_it_is, _by_list("trade"), ("进出口标志",)),
    "band": Dimension(
        ("band",), _as_it_is, lambda n: {k: name for k, name, _l in n.defined.bands}, ("成交额档",)
    ),
    "point": Dimension(("point",), _as_it_is, lambda n: {}, ("登记点",)),
    "zone": Dimension(("zone",), _yes_or_no, _flag("涉及高新区", "不涉及"), ("国家高新区",)),
    "listed": Dimension(
        ("listed",), _yes_or_no, _flag("涉及上市公司", "不涉及"), ("上市公司",)
    ),
    "related": Dimension(
        ("related",), _yes_or_no, _flag("关联交易", "非关联交易"), ("关联交易",)
    ),
    "partner": Dimension(
        _BOTH_PLACES,
        _partner,
        _directions,
        ("协作方", "方向"),
        "seller buyer",
        shows=lambda names, code: code in names.defined.partners,
    ),
}  # fmt: skip


def name_of(dimension: Dimension, names: Names, code: str) -> str:
    """The Chinese name of the last step of a path."""
    if code == UNKNOWN:
        return "未填"
    known = dimension.names(names)
    if code in known:
        return known[code]
    if code.endswith(LEAST_SPECIFIC):
        return "未细分"
    if dimension.columns == ("point",):
        league = names.codes.name("region", f"{code[:4]}00")
        return f"{league}{code[4:]}号登记点（{code}）"
    return f"其他（{code}）"
