"""Who buys and who sells: names, codes, addresses and representatives, by what they are called.

A label that names the side (受托方, 被许可方, 供方 …) decides; 甲方 and 乙方 alone say nothing, then the
verbs do (甲方委托乙方, 甲方将其专利转让给乙方); without either the first of the two pays, as in the model forms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found

_SELLING = (
    "受托方 受托人 受委托方 被委托方 让与方 让与人 转让方 转让人 出让方 出让人 许可方 许可人 授权方 顾问方 咨询方 咨询人 服务方 服务提供方 服务商 "
    "研究开发方 研究开发人 研发方 开发方 开发人 研制方 承担方 承担单位 承接方 承揽方 承揽人 技术提供方 技术方 供方 卖方 出卖人 出卖方 供货方 供应商 "
    "承包方 承包人 出租方 出租人 种植方 任务承担单位 勘察人 勘察单位 检验单位 监理单位 代理机构 查新机构 评估机构 授权单位 供货单位 服务单位 运营方 中标人 厂家 派遣单位 派遣方 用工派遣方 检测方 检测机构 检验方 代理方 代理人 中介方 居间人 居间方 培训方 施工方 施工单位 "
    "加工方 承运方 承运人 劳动者 贷款人 出借人 出借方 物业方 物业服务人 保管方 保管人 设计方 评价方 编制方 监理人 发布方 主持方 完成方"
)
_BUYING = (
    "收购方 招标人 任务下达单位 下达单位 被授权单位 经销商 委托方 委托人 委托单位 受让方 受让人 被许可方 被许可人 被授权方 受许可方 接受方 受方 引进方 需方 买方 买受人 买受方 购买方 采购方 采购人 购货方 "
    "发包方 发包人 承租方 承租人 用工单位 用工方 用户方 用户 用户单位 业主 业主方 业主单位 建设单位 定作方 定作人 托运方 托运人 用人单位 借款人 借款方 "
    "委托代理方 被代理人 送检方 送检单位 存货方 广告主 客户 客户方 投资方 需求方 出资方 参加方"
)
#: What those are called who hand over, and those who pay.
SELLING, BUYING = frozenset(_SELLING.split()), frozenset(_BUYING.split())
LETTERS = ("甲方", "乙方", "丙方", "丁方")
LABEL = "|".join(sorted((*SELLING, *BUYING, *LETTERS), key=len, reverse=True))
STOP = (
    r"(?=\t|\n|$|_|[,;。]|\((?:以下|下称|简称|公章|盖章|甲|乙|委托|受托)|(?:法定代表人|法人代表|负责人|地址|住所|住址|通讯地址|通信地址|"
    r"统一社会信用代码|信用代码|身份证|电话|联系人|委托代理人|代表人|开户)[^\n]{0,6}?[:\t])"
)
LINE = re.compile(
    rf"(?:^|[\n\t;。,(])(?:\d{{1,2}}[、.)])?(?P<one>{LABEL})(?P<two>(?:\([^()\n]{{1,16}}\)){{0,2}})"
    rf"(?:单位)?(?:名称|全称)?(?:\([^()\n]{{1,6}}\))?[:\t]{{1,4}}_?(?P<name>[^\t\n:,;。_]{{2,50}}?){STOP}"
)
CALLED = re.compile(
    rf"(?P<name>[\u4e00-\u9fffA-Za-z0-9()·]{{2,40}}?)\((?:以下|下)?(?:简)?称(?:为)?[\"“”'「]?(?P<one>{LABEL})[\"“”'」]?(?:[,、][^)]{{0,12}})?\)"
)
ORGANIZATION = re.compile(
    r"(?:公司|大学|学院|研究院|研究所|中心|集团|厂|医院|学校|局|委员会|合作社|总站|工作站|实验室|设计院|科学院|农科院|林科院|勘察院|院|所|站|"
    r"场|矿|队|部|社|政府|办公室|协会|学会|事务所|经营部|商行|商店|基地|牧场|农场|银行|支行|分行|水库|电站|馆|联社|厅|处|"
    r"Inc\.?|Ltd\.?|Co\.?|GmbH|AG|LLC|Corp\.?|Corporation|University|Limited)(?:\([^)]{1,12}\))?$"
)
PERSON = re.compile(r"[\u4e00-\u9fff·]{2,6}(?:、[\u4e00-\u9fff·]{2,6}){0,4}$")
TRAILING = re.compile(r"\([^()]*\)$")
#: Beside a label and a colon a name need not end like an organisation.
PLAIN_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9()·]{3,29}")
#: What brackets behind 甲方 or 乙方 may say instead of a whole label; the first that fits counts.
HINTS = (
    ("被许可|受许可|被授权", "被许可方"),
    ("受让", "受让方"),
    ("技术出资|技术方|服务", "受托方"),
    ("受托|受委托", "受托方"),
    ("委托|出资|收购|购|买|用户|需|业主|接收", "委托方"),
    ("权利?人|转让|让与|出让|许可|授权|卖|销|厂家|育种|技术|承担|承接|承包|开发|服务|培训|种植", "受托方"),
)  # fmt: skip
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
VERBS = (
    (re.compile(r"甲方(?:特此)?(?:现)?委托乙方|甲方(?:自|向)乙方(?:购买|采购|租|订购|借)|乙方(?:向|为)甲方(?:提供|转让|出售|供应|交付|出租|开发|研制|许可)|乙方(?:将|把|许可甲方|授权甲方|同意(?:将|许可))[^。;]{0,30}(?:转让|卖断|许可|授权|使用|实施|给甲方)|乙方接受(?:甲方)?委托|甲方(?:从|受让)[^。;]{0,10}乙方|(?:转让|许可|授权|出租|出售|卖)给甲方|许可甲方|甲方[^。;,乙]{0,14}(?:支付|付给|付款|付\d|交纳)|(?:付给|向|支付给?)乙方(?:支付|付|转让费|报酬)?(?=[^。;]{0,8}元)|发包给乙方|乙方承包[^的。;]{0,16}工程"), "乙方"),
    (re.compile(r"乙方(?:特此)?(?:现)?委托甲方|乙方(?:自|向)甲方(?:购买|采购|承租|租|订购|借)|甲方(?:向|为)乙方(?:提供(?!资料|技术资料|必要|现有|背景|场地|下列|以下|上述|工作|开展|生产)|转让|出售|供应|出租)|甲方(?:将|把|许可乙方|授权乙方|同意(?:将|许可|授权))[^。;]{0,30}(?:转让|卖断|许可|授权|使用|实施|给乙方|交由乙方|出租)|甲方接受(?:乙方)?委托|乙方(?:从|受让)[^。;]{0,10}甲方|(?:转让|许可|授权|出租|出售|卖)给乙方|许可乙方|授权乙方(?:经销|代理|销售)|(?:允许|同意)乙方[^。;]{0,8}(?:使用|实施|用)|乙方[^。;,甲]{0,14}(?:支付|付给|付款|付\d|交纳)|(?:付给|向|支付给?)甲方(?:支付|付|购买|订购)"), "甲方"),
)  # fmt: skip


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
    hits = sorted(_labelled(script), key=lambda hit: hit[2])
    named = _unique(hits)
    sides = _sides(script, [(labels, label) for labels, label, _s, _e, _n in named])
    stops = [*(hit[2] for hit in hits), len(script.lines.text)][1:]
    parties = []
    for (_labels, label, start, end, name), side in zip(named, sides, strict=True):
        about = [
            (hit[3], min(stop, hit[3] + REACH))
            for hit, stop in zip(hits, stops, strict=True)
            if hit[4] == name
        ]
        party = Party(label, side, found(script, script.lines, start, end, name))
        parties.append(_described(script, party, about))
    return parties


def _labelled(script: Script) -> Iterator[tuple[tuple[str, ...], str, int, int, str]]:
    text = script.lines.text
    for match in LINE.finditer(text):
        name = TRAILING.sub("", match["name"].strip())
        if _is_name(name):
            said = match["two"] + "".join(TRAILING.findall(match["name"]))
            labels = (match["one"], *_in_brackets(said))
            start = match.start("name")
            yield labels, match["one"], start, start + len(name), name
    for match in CALLED.finditer(text):
        name = re.sub(r"^(?:由|与|和|及|本合同由|经|兹有|今有|现由|现有)", "", match["name"])
        if _is_name(name, called=True):
            start = match.end("name") - len(name)
            yield (match["one"],), match["one"], start, match.end("name"), name


def _in_brackets(text: str) -> list[str]:
    """Labels in the brackets behind a label; a word like 委托 counts as the label that it begins."""
    labels = re.findall(LABEL, text)
    return labels or [label for word, label in HINTS if re.search(word, text)][:1]


def _is_name(name: str, *, called: bool = False) -> bool:
    if re.fullmatch(LABEL, name) or re.match(r"应|须|不|与|在|按|并|已|如|将|把|为|的", name):
        return False
    if ORGANIZATION.search(name):
        return len(name) >= 4
    if NO_NAME.search(name):
        return False
    return bool(PERSON.fullmatch(name)) or (not called and bool(PLAIN_NAME.fullmatch(name)))


Labelled = tuple[tuple[str, ...], str, int, int, str]


def _unique(hits: list[Labelled]) -> list[Labelled]:
    """The first place of each label and of each name; later ones are signatures."""
    kept: list[Labelled] = []
    for hit in hits:
        label_known = any(set(hit[0]) & set(other[0]) for other in kept)
        if not label_known and all(hit[4] != other[4] for other in kept):
            kept.append(hit)
    return kept[:6]


def _sides(script: Script, named: list[tuple[tuple[str, ...], str]]) -> list[str]:
    sides = [_side(labels) for labels, _label in named]
    if "" not in sides:
        return sides
    known = {side for side in sides if side}
    if known:  # who stands beside a known side stands on the other
        other = "buyer" if known == {"seller"} else "seller"
        return [side or other for side in sides]
    seller = _seller_by_verbs(script.flat.text)
    return ["seller" if label == seller else "buyer" for _labels, label in named]


def _side(labels: tuple[str, ...]) -> str:
    if any(label in SELLING for label in labels):
        return "seller"
    return "buyer" if any(label in BUYING for label in labels) else ""


def _seller_by_verbs(flat: str) -> str:
    counts = {letter: len(pattern.findall(flat)) for pattern, letter in VERBS}
    return "甲方" if counts["甲方"] > counts["乙方"] else "乙方"


def _described(script: Script, party: Party, about: list[tuple[int, int]]) -> Party:
    text, lines = script.lines.text, script.lines
    facts: dict[str, Found[str]] = {}
    for name, pattern in (("code", CODE), ("address", ADDRESS), ("representative", HEAD)):
        matches = (pattern.search(text, start, stop) for start, stop in about)
        if match := next((one for one in matches if one), None):
            facts[name] = found(script, lines, *match.span("value"), match["value"].strip())
    code, address, head = (facts.get(name) for name in ("code", "address", "representative"))
    return replace(party, code=code, address=address, representative=head)
