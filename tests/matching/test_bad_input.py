"""Whatever is typed or pasted is answered: with hits, with none, never with a fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matching import Document, Matcher

MEGABYTE = 1_000_000
CONTROLS = [chr(code) for code in (0, 1, 7, 8, 9, 11, 12, 13, 27, 31, 127, 133, 0x2028, 0xFEFF)]
UNSEEN = ["\u200b", "\u200e", "\u202e", "\u2060", "\ue000", "\uffff", "\ud800", "\udfff"]
PICTURES = ["😀", "🐎🏭", "👩‍🔬", "🇨🇳", "❄️", "①②③", "⑩", "㎎/㎥", "™®©", "☃"]
PUNCTUATION = list("，。、；：？！…—～·“”‘’（）【】《》") + list(
    "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~\\"
)
NUMBERS = [
    "9" * 20,
    "9" * 5_000,
    "1," + "000," * 2_000 + "000",
    "0." + "0" * 5_000 + "1mg/m³",
    "1×10^99999mg",
    "10⁹⁹⁹⁹ kW",
    "-0.0℃～-0.0℃",
    "≤≥<>±5",
    "≤" * 3_000 + "5mg/m³",
    "5mg/m³" * 3_000,
    "5～" * 3_000,
    "1/" * 3_000 + "t",
    "mg/(" * 2_000,
    "1 kW·" + "h·" * 3_000,
    "一百二十万亿" * 2_000,
    "零下" * 3_000 + "5度",
    "由5降至" * 2_000 + "1%",
    "NaN inf -inf 1e309 ℃",
    "٣٤ ٪ ५ mg",
    "½ ⅓ ㈠ Ⅳ 〇",
]
POINTS = [
    "要求：" + "".join(f"（{n}）降低粉尘到{n}mg；" for n in range(1, 4_000)),
    "\n".join(f"{n}. 处理量{n}t/d" for n in range(1, 4_000)),
    "①" * 5_000,
    "1." * 5_000,
    "一是" * 3_000,
    "要求：" * 3_000,
    "；" * 5_000,
    "(((" * 3_000,
    "）" * 3_000,
    "\n".join("指标 % 1 ≥2" for _ in range(2_000)),
]
LONG = [
    "换热器结垢，" * (MEGABYTE // 6),
    "a" * MEGABYTE,
    "垢" * MEGABYTE,
    " " * MEGABYTE,
    "\n" * MEGABYTE,
    "，" * MEGABYTE,
    "5" * MEGABYTE,
    "😀" * (MEGABYTE // 4),
    "\ud800" * 100_000,
]
MARKUP = [
    "<script>alert(1)</script>",
    "'; DROP TABLE need; --",
    "{{ 7*7 }} ${7*7} #{7*7}",
    "%s %d %(x)s {0} {x}",
    "../../etc/passwd\x00.txt",
    "\\u0000 \\x00 \\n",
    "的了和与及或在是",
    "技术 方法 系统 装置",
    "x" * 300 + "换热器",
    "",
    " ",
    "\t\r\n",
]
INPUTS = [*CONTROLS, *UNSEEN, *PICTURES, *PUNCTUATION, *NUMBERS, *POINTS, *LONG, *MARKUP]


@pytest.fixture(scope="module")
def held(new_held: Callable[[], Matcher]) -> Matcher:
    return new_held()


def test_there_are_at_least_a_hundred_of_them() -> None:
    assert len(set(INPUTS)) >= 100


@pytest.mark.parametrize("number", range(len(INPUTS)))
def test_any_text_is_matched_searched_and_explained(held: Matcher, number: int) -> None:
    text = INPUTS[number]
    for query in (Document("q", "", text), Document("q", text, "换热器结垢，求阻垢剂。")):
        for asks in ("query", "document", "neither"):
            matches = held.match(query, k=3, asks=asks)
            assert len(matches.hits) <= 3 and len(matches.points) <= 12
            assert all(0 <= hit.score <= 1 for hit in matches.hits)
        assert held.explain(query, "scale").key == "scale"
    found = held.search(text, k=5)
    assert len(found.keys) == len(found.scores) <= 5


@pytest.mark.parametrize("number", range(len(INPUTS)))
def test_any_text_can_be_held_and_explained(held: Matcher, number: int) -> None:
    held.put([Document("odd", INPUTS[number][:30], INPUTS[number])])
    need = Document("need", "换热器结垢", "要求：①阻垢率不低于95%；②成本降到5元/t以下。")
    for asks in ("query", "document"):
        assert held.explain(need, "odd", asks=asks).key == "odd"


def test_a_key_that_is_not_held_is_refused(held: Matcher) -> None:
    with pytest.raises(KeyError):
        held.explain(Document("", "", "换热器结垢"), "nowhere")
