"""The gaps of a need as questions, and answers as new texts of its fields; decided purely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.listings.models import Need
from marketplace.matchmaking.queries import Matching

#: Of what the best matches say and the need does not, so much is asked.
MOST_HINTS = 3
#: What a need without this field is asked.
OPEN_FIELDS = {
    "problem": _l("现在遇到的主要问题是什么？已经试过哪些办法？"),
    "goal": _l("希望达到什么目标？"),
    "indicators": _l("有哪些可以量化的指标？每行一项：指标 | 单位 | 现状 | 要求"),
    "budget": _l("打算投入多少资金？如 50-80万元，或面议"),
    "deadline": _l("希望什么时候解决？如 2027-06-30"),
    "keywords": _l("用哪些关键词能找到它？用顿号分开，不超过十个"),
}
#: What the matcher misses in a text that asks, whoever answers it.
ABSENT = {
    "scale": (_l("处理规模或产量"), _l("处理规模或产量是多少？")),
    "temperature": (_l("温度"), _l("在什么温度下工作？")),
    "medium": (_l("处理的物料"), _l("处理的是什么物料或介质？成分如何？")),
    "present": (_l("现状和已有做法"), _l("现状如何？现在是怎么做的？")),
}
#: Fields to whose text an answer is added; of the others it takes the place.
ADDED = frozenset({"description", "problem", "goal", "indicators", "keywords"})
MORE = "more"


@dataclass(frozen=True)
class Question:
    """What is asked; the answer goes into ``field`` under ``heading``; ``gain`` in percent points."""

    code: str
    field: str
    text: str
    heading: str = ""
    gain: int = 0


def questions_of(need: Need, values: Mapping[str, object], matching: Matching) -> list[Question]:
    """What the need leaves open: its empty fields, what the matcher misses, what the best would ask.

    ``values`` are the texts of its fields as the forms write them.
    """
    found = [Question(f, f, str(text)) for f, text in OPEN_FIELDS.items() if not values.get(f)]
    for code in matching.absent:
        heading, text = ABSENT[str(code)]
        found.append(Question(f"absent-{code}", "description", str(text), str(heading)))
    found += _hints(matching)
    more = _("还有什么要补充的？")
    return [*found, Question(MORE, "description", more)]


def _hints(matching: Matching) -> list[Question]:
    """Things that a good match names and the need does not, the greatest gain first, each once."""
    known: dict[str, Question] = {}
    for one in matching.ranked:
        for advice in one.hit.missing:
            gain = round((advice.score - one.hit.score) * 100)
            term = advice.term
            if term and (term not in known or known[term].gain < gain):
                text = _("是否涉及“%(term)s”？如属实请写明", term=term)
                known[term] = Question(f"hint-{term}", "description", text, term, gain)
    return sorted(known.values(), key=lambda q: -q.gain)[:MOST_HINTS]


def proposed(
    values: Mapping[str, str], questions: Sequence[Question], answers: Mapping[str, str]
) -> dict[str, str]:
    """The fields that the answers change, each with its whole new text."""
    texts: dict[str, str] = {}
    for question in questions:
        answer = answers.get(question.code, "").strip()
        if not answer:
            continue
        before = texts.get(question.field, values.get(question.field, ""))
        texts[question.field] = _with(before, question, answer)
    return {name: text for name, text in texts.items() if text != values.get(name, "")}


def _with(before: str, question: Question, answer: str) -> str:
    if question.field not in ADDED or not before:
        return answer if not question.heading else f"{question.heading}：{answer}"
    said = f"{question.heading}：{answer}" if question.heading else answer
    return f"{before}\n{said}"
