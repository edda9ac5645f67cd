"""Clauses that the form asks for: title, project, content, deliverables, rights, acceptance, equipment."""

import re
from collections.abc import Iterator

from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found, sentences

DELIVERABLE = re.compile(
    r"(?:提交|交付|提供|移交|递交|出具|形成|编制|给|(?:成果|交付物|提交物)(?:形式|文件)?(?:为|包括|有|:))[^。;]{0,46}?(?:报告|样机|图纸|源代码|源程序|软件|资料|文件|样品|方案|说明书|规程|文档|数据|论文|证书|装置|配方|手册|系统|品系|计算书|清单|模型|工艺|菌种|菌株|原种|穗条|光盘|图件|脚本|文本|成片|(?:计算|分析)书)"
)
OBLIGED_CLIENT = re.compile(
    r"(?:甲方|委托方|委托人)(?:应|须|负责|向乙方|在)[^。;]{0,14}(?:提供|提交)"
)
RIGHTS = re.compile(
    r"(?:知识产权|专利|著作权|版权|技术秘密|成果|新技术|所有权|品种权?|改进|图纸|报告|数据|配方|菌株|工艺参数|源代码|软件|模型|算法|引擎|布图|模块|组件|样机|革新|改良|权利)[^。;]{0,40}?(?:归|属于?|共有|共享|所有(?!人|权|制)|享有|拥有|共同申请)"
    r"|(?:归|属)(?:[甲乙]方|双方|委托方|受托方|受让方|许可方|完成方|改进方)"
)
ACCEPTANCE = re.compile(
    r"验收|技术鉴定|田间鉴定|鉴定(?:委员会|合格|通过)|组织鉴定|专家(?:评审|审查|鉴定)|评审(?:通过|会|验收|后)|通过(?:评审|审查|鉴定|考核)|(?:性能|结题|越冬)?考核(?:合格|标准|验收|通过|。)|(?:为|即|视为)合格|流片验证|评议"
)
PAYS = re.compile(r"(?:支付|付款|付)[^。;]{0,10}\d|\d{1,2}%[^。;]{0,6}付|付(?:\d|余|清|一|三)")
JUDGES = re.compile(r"标准|方式|组织|依据|按|考核|专家|邀请|由[^。;]{0,12}(?:验收|评审|鉴定)|为准")
ITEM = re.compile(
    r"(?P<item>[\u4e00-\u9fffA-Za-z0-9-]{1,16}?(?:机(?!构|关|制|会|场|械|动|组人)|仪|器|装置|设备|泵|阀|炉|柜|车|塔|罐|服务器|工作站|探头|逆变器|试验台|生产线|机组|组件))"
    r"[(\w./*-]{0,18}?[)]?[,、:\t]?(?:共|计|各)?(?P<count>\d{1,4}|[一二两三四五六七八九十]{1,2})(?:台|套|组|只|件|个|支|架)"
)
ITEM_COST = re.compile(
    r"(?P<item>(?:设备|仪器|材料|原材料|试剂|耗材|硬件|软件|外购件|试验材料|服务器)[\u4e00-\u9fff]{0,6}费?)(?:用)?(?:为|:|计|约|共|\()?(?:人民币)?[¥￥]?(?P<count>\d[\d,.]*)(?:万)?元"
)
#: Prototypes are the work itself, rented computers are nobody's equipment.
NO_ITEM = re.compile(r"样机|样车|样泵|云主机|整机|主机|随机|无人机$|时机|动机|车次")
LEADING = re.compile(
    r"^.*(?:购置|采购|购买|提供|提交|交付|包括|包含|包|含|配备|安装|其中|使用|移交|以及|及|和|与|为|将|的|由|用|租赁|租用|供应|向|成|了|出)(?=[\u4e00-\u9fffA-Za-z])"
)
TITLE_WORD = re.compile(
    r"(?:合同书|合同|协议书|协议|任务书|委托书|约定书|订单|契约)(?:\([^)\n]{1,14}\))?$"
)
NUMBERED = re.compile(
    r"^(?:合同|协议)?(?:编号|登记编号|签订|合同号)|^第[一二三四五六七八九十\d]+条"
)
PROJECT = re.compile(
    r"(?:项目名称|合同名称|课题名称|工程名称|技术名称|专利名称|标的名称|软件名称|标的技术名称)[:\t]{1,3}(?P<value>[^\n\t。;_]{3,80})"
)
PROJECT_IN_PROSE = re.compile(
    r"(?:就|进行|承担|完成|开展|开发|委托(?:乙方|甲方)[^。;“]{0,10})[“\"《「](?P<value>[^”\"》」\n]{4,60})[”\"》」]"
)
NOTE = re.compile(r"填写说明|填表说明|示范文本|印制|说明[:：]|监制|使用说明|起草说明|注[:：]")
MOST_SENTENCES = 6
LONGEST_TITLE = 60
HEAD_LINES = 14


def title_of(script: Script, given: str) -> Found[str] | None:
    """The title: as given, or the first line that is called a contract; notes before it are passed."""
    lines = script.lines
    place = 0
    fallback = None
    for count, line in enumerate(lines.text.split("\n")):
        text = line.replace("\t", "").strip("_-=* #【】[]")
        if text and count <= HEAD_LINES * 4:
            start = place + line.find(text[0])
            if TITLE_WORD.search(text) and len(text) <= LONGEST_TITLE and not NUMBERED.search(text):
                return found(
                    script, lines, start, start + len(line.rstrip()), given.strip() or text
                )
            if fallback is None and len(text) <= LONGEST_TITLE and not NOTE.search(text):
                fallback = found(
                    script, lines, start, start + len(line.rstrip()), given.strip() or text
                )
        place += len(line) + 1
    if given.strip():
        return Found(given.strip(), given.strip(), 0, 0)
    return fallback


def project_of(script: Script) -> Found[str] | None:
    """The project's name where the text says that it is one."""
    for view, pattern in ((script.lines, PROJECT), (script.flat, PROJECT_IN_PROSE)):
        match = pattern.search(view.text)
        if match:
            start, end = match.span("value")
            return found(script, view, start, end, match["value"].strip('“”"《》 '))
    return None


def deliverables_of(script: Script) -> list[Found[str]]:
    """What the seller hands over."""
    return [one for one in _matching(script, DELIVERABLE) if not OBLIGED_CLIENT.search(_bare(one))][
        :MOST_SENTENCES
    ]


def rights_of(script: Script) -> list[Found[str]]:
    """To whom results and rights belong."""
    return _matching(script, RIGHTS)[:MOST_SENTENCES]


def acceptance_of(script: Script) -> list[Found[str]]:
    """By what, how and by whom the work is accepted."""
    said = _matching(script, ACCEPTANCE)
    return [one for one in said if not PAYS.search(_bare(one)) or JUDGES.search(_bare(one))][
        :MOST_SENTENCES
    ]


def _bare(one: Found[str]) -> str:
    return Script(one.sentence).flat.text


def _matching(script: Script, pattern: re.Pattern[str]) -> list[Found[str]]:
    flat = script.flat
    hits = []
    for start, end in sentences(flat.text):
        match = pattern.search(flat.text, start, end)
        if match:
            hits.append(found(script, flat, *match.span(), match[0]))
    return hits


def equipment_of(script: Script) -> list[Found[str]]:
    """Equipment, instruments and materials with a number or a cost, which leave 技术交易额."""
    return list(_items(script))[: 2 * MOST_SENTENCES]


def _items(script: Script) -> Iterator[Found[str]]:
    for pattern in (ITEM, ITEM_COST):
        for match in pattern.finditer(script.flat.text):
            item = LEADING.sub("", match["item"])
            if len(item) >= 2 and not NO_ITEM.search(item):
                start = match.end("item") - len(item)
                yield found(script, script.flat, start, match.end(), item)
