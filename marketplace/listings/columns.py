"""The data dictionary of both libraries: each field once, for forms, files and exports.

A file may head its columns in Chinese or with the English names of the fields; a cell of a code
list may hold the code or its Chinese name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from marketplace import money
from marketplace.codes import current_codes
from marketplace.listings.cells import (
    BadCell,
    bounded_text,
    day_of,
    folded,
    parts_of,
    text_of,
    yes_or_no,
)
from marketplace.listings.indicators import parse_indicators, write_indicators
from marketplace.listings.models import Need, Result
from marketplace.listings.rights import parse_rights, write_rights

Facts = dict[str, Any]
TITLE_LIMIT = 300
TEXT_LIMIT = 50_000
MOST_KEYWORDS = 10
AMOUNT_LIMIT = 200


@dataclass(frozen=True)
class Column:
    """One field: its names, how a cell becomes facts, and how a listing's facts are written."""

    name: str
    heading: str
    parse: Callable[[Any], Facts]
    write: Callable[[Any], str]
    hint: str = ""
    code_list: str = ""
    several: bool = False
    #: Never exported: shown to signed-in users, or only after agreement.
    reserved: bool = False


def _text(name: str, heading: str, limit: int, hint: str = "", *, reserved: bool = False) -> Column:
    return Column(
        name,
        heading,
        lambda cell: {name: bounded_text(cell, limit)},
        lambda row: getattr(row, name) or "",
        hint,
        reserved=reserved,
    )


def _choice(name: str, heading: str) -> Column:
    return Column(
        name,
        heading,
        lambda cell: {name: _code(name, heading, cell)},
        lambda row: current_codes().name(name, getattr(row, name)) if getattr(row, name) else "",
        code_list=name,
    )


def _amount(name: str, heading: str) -> Column:
    return Column(
        name,
        heading,
        _parse_amount,
        lambda row: money.format_range(row.amount_least, row.amount_most, row.negotiable),
        "如：50-80万元、120万元以内、面议；须写明单位",
    )


def _code(kind: str, heading: str, cell: Any) -> str:
    text = folded(cell)
    if not text:
        return ""
    code = current_codes().find(kind, text) or current_codes().find(kind, text_of(cell))
    if code is None:
        names = "、".join(current_codes().lists[kind].values())
        raise BadCell(_("没有“%(text)s”这一项，可填：%(names)s", text=text, names=names))
    return code


def _parse_region(cell: Any) -> Facts:
    text = folded(cell)
    short = re.sub(r"^内蒙古(自治区)?(?=.)", "", text)
    tried = (text, short, f"{short}市", f"{short}盟", f"{short}省")
    found = next((code for name in tried if (code := current_codes().find("region", name))), "")
    if text and not found:
        raise BadCell(_("没有找到地区“%(text)s”，请写盟市或旗县的全称，或六位代码", text=text))
    return {"region": found}


def _parse_amount(cell: Any) -> Facts:
    bounded_text(cell, AMOUNT_LIMIT)
    try:
        least, most, negotiable = money.parse_range(_amount_and_remark(cell)[0])
    except money.BadAmount as fault:
        raise BadCell(str(fault)) from fault
    return {"amount_least": least, "amount_most": most, "negotiable": negotiable}


def _amount_and_remark(cell: Any) -> tuple[str, str]:
    """``35万元/台`` and ``280万元或按产量提成``: the amount, and what was said beside it."""
    text = text_of(cell)
    match = AMOUNT_WITH_REMARK.match(text)
    return (match[1], match[2] or "") if match else (text, "")


def _parse_keywords(cell: Any) -> Facts:
    keywords = parts_of(cell)
    if len(keywords) > MOST_KEYWORDS:
        raise BadCell(_("关键词最多%(most)d个", most=MOST_KEYWORDS))
    return {"keywords": [bounded_text(word, 60) for word in keywords]}


def _parse_modes(cell: Any) -> Facts:
    parts = [part for piece in parts_of(cell) for part in re.split(r"[/|]", piece) if part]
    return {"modes": sorted({_code("mode", "合作方式", part) for part in parts})}


def _parse_trl(cell: Any) -> Facts:
    text = folded(cell).upper()
    if not text:
        return {"trl": None}
    match = re.match(r"^(?:TRL-?|第)?([1-9])(?:级|\D*级)?$", text)
    if match is None:
        raise BadCell(_("技术成熟度应为 1 至 9 级"))
    return {"trl": int(match[1])}


def _parse_deadline(cell: Any) -> Facts:
    """A day; words such as 尽快 or 长期 are no day, and stay with the text."""
    text = bounded_text(cell, AMOUNT_LIMIT)
    return {"deadline": day_of(cell) if _is_day(text) else None}


def _write_modes(row: Any) -> str:
    return "、".join(current_codes().name("mode", mode.mode) for mode in row.mode_rows)


#: An amount ends at its unit or at 面议; what follows a bracket, stroke, comma or 或 is a remark.
AMOUNT_WITH_REMARK = re.compile(
    r"^([^（(/，；;]{0,80}?(?:元|万|亿|以内|以下|以上|左右|面议|协商))((?:[（(/，,；;]|或).{0,200})?$",
    re.DOTALL,
)

_FIRST = (
    _text("source_key", "来源编号", 120, "您自己的编号；再次导入时据此更新，不会重复"),
    _text("title", "名称", TITLE_LIMIT, "一句话说清要解决什么，或成果是什么"),
    _text("summary", "摘要", 2_000, "一两句话，公开"),
    _text("description", "详细描述", TEXT_LIMIT, "现状、问题、目标；或原理、效果、应用"),
)
_CLASS = (
    _choice("field", "技术领域"),
    _text("topic", "专题", 60, "如：稀土、氢能、乳业"),
    Column(
        "region",
        "所在地区",
        _parse_region,
        lambda row: current_codes().full_region(row.region) if row.region else "",
        "盟市或旗县，如：包头市昆都仑区",
    ),
    Column(
        "keywords",
        "关键词",
        _parse_keywords,
        lambda row: "、".join(row.keywords),
        "最多10个，用顿号分开",
    ),
    Column(
        "modes",
        "合作方式",
        _parse_modes,
        _write_modes,
        "可填多项，用顿号分开",
        code_list="mode",
        several=True,
    ),
    Column(
        "indicators",
        "技术指标",
        lambda cell: {"indicators": parse_indicators(cell)},
        lambda row: write_indicators(row.indicators),
        "每行一项：指标 | 单位 | 现状 | 目标，如：纯度 | % | 95 | ≥99.9",
    ),
)
_LAST = (
    Column(
        "anonymous",
        "匿名公开",
        lambda cell: {"anonymous": yes_or_no(cell)},
        lambda row: "是" if row.anonymous else "",
        "填“是”则不显示单位名称",
    ),
    _text("signed_in_note", "登录可见说明", 5_000, "登录用户可见，不进入索引和导出", reserved=True),
    Column(
        "confidential",
        "签约后可见",
        lambda cell: {"confidential": bounded_text(cell, 20_000)},
        lambda row: row.confidential.text if row.confidential else "",
        "对接后，对方确认保密声明才能看到；运营方审核时可见。不进入索引和导出",
        reserved=True,
    ),
)
_NEED = (
    _choice("need_type", "需求类型"),
    _text("problem", "主要问题", 10_000),
    _text("goal", "预期目标", 10_000),
    _amount("budget", "拟投入资金"),
    Column(
        "deadline",
        "需求时限",
        _parse_deadline,
        lambda row: row.deadline.isoformat() if row.deadline else "",
        "如：2027-06-30 或 2027年6月",
    ),
)
_RESULT = (
    _choice("result_kind", "成果形式"),
    _choice("stage", "所处阶段"),
    Column(
        "trl",
        "技术成熟度",
        _parse_trl,
        lambda row: current_codes().name("trl", str(row.trl)) if row.trl else "",
        "1 至 9 级（GB/T 22900-2022）",
        code_list="trl",
    ),
    _choice("level", "成果水平"),
    Column(
        "ip",
        "知识产权",
        lambda cell: {"ip": parse_rights(cell)},
        lambda row: write_rights(row.ip),
        "如：发明专利 ZL201510123456.1；多项用分号分开",
    ),
    _text("applications", "应用场景", 10_000),
    _amount("price", "意向价格"),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    Need.kind: (*_FIRST, *_CLASS, *_NEED, *_LAST),
    Result.kind: (*_FIRST, *_CLASS, *_RESULT, *_LAST),
}
ORGANIZATION = "organization"
ORGANIZATION_HEADING = "单位名称"
#: How other forms head the same columns.
ALIASES = {
    "title": ("需求名称", "成果名称", "项目名称", "标题", "题目", "技术需求名称", "专利名称"),
    "description": (
        "内容",
        "需求描述",
        "需求内容",
        "成果简介",
        "成果描述",
        "详细说明",
        "详细内容",
        "简介",
    ),
    "source_key": ("编号", "需求编号", "成果编号"),
    "organization": ("单位", "企业名称", "第一完成单位", "完成单位", "所属单位", "发布单位"),
    "field": ("领域", "所属领域", "技术领域分类"),
    "region": ("地区", "盟市", "所属地区", "所在盟市"),
    "budget": ("预算", "资金", "投入资金", "拟投入金额"),
    "price": ("价格", "转让价格", "意向金额"),
    "deadline": ("截止日期", "截止时间", "时限"),
    "stage": ("阶段", "成果阶段"),
    "trl": ("成熟度", "TRL"),
    "ip": ("专利号", "专利"),
    "modes": ("合作方式", "期望解决方式", "转化方式"),
    "need_type": ("类型",),
    "result_kind": ("成果类型", "体现形式"),
}


def names_of(kind: str) -> dict[str, str]:
    """Every heading that a file may use → the English name of the column."""
    known = {ORGANIZATION: ORGANIZATION, ORGANIZATION_HEADING: ORGANIZATION}
    for column in COLUMNS[kind]:
        known |= {column.name: column.name, column.heading: column.name}
    reached = set(known.values())
    for name, aliases in ALIASES.items():
        if name in reached:
            known |= {alias: name for alias in aliases if alias not in known}
    return known


def checked(
    kind: str, row: Mapping[str, Any], *, keep_remarks: bool = True
) -> tuple[Facts, dict[str, list[str]]]:
    """``(facts, errors)`` of the fields that ``row`` has; ``errors`` by field, facts of the rest.

    Words beside a day or a sum are kept with the description, or without ``keep_remarks`` refused:
    a file must not lose them, a form can ask. Without a title the description's first sentence
    serves; without both the row is refused.
    """
    facts: Facts = {}
    errors: dict[str, list[str]] = {}
    for column in COLUMNS[kind]:
        if column.name in row:
            try:
                facts |= column.parse(row[column.name])
            except BadCell as fault:
                errors[column.name] = [str(fault)]
    _settle_remarks(kind, row, facts, errors, keep=keep_remarks)
    if "title" not in errors:
        facts["title"] = " ".join(facts.get("title", "").split()) or first_sentence(facts)
        if not facts["title"]:
            del facts["title"]
            errors["title"] = [_("名称和详细描述至少填一项")]
    return facts, errors


def first_sentence(facts: Mapping[str, Any]) -> str:
    """What can stand as a title: the first sentence of the text, forty characters at most."""
    texts: Sequence[str] = [facts.get(n, "") for n in ("summary", "description", "problem")]
    text = next((" ".join(t.split()) for t in texts if t), "")
    return re.split(r"[。！？!?；;]", text)[0][:40] or text[:40]


def _settle_remarks(
    kind: str, row: Mapping[str, Any], facts: Facts, errors: dict[str, list[str]], *, keep: bool
) -> None:
    """尽快 is no day and 35万元/台 no sum: such words are kept as a line of the description."""
    for column in COLUMNS[kind]:
        words = text_of(row.get(column.name))
        if column.name in errors or not words or not _has_remark(column.name, words):
            continue
        if keep and "description" in facts:
            facts["description"] = f"{facts['description']}\n{column.heading}：{words}".strip()
        else:
            errors[column.name] = [
                _("“%(words)s”除金额或日期外还有说明，请写入详细描述", words=words)
            ]


def _has_remark(name: str, words: str) -> bool:
    if name in ("budget", "price"):
        return bool(_amount_and_remark(words)[1])
    return name == "deadline" and not _is_day(words) and folded(words) not in money.SAYS_NOTHING


def _is_day(text: str) -> bool:
    """Whether the text means a calendar day: it has a year; 3个月 and 第三季度 are words."""
    return bool(re.search(r"\d{4}", folded(text))) and "季度" not in text
