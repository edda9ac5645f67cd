"""Who buys and who sells: names, codes, addresses and representatives, by what they are called.

A party is a name beside a label (委托方：…), or behind it in brackets (…，以下简称甲方). A label that no list
knows (承检单位, 聘方) counts where the known ones leave a side empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found
from marketplace.contracts.reading.sides import (
    BUYING,
    LETTERS,
    NUMBER,
    SELLING,
    hinted,
    side_of,
    sides_by_obligations,
)
from marketplace.contracts.reading.unlabelled import named_in_prose

LABEL = rf"(?:{'|'.join(sorted((*SELLING, *BUYING, *LETTERS), key=len, reverse=True))}){NUMBER}"
#: What any party may be called; 联系人, 见证方 and the like are nobody's side.
OTHER_LABEL = (
    r"(?!项目|法定|联系|委托代理|见证|鉴证|担保|保证|经办|收款|收件|发件|负责|代表|开户|主管|推荐|登记|发明|设计人|起草|抄送|监护|依托|签|名称|编号)"
    r"[\u4e00-\u9fff]{0,7}?(?:方|人|者|单位|公司|商|主|委托|受托)[一二三四五1-5]?(?<!联系人)(?<!代表人)(?<!负责人)(?<!代理人)(?<!经办人)(?<!联系单位)"
)
STOP = (
    r"(?=\t|\n|$|_|[,;。]|\((?:以下|下称|简称|公章|盖章|甲|乙|委托|受托|[^()]{0,14}[:;,_、])|(?:法定代表人|法人代表|负责人|地址|住所|住址|通讯地址|通信地址|"
    r"统一社会信用代码|信用代码|身份证|电话|联系人|委托代理人|代表人|开户)[^\n]{0,6}?[:\t])"
)
BEFORE = r"(?:^|[\n\t;。,(])(?:\d{1,2}[、.)]|[(](?:\d|[一二三四])[)]|[一二三四五六][、.])?"
BRACKETS = r"(?P<two>(?:\([^()\n]{1,16}\)){0,2})"
BESIDE = rf"(?:单位)?(?:名称|全称)?(?:\([^()\n]{{1,6}}\))?[:\t]{{1,4}}_?(?P<name>[^\t\n:,;。_]{{2,50}}?){STOP}"
LINE = re.compile(rf"{BEFORE}(?P<one>{LABEL}){BRACKETS}{BESIDE}")
#: Behind the label of a form no more than 甲方 may say that it is one.
LETTERED = re.compile(
    rf"{BEFORE}(?P<one>[\u4e00-\u9fff]{{2,8}}?)(?P<two>\((?:以下简称|下称|以下称|称)?(?:{LABEL})\)){BESIDE}"
)
OTHER_LINE = re.compile(rf"{BEFORE}(?P<one>{OTHER_LABEL}){BRACKETS}{BESIDE}")
CALLED = re.compile(
    rf"(?P<name>[\u4e00-\u9fffA-Za-z0-9()·]{{2,40}}?)\((?:以下|下)?(?:简)?称(?:为)?[\"“”'「]?(?P<one>{LABEL})[\"“”'」]?(?:[,、][^)]{{0,12}})?\)"
)
ORGANIZATION = re.compile(
    r"(?:公司|大学|学院|研究院|研究所|中心|集团|厂|医院|学校|局|委员会|合作社|总站|工作站|实验室|设计院|科学院|农科院|林科院|勘察院|院|所|站|"
    r"场|矿|队|部|社|政府|办公室|协会|学会|事务所|经营部|商行|商店|基地|牧场|农场|银行|支行|分行|水库|电站|馆|联社|厅|处|"
    r"Inc\.?|Ltd\.?|Co\.?|GmbH|AG|LLC|Corp\.?|Corporation|University|Limited)(?:\([^)]{1,12}\))?$"
)
PERSON = re.compile(r"[\u4e00-\u9fff·]{2,6}(?:、[\u4e00-\u9fff·]{2,6}){0,4}$")
#: Brackets behind a name that say something about it; a legal form or a place is part of the name.
OF_THE_NAME = (
    "(?:特殊)?普通合伙|有限合伙|集团|个人独资|筹|中国|内蒙古|呼和浩特|包头|鄂尔多斯|赤峰|通辽|北京|天津|上海|重庆|"
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆"
)
TRAILING = re.compile(rf"\((?!(?:{OF_THE_NAME})\))[^()]*\)$")
#: Who only stands by takes no side.
BYSTANDER = re.compile("担保|见证|鉴证|监管|监督|主管|推荐")
#: Beside a label and a colon a name need not end like an organisation.
PLAIN_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9()·]{3,29}")
BOTH = 2
#: Names of one label stand so near to each other.
TOGETHER = 12
SIDE_LABELS = {"seller": "受托方", "buyer": "委托方"}
#: So far behind a name its address and the like are looked for.
REACH = 400
NO_NAME = re.compile(
    r"应|须|负责|承担|支付|提供|委托|同意|保证|不得|有权|签字|签章|盖章|代表|地址|名称|联系|电话|项目|内容|义务|责任|合同|以下"
)
CODE = re.compile(
    r"(?:统一社会信用代码|信用代码|社会信用代码|营业执照(?:注册)?号|身份证号码?|税号|纳税人识别号)[:\t]{0,3}(?P<value>[0-9A-Z]{15,18})(?![0-9A-Z])"
)
ADDRESS = re.compile(
    r"(?:住所地?|(?:通讯|通信|单位|注册|联系|企业)?地址|住址|所在地)[:\t]{1,3}(?P<value>[^\t\n:;。_]{4,60}?)(?=\t|\n|$|[;。]|(?:邮编|邮政编码|电话|法定|联系|统一|开户|传真)[^\n]{0,5}[:\t])"
)
HEAD = re.compile(
    r"(?:法定代表人|法人代表|法人|负责人|代表人)(?:\(?(?:或|/)?(?:负责人|授权代表|委托代理人)\)?)?(?:\(签(?:字|章|名)\)|姓名)?[:\t]{1,3}(?P<value>[\u4e00-\u9fff·]{2,8}?)(?=\t|\n|$|[,;。]|(?:地址|住所|电话|职务|联系|委托|统一|项目)[^\n]{0,5}[:\t])"
)


@dataclass(frozen=True)
class Named:
    """A name in the lines of a text, with what the text calls it."""

    labels: tuple[str, ...]
    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Party:
    """One party: its label, the side it stands on, and what is written of it."""

    label: str
    role: str
    name: Found[str]
    code: Found[str] | None = None
    address: Found[str] | None = None
    representative: Found[str] | None = None


def parties_of(script: Script) -> list[Party]:
    """The parties in their order, each once; none where no label has a name beside it.

    What stands between a party's name and the next name is about that party, wherever it is named.
    """
    hits = sorted(_labelled(script), key=lambda hit: hit.start)
    named = _unique(hits)
    sides = _sides(script, named)
    if len(set(sides)) < BOTH:
        hits, named, sides = _with_others(script, hits)
    stops = [*(hit.start for hit in hits), len(script.lines.text)][1:]
    parties = []
    for one, side in zip(named, sides, strict=True):
        about = [
            (hit.end, min(stop, hit.end + REACH))
            for hit, stop in zip(hits, stops, strict=True)
            if hit.name == one.name
        ]
        name = found(script, script.lines, one.start, one.end, one.name)
        parties.append(_described(script, Party(one.labels[0], side, name), about))
    return parties


def _with_others(script: Script, hits: list[Named]) -> tuple[list[Named], list[Named], list[str]]:
    """With the names beside labels that no list knows, and else with those that prose names."""
    others = [one for one in _beside(script, OTHER_LINE) if not _known(one, hits)]
    hits = sorted([*hits, *others], key=lambda hit: hit.start)
    named = _unique(hits)
    sides = _sides(script, named)
    if len(set(sides)) < BOTH and not hits:
        prose = named_in_prose(script)
        hits = [Named((one.calling,), one.start, one.end, one.name) for one in prose]
        named, sides = hits, [one.side for one in prose]
    return hits, named, sides


def _known(one: Named, hits: list[Named]) -> bool:
    return any(one.start < hit.end and hit.start < one.end or one.name == hit.name for hit in hits)


def _labelled(script: Script) -> Iterator[Named]:
    yield from _beside(script, LINE)
    yield from _beside(script, LETTERED)
    for match in CALLED.finditer(script.lines.text):
        name = re.sub(r"^(?:由|与|和|及|本合同由|经|兹有|今有|现由|现有)", "", match["name"])
        if _is_name(name, called=True):
            yield Named((match["one"],), match.end("name") - len(name), match.end("name"), name)


def _beside(script: Script, pattern: re.Pattern[str]) -> Iterator[Named]:
    for match in pattern.finditer(script.lines.text):
        said = match["two"] + "".join(TRAILING.findall(match["name"]))
        if BYSTANDER.search(match["one"] + said):
            continue
        labels = (match["one"], *_in_brackets(said))
        for start, name in _names(match["name"], match.start("name")):
            yield Named(labels, start, start + len(name), name)


def _names(written: str, place: int) -> Iterator[tuple[int, str]]:
    """The names between two labels; several stand between 、, and one may hold a 、 itself."""
    whole = TRAILING.sub("", written.rstrip())
    parts = [TRAILING.sub("", part) for part in written.rstrip().split("、")]
    if len(parts) > 1 and all(_is_name(part) for part in parts):
        for part, said in zip(parts, written.split("、"), strict=True):
            yield place, part
            place += len(said) + 1
    elif _is_name(whole):
        yield place, whole


def _in_brackets(text: str) -> list[str]:
    """Labels in the brackets behind a label; a word like 委托 counts as a label of its side."""
    labels: list[str] = []
    for content in re.findall(r"\(([^()]*)\)", text):
        if re.fullmatch(LABEL, content):
            labels.append(content)
            continue
        labels += [SIDE_LABELS[side] for side in [hinted(content)] if side]
        labels += [letter for letter in LETTERS if letter in content]
    return labels


def _is_name(name: str, *, called: bool = False) -> bool:
    if re.fullmatch(LABEL, name) or re.match(
        r"应|须|不|与|在|按|并|已|如|将|把|为|的|签[于订]", name
    ):
        return False
    if ORGANIZATION.search(name):
        return len(name) >= 4
    if NO_NAME.search(name):
        return False
    return bool(PERSON.fullmatch(name)) or (not called and bool(PLAIN_NAME.fullmatch(name)))


def _unique(hits: list[Named]) -> list[Named]:
    """The first place of each label and of each name; later ones are signatures.

    Names that follow each other beside one label are parties of one side.
    """
    kept: list[Named] = []
    for hit in hits:
        rivals = [one for one in kept if set(hit.labels) & set(one.labels)]
        together = (
            rivals and hit.start - rivals[-1].end <= TOGETHER and hit.labels == rivals[-1].labels
        )
        if (not rivals or together) and all(hit.name != one.name for one in kept):
            kept.append(hit)
    return kept[:6]


def _sides(script: Script, named: list[Named]) -> list[str]:
    sides = [side_of(one.labels) for one in named]
    if "" not in sides:
        return sides
    known = {side for side in sides if side}
    if known:  # who stands beside a known side stands on the other
        other = "buyer" if known == {"seller"} else "seller"
        return [side or other for side in sides]
    callings: dict[str, str] = {}
    for one in named:
        callings.setdefault(one.labels[-1], one.name)
    by_calling = dict(zip(callings, sides_by_obligations(script.flat.text, callings), strict=True))
    return [by_calling[one.labels[-1]] for one in named]


def _described(script: Script, party: Party, about: list[tuple[int, int]]) -> Party:
    text, lines = script.lines.text, script.lines
    facts: dict[str, Found[str]] = {}
    for name, pattern in (("code", CODE), ("address", ADDRESS), ("representative", HEAD)):
        matches = (pattern.search(text, start, stop) for start, stop in about)
        if match := next((one for one in matches if one), None):
            facts[name] = found(script, lines, *match.span("value"), match["value"].strip())
    code, address, head = (facts.get(name) for name in ("code", "address", "representative"))
    return replace(party, code=code, address=address, representative=head)
