"""Contacts and personal data in a text: where they are, so that they are neither shown nor indexed.

Found are telephone numbers, mail addresses, identity documents, accounts, QQ and WeChat names, and the
person named after 联系人. Not found, though they look alike: numbers of patents, projects, contracts and
standards, 统一社会信用代码, money, measures, dates. Where the two cannot be told apart, a number that a
label calls a telephone number is one, and one that a label calls a project number is none.

The rules read the text in NFKC (full width digits, （at）) without invisible characters; the places they
give are those of the text as it stands.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

MARK = "［已隐去］"
INVISIBLE = set("\u200b\u200c\u200d\u2060\ufeff\u00ad")
HAN = "\u4e00-\u9fff"


class PersonalKind(StrEnum):
    """What kind of personal data a place holds."""

    PHONE = "phone"
    MAIL = "mail"
    IDENTITY = "identity"
    ACCOUNT = "account"
    QQ = "qq"
    WECHAT = "wechat"
    NAME = "name"


@dataclass(frozen=True)
class Found:
    """One place: ``text[start:end]`` is personal data of this kind."""

    kind: PersonalKind
    start: int
    end: int


@dataclass(frozen=True)
class Rule:
    """A pattern whose last group, or whole match, is personal data if ``holds`` says so."""

    kind: PersonalKind
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = bool
    #: Gives way to :data:`OTHER_NUMBERS`.
    yields: bool = True


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("HAN", HAN), re.IGNORECASE | re.VERBOSE)


DASH = r"[-‐-―－_.·\s]"
CALLED = r"(?:电\s?话|手机|座机|传真|热线|联系方式|联系电话|tel|mobile|phone|fax|☎|📞)"
#: A dot of a domain, also as （dot）, and as 。 or ， where the end of a domain follows.
DOT = r"(?:\.|[。,](?=(?:com|cn|edu|net|org|gov|ac)\b)|[(\[]\s?dot\s?[)\]])"
#: Brackets that people put around an area's number.
OPEN, CLOSE = r"[(\[〔【]", r"[)\]〕】]"
#: An extension, and further numbers of the same office, behind a number.
EXTENSION = rf"(?:\s?(?:转|转?\s?(?:分机|内线)号?|ext\.?|[-—*\#]):?{DASH}?\d{{1,6}})?"
FURTHER = r"(?:(?:\s?[/、,;或]\s?|[ ])[2-9]\d{6,7}(?!\d))*"
#: What may stand between a label and its number.
SIGN = r"(?:\s|:|\||-|为|是|=|\(|\))*"

#: A label of one of these before a number says that it is no telephone number.
OTHER_NUMBERS = _pattern(
    rf"""
      (?<![A-Z.])(?-i:ZL|CN)\s?[\d.]{{7,16}}[\dX]?\s?[A-Z]?\d?         # patents, by their prefix
    | (?<!\d)(?:19|20)\d{{2}}[12389]\d{{7}}\.[\dX](?!\d)        # patent applications, by their check digit
    | (?<!\d)(?:8[5-9]|9\d|0[0-3])[12389]\d{{5}}\.[\dX](?!\d)   # the same before October 2003
    | (?<![A-Z.])(?-i:GB|HG|NB|JB|DB|YY|NY|SH|DL|ISO|IEC|Q)[/A-Z]*\s?[\d.]+(?:[-—:]\d{{2,4}})?
    | (?:专利|申请|公开|公告|授权|登记|项目|课题|计划|合同|成果|立项|批准|备案|证书|标准|软著|著作|许可|
         资质|注册|信用|机构|产品|订单|批次|文件|资助|基金)
      (?:(?!电话|手机|联系|传真|热线|座机|咨询|微信|QQ)\w){{0,5}}?(?:编号|文号|号码|号|代码|码)
      {SIGN}[A-Z0-9][-A-Z0-9/._]*
    | (?:编号|文号|批号|邮编|邮政编码|ISBN|ISSN|DOI|No\.?){SIGN}[A-Z0-9][-A-Z0-9/._]*
    | https?://[^\s,;、()HAN]+
    | (?<![\d.,])\d[\d,.]*(?:\s?(?:[kmμ]?[gmLW]\b|kWh|%|‰|℃|[吨亩]|公斤|千克|千瓦|兆瓦|人次|平方|立方|[万亿]元)
        | [万亿元台套株](?!旦|[HAN]?(?:先生|女士|老师|教授|经理|主任|工)))
    | [¥￥$]\s?\d[\d,.]*
    | (?<![A-Z])(?-i:[A-Z]{{2,}}\d{{2}}[A-Z\d]{{6,}})            # grants: 2023YFE…, letters in the number
    | (?<!\d)(?-i:\d{{4}}[A-Z]{{1,6}}[A-Z\d]{{5,}})
    """
)
#: Sizes of the parts in which people write the eleven digits of a mobile number.
PARTS = {
    (11,),
    (3, 4, 4),
    (3, 8),
    (7, 4),
    (4, 3, 4),
    (4, 4, 3),
    (3, 3, 5),
    (5, 6),
    (3, 2, 2, 2, 2),
    (1,) * 11,
}


def is_mobile(written: str) -> bool:
    """Whether eleven digits are written as people write a mobile number."""
    digits = re.sub(rf"^(?:\+?86|0086){DASH}*", "", written.strip("+()")).strip()
    return tuple(len(part) for part in re.findall(r"\d+", digits)) in PARTS


def is_landline(written: str) -> bool:
    """Whether the first number in it is one of an area of China (the plan kept by phonenumbers)."""
    first = re.split(r"(?<=\d{6})\s?[/、,;或*#]|转|分机|内线|ext", written, maxsplit=1)[0]
    digits = re.sub(r"\D", "", first).removeprefix("0086").removeprefix("86").lstrip("0")
    # An extension may hang on the number after a dash; the longest number that is valid counts.
    return any(
        phonenumbers.is_valid_number(phonenumbers.parse("0" + digits[:size], "CN"))
        for size in range(min(len(digits), 11), 8, -1)
    )


def is_identity(written: str) -> bool:
    """Whether it is an identity number by its date and check digit (GB 11643)."""
    number = ric.compact(re.sub(r"[\s-]", "", written)).upper()
    try:
        ric.get_birth_date(number)
        return ric.calc_check_digit(number) == number[-1]
    except ValidationError:
        return False


#: What may follow 联系人 and is no person: the next label of the table, or an office.
NO_PERSON = re.compile(
    r"电话|手机|邮箱|信箱|地址|职务|职称|单位|部门|方式|备注|姓名|公司|[处部室院办科司所局站厅委会组]$"
)


def is_person(written: str) -> bool:
    """Whether what follows 联系人 is a person."""
    return NO_PERSON.search(written) is None


RULES = (
    Rule(
        PersonalKind.MAIL,
        _pattern(
            rf"""(?<![A-Z0-9._%+-])[A-Z0-9][A-Z0-9._%+-]*\s?
            (?:@|\#(?=[A-Z0-9-]+\.[A-Z])|[(\[{{【<]\s?(?:at|a)\s?[)\]}}】>])\s?
            [A-Z0-9-]+(?:\s?{DOT}\s?[A-Z0-9-]+)*\s?{DOT}\s?[A-Z]{{2,10}}(?![A-Z])"""
        ),
        yields=False,
    ),
    Rule(
        PersonalKind.IDENTITY,
        _pattern(
            r"(?<![\dA-Z])[1-8]\d{5}[\s-]?(?:18|19|20)\d{2}[\s-]?\d{2}[\s-]?\d{2}[\s-]?\d{3}[\dX](?![\dA-Z])"
        ),
        is_identity,
        yields=False,
    ),
    Rule(
        PersonalKind.IDENTITY,
        _pattern(
            rf"(?:身份证|身份号)(?:件|号码|号|编号)*{SIGN}(\d{{6}}[\s-]?\d{{6}}(?:\d{{2}})?[\s-]?\d{{3}}[\dX]?)(?![\dA-Z])"
        ),
        yields=False,
    ),
    Rule(
        PersonalKind.IDENTITY,
        _pattern(rf"护照(?:号码|号)?{SIGN}([A-Z]{{1,2}}\d{{7,8}})(?!\d)"),
        yields=False,
    ),
    Rule(
        PersonalKind.ACCOUNT,
        _pattern(rf"(?:账号|帐号|账户|银行卡号?|卡号){SIGN}(\d(?:[\s-]?\d){{11,22}})(?!\d)"),
        yields=False,
    ),
    Rule(
        PersonalKind.QQ,
        _pattern(rf"(?:Q\s?Q|扣扣)(?:/微信)?\s?(?:号码|群号|号|群)?{SIGN}([1-9]\d{{4,10}})(?!\d)"),
        yields=False,
    ),
    Rule(
        PersonalKind.WECHAT,
        _pattern(
            rf"""(?:微\s?信(?!公众)|wechat|weixin|(?<![A-Z])[VW]X|V信|薇信|钉钉)(?:/[HAN]{{2,3}}|/QQ)?
            # Without a sign that a name follows, the name has to look like one: 微信zhang88.
            (?:\s?(?:号码|号|ID)\s?:?|\s?:|(?=\s?[A-Z][-_A-Z]*[\d_])){SIGN}([A-Z][-_A-Z0-9]{{5,19}})"""
        ),
        yields=False,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            rf"(?:{CALLED}(?:号码|号)?{SIGN})((?:\+?86{DASH}?)?1[3-9]\d(?:{DASH}{{0,3}}\d){{8}})(?!\d)"
        ),
        yields=False,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            rf"""(?<![\dA-Z])(?<!\d\.)(?<![\dA-Z]-)(?:\(?(?:\+|00)?86\)?{DASH}?)?
            1{DASH}?[3-9]{DASH}?\d(?:{DASH}{{0,3}}\d){{8}}(?!\d|\.\d|-\d|(?!QQ|[WV]X)[A-Z])"""
        ),
        is_mobile,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            rf"(?<![A-Z])(?:tel|mob|mobile|phone|T|M|P|wx|vx|{CALLED})[.:\s]*(1[3-9]\d{{9}})(?!\d)"
        ),
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            rf"""(?<![\dA-Z])(?<!\d[.-])(?:\(?(?:\+|00)?86\)?{DASH}?)?
            {OPEN}?0\)?\d{{2,3}}{CLOSE}?(?:/|{DASH}{{0,3}})[2-9]\d{{2,3}}{DASH}?\d{{4}}
            {EXTENSION}{FURTHER}(?!\d|\.\d)"""
        ),
        is_landline,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            rf"(?<![\dA-Z.-])(?:\+|00)?86{DASH}[1-9]\d{{1,2}}{DASH}[2-9]\d{{2,3}}{DASH}?\d{{4}}(?!\d)"
        ),
        is_landline,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            # Between the label and the number may stand the person: 联系人及电话：张三 4392111.
            rf"""{CALLED}(?:号码|号)?{SIGN}(?:(?<=[:\s|])[HAN]{{2,4}}[\s,、:]{{1,2}})?
            ([2-9]\d{{2,3}}{DASH}?\d{{4}}{EXTENSION}{FURTHER})(?!\d|\.\d|\s?元)"""
        ),
        yields=False,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(r"(?<![\d.-])(?<![A-Z])[48]00(?:-\d{3,4}-\d{3,4}|\s\d{3}\s\d{4}|-\d{7})(?!\d)"),
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(rf"{CALLED}(?:号码|号)?{SIGN}([48]00\d{{7}})(?!\d)"),
        yields=False,
    ),
    Rule(
        PersonalKind.PHONE,
        _pattern(
            r"(?<![HAN\d])?([一幺][三四五六七八九][〇零一二三四五六七八九幺]{9})(?![〇零一二三四五六七八九])"
        ),
    ),
    Rule(
        PersonalKind.NAME,
        _pattern(
            r"""(?:联\s?[系络]\s?人|对接人|经办人)(?:姓名)?(?:\s?[:|\n]\s?|(?=[HAN]{2,4}[\s,、]{0,2}(?:(?:电话|手机|tel)[^\d]{0,3}\d|1[3-9]\d|0\d)))
            ((?:[HAN](?:\s[HAN]){1,3}(?![HAN])|[HAN]{2,8}?(?:·[HAN]{1,8}?)?|[A-Z]{2,}(?:[-.\s][A-Z]{2,}){0,2})
            (?:\s?[、/]\s?[HAN]{2,4}?)*)
            (?=$|[^HAN]|(?:联系)?电话|手机|联系方式|邮箱)"""
        ),
        is_person,
        yields=False,
    ),
    Rule(
        PersonalKind.NAME,
        _pattern(
            r"""(?:联系方式|联系人[^:\n]{1,8})\s?[:|\n]\s?
            ([HAN]{2,4})(?=[\s,、:;/]{1,2}(?:\(?0\d|\(?\+?86|1[3-9]\d|[2-9]\d{6,7}(?!\d|\s?元)))"""
        ),
        is_person,
        yields=False,
    ),
)


def find(text: str, known: Mapping[str, PersonalKind] | None = None) -> list[Found]:
    """Places of personal data in a text, in order, none overlapping another.

    ``known`` holds what is known to be personal from elsewhere (a name in a table's column 联系人), and
    is found wherever the text repeats it.
    """
    plain, places = as_read(text)
    others, taken = bytearray(len(plain)), bytearray(len(plain))
    for match in OTHER_NUMBERS.finditer(plain):
        _cover(others, *match.span())
    found = []
    for rule in RULES:
        for start, end in _matches(rule, plain):
            if not any(taken[start:end]) and not (rule.yields and any(others[start:end])):
                _cover(taken, start, end)
                found.append((places[start], places[end - 1] + 1, rule.kind))
    for piece, kind in sorted((known or {}).items(), key=lambda item: -len(item[0])):
        for match in re.finditer(re.escape(as_read(piece)[0]), plain):
            if not any(taken[slice(*match.span())]):
                _cover(taken, *match.span())
                found.append((places[match.start()], places[match.end() - 1] + 1, kind))
    return [Found(kind, start, end) for start, end, kind in sorted(found)]


def _cover(covered: bytearray, start: int, end: int) -> None:
    covered[start:end] = b"\x01" * (end - start)


def _matches(rule: Rule, plain: str) -> Iterator[tuple[int, int]]:
    for match in rule.pattern.finditer(plain):
        start, end = match.span(rule.pattern.groups)
        if rule.holds(plain[start:end]):
            yield start, end


def as_read(text: str) -> tuple[str, list[int]]:
    """A text in NFKC without invisible characters, and for each character its place in the original."""
    if text.isascii():
        return text, list(range(len(text)))
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character not in INVISIBLE:
            read = unicodedata.normalize("NFKC", character)
            plain.append(read)
            places.extend([place] * len(read))
    return "".join(plain), places


def pieces(label: str, value: str) -> dict[str, PersonalKind]:
    """What is personal in a field's value; the label tells what a bare name or number is."""
    prefix = f"{label}："
    places = [place for place in find(prefix + value) if place.start >= len(prefix)]
    return {(prefix + value)[place.start : place.end]: place.kind for place in places}


def redact(text: str, known: Mapping[str, PersonalKind] | None = None, *, mark: str = MARK) -> str:
    """The text with a mark in every place of personal data; once redacted, nothing is left to find."""
    found = find(text, known)
    ends = [0, *(place.end for place in found)]
    begins = [*(place.start for place in found), len(text)]
    return mark.join(text[end:begin] for end, begin in zip(ends, begins, strict=True))
