"""From when to when a contract runs, and what its price comes to, in the words of many hands."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.contracts.reading.amounts import total_of
from marketplace.contracts.reading.dates import signed_on, term_of
from tests.contracts.reading.reader import read, script

DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@pytest.mark.parametrize(
    ("sentence", "begins", "ends"),
    [
        ("开工2023年7月15日，竣工2023年11月30日，计139日历天。", "2023-07-15", "2023-11-30"),
        ("2023年3月6日开课，2023年4月28日结束，随后考试。", "2023-03-06", "2023-04-28"),
        ("全部工作起于2022年7月1日，止于2025年6月30日。", "2022-07-01", "2025-06-30"),
        ("自2023年1月1日起三年。", "2023-01-01", "2025-12-31"),
        ("有效期为2年，自2024年3月1日起计算。", "2024-03-01", "2026-02-28"),
        ("自2024年1月31日起1个月。", "2024-01-31", "2024-02-29"),
        ("期限：2024年2月至2025年3月。", "2024-02-01", "2025-03-31"),
        ("合同期限三年。", None, None),
        ("2021年1月至2024年6月的经费收支由受托人审计。", None, None),
        ("专利权自2020年9月8日起二十年有效。", None, None),
    ],
)
def test_the_term_is_read_from_its_days_or_from_begin_and_length(
    sentence: str, begins: str | None, ends: str | None
) -> None:
    term = term_of(script(sentence))
    assert [str(one.value) if one else None for one in (term.begins, term.ends)] == [begins, ends]


@given(DAYS, st.integers(min_value=1, max_value=20))
def test_years_from_a_day_end_on_the_eve_of_that_day(begin: date, years: int) -> None:
    text = f"合同期限自{chinese(begin)}起{years}年。"
    term = term_of(script(text))
    assert term.begins is not None and term.ends is not None
    assert text[term.begins.start : term.begins.end] == chinese(begin)
    assert text[term.ends.start : term.ends.end] == f"{years}年"
    after = term.ends.value + timedelta(days=1)
    assert after.year == begin.year + years
    assert (after.month, after.day) == (begin.month, begin.day) or (begin.month, begin.day) == (
        2,
        29,
    )


@given(DAYS, DAYS)
def test_days_stand_in_the_text_where_the_reading_says(one: date, other: date) -> None:
    first, last = sorted((one, other))
    text = f"期限：{chinese(first)}至{chinese(last)}\n签订日期：{chinese(first)}\n"
    term, signed = term_of(script(text)), signed_on(script(text))
    assert term.begins is not None and term.ends is not None and signed is not None
    assert text[term.begins.start : term.begins.end] == chinese(first)
    assert text[term.ends.start : term.ends.end] == chinese(last)
    assert text[signed.start - 5 : signed.end] == f"签订日期：{chinese(first)}"
    assert signed.value == first == term.begins.value and last == term.ends.value


def test_new_year_is_written_as_the_first_month() -> None:
    signed = signed_on(script("甲方（章）　乙方（章）", "二〇二五年元月二日"))
    assert signed is not None and signed.value == date(2025, 1, 2)


@pytest.mark.parametrize(
    ("sentence", "yuan"),
    [
        ("每人4,500元，36人共162,000元。", 162_000),
        ("使用管理费：每店每年3,000元，62店每年186,000元；三年558,000元。", 558_000),
        ("印数12,000册，单价7.85元，计94,200元。", 94_200),
        ("34.8万元：签约10万，查因8.8万，合格16万。", 348_000),
        ("报酬十六万元，委托时付六万，评审通过付十万。", 160_000),
        ("投资方以货币900万元认购新增注册资本。", 9_000_000),
        ("三、价格 人民币捌拾捌万元整。另：代购阀门8只，价款19.6万元，凭发票结算。", 880_000),
        ("总价51.2万元，财政支付。", 512_000),
        ("三项最高合计14万元，未通过的不付。", None),
        ("代理费：发明每件5,800元，实用新型2,600元，外观900元。", None),
        ("扫描0.19元/页；总额预计11.6万元，据实结算。", None),
        ("实习费合计36,000元，另付。", None),
        ("违反本条的，处3万元违约金。", None),
    ],
)
def test_the_price_is_told_from_rates_parts_and_other_sums(sentence: str, yuan: int | None) -> None:
    total = total_of(script(sentence))
    assert (total.value.fen // 100 if total else None) == yuan


def test_a_royalty_leaves_the_price_open_and_keeps_the_fixed_part() -> None:
    reading = read("使用费：入门费80万元，另按净销售额的1.5%提成，每年结算。")
    assert reading.total is None
    assert reading.fixed_part is not None and reading.fixed_part.value.fen == 80_000_000
    assert reading.registered == reading.fixed_part


@pytest.mark.parametrize(
    "sentence",
    [
        "使用费总额150万元。支付方式：□一次总付　☑分期支付　□提成支付。",
        "研究经费85万元。成果归甲方；甲方转让成果的，乙方提取净收入的8%。",
        "费用：固定部分300万元，作为合同金额，另按销售额3%提成。",
    ],
)
def test_a_share_that_is_not_the_price_leaves_it_closed(sentence: str) -> None:
    assert read(sentence).total is not None


@given(st.integers(min_value=2, max_value=8), st.integers(min_value=1, max_value=10**6))
def test_a_sum_that_its_parts_make_up_is_the_price(parts: int, each: int) -> None:
    text = f"{parts * each}元：" + "，".join(f"第{n}步{each}元" for n in range(parts)) + "。"
    total = total_of(script(text))
    assert total is not None and total.value.fen == parts * each * 100
    assert text[total.start : total.end] == f"{parts * each}元"
