"""Which side a party stands on: by what it is called, else by what it owes.

A label that names the side (受托方, 被许可方, 供方 …) decides. 甲方 and 乙方 alone say nothing: then every
sentence in which one of them hands over, works, is commissioned or is paid counts for the side of both.
Where no sentence tells, the first of them pays, as in the model forms.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from marketplace.contracts.reading.sentences import sentences

_SELLING = (
    "受托方 受托人 受委托方 被委托方 让与方 让与人 转让方 转让人 出让方 出让人 许可方 许可人 授权方 顾问方 咨询方 咨询人 服务方 服务提供方 服务商 "
    "研究开发方 研究开发人 研发方 开发方 开发人 研制方 承担方 承担单位 承接方 承揽方 承揽人 技术提供方 技术方 供方 卖方 出卖人 出卖方 供货方 供应商 "
    "承包方 承包人 出租方 出租人 种植方 任务承担单位 勘察人 勘察单位 检验单位 监理单位 代理机构 查新机构 评估机构 授权单位 供货单位 服务单位 运营方 中标人 厂家 派遣单位 派遣方 用工派遣方 检测方 检测机构 检验方 代理方 代理人 中介方 居间人 居间方 培训方 施工方 施工单位 "
    "加工方 承运方 承运人 劳动者 贷款人 出借人 出借方 物业方 物业服务人 保管方 保管人 设计方 评价方 编制方 监理人 发布方 主持方 完成方 授权人 受聘方 受聘人 承检单位 特许人 主办方 广告发布者 成果持有方 服务人 出让人"
)
_BUYING = (
    "收购方 招标人 被授权人 聘方 聘请方 聘请人 委托者 出题方 转化方 加盟人 加盟方 参展方  任务下达单位 下达单位 被授权单位 经销商 委托方 委托人 委托单位 受让方 受让人 被许可方 被许可人 被授权方 受许可方 接受方 受方 引进方 需方 买方 买受人 买受方 购买方 采购方 采购人 购货方 "
    "发包方 发包人 承租方 承租人 用工单位 用工方 用户方 用户 用户单位 业主 业主方 业主单位 建设单位 定作方 定作人 托运方 托运人 用人单位 借款人 借款方 "
    "委托代理方 被代理人 送检方 送检单位 存货方 广告主 客户 客户方 投资方 需求方 出资方 参加方"
)
#: What those are called who hand over, and those who pay.
SELLING, BUYING = frozenset(_SELLING.split()), frozenset(_BUYING.split())
LETTERS = ("甲方", "乙方", "丙方", "丁方")
LABEL = "|".join(sorted((*SELLING, *BUYING, *LETTERS), key=len, reverse=True))
NUMBER = "[一二三四五1-5]?"
#: What a label holds that is in no list, and what brackets behind 甲方 may say; the first that fits counts.
HINTS = (
    ("被许可|受许可|被授权|被特许|受让|被服务|加盟|参展|引进", "buyer"),
    ("技术出资|技术方|服务|受托|受委托|受聘|应聘|目标公司", "seller"),
    ("委托|聘|出资|投资|收购|购|买|用户|需|业主|接收|发包|定作|送检|承租|租用|雇", "buyer"),
    ("权利?人|转让|让与|出让|许可|授权|特许|卖|销|供|厂家|育种|技术|持有|承|开发|研|培训|种植|主办|发布|出租|出借", "seller"),
)  # fmt: skip

#: Sentences that say who hands over, works or is paid ({s}) and who is served or pays ({b}), with their weight.
OBLIGATIONS = (
    (3, r"{b}(?:特此|特|现|拟|决定|就[^。;,]{{0,30}})?(?:委托|聘请|聘用|聘|邀请|请)(?:了)?{s}"),
    (2, r"(?:委托|聘请|聘用|邀请|拟请|特请|[,。]请){s}"),
    (3, r"{s}(?:愿意|同意)?接受{b}?(?:的)?(?:委托|聘请)"),
    (3, r"{s}(?:愿|自愿|同意|现)?(?:将|把)[^。;]{{0,60}}?(?:转让|让与|出让|移转|卖|许可|授权|出租|出借|租|交)(?:给|于|与)?{b}(?!代|办理|承担|完成|负责|加工|运输|托管)"),
    (3, r"{b}将[^。;]{{0,40}}?(?:交由?|委托)(?:给)?{s}(?:代|办理|承担|完成|负责|加工|运输|托管|进行)"),
    (3, r"(?:转让|让与|出让|移转|许可|出租|租赁|出借|出售|卖)(?:给|与|于){b}"),
    (3, r"{s}(?:特此)?(?:同意|准许|允许|许可|授权|授予)(?:给)?{b}"),
    (3, r"{b}(?:自|从|向){s}(?:处)?(?:购买|采购|承租|租用?|订购|借|受让|引进|买)|{b}(?:承租|租用|使用|购买|采购){s}"),
    (2, r"{s}(?:负责|应|须|自愿|同意)?(?:为|给|替|帮|对){b}[^。;]{{0,24}}?(?:进行|提供|开发|研制|研究|设计|培训|培养|传授|讲解|解决|完成|办|做|加工|发布|安装|建|编)"),
    (2, r"{s}(?:应|须|负责)?(?:[^。;,]{{0,24}}?)?(?:向|给){b}(?:提供(?!资料|技术资料|必要|现有|背景|场地|下列|以下|上述|工作|开展|生产)|转让|供应|出租|出售|交付|移交|提交)"),
    (2, r"(?:交给?|交由|租给|借给){b}(?:占有|使用)"),
    (1, r"(?<![为给替帮对由向]){s}(?:应|须|负责)?(?:派|派出|指派|选派|组成|组织(?!专家|验收|有关|人员)|收集|取样|测定|查明|诊断|巡检|编制|自带|开具|提交|移交|交付|利用|运用|研发|研制|研究|开发|设计|提供[^。;,]{{0,30}}服务)"),
    (1, r"{s}(?:拥有|掌握|持有|独立开发|自行开发|自行研制|系[^。;,]{{0,40}}?(?:权利?人|所有人|持有人))"),
    (2, r"(?<!如){s}(?:不|应|须|可|仍|当场)?(?:为|对){b}(?!(?:造成|违约|提供(?:的)?(?:资料|样品)))"),
    (1, r"{s}(?:承包|从[^。;,]{{0,16}}(?:分离|选育|研究)|免费|保留|不承担|不负责|移交|交(?!由|给)|将(?:该|上述|其)|退还|每月|已(?:完成|采取)|只|在[^。;,]{{0,8}}技术|的?(?:技术)?人员|代|不再|书面|自己仍?|运用)"),
    (1, r"{b}(?:可在[^。;]{{0,16}}使用|组织(?:专家|验收)|另[付行]|自行|希望|迟付|采纳|现有?|拟|配合|因|需要|所在地|住所地|停产|应提供|指定|生产|验收|审定|批准|选定|自备|(?:提供|选|供应)的)"),
    (1, r"(?:验收|审查|审核|组织)由{b}|经{b}|由{b}(?:组织|承担)|(?:报告|数据|资料|样机)归{b}|{b}(?:厂|现场|车间|矿|场)"),
    (1, r"{s}(?:保证|逾期(?:交付|交货|完成|提交|完工)|未按期(?:交付|完成))"),
    (1, r"{b}(?:应|须|负责)?(?:提供|准备)(?:的)?[^。;,]{{0,12}}?(?:资料|场地|样品|数据|条件|图纸)|{b}(?:逾期|迟延|延期|迟)(?:付款|支付|付)"),
    (1, r"{b}不得(?:转租|转授|转许可|再许可|转售|允许)|{b}(?:限|只能|仅)[^。;,]{{0,8}}使用|教会{b}|指导{b}|服从{b}|由{b}提供"),
)  # fmt: skip
#: Who pays whom; read in sentences that speak neither of breach nor of sharing what is earned later.
PAYMENTS = (
    (4, r"{b}(?:应|须|需|同意)?(?:[^。;]{{0,30}}?)(?:向|给|付给|支付给){s}(?:[^。;,]{{0,12}}?)(?:支付|(?<!交)付|缴纳|交纳|汇|转账)"),
    (3, r"(?:付给|支付给|支付|划入|拨给|汇入|拨付给?){s}"),
    (3, r"{b}[^。;]{{0,20}}?(?<!交)付给?{s}"),
    (2, r"{b}[^。;甲乙丙丁]{{0,24}}?(?:支付|付款|(?<!交)付\d|付清|拨付|拨款|(?:缴|交)纳?[^。;,]{{0,8}}(?:费|款|元|金)|出资(?!方|比例)|(?:投入|提供)(?:现金|资金|经费))"),
    (1, r"{s}(?:收到|收取|已收|收款|开具发票)|{b}以(?:货币|现金|资金)"),
)  # fmt: skip
NO_PRICE = re.compile(r"违约|逾期|赔偿|退还|退回|返还|罚|利润|收益|分成|奖励")
#: In most forms 乙方 is who works; one weak sentence does not tell otherwise.
USUAL = "乙方"
#: What most of those are called who work for others, and most of those who have work done.
WORKING = re.compile(
    r"大学|学院|研究|设计|科学院|事务所|检测|检验|咨询|技术|科技|软件|信息|智能|数据|网络|劳务|工程|建筑|安装|培训|印务|印刷|广告|传媒|物流|租赁|贷款|评估|监理|装备|仪器"
)
SERVED = re.compile(
    r"局|厂$|矿|政府|合作社|医院|[牧农林]场|[牧乳酒药煤矿铝冶铁]业|畜牧|养殖|能源|电力|热力|发电|煤|化工|食品|集团|委员会|管委会|中学|小学|档案馆|水务|牧业|羊绒|粮"
)


def side_of(labels: Sequence[str]) -> str:
    """``seller``, ``buyer``, or nothing where no label says it."""
    plain = [re.sub(r"[一二三四五1-5]$", "", label) for label in labels]
    if any(label in SELLING for label in plain):
        return "seller"
    if any(label in BUYING for label in plain):
        return "buyer"
    return next((side for label in plain if label not in LETTERS and (side := hinted(label))), "")


def hinted(text: str) -> str:
    """The side that a word in ``text`` speaks for; nothing where none does."""
    return next((side for word, side in HINTS if re.search(word, text)), "")


def sides_by_obligations(flat: str, parties: Mapping[str, str]) -> list[str]:
    """The side of each of ``parties`` (their names by what the sentences call them), at least one on each.

    Where the sentences tell little, it counts whether a name is one of those who mostly work for others.
    """
    scores = _scores(flat, tuple(parties))
    scores = [
        score + _usual(calling, name)
        for score, (calling, name) in zip(scores, parties.items(), strict=True)
    ]
    if max(scores) > 0 >= min(scores):
        return ["seller" if score > 0 else "buyer" for score in scores]
    middle = (max(scores) + min(scores)) / 2
    if middle == max(scores):  # nothing tells: the first pays
        return ["buyer", *["seller"] * (len(scores) - 1)]
    return ["seller" if score >= middle else "buyer" for score in scores]


def _usual(calling: str, name: str) -> int:
    return (calling == USUAL) + bool(WORKING.search(name)) - bool(SERVED.search(name))


def _scores(flat: str, callings: tuple[str, ...]) -> list[int]:
    scores = dict.fromkeys(callings, 0)
    owed, paid = _patterns(callings)
    for start, end in sentences(flat):
        sentence = flat[start:end]
        if not any(calling in sentence for calling in callings):
            continue
        for weight, pattern in owed if NO_PRICE.search(sentence) else (*owed, *paid):
            for match in pattern.finditer(sentence):
                _count(scores, match, weight)
    return list(scores.values())


def _count(scores: dict[str, int], match: re.Match[str], weight: int) -> None:
    said = match.groupdict()
    sold = {
        calling
        for calling in scores
        if any(calling in (said[k] or "") for k in said if k[0] == "s")
    }
    bought = {
        calling
        for calling in scores
        if any(calling in (said[k] or "") for k in said if k[0] == "b")
    }
    if sold & bought:  # 甲方向甲方支付 is no sentence
        return
    for calling in sold:
        scores[calling] += weight
    for calling in bought:
        scores[calling] -= weight


Patterns = tuple[tuple[int, re.Pattern[str]], ...]


@lru_cache(maxsize=256)
def _patterns(callings: tuple[str, ...]) -> tuple[Patterns, Patterns]:
    one = "|".join(map(re.escape, callings))
    several = f"(?:{one})(?:[、和及与](?:{one}))*"
    return _filled(OBLIGATIONS, several), _filled(PAYMENTS, several)


def _filled(templates: Sequence[tuple[int, str]], name: str) -> Patterns:
    return tuple(
        (weight, re.compile(_numbered(template).format(name=name)))
        for weight, template in templates
    )


def _numbered(template: str) -> str:
    """Each place of a party becomes a group of its own: ``s0``, ``b1`` …"""
    places = iter(range(20))
    return re.sub(r"\{([sb])\}", lambda one: f"(?P<{one[1]}{next(places)}>{{name}})", template)
