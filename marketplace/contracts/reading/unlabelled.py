"""Parties that no label names: in letters (贵所, 我厂) and in prose (甲公司委托乙研究所就…)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sides import sides_by_obligations

ENDING = (
    r"(?:公司|大学|学院|研究院|研究所|中心|集团|厂|医院|学校|局|委员会|合作社|工作站|实验室|设计院|科学院|工作室|院|所|站|场|矿|社|协会|学会|"
    r"事务所|经营部|商行|店|牧场|农场|水库|电站|政府)"
)
NAME = rf"[\u4e00-\u9fffA-Za-z0-9()·]{{2,30}}?{ENDING}"
REMARK = r"(?:\([^()]{1,20}\))?"
#: A person's name has no ending: what stands before and behind it bounds it.
PERSON = r"(?<=专家|师傅|委托|聘请|邀请)[\u4e00-\u9fff·]{2,4}(?=先生|女士|教授|\(个人\)|\(自然人\))"
#: ``…公司委托…研究所(事业单位)就…`` at the head of the text or of a line.
COMMISSION = re.compile(
    rf"(?:^|[\n。:])(?P<buyer>{NAME}){REMARK}(?:特|现|拟)?(?:委托|聘请|邀请|请)[\u4e00-\u9fff]{{0,8}}?(?P<seller>{NAME}|{PERSON})(?!的)"
)
#: ``(下称“诺维克”)`` behind a name and what is said of it.
ALIAS = re.compile(
    rf"(?P<name>[\u4e00-\u9fff][\u4e00-\u9fff()·]{{1,29}}?{ENDING}|[A-Z][A-Za-z .&]{{3,50}}(?:AS|Ltd|Inc|GmbH|AG|LLC|Co|Corp|Limited)\.?)"
    r"(?:,[^。;\n]{0,60}?)?\((?:以下|下)?(?:简)?称(?:为)?[\"“”'「](?P<calling>[\u4e00-\u9fffA-Za-z]{2,12})[\"“”'」]\)"
)
ADDRESSED = re.compile(
    rf"(?:^|\n)(?:致|敬致|呈)?:?(?P<name>{NAME})(?:\([^()]{{1,10}}\))?(?:负责人[^:\n]{{0,10}})?:?(?=\n|$)"
)
SIGNED = re.compile(
    rf"(?:^|\n)(?:回复:?)?(?:同意。?)?(?P<name>{NAME})(?:\([^()]{{0,6}}[章印]\)|[^\n]{{0,16}}[章印])?(?:[\d年月日.\t ]{{0,14}})(?=\n|$)"
)
WRITER = re.compile(r"我(?:们)?(?P<kind>公司|厂|矿|院|所|校|局|站|社|场|店|单位|中心|方)")
READER = re.compile(r"贵(?P<kind>公司|厂|矿|院|所|校|局|站|社|场|店|单位|中心|方|组)")


@dataclass(frozen=True)
class Mentioned:
    """A name in the lines of a text, its side, and what the text calls it."""

    calling: str
    side: str
    start: int
    end: int
    name: str


def named_in_prose(script: Script) -> list[Mentioned]:
    """Both parties of a text without labels; none where only one of them is found."""
    text = script.lines.text
    if match := COMMISSION.search(text):
        return [_mentioned(match, side, side, side) for side in ("buyer", "seller")]
    aliases = {match["calling"]: match for match in ALIAS.finditer(text)}
    if len(aliases) > 1:
        sides = sides_by_obligations(
            script.flat.text, {calling: match["name"] for calling, match in aliases.items()}
        )
        return [
            _mentioned(match, "name", calling, side)
            for (calling, match), side in zip(aliases.items(), sides, strict=True)
        ]
    return _in_letter(script)


def _mentioned(match: re.Match[str], group: str, calling: str, side: str) -> Mentioned:
    return Mentioned(calling, side, match.start(group), match.end(group), match[group])


def _in_letter(script: Script) -> list[Mentioned]:
    """Who writes signs first; who is written to is named above, or signs the answer."""
    text = script.lines.text
    writer, reader = WRITER.search(text), READER.search(text)
    if not (writer and reader):
        return []
    signed = list(_once(SIGNED.finditer(text, len(text) // 2)))
    above = list(_once(ADDRESSED.finditer(text, 0, len(text) // 3)))
    mine = [one for one in signed if one["name"].endswith(writer["kind"])] or signed
    others = [one for one in (*above, *signed) if mine and one["name"] != mine[0]["name"]]
    theirs = [one for one in others if one["name"].endswith(reader["kind"])] or others
    if not (mine and theirs):
        return []
    callings = {writer[0]: mine[0]["name"], reader[0]: theirs[0]["name"]}
    sides = sides_by_obligations(script.flat.text, callings)
    return [
        _mentioned(match, "name", calling, side)
        for match, calling, side in zip((mine[0], theirs[0]), callings, sides, strict=True)
    ]


def _once(matches: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    known: set[str] = set()
    for match in matches:
        if match["name"] not in known:
            known.add(match["name"])
            yield match
