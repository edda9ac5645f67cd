"""Which side a party stands on when no label says it, and who is named at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.reading.reader import read

BUYER, SELLER = "呼和浩特市甲某牧业有限公司", "北疆乙某大学"
#: Sentences of one contract each, with {s} for who works and {b} for who pays.
TOLD = (
    "{b}委托{s}研制分选装置，{s}交付样机一台。",
    "{b}聘请{s}为技术顾问，报酬分两次付给{s}。",
    "{s}接受{b}委托，对尾矿库进行监测。",
    "{s}将其专利权转让给{b}，{b}分三期支付转让费。",
    "{s}许可{b}在旗内使用该技术秘密，{b}不得再许可他人。",
    "{b}应于签约后十日内向{s}支付服务费8万元。",
    "{s}为{b}培训操作工20名，教材由{s}免费提供。",
    "{s}拥有该项专有技术，现同意{b}使用三年。",
    "{b}租用{s}的服务器二十台。",
)


@pytest.mark.parametrize("sentence", TOLD)
@pytest.mark.parametrize(("s", "b"), [("甲方", "乙方"), ("乙方", "甲方")])
def test_what_is_owed_tells_the_sides_whichever_letter_a_party_has(
    sentence: str, s: str, b: str
) -> None:
    names = {s: SELLER, b: BUYER}
    reading = read(*(f"{letter}：{names[letter]}" for letter in sorted(names, reverse=True)))
    assert len(reading.parties) == 2
    told = read(*(f"{one}：{names[one]}" for one in names), sentence.format(s=s, b=b))
    assert [one.name.value for one in told.parties_as("seller")] == [SELLER]
    assert [one.name.value for one in told.parties_as("buyer")] == [BUYER]


def test_a_penalty_paid_by_who_works_does_not_make_them_the_buyer() -> None:
    lines = (f"甲方：{SELLER}", f"乙方：{BUYER}", "乙方委托甲方开发软件。")
    reading = read(*lines, "甲方逾期的，应向乙方支付违约金3万元。", "甲方应向乙方支付赔偿。")
    assert [one.name.value for one in reading.parties_as("seller")] == [SELLER]


def test_several_parties_stand_on_one_side() -> None:
    reading = read(
        "让与人一：吕某研究所",
        "让与人二：赛某设备有限公司",
        "受让人：固阳县镁某有限公司",
    )
    assert [one.name.value for one in reading.parties_as("seller")] == [
        "吕某研究所",
        "赛某设备有限公司",
    ]
    persons = read(
        "甲方：星某公司", "乙方：冯静宜（自然人）、乌云其木格（自然人）", "甲方向乙方购买软件。"
    )
    assert [one.name.value for one in persons.parties_as("seller")] == ["冯静宜", "乌云其木格"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("受托方：青某专利事务所（普通合伙）", "青某专利事务所（普通合伙）"),
        ("受托方：明某顾问有限公司内蒙古分公司", "明某顾问有限公司内蒙古分公司"),
        ("受托方：某某试验平台（依托单位：洛某大学）", "某某试验平台"),
        ("许可方：张秉义（专利权人）", "张秉义"),
        ("成果持有方（甲方）：江某大学食品学院", "江某大学食品学院"),
        ("承检单位：嫩某计量测试所", "嫩某计量测试所"),
        ("受聘方：凯某律师事务所", "凯某律师事务所"),
    ],
)
def test_a_name_is_read_with_what_belongs_to_it(line: str, name: str) -> None:
    assert read("委托方：旗某公司", line).parties_as("seller")[0].name.value == _folded(name)


def _folded(name: str) -> str:
    return name.replace("（", "(").replace("）", ")")


def test_who_guarantees_or_witnesses_is_no_party_to_the_exchange() -> None:
    reading = read(
        "甲方（委托方）：旗某公司", "乙方（受托方）：乙某大学", "丙方（见证方）：某科技局"
    )
    assert len(reading.parties) == 2


@pytest.mark.parametrize(
    "lines",
    [
        ("镶某旗住建局委托寒某评价所（事业单位）就热泵作可行性评价。",),
        (
            "陇某评估研究所：",
            "我矿拟请贵所对边坡监测手段作论证，报酬由我矿支付。",
            "棋某露天矿（章）",
            "同意。陇某评估研究所（章）",
        ),
    ],
)
def test_prose_and_letters_name_their_parties_without_labels(lines: tuple[str, ...]) -> None:
    reading = read(*lines)
    assert len(reading.parties_as("seller")) == len(reading.parties_as("buyer")) == 1
    assert reading.parties_as("seller")[0].name.value.endswith("所")


def test_a_person_is_named_without_the_title() -> None:
    reading = read("敕某牛场管理公司聘请奶牛营养专家唐兀特先生（个人）就青贮替代作可行性判断。")
    assert [one.name.value for one in reading.parties_as("seller")] == ["唐兀特"]


NAMES = st.text("甲乙丙丁戊己庚辛壬癸子丑寅卯", min_size=2, max_size=8)
GAPS = st.sampled_from(["", " ", "　", "　　", "____"])


@given(NAMES, NAMES, GAPS, st.sampled_from(["\n", "；", "　　"]))
def test_a_party_stands_in_the_text_where_the_reading_says(
    one: str, other: str, gap: str, between: str
) -> None:
    text = f"委托方：{gap}{one}有限公司{between}受托方：{gap}{other}研究院（普通合伙）\n"
    for party in read(text).parties:
        said = text[party.name.start : party.name.end]
        assert _folded(said) == party.name.value
        assert said in party.name.sentence
