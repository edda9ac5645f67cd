"""What is found in the text of a contract, and that it stands where the reading says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.contracts.reading.amounts import fen_of_words, total_of
from marketplace.contracts.reading.payments import Method, method_of
from marketplace.money import format_fen, format_yuan, in_capitals
from tests.contracts.reading.reader import read, script

FEN = st.integers(min_value=100_00, max_value=10**12)


@given(FEN)
def test_capitals_are_read_back_as_the_sum_they_say(fen: int) -> None:
    assert fen_of_words(in_capitals(fen)) == fen


@given(st.integers(min_value=1, max_value=10**9))
def test_a_sum_is_the_same_in_yuan_in_ten_thousands_and_in_capitals(wan: int) -> None:
    fen = wan * 1_000_000 // 100
    for written in (format_yuan(fen), format_fen(fen), f"¥{fen / 100:,.2f}"):
        total = total_of(script(f"合同总价为{written}，大写：{in_capitals(fen)}。"))
        assert total is not None and total.value.fen == fen, written
        assert total.value.agrees


@given(FEN, FEN)
def test_capitals_that_say_another_sum_are_noticed(figures: int, words: int) -> None:
    total = total_of(script(f"合同总价为{format_yuan(figures)}（大写：{in_capitals(words)}）。"))
    assert total is not None and total.value.agrees == (figures == words)


@pytest.mark.parametrize(
    "sentence",
    [
        "逾期交付的，按日支付违约金3000元。",
        "甲方注册资本5000万元。",
        "检测费4500元/次，按实际次数结算。",
        "转让费____万元。",
        "签约后付9万元。",
    ],
)
def test_a_sum_that_is_no_total_is_not_taken_for_one(sentence: str) -> None:
    assert total_of(script(sentence)) is None


def test_the_whole_is_told_from_its_parts() -> None:
    total = total_of(script("研发费用合计95万元，其中设备费31万元，签约后支付30万元。"))
    assert total is not None and total.value.fen == 95_000_000


@pytest.mark.parametrize(
    ("sentence", "method"),
    [
        ("转让费采用一次总付方式，生效后15日内付清。", Method.ONCE),
        ("签约付9万元，中试成功付9万元。", Method.INSTALMENTS),
        ("每季度末按净销售额的3%提成支付，无入门费。", Method.ROYALTY),
        ("入门费30万元，此后按销售收入的4%提成。", Method.MIXED),
        ("逾期付款的，按合同价款10%支付违约金。", None),
    ],
)
def test_the_way_of_payment_is_what_the_sentence_says(sentence: str, method: Method | None) -> None:
    found = method_of(script(sentence))
    assert (found.value if found else None) == method


def test_every_value_stands_in_the_text_where_the_reading_says() -> None:
    text = (
        "技术开发合同\n委托方：包头市某机械有限公司\n受托方：内蒙古某大学\n"
        "研究开发经费总额为１２０，０００元。\n有效期限：２０２４年３月１日至２０２５年２月２８日\n"
    )
    reading = read(text)
    assert reading.total is not None and reading.begins_on is not None
    assert text[reading.total.start : reading.total.end] == "１２０，０００元"
    assert text[reading.begins_on.start : reading.begins_on.end] == "２０２４年３月１日"
    for party in reading.parties:
        assert text[party.name.start : party.name.end] == party.name.value
        assert party.name.value in party.name.sentence


def test_nothing_is_invented_where_nothing_is_written() -> None:
    reading = read("甲方与乙方经协商，就有关事项约定如下：", "甲方：________", "乙方：________")
    assert not reading.parties and reading.total is None and reading.payment is None
    assert reading.signed_on is None and reading.begins_on is None and reading.ends_on is None
    assert not (reading.deliverables or reading.rights or reading.acceptance or reading.equipment)


@pytest.mark.parametrize(
    ("lines", "seller"),
    [
        (("委托方（甲方）：甲某有限公司", "受托方（乙方）：乙某大学"), "乙某大学"),
        (("许可方（甲方）：甲某有限公司", "被许可方（乙方）：乙某大学"), "甲某有限公司"),
        (("甲方：甲某有限公司", "乙方：乙某大学", "甲方将其专利转让给乙方。"), "甲某有限公司"),
        (("甲方：甲某有限公司", "乙方：乙某大学", "甲方委托乙方研制装置。"), "乙某大学"),
        (("│委托方│甲某有限公司│", "│受托方│乙某大学　　│"), "乙某大学"),
        (("委 托 人：＿甲某有限公司＿", "研究开发人：＿乙某大学＿"), "乙某大学"),
        (("本合同由甲某有限公司（以下简称“受让方”）与乙某大学（以下简称“让与方”）签订。",), "乙某大学"),
    ],
)  # fmt: skip
def test_the_side_follows_from_the_label_or_from_the_verbs(
    lines: tuple[str, ...], seller: str
) -> None:
    reading = read(*lines)
    assert [party.name.value for party in reading.parties_as("seller")] == [seller]
    assert len(reading.parties_as("buyer")) == 1


def test_code_address_and_representative_belong_to_the_party_before_them() -> None:
    reading = read(
        "委托方：甲某有限公司",
        "统一社会信用代码：91150221MA0Q8C7H4T",
        "住所：包头市昆都仑区　法定代表人：王某某",
        "受托方：乙某大学",
    )
    buyer, seller = reading.parties
    assert buyer.code is not None and buyer.code.value == "91150221MA0Q8C7H4T"
    assert buyer.representative is not None and buyer.representative.value == "王某某"
    assert seller.code is None and seller.address is None


def test_what_stands_behind_a_repeated_name_is_about_that_party() -> None:
    names = ("委托方（甲方）：甲某有限公司", "受托方（乙方）：乙某大学")
    reading = read(*names, names[0], "法定代表人：王某某", names[1], "法定代表人：李某")
    heads = [party.representative for party in reading.parties]
    assert [head.value for head in heads if head] == ["王某某", "李某"]


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (("签订日期：2024年2月20日",), date(2024, 2, 20)),
        (("签订日期：＿２００３＿年＿３＿月＿１＿日",), date(2003, 3, 1)),
        (("甲方（盖章）　乙方（盖章）", "二〇二四年十二月三十一日"), date(2024, 12, 31)),
        (("签 订 日 期：2025年3月12曰",), date(2025, 3, 12)),
        (("专利申请日2018年5月14日，授权日2020年9月8日。",), None),
        (("签订日期：____年__月__日",), None),
    ],
)
def test_the_day_of_signing_is_read_in_old_and_new_hands(
    lines: tuple[str, ...], day: date | None
) -> None:
    found = read(*lines).signed_on
    assert (found.value if found else None) == day


def test_the_term_of_a_patent_is_not_the_term_of_the_contract() -> None:
    assert read("专利权有效期至2038年5月13日。").ends_on is None
