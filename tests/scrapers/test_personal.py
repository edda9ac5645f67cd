"""What is personal in a text, and what only looks like it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from scrapers.personal import MARK, PersonalKind, find, redact

K = PersonalKind
#: The text, and each personal piece in it in order.
POSITIVES = [
    ("手机13812345678", (K.PHONE, "13812345678")),
    ("电话：138 1234 5678", (K.PHONE, "138 1234 5678")),
    ("请拨138-1234-5678。", (K.PHONE, "138-1234-5678")),
    ("１３８１２３４５６７８", (K.PHONE, "１３８１２３４５６７８")),
    ("（＋８６）１３８－１２３４－５６７８", (K.PHONE, "（＋８６）１３８－１２３４－５６７８")),
    ("+86 13812345678", (K.PHONE, "+86 13812345678")),
    ("0086-13812345678", (K.PHONE, "0086-13812345678")),
    ("1 3 8 1 2 3 4 5 6 7 8", (K.PHONE, "1 3 8 1 2 3 4 5 6 7 8")),
    ("138\u200b1234\u200b5678", (K.PHONE, "138\u200b1234\u200b5678")),
    ("一三八一二三四五六七八", (K.PHONE, "一三八一二三四五六七八")),
    ("手机/微信：13812345678（微信同号）", (K.PHONE, "13812345678")),
    ("13812345678QQ同号", (K.PHONE, "13812345678")),
    ("手机号码13812345678元旦期间可联系", (K.PHONE, "13812345678")),
    ("Tel:13812345678", (K.PHONE, "13812345678")),
    ("联系电话0471-6991234", (K.PHONE, "0471-6991234")),
    ("（0471）6991234", (K.PHONE, "（0471）6991234")),
    ("(0471) 699 1234", (K.PHONE, "(0471) 699 1234")),
    ("０４７１－６９９１２３４", (K.PHONE, "０４７１－６９９１２３４")),
    ("0471—6991234", (K.PHONE, "0471—6991234")),
    ("010-62771234转8023", (K.PHONE, "010-62771234转8023")),
    ("(010)62771234-8023", (K.PHONE, "(010)62771234-8023")),
    ("010 6277 1234", (K.PHONE, "010 6277 1234")),
    ("86-471-6991234", (K.PHONE, "86-471-6991234")),
    ("传真：0471-6991234/6991235", (K.PHONE, "0471-6991234/6991235")),
    ("电话：6991234", (K.PHONE, "6991234")),
    ("联系电话\n6991234", (K.PHONE, "6991234")),
    ("服务400-123-4567", (K.PHONE, "400-123-4567")),
    ("热线：4001234567", (K.PHONE, "4001234567")),
    ("〔0471〕6991234", (K.PHONE, "〔0471〕6991234")),
    ("【0471】6991234", (K.PHONE, "【0471】6991234")),
    ("［0471］6991234", (K.PHONE, "［0471］6991234")),
    ("0471-6991234 转分机 8012", (K.PHONE, "0471-6991234 转分机 8012")),
    ("0471-6991234分机：8012", (K.PHONE, "0471-6991234分机：8012")),
    ("Tel.0471-6991234", (K.PHONE, "0471-6991234")),
    ("Tel.138-1234-5678", (K.PHONE, "138-1234-5678")),
    ("电话：0471-6991234 / 6991235", (K.PHONE, "0471-6991234 / 6991235")),
    ("电话：0471-6991234或6991235", (K.PHONE, "0471-6991234或6991235")),
    ("联系人及电话：张三 6991234", (K.NAME, "张三"), (K.PHONE, "6991234")),
    ("对接人：张三，电话6991234", (K.NAME, "张三"), (K.PHONE, "6991234")),
    ("联络人：张三", (K.NAME, "张三")),
    ("微 信：zhangsan88", (K.WECHAT, "zhangsan88")),
    ("zhang@example，com", (K.MAIL, "zhang@example，com")),
    ("zhang@example.edu.cn", (K.MAIL, "zhang@example.edu.cn")),
    ("邮箱：li.si_88@example.com；", (K.MAIL, "li.si_88@example.com")),
    ("zhang（at）example.edu.cn", (K.MAIL, "zhang（at）example.edu.cn")),
    ("zhang [at] example [dot] cn", (K.MAIL, "zhang [at] example [dot] cn")),
    ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ", (K.MAIL, "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ")),
    ("zhang#example.edu.cn", (K.MAIL, "zhang#example.edu.cn")),
    ("123456789@example.com", (K.MAIL, "123456789@example.com")),
    ("身份证号11010519491231002X", (K.IDENTITY, "11010519491231002X")),
    ("110105 19491231 002x", (K.IDENTITY, "110105 19491231 002x")),
    ("编号：11010519491231002X", (K.IDENTITY, "11010519491231002X")),
    ("身份证号码：110105491231002", (K.IDENTITY, "110105491231002")),
    ("护照：E12345678", (K.IDENTITY, "E12345678")),
    ("账号：6222 0200 0000 0000 000", (K.ACCOUNT, "6222 0200 0000 0000 000")),
    ("QQ：123456789", (K.QQ, "123456789")),
    ("ＱＱ群 12345678", (K.QQ, "12345678")),
    ("微信号：zhang_san88", (K.WECHAT, "zhang_san88")),
    ("加微信wxid_abc123", (K.WECHAT, "wxid_abc123")),
    ("VX：zhangsan88", (K.WECHAT, "zhangsan88")),
    ("联系人：张三", (K.NAME, "张三")),
    ("联 系 人：张三", (K.NAME, "张三")),
    ("联系人：乌云其木格，女", (K.NAME, "乌云其木格")),
    ("联系人：张三、李四", (K.NAME, "张三、李四")),
    ("联系方式：赵六 13800000002", (K.NAME, "赵六"), (K.PHONE, "13800000002")),
    (
        "zhang@example.cn 13812345678",
        (K.MAIL, "zhang@example.cn"),
        (K.PHONE, "13812345678"),
    ),
    ("www.example.cn 13812345678", (K.PHONE, "13812345678")),
    ("http://example.cn,13812345678", (K.PHONE, "13812345678")),
    ("wx13812345678", (K.PHONE, "13812345678")),
    ("13812345678 万老师", (K.PHONE, "13812345678")),
    ("13812345678元老师", (K.PHONE, "13812345678")),
    ("登记热线号码：4006991234", (K.PHONE, "4006991234")),
    (
        "13812345678/13912345678/0471-6991234",
        (K.PHONE, "13812345678"),
        (K.PHONE, "13912345678"),
        (K.PHONE, "0471-6991234"),
    ),
    ("QQ/微信：123456789", (K.QQ, "123456789")),
    ("zs＠example。edu。cn", (K.MAIL, "zs＠example。edu。cn")),
    ("联系方式：王老师；0471－4392222", (K.NAME, "王老师"), (K.PHONE, "0471－4392222")),
    ("联系人及电话：王丽华 13947112345", (K.NAME, "王丽华"), (K.PHONE, "13947112345")),
    ("联系人王丽华，电话13947112345", (K.NAME, "王丽华"), (K.PHONE, "13947112345")),
    ("联 系 人 ： 王 丽 华", (K.NAME, "王 丽 华")),
    ("联系人|王丽华|电话|13947112345", (K.NAME, "王丽华"), (K.PHONE, "13947112345")),
    ("联系人:Bat-Erdene 手机:13947112345", (K.NAME, "Bat-Erdene"), (K.PHONE, "13947112345")),
    ("0471/4392222", (K.PHONE, "0471/4392222")),
    ("电话-13947112345", (K.PHONE, "13947112345")),
    ("身份证号码 150102 19900307 123X", (K.IDENTITY, "150102 19900307 123X")),
    ("微信/手机：wanglh_2000", (K.WECHAT, "wanglh_2000")),
    ("钉钉号：wanglh2000", (K.WECHAT, "wanglh2000")),
    ("联系人\n李老师", (K.NAME, "李老师")),
    ("联系人：张三电话：13812345678", (K.NAME, "张三"), (K.PHONE, "13812345678")),
    ("张工 15148012345 wang@example.com", (K.PHONE, "15148012345"), (K.MAIL, "wang@example.com")),
]
NEGATIVES = [
    "联系方式：注册资本，5000000元",
    "电话会议系统 参数：0.471-6991234",
    "长度1.0471-6991234",
    "尺寸【0471】×6991234",
    "专利号ZL201310123456.7",
    "ZL 2013 1 0123456.7",
    "CN113812345678A",
    "CN 113812345 A",
    "授权公告号CN113812345B",
    "专利申请号202310123456.X",
    "202310123456.7",
    "ZL202013812345.6",
    "申请号13812345678",
    "项目编号：2023YFE0112345",
    "项目编号13812345678",
    "课题编号：2021-13812345678",
    "合同编号：HT-2023-0471-6991234",
    "国家自然科学基金（51381234567）",
    "统一社会信用代码91150100MA0MYKKQ5T",
    "121500004600290001",
    "登记号2023SR13812345",
    "证书编号 015013812345678",
    "成果登记号：9152023Y0138",
    "GB/T 13812-2008",
    "GB 15979-2002",
    "DB15/T 1381-2018",
    "投资13812345678元",
    "总产值138123456.78万元",
    "13,812,345,678元",
    "￥13812345678",
    "2026年3月5日",
    "2026-03-05 14:30",
    "2024.01-2026.12",
    "2024—2026年",
    "ISBN 978-7-03-012345-6",
    "邮编010021",
    "DOI:10.1381/j.cnki.2023",
    "http://example.org/art/13812345678.html",
    "温度1300-1500℃",
    "长×宽：13800×4500",
    "处理能力15000000000吨",
    "文号：内科发〔2023〕13812号",
    "联系人：科研处",
    "联系方式：见附件",
    "年产能13947112345千瓦时",
    "设备型号：XJ-13947112345",
    "基于微信Platform开发",
    "公开号：CN 113947112 A",
    "PCT/CN2022/139471",
    "农药登记证号PD20139471",
    "许可证号：SC10615010200123",
    "MD5 1394711234567890abcdef",
    "380V/50Hz 1390r/min",
    "QQ群管理功能",
    "身份证识别设备",
    "手机APP 2.0",
    "北纬40°49′，东经111°41′",
    "GB/T13947-1992",
    "IP地址192.168.100.200",
    "联系人管理系统，电话会议系统13项",
    "联系人\n电话",
    "联系人：成果转化中心办公室",
    "微信公众号：双库市场",
    "图1381234",
    "110105194912310021",  # the check digit is wrong
    "990105194912310021",
    "参数#1、参数#2",
    "a@b",
    "1381234567",
    "138123456789",
    "0123-4567890",
    "一三八一二三",
    "",
]


@pytest.mark.parametrize(("text", "pieces"), [(text, pieces) for text, *pieces in POSITIVES])
def test_personal_data_is_found(text: str, pieces: list[tuple[PersonalKind, str]]) -> None:
    assert [(place.kind, text[place.start : place.end]) for place in find(text)] == pieces


@pytest.mark.parametrize("text", NEGATIVES)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert find(text) == []


def test_all_positives_in_one_text_are_found_as_they_are_alone() -> None:
    text = "。\n".join(text for text, *_ in POSITIVES)
    alone = [piece for _, *pieces in POSITIVES for piece in pieces]
    assert [(place.kind, text[place.start : place.end]) for place in find(text)] == alone


def test_what_is_known_from_elsewhere_is_found_wherever_it_stands() -> None:
    assert redact("项目由张三牵头", {"张三": K.NAME}) == f"项目由{MARK}牵头"


PIECES = st.sampled_from(
    [text for text, *_ in POSITIVES]
    + [text for text in NEGATIVES if text]
    + ["。", "，", " ", "\n"]
)
MIXED = st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join)


@given(MIXED)
def test_places_are_in_order_within_the_text_and_apart(text: str) -> None:
    places = find(text)
    assert all(0 <= place.start < place.end <= len(text) for place in places)
    assert all(a.end <= b.start for a, b in zip(places, places[1:], strict=False))


@given(MIXED)
def test_what_is_not_personal_stays_to_the_letter(text: str) -> None:
    pattern = ".*".join(re.escape(part) for part in redact(text).split(MARK))
    assert re.fullmatch(pattern, text, re.DOTALL)


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "电话：", "手机 ", "（"]),
    st.sampled_from(["", "。", "）", "，张工"]),
    st.booleans(),
)
def test_no_mobile_number_survives(number: str, before: str, after: str, wide: bool) -> None:
    written = "".join(chr(ord(digit) + 0xFEE0) for digit in number) if wide else number
    assert redact(f"咨询{before}{written}{after}") == f"咨询{before}{MARK}{after}"


@given(
    st.sampled_from(["150102", "110105", "310101"]),
    st.dates(ric.get_birth_date("11010519491231002X")),
    st.integers(0, 999),
)
def test_an_identity_number_is_known_by_its_check_digit(area: str, born, order: int) -> None:
    if born.year > 2025:
        return
    body = f"{area}{born:%Y%m%d}{order:03}"
    right = ric.calc_check_digit(body + "0")
    assert redact(f"持证人{body}{right}办理") == f"持证人{MARK}办理"
    for wrong in set("0123456789X") - {right}:
        assert find(f"持证人{body}{wrong}办理") == []


@given(st.from_regex(r"(ZL|CN)(19|20)[0-9]{2}[12389][0-9]{7}\.[0-9X]", fullmatch=True))
def test_no_patent_number_is_taken_for_personal(number: str) -> None:
    assert find(f"已获专利{number}一项") == []
