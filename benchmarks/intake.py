"""Ten thousand notices from a site to the operator's queue, and how well near-duplicates are found.

    python -P benchmarks/intake.py [NOTICES] [--finders]

Notices are written by a grammar of twelve trades (object, problem, setting, sentences in several
wordings, firms that introduce themselves alike) and served as a JSON list over real HTTP, without a pause.
Among them are labelled pairs: copies under another number, cut off, reordered, with other numbers,
with boilerplate added, lightly reworded; and hard negatives, which are not copies: the same firm and
object in the same frame with a sentence in common, and another problem. Precision counts every pair that is found and
not labelled a copy as false. The line of ``DUPLICATE`` was drawn on 2,000
notices of the same grammar and seed, so that the figures are not of texts it never saw. ``--finders`` compares with an exhaustive comparison by words and bigrams.
"""

import argparse
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from config import FOLDER, Settings
from marketplace import create_app
from marketplace.accounts.models import Console
from marketplace.extensions import db
from marketplace.intake import comparing, likeness, worker
from marketplace.intake.models import CollectedNotice, CollectedPair, ScrapeRun
from matching import Document, Segmenter
from matching.likeness import WITHOUT_MODEL, alike
from scrapers.cache import MemoryCache
from scrapers.fetch import Client
from tests.intake.factories import LocalNeeds, serve
from tests.scrapers.site import Site

SEED = 16
COPIES = 400
NEGATIVES = 400
PER_PAGE = 100


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


EDITS = ("number", "cut", "reordered", "figures", "boilerplate", "reworded", "several")

TRADES = {
    "煤矿": ("带式输送机 液压支架 掘进机 刮板输送机 矿井水 瓦斯抽采管路 提升机 采空区 巷道锚杆 洗选煤泥", "井下 露天矿 综采工作面 选煤厂 回风巷"),
    "稀土": ("稀土精矿 抛光粉 永磁体 萃取槽 皂化废水 稀土尾矿 氧化铈 镨钕金属 焙烧尾气 储氢合金", "分离厂 焙烧车间 萃取线 冶炼车间 磁材车间"),
    "乳业": ("奶牛乳房炎 犊牛腹泻 原料奶 青贮饲料 挤奶机 奶酪 乳清蛋白 奶牛蹄病 发情监测 牛粪", "规模牧场 挤奶厅 乳品厂 泌乳牛舍 犊牛岛"),
    "风电": ("风机叶片 齿轮箱 变桨系统 塔筒螺栓 升压站 功率预测 偏航系统 发电机轴承 集电线路 测风塔", "高寒风场 山地风场 草原风场 沙漠风场 升压站内"),
    "光伏": ("光伏组件 逆变器 支架 汇流箱 跟踪系统 储能电池 组件积灰 硅片切割 单晶炉 电缆接头", "沙漠电站 屋顶电站 治沙电站 硅片车间 牧光基地"),
    "化工": ("电石炉 聚氯乙烯 煤制油催化剂 甲醇精馏塔 高盐废水 氯碱电解槽 尿素装置 循环水 换热器 气化炉", "电石分厂 合成车间 空分装置 公用工程 废水站"),
    "冶金": ("铝电解槽 铸坯 高炉炉渣 轧辊 硅铁炉 铜电解液 除尘灰 钢丝绳 耐火材料 冷却壁", "炼钢车间 电解车间 轧钢线 铸造车间 铁合金厂"),
    "种植": ("马铃薯晚疫病 玉米籽粒破碎 向日葵列当 苜蓿种子 盐碱地 滴灌带残留 大豆根腐病 番茄灰霉病 小麦倒伏 甜菜", "旱作区 河套灌区 丘陵坡地 膜下滴灌田 温室"),
    "养殖": ("肉羊育肥 绒山羊 肉牛运输应激 羊布病 饲草发酵 羊绒分梳 骆驼乳 马铃薯渣饲料 羔羊成活 羊肉分割", "牧区 育肥场 屠宰厂 分梳车间 牧户"),
    "环保": ("垃圾渗滤液 粉煤灰 赤泥 挥发性有机物 河道底泥 危废焚烧 烟气脱硝 脱硫石膏 飞灰 矿区植被", "填埋场 电厂 园区 焚烧厂 排土场"),
    "建材": ("水泥熟料 加气砌块 煤矸石砖 混凝土抗冻 沥青路面 保温板 玻璃熔窑 陶瓷坯体 石膏板 骨料", "生产线 搅拌站 高寒工地 窑头 养护室"),
    "医药": ("蒙药蜜丸 黄芪提取液 疫苗佐剂 发酵罐 原料药结晶 胶囊崩解 血清制品 中药饮片 酶制剂 益生菌", "提取车间 制剂车间 发酵车间 质检室 冻干线"),
}  # fmt: skip
PROBLEMS = _words(
    "磨损过快 易堵塞 能耗偏高 腐蚀泄漏 断裂频繁 结垢严重 精度不足 温升过高 密封失效 回收率低 杂质超标 振动异常 "
    "检测滞后 成活率低 产量波动 寿命太短 粉化板结 冻裂损坏 污染反复 分布不均 误报太多 药耗过大 稳定性差 人工依赖重"
)
OPENINGS = (
    "{firm}在{place}长期受{thing}{problem}困扰。",
    "目前{place}的{thing}普遍{problem}，已影响正常生产。",
    "{thing}{problem}是{firm}当前最突出的难点。",
    "近两年{place}扩产以后，{thing}{problem}的情况越来越多。",
    "我单位{place}{thing}{problem}，行业内也没有成熟办法。",
)
CAUSES = (
    "初步分析与{a}有关，{b}时尤其明显。",
    "现场发现{b}之后问题加剧，怀疑是{a}造成。",
    "原因尚不清楚，{a}和{b}都可能有影响。",
    "请外单位诊断过，认为{a}是主因，但调整后{b}又出现反复。",
)
PARTS = _words(
    "进料 供水 夜间负荷 启停操作 原料批次 含硫气体 润滑油路 供电电压 粉尘浓度 昼夜温差 盐分 通风 转运距离 消毒残留 地层含水 "
    "阵风 相对湿度 搅拌死角 加药点 筛网 辊缝 传感器 沙尘天气 冷却水 管线布置 菌群 涂层 回流比 料层厚度 运输颠簸"
)
STATES = _words(
    "变化频繁 低于设计值 偏高 不均匀 长期超限 突然升高 随季节波动 难以控制 匹配不当 逐年恶化 漂移 滞后半小时 局部集中 频繁中断 "
    "无法监测 与设计不符 交替出现 累积过多 分配失衡 反复超标"
)
FACTORS = tuple(part + state for part in PARTS for state in STATES)
TRIED = (
    "先后试过{c}和{d}，效果维持不到{n}天。",
    "曾采用{c}，成本增加{n}%仍不理想。",
    "{c}做过小范围试验，{d}也比选过，均未达到要求。",
    "同行推荐的{c}在本地条件下失效，{d}投入过大。",
)
MANNERS = _words(
    "国产 进口 低温 双级 间歇式 在线 人工辅助 大功率 小型化 移动式 复合 强化 多点 自动 简易"
)
WAYS = _words(
    "更换件 巡检 化学清洗 防护涂层 降负荷运行 过滤器 药剂 超声处理 分级筛选 热风干燥 膜分离 高压水冲洗 电加热保温 生物菌剂 "
    "红外测温 变频控制 缓释添加剂 密封圈 旋流分离 轮作倒茬 冷链暂存 磁选除铁 等离子处理 真空脱气"
)
MEANS = tuple(manner + way for manner in MANNERS for way in WAYS)
GOALS = (
    "希望{measure}由{n}%提高到{m}%。",
    "期望停机次数每年减少{n}次以上，{measure}不低于{m}%。",
    "要求改造后{measure}≥{m}%，连续运行{n}天。",
    "目标是{measure}达到{m}%，综合费用下降{n}%。",
)
MEASURES = _words(
    "合格率 回收率 运行效率 识别准确率 去除率 成活率 完好率 利用率 一次成功率 有效作业率"
)
FIRMS = tuple(
    f"{place}{word}{trade}公司"
    for place in ("包头", "鄂尔多斯", "赤峰", "通辽", "乌海", "呼和浩特", "巴彦淖尔", "乌兰察布")
    for word in ("恒远", "北疆", "金泰", "蒙源", "华北", "绿野", "天成", "众合")
    for trade in ("矿业", "科技", "农牧", "新能源", "材料")
)
INTRODUCTION = "企业简介：{firm}成立于{year}年，是自治区高新技术企业，现有员工{staff}人，建有企业研究开发中心，通过质量管理体系认证，产品销往全国二十多个省区市。"
BOILERPLATE = (
    "根据年度技术需求征集工作安排，现将征集到的需求予以发布，欢迎高校、科研院所和企业积极对接。",
    "需求发布单位对内容的真实性负责，平台不承担由此产生的责任，对接成功后请及时反馈合作进展情况。",
    "请有意向的单位登录平台查看详情，并按要求填写对接申请表，经审核后由工作人员组织双方洽谈。",
)
REWORDED = (
    ("目前", "现阶段"),
    ("希望", "期望"),
    ("效果", "成效"),
    ("普遍", "大多"),
    ("原因", "成因"),
    ("影响", "波及"),
    ("试验", "测试"),
    ("要求", "指标要求"),
    ("办法", "方案"),
    ("有关", "相关"),
)


@dataclass(frozen=True)
class Subject:
    """What a need is about; two needs of one subject are one need."""

    firm: str
    place: str
    thing: str
    problem: str


@dataclass(frozen=True)
class Corpus:
    """Rows of the site, copies (by key, with the edit) and hard negatives."""

    rows: list[dict[str, Any]]
    copies: dict[tuple[str, str], str]
    negatives: set[tuple[str, str]]


def subjects(rng: random.Random) -> Iterator[Subject]:
    """Every thing with every problem, each once, in any order."""
    pairs = [
        (t, thing, p) for t, (ts, _) in TRADES.items() for thing in ts.split() for p in PROBLEMS
    ]
    while True:
        rng.shuffle(pairs)
        for trade, thing, problem in pairs:
            place = rng.choice(TRADES[trade][1].split())
            yield Subject(rng.choice(FIRMS), place, thing, problem)


def written(subject: Subject, rng: random.Random) -> dict[str, Any]:
    """A need in one of the wordings, with numbers of its own."""
    facts = {"firm": subject.firm, "place": subject.place, "thing": subject.thing}
    a, b, e, f = rng.sample(FACTORS, 4)
    c, d, g, h = rng.sample(MEANS, 4)
    n, m = rng.randrange(3, 60), rng.randrange(61, 100)
    facts |= {"problem": subject.problem, "n": n, "m": m, "measure": rng.choice(MEASURES)}
    cause, other = rng.sample(CAUSES, 2)
    tried, more = rng.sample(TRIED, 2)
    sentences = [
        rng.choice(OPENINGS).format(**facts),
        cause.format(a=a, b=b, **facts),
        other.format(a=e, b=f, **facts),
        tried.format(c=c, d=d, **facts),
    ]
    if rng.random() < 0.6:
        sentences.append(more.format(c=g, d=h, **facts))
    goal = rng.choice(GOALS).format(**facts)
    year, staff = rng.randrange(1990, 2022), rng.randrange(30, 900)
    introduction = INTRODUCTION.format(firm=subject.firm, year=year, staff=staff)
    title = rng.choice(
        ("{thing}{problem}", "解决{thing}{problem}", "{place}{thing}{problem}治理")
    ).format(**facts)
    return {
        "title": title,
        "owner": subject.firm,
        "sentences": sentences,
        "goal": goal,
        "introduction": introduction,
    }


def other_problem(row: dict[str, Any], subject: Subject, rng: random.Random) -> dict[str, Any]:
    """The same firm, object and frame, and another problem with its own causes and trials."""
    problem = rng.choice([one for one in PROBLEMS if one != subject.problem])
    changed = written(replace(subject, problem=problem), rng)
    opening = row["sentences"][0].replace(subject.problem, problem)
    kept = [opening, *changed["sentences"][1:-1], row["sentences"][-1]]
    return changed | {
        "title": row["title"].replace(subject.problem, problem),
        "sentences": kept,
        "introduction": row["introduction"],
    }


def edited(row: dict[str, Any], edit: str, rng: random.Random) -> dict[str, Any]:
    """A copy as sites make them."""
    if edit == "several":
        for one in ("reworded", "figures", "boilerplate", "cut"):
            row = edited(row, one, rng)
        return row
    return row | CHANGES[edit](row, rng)


def cut(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The first half, or a little more."""
    text = "".join(row["sentences"])
    return {"sentences": [text[: int(len(text) * rng.uniform(0.5, 0.8))]], "goal": ""}


def figures(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Every digit another."""
    digit = lambda _found: str(rng.randrange(1, 9))  # noqa: E731
    changed = [re.sub(r"\d", digit, sentence) for sentence in row["sentences"]]
    return {"sentences": changed, "goal": re.sub(r"\d", digit, row["goal"])}


def boilerplate(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A publisher's words before and behind."""
    return {"sentences": [rng.choice(BOILERPLATE), *row["sentences"], *rng.sample(BOILERPLATE, 2)]}


def reworded(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Other words of the same meaning, and another title."""
    sentences = row["sentences"]
    for old, new in REWORDED:
        sentences = [s.replace(old, new) if rng.random() < 0.8 else s for s in sentences]
    return {"sentences": sentences, "title": f"关于{row['title']}的需求"}


CHANGES: dict[str, Callable[[dict[str, Any], random.Random], dict[str, Any]]] = {
    "number": lambda row, rng: {},
    "cut": cut,
    "reordered": lambda row, rng: {
        "sentences": rng.sample(row["sentences"], len(row["sentences"]))
    },
    "figures": figures,
    "boilerplate": boilerplate,
    "reworded": reworded,
}


def corpus(count: int) -> Corpus:
    """So many notices; of these the labelled pairs, spread over all."""
    rng = random.Random(SEED)
    stream = subjects(rng)
    pairs = min(COPIES, count // 6)
    made: list[tuple[dict[str, Any], tuple[int, str] | None]] = []
    for _ in range(count - 2 * pairs):
        subject = next(stream)
        made.append((written(subject, rng) | {"subject": subject}, None))
    for at in range(pairs):
        first = made[at][0]
        made.append((edited(first, EDITS[at % len(EDITS)], rng), (at, EDITS[at % len(EDITS)])))
        origin = made[pairs + at][0]
        made.append((other_problem(origin, origin["subject"], rng), (pairs + at, "")))
    copies, negatives, rows = {}, set(), []
    for number, (row, label) in enumerate(made):
        rows.append(_row(number, row))
        if label and label[1]:
            copies[f"n{label[0]}", f"n{number}"] = label[1]
        elif label:
            negatives.add((f"n{label[0]}", f"n{number}"))
    rng.shuffle(rows)
    return Corpus(rows, copies, negatives)


def _row(number: int, row: dict[str, Any]) -> dict[str, Any]:
    content = "".join(row["sentences"])
    facts = {"id": f"n{number}", "title": row["title"], "day": "2026-11-10", "owner": row["owner"]}
    return facts | {
        "content": f"{content}\n{row['introduction']}",
        "goal": row["goal"],
        "money": "",
    }


def megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(count: int, *, finders: bool) -> None:
    """Measure the way from the site to the queue, then the pairs."""
    made = corpus(count)
    with Site() as site, tempfile.TemporaryDirectory() as home:
        serve(site, made.rows, per_page=PER_PAGE)
        app = create_app(
            Settings(
                home=Path(home), database_url=f"sqlite:///{home}/m.db", secret_key="b", testing=True
            )
        )
        app.extensions["intake"] = replace(
            app.extensions["intake"],
            sources={LocalNeeds.name: lambda: LocalNeeds(site.url("/needs.json"))},
            open_client=lambda: Client(
                contact="a@example.org",
                cache=MemoryCache(),
                seconds_apart=0,
                allowed=frozenset({site.host}),
            ),
        )
        with app.test_request_context():
            db.create_all()
            _measure(made, finders=finders)


def _measure(made: Corpus, *, finders: bool) -> None:
    begun, processor = time.perf_counter(), time.process_time()
    run_id = worker.collect(LocalNeeds.name, worker.Asked(), actor=Console())
    run = db.session.get(ScrapeRun, run_id)
    assert run is not None and run.added == len(made.rows), "a notice was lost"
    print(
        f"{run.added} notices from start to queue: {time.perf_counter() - begun:.1f} s,"
        f" processor {time.process_time() - processor:.1f} s, at most {megabytes():.0f} MB"
    )
    again = db.session.get(
        ScrapeRun, worker.collect(LocalNeeds.name, worker.Asked(), actor=Console())
    )
    assert again is not None
    print(
        f"run again: {again.added} added, {again.changed} changed, {again.passed_over} passed over"
    )
    keys = dict(db.session.execute(select(CollectedNotice.id, CollectedNotice.source_key)).all())
    found = {}
    for pair in db.session.scalars(select(CollectedPair)):
        ends = keys[pair.notice_id], keys[int(pair.other.split("/")[1])]
        found[tuple(sorted(ends, key=lambda key: int(key[1:])))] = pair.resemblance
    print(f"pairs kept: {db.session.scalar(select(func.count()).select_from(CollectedPair))}")
    tell("MinHash, then exact", found, made)
    if finders:
        compare_finders(made)


def tell(name: str, found: dict[tuple[str, str], float], made: Corpus) -> None:
    """Precision and recall of all, of every other pair, and recall by edit."""
    for part, title in ((None, "all"), (1, "every other pair")):
        copies = {pair for pair in made.copies if part is None or int(pair[1][1:]) // 2 % 2 == part}
        wrong = {pair for pair in found if pair not in made.copies}
        if part is not None:
            wrong = {pair for pair in wrong if int(pair[1][1:]) // 2 % 2 == part}
        right = len(copies & found.keys())
        precision = right / max(1, right + len(wrong))
        hard = sum(pair in made.negatives for pair in wrong)
        print(
            f"{name}, {title}: {len(copies)} copies, precision {precision:.3f},"
            f" recall {right / max(1, len(copies)):.3f}, {len(wrong)} false, of these {hard} hard negatives"
        )
    for edit in EDITS:
        of_edit = [pair for pair, label in made.copies.items() if label == edit]
        print(f"   {edit:<12} {sum(pair in found for pair in of_edit)}/{len(of_edit)}")


def texts_of(made: Corpus) -> list[likeness.Text]:
    """The rows as the intake compares them."""
    words = worker.current_catalogue().words
    return [
        likeness.Text(row["id"], f"{row['title']}\n{comparing.told(_whole(row), words)}")
        for row in made.rows
    ]


def _whole(row: dict[str, Any]) -> str:
    return "\n".join(
        f"{label}：{row[name]}" for label, name in LocalNeeds.fields.items() if row[name]
    )


def compare_finders(made: Corpus) -> None:
    """The same texts by the exhaustive finder of the library, and other lines for the first."""
    texts = texts_of(made)
    for line in (0.5, 0.55, 0.6, 0.65, 0.7):
        likeness.DUPLICATE = line
        begun = time.process_time()
        found = {_ends(one.key, one.other): one.resemblance for one in likeness.near(texts)}
        print(f"--- line {line}, {time.process_time() - begun:.1f} s of processor")
        tell("MinHash", found, made)
    with tempfile.TemporaryDirectory() as cache:
        segmenter = Segmenter(FOLDER / "jieba_terms.txt", Path(cache))
        begun = time.process_time()
        documents = [Document(text.key, "", text.text) for text in texts]
        pairs = alike(documents, segmenter, WITHOUT_MODEL)
        took = time.process_time() - begun
    for line in (0.3, 0.55):
        near = {_ends(p.first, p.second): p.resemblance for p in pairs if p.resemblance >= line}
        print(
            f"--- exhaustive, line {line}, {took:.1f} s of processor, at most {megabytes():.0f} MB"
        )
        tell("exhaustive", near, made)


def _ends(one: str, other: str) -> tuple[str, str]:
    first, second = sorted((one, other), key=lambda key: int(key[1:]))
    return first, second


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=10_000)
    parser.add_argument("--finders", action="store_true")
    options = parser.parse_args()
    main(options.count, finders=options.finders)
