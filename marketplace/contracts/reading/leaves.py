"""Which leaf of L1 a contract of a type most likely is, by what it says of the right or the work."""

import re

from marketplace.contracts.reading.cues import Kind
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.reading import Reading

#: kind → (pattern, leaf), the first that fits; the last of each fits always.
LEAVES: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.DEVELOPMENT: (
        (r"技术开发\(合作\)|合作(?:研究|开发|研发|选育|攻关)|联合(?:攻关|研发|开发)|(?:双方|各方)分工|共同(?:研究|研发|开发|选育)", "12"),
        ("", "11"),
    ),
    Kind.ASSIGNMENT: (
        (r"专利申请权(?:的)?转让|转让[^。;]{0,20}专利申请权", "22"), (r"布图设计", "25"), (r"品种权", "26"),
        (r"入股|作价出资", "29"), (r"专利权|专利号|ZL\d", "21"), (r"著作权|软件", "24"), (r"新药|兽药|疫苗|菌株", "27"),
        (r"技术秘密|专有技术|非专利技术", "23"), ("", "29"),
    ),
    Kind.LICENCE: (
        (r"布图设计", "34"), (r"品种权|植物新品种", "35"), (r"专利号|专利(?:实施)?许可|ZL\d", "31"),
        (r"著作权|软件|引擎", "33"), (r"新药|兽药|疫苗|菌株", "36"), (r"技术秘密|专有技术|使用权", "32"), ("", "39"),
    ),
    Kind.CONSULTING: (("", "40"),),
    Kind.SERVICE: (
        (r"技术中介|居间|技术经纪|促成[^。;]{0,20}技术合同", "53"), (r"技术培训合同|培训方|培训内容", "52"), ("", "51"),
    ),
}  # fmt: skip


def leaf_of(reading: Reading) -> str:
    """The code of the likely leaf; empty for what is no technical contract."""
    text = Script(reading.text).flat.text
    leaves = LEAVES.get(reading.judgement.kind, ())
    return next((leaf for pattern, leaf in leaves if re.search(pattern, text)), "")
