"""The type follows from what is agreed, not from what is written above it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from marketplace.contracts.checks.light import Colour
from marketplace.contracts.reading.cues import KINDS, Kind
from marketplace.contracts.reading.evaluation import NONE, TYPES, evaluate
from marketplace.contracts.reading.leaves import leaf_of
from tests.contracts.reading.reader import read, reader

SETS = Path(__file__).parent / "texts"

PURCHASE = """甲方向乙方采购气相色谱仪2台，单价98000元，合同总价196000元。
交货期45日，运费由乙方承担，随机附合格证、装箱单。乙方负责安装调试和操作培训。
到货开箱验收，质保三年。预付30%，到货付60%，质保金10%。"""
RESEARCH = """乙方为甲方研制步态识别算法和两代样机，目前没有成熟方案，须采集数据进行研究。
研发报酬78万元。因现有技术条件限制导致研究失败的，双方分担。
形成的专利申请权归甲方。乙方交付样机、源程序和研制报告。"""
USE_RIGHT = """转让方将其拥有的辗扩工艺技术秘密使用权转让给受让方，受让方在本厂使用，不得向第三方转让。
转让方保留所有权并可继续许可他人使用。使用期限十年，使用费25万元。期满后受让方停止使用。"""

BOILERPLATE = """
违约：逾期付款的，每日按应付款万分之五支付利息。通知：以邮寄方式的，寄出后第五日视为送达。
不可抗力：因地震、洪水、疫情不能履行的，免除相应责任，但应在十日内提供证明。
税费：乙方应开具增值税专用发票，审计要求查账时双方应予配合。
安全：乙方人员进入厂区应自行购买保险，住宿、餐饮、交通费用自理。
转让：未经对方同意，任何一方不得将合同权利义务转让给第三人。
争议：可向甲方所在地人民法院提起诉讼，诉讼费、律师费由败诉方承担。"""


def rows_of(half: str) -> list[dict]:
    """The texts of one half."""
    lines = (SETS / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("技术服务合同", PURCHASE, Kind.OTHER),
        ("技术开发合同", PURCHASE, Kind.OTHER),
        ("合作协议", RESEARCH, Kind.DEVELOPMENT),
        ("技术服务合同", RESEARCH, Kind.DEVELOPMENT),
        ("技术转让合同", USE_RIGHT, Kind.LICENCE),
    ],
)
def test_a_misleading_title_does_not_decide(title: str, text: str, kind: Kind) -> None:
    assert read(title, text).judgement.kind == kind


def test_a_name_that_contradicts_the_content_lights_its_ground() -> None:
    lights = {light.code: light for light in read("技术服务合同", PURCHASE).lights}
    assert lights["F02"].colour == Colour.RED and lights["F02"].evidence is not None
    assert lights["F05"].colour == Colour.AMBER


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("本合同经上级主管部门批准之日起生效。", "F01"),
        ("技术服务费由双方另行协商。", "F03c"),
        ("合同总价12万元（大写：壹拾叁万元整）。", "F03c"),
        ("本合同须办理技术进口合同登记。", "F04"),
        ("受让方不得对该技术进行改进。", "F06a"),
        ("受让方必须向让与方购买原材料。", "F06a"),
        ("该专利的权属存在争议。", "F06b"),
    ],
)
def test_a_ground_is_lit_by_the_sentence_that_gives_it(sentence: str, code: str) -> None:
    light = next(one for one in read(sentence).lights if one.code == code)
    assert light.colour > Colour.GREEN and light.evidence is not None
    assert light.evidence.value.strip("。") in sentence


def test_the_clause_of_the_model_form_on_subcontracting_lights_nothing() -> None:
    clause = "未经甲方同意，乙方不得将本合同项目部分或全部研究开发工作转让第三人承担。"
    assert next(one for one in read(clause).lights if one.code == "F06a").colour == Colour.GREEN


def test_the_notes_before_a_form_are_no_reasons() -> None:
    notes = "填写说明：一、本合同书适用于当事人进行新技术、新产品的研究开发所订立的技术开发合同。"
    reading = read("买卖合同", notes, "甲方：甲某有限公司", "乙方：乙某有限公司", PURCHASE)
    assert reading.judgement.kind == Kind.OTHER
    assert all("填写说明" not in one.found.sentence for one in reading.judgement.speaks_against)


def test_the_same_text_gets_the_same_answer_and_the_reasons_are_in_it() -> None:
    first, second = (read("技术服务合同", RESEARCH) for _ in range(2))
    assert first == second
    for reason in (*first.judgement.speaks_for, *first.judgement.speaks_against):
        assert first.text[reason.found.start : reason.found.end]
        assert reason.found.sentence in first.text


def test_every_cue_has_a_reason_and_a_weight_for_each_kind() -> None:
    scales = reader().scales
    assert len({cue.name for cue in scales.cues}) == len(scales.cues)
    for cue in scales.cues:
        assert cue.reason and any(cue.prior) and len(scales.weights[cue.name]) == len(KINDS)


def test_what_the_sender_calls_it_is_the_evidence_where_the_text_has_no_title() -> None:
    reading = read("甲方付乙方货款三万元。", title="设备采购合同")
    named = [one for one in reading.judgement.speaks_for if one.cue == "title_sale"]
    assert [one.found.value for one in named] == ["设备采购合同"]


@pytest.mark.parametrize(
    ("lines", "leaf"),
    [
        (("技术开发（委托）合同", RESEARCH), "11"),
        (("技术转让合同", USE_RIGHT), "32"),
        (("设备采购合同", PURCHASE), ""),
    ],
)
def test_a_leaf_is_proposed_for_technical_contracts_alone(
    lines: tuple[str, ...], leaf: str
) -> None:
    assert leaf_of(read(*lines)) == leaf


def test_the_sets_hold_enough_of_every_type() -> None:
    counts = Counter(row["type"] or NONE for half in ("tuning", "report") for row in rows_of(half))
    assert all(counts[name] >= 16 for name in TYPES) and counts[NONE] >= 40
    texts = Counter(row["text"] for path in SETS.glob("*.jsonl") for row in rows_of(path.stem))
    assert max(texts.values()) == 1


@pytest.mark.parametrize("half", ["report", "independent_report"])
def test_a_report_half_is_read_as_well_as_the_record_says(half: str) -> None:
    evaluation = evaluate(reader(), rows_of(half))
    assert evaluation.type_right / evaluation.texts >= 0.95
    assert evaluation.macro_f1 >= 0.95


def test_clauses_that_every_contract_may_have_tell_little() -> None:
    rows = [row | {"text": row["text"] + BOILERPLATE} for row in rows_of("report")]
    evaluation = evaluate(reader(), rows)
    assert evaluation.type_right / evaluation.texts >= 0.9


def test_values_of_the_report_half_are_read_as_well_as_the_record_says() -> None:
    evaluation = evaluate(reader(), rows_of("report"))
    for name in ("seller", "buyer", "signed_on"):
        recall = evaluation.fields[name].recall
        assert recall is not None and recall >= 0.95, name
