"""What is read of a notice, and what is not: sections, budgets, fields, regions, splits, patents.

Every organisation and number in these texts is invented.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from marketplace.intake.patents import families_in
from marketplace.intake.reading import Reading, Said, read
from marketplace.intake.sections import sections_of
from marketplace.intake.words import Words


@dataclass(frozen=True)
class Case:
    """A text and what has to come of it; ``None`` as a value: the field must be empty."""

    name: str
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    title: str = "技术需求"
    fields: tuple[tuple[str, str], ...] = ()
    kind: str = "need"
    route: str | None = None
    parts: int = 0


CASES = [
    Case(
        "headings on lines of their own",
        "一、需求内容\n开发带式输送机跑偏自动纠正装置。\n二、预期目标\n跑偏量不超过20 mm。\n三、现有工作基础\n公司有研发人员30名。",
        {
            "description": "需求内容：开发带式输送机跑偏自动纠正装置。",
            "goal": "跑偏量不超过20 mm。",
            "field": "03",
        },
    ),
    Case(
        "headings glued to the text by a colon",
        "需求内容：露天矿道路扬尘治理。希望解决：抑尘剂冬季结冰。预期目标：零下20℃不结冰。",
        {"problem": "抑尘剂冬季结冰。", "goal": "零下20℃不结冰。"},
    ),
    Case(
        "headings in brackets",
        "【需求背景】冬季供热锅炉结垢。【技术指标】结垢速率≤0.1 mm/年【合作方式】委托开发",
        {"modes": ["commission"], "field": "06", "problem": None},
    ),
    Case(
        "blanks inside a heading and a tab behind it",
        "需 求 内 容\t从稀土尾矿中回收铌。\n预 期 目 标\t铌回收率达到60%以上。",
        {"goal": "铌回收率达到60%以上。", "field": "07"},
    ),
    Case(
        "headings glued without any sign, beside a marked one",
        "技术需求描述光伏板积灰快，需要免水清洗机器人。\n预期目标：清洁率不低于95%。",
        {"goal": "清洁率不低于95%。"},
    ),
    Case(
        "a heading's word in a sentence is no heading",
        "近年来技术需求旺盛，企业预期目标明确但缺少人手。我们想治理矿井水。",
        {
            "description": "近年来技术需求旺盛，企业预期目标明确但缺少人手。我们想治理矿井水。",
            "goal": None,
            "problem": None,
            "field": "07",
        },
    ),
    Case(
        "one line without any heading",
        "羊绒分梳断绒多，求办法。",
        {"description": "羊绒分梳断绒多，求办法。", "goal": None, "budget": None, "region": None},
    ),
    Case(
        "labelled values of a page",
        "需求单位：包头市某某铸造厂\n拟投入资金（万元）：300",
        {
            "budget": "300万元",
            "organization": "包头市某某铸造厂",
            "region": "150200",
            "goal": "废品率降到2%以下",
        },
        fields=(
            ("需求单位", "包头市某某铸造厂"),
            ("拟投入资金（万元）", "300"),
            ("预期目标", "废品率降到2%以下"),
        ),
    ),
    # budgets
    Case("a budget by its verb", "治理脱硫废水，企业拟投入200万元。", {"budget": "200万元"}),
    Case("a range", "项目预算100-150万元用于技术攻关。", {"budget": "100-150万元"}),
    Case("an upper bound", "研发奶牛疫苗，计划投入不超过80万元。", {"budget": "80万元以内"}),
    Case("in 元", "开发一套算法，预算为500000元。", {"budget": "50万元"}),
    Case("in 亿元", "攻关储能系统，计划投资1.2亿元。", {"budget": "12,000万元"}),
    Case("in Chinese numerals", "改进工艺，拟投入三百万元。", {"budget": "300万元"}),
    Case("面议 beside money", "开发除尘装置，合作费用面议。", {"budget": "面议"}),
    Case("面议 of something else", "开发除尘装置，时间地点面议。", {"budget": None}),
    Case("turnover", "公司年产值5亿元，希望提高电石炉能效。", {"budget": None}),
    Case("money already spent", "我公司已投入300万元，效果不佳，需改进工艺。", {"budget": None}),
    Case("hoped-for profit", "实施后预期收益2000万元，降低能耗。", {"budget": None}),
    Case("a saving behind a plan", "计划投入使用后每年节约成本100万元。", {"budget": None}),
    Case(
        "turnover and budget in one text",
        "企业上年营业额3亿元，累计投入研发费用600万元。现就焊接工艺改进拟投入150万元。",
        {"budget": "150万元"},
    ),
    Case("money of another country", "拟投资1000万美元引进设备。", {"budget": None}),
    Case("no unit", "拟投入300，用于工艺改进。", {"budget": None}),
    Case("a price per ton", "预算内每吨处理费用不超过12元/吨，降低药耗。", {"budget": None}),
    Case(
        "the price of a result",
        "成果简介：一种抑尘剂。转让价格：60万元。",
        {"price": "60万元", "budget": None},
        kind="result",
    ),
    # fields and regions
    Case(
        "the field that the page names",
        "玉米秸秆粉碎装备。",
        {"field": "05"},
        fields=(("技术领域", "新材料"),),
    ),
    Case("a field's word from the thesaurus", "皮带跑歪，撒料严重，求解决办法。", {"field": "03"}),
    Case(
        "team and equipment do not steer the field",
        "需求内容：奶牛乳房炎防治。\n企业简介：公司有软件、大数据、云计算、人工智能团队。",
        {"field": "09"},
    ),
    Case("no field without its words", "想请专家看看我们的问题怎么解决。", {"field": None}),
    Case(
        "a county inside its league",
        "鄂尔多斯市准格尔旗某煤矿，矿井水零排放技术攻关。",
        {"region": "150622", "field": "07"},
    ),
    Case("a province", "吉林省某企业梅花鹿养殖技术改进。", {"region": "220000"}),
    Case("two regions named as often", "包头、赤峰两地都有尾矿治理难题。", {"region": None}),
    Case(
        "results are read as results",
        "成果简介：草原牧草青贮乳酸菌制剂。应用前景：适用于内蒙古中东部。知识产权：发明专利ZL201510123456.1\n成果阶段：中试",
        {
            "stage": "middle",
            "applications": "适用于内蒙古中东部。",
            "field": "09",
        },
        kind="result",
        title="牧草青贮乳酸菌制剂",
    ),
    Case(
        "a result on a list of needs",
        "成果简介：本成果为一种低温电解水制氢催化剂，可转让。",
        {"kind": "result"},
        title="低温电解水制氢催化剂",
    ),
    # several needs
    Case(
        "numbered needs of mixed subjects",
        "我公司有以下需求：1.开发马铃薯淀粉废水中蛋白回收的技术；2.解决羊绒染色色差大的难题；3.寻求矿用卡车电池低温启动方案。",
        parts=3,
    ),
    Case(
        "hiring between technical needs",
        "（一）研发高纯氧化铈抛光粉粒度控制工艺。（二）招聘硕士以上化工专业人才5名，月薪面谈。（三）寻求电石渣制备蓄热砖的办法。",
        parts=3,
    ),
    Case(
        "questions of one subject are one need",
        "锅炉结垢问题：1.锅炉结垢的成因是什么，如何解决；2.锅炉结垢怎样清洗，有何新技术；3.锅炉结垢如何在线检测。",
        parts=0,
    ),
    Case(
        "indicators are no needs",
        "开发高强度铝合金轮毂。技术指标：1.抗拉强度≥320 MPa；2.延伸率≥8%；3.疲劳寿命不低于100万次。",
        parts=0,
    ),
    Case(
        "needs under headings of their own",
        "技术需求一：研发风电叶片除冰涂层，冬季叶片覆冰停机。\n技术需求二：开发奶牛发情监测项圈，识别准确率偏低。",
        parts=2,
    ),
    # what is no technical need
    Case("hiring", "诚聘机械工程师2名，月薪8000元，五险一金。", route="people", title="招聘公告"),
    Case(
        "a purchase",
        "采购数控车床3台，请供应商于月底前报价，交货地包头。",
        route="equipment",
        title="设备采购询价",
    ),
    Case("money", "企业流动资金紧张，寻求银行贷款500万元。", route="money", title="融资需求"),
    Case(
        "advertising",
        "公司主营各类阀门，质优价廉，畅销全国，欢迎新老客户来电。",
        route="advertising",
        title="优质阀门",
    ),
    Case(
        "equipment that has to be invented is technical",
        "现有采购的分梳机断绒多，希望研发低损伤分梳工艺，提高长绒率。",
        title="羊绒分梳难题",
    ),
]


def reading_of(case: Case, words: Words) -> Reading:
    return read(Said(case.title, case.text, case.fields, case.kind), words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_notice_is_read_as_it_says_and_no_further(case: Case, words: Words) -> None:
    reading = reading_of(case, words)
    for name, expected in case.values.items():
        found = reading.whole.kind if name == "kind" else reading.whole.values.get(name)
        assert found == expected, name
    assert (reading.whole.route.value if reading.whole.route else None) == case.route
    assert len(reading.parts) == case.parts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_guess_shows_words_that_stand_in_the_notice(case: Case, words: Words) -> None:
    said = "\n".join((case.title, case.text, *(part for pair in case.fields for part in pair)))
    bare = "".join(said.split())
    for name, guess in reading_of(case, words).whole.guesses.items():
        assert guess.words or guess.marked, name
        for word in guess.words:
            plain = "".join(word.split("（")[0].split())
            assert plain in bare or name == "ip", (name, word)


def test_a_section_is_a_piece_of_the_text(words: Words) -> None:
    for case in CASES:
        for section in sections_of(case.text, words.sections):
            assert section.body in case.text and section.heading in case.text


def test_hiring_among_needs_is_routed_and_the_rest_is_not(words: Words) -> None:
    case = next(case for case in CASES if case.name == "hiring between technical needs")
    parts = reading_of(case, words).parts
    assert [part.route.value if part.route else None for part in parts] == [None, "people", None]
    assert [part.values["field"] for part in (parts[0], parts[2])] == ["05", "07"]


def test_indicators_are_read_from_their_section_alone(words: Words) -> None:
    text = "公司年产能10万吨。技术指标：除尘效率≥99.5%，噪声不高于80 dB。"
    rows = read(Said("除尘", text), words).whole.values["indicators"]
    assert [(row["name"], row["wanted"]) for row in rows] == [
        ("除尘效率", "≥99.5%"),
        ("噪声", "不高于80 dB"),
    ]


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("专利号ZL201510123456.1。", [("ZL201510123456.1",)]),
        ("申请号201510123456.1，公开号CN104567890A。", [("ZL201510123456.1", "CN104567890A")]),
        (
            "公告号CN104567890B；公开号CN104567890A；申请号CN201510123456.1",
            [("ZL201510123456.1", "CN104567890B", "CN104567890A")],
        ),
        (
            "发明专利 ZL 2015 1 0123456.1、ZL201620123456.1",
            [("ZL201510123456.1",), ("ZL201620123456.1",)],
        ),
        ("联系电话13947123456，项目编号2021GG0123456", []),
        ("发明专利2015101234561已授权", [("ZL201510123456.1",)]),
    ],
)
def test_patents_are_joined_to_families_by_their_numbers(text: str, families: list) -> None:
    assert [family.numbers for family in families_in(text)] == families


def test_a_patent_number_with_a_wrong_check_digit_is_shown_and_not_taken_over(words: Words) -> None:
    said = Said("一种装置", "成果简介：装置。专利号：ZL201510123456.5", kind="result")
    reading = read(said, words)
    assert reading.families[0].doubtful and "ip" not in reading.whole.values
