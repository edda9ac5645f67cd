"""Where all legs together might lose to words and bigrams: settings made from the judged set.

    python benchmarks/settings.py [--part tune] [--encoder NAME] [--json]

Each setting changes the queries or the documents as another market's would differ: bare titles,
keywords, a few characters, one field, much of no use around them. Facets are left out, since other
sets have none. A line says nDCG@10 of both and the paired 95 % interval of the difference.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np

from matching import Document, Matcher, Recipe, Segmenter, Thesaurus, open_encoder
from matching.__main__ import JUDGED, SHIPPED, default_terms, default_thesaurus
from matching.bench_texts import Generator
from matching.evaluation import Run, difference, measures, methods, run_method
from matching.judgements import Judged, read_judged

Change = Callable[[Document], Document]
DISTRACTORS = 3_000
FORM = (
    "根据企业发展规划和市场需求，现面向高校、科研院所征集合作单位，希望通过产学研合作共同攻克技术难题，"
    "形成具有自主知识产权的核心技术，提升产品竞争力，取得良好的经济效益和社会效益。企业将提供必要的资金、场地和人员支持。"
)


def plain(document: Document) -> Document:
    """The title and the text alone."""
    return Document(document.key, document.title, document.text)


def changed(title: Callable[[Document], str], text: Callable[[Document], str]) -> Change:
    """What makes a document with another title and text."""
    return lambda one: Document(one.key, title(one), text(one))


TITLE = changed(lambda one: one.title, lambda one: "")
TEXT = changed(lambda one: "", lambda one: one.text)
FIRST_60 = changed(lambda one: "", lambda one: f"{one.title}。{one.text}"[:60])
FIRST_20 = changed(lambda one: "", lambda one: f"{one.title}"[:20])
IN_A_FORM = changed(lambda one: one.title, lambda one: f"{FORM}\n{one.text}\n{FORM}")
TWICE = changed(lambda one: one.title, lambda one: f"{one.text}\n{one.text}\n{one.text}")


def keywords(segmenter: Segmenter, count: int) -> Change:
    """The longest words of a text, without sentences."""

    def words(one: Document) -> str:
        found = dict.fromkeys(segmenter.words(f"{one.title} {one.text}"))
        telling = [word for word in found if len(word) > 1 and not segmenter.says_little(word)]
        return " ".join(sorted(telling, key=lambda word: -len(word))[:count])

    return changed(lambda one: "", words)


def english(thesaurus: Thesaurus) -> Change:
    """The Latin names of the concepts that a text names, as a foreign partner would ask."""

    def names(one: Document) -> str:
        concepts = thesaurus.named(f"{one.title}\n{one.text}")
        all_names = (name for concept in concepts for name in thesaurus.concepts[concept].names)
        return ", ".join(name for name in all_names if name.isascii() and len(name) > 3)

    return changed(lambda one: "", names)


def settings(
    judged: Judged, segmenter: Segmenter, thesaurus: Thesaurus
) -> Iterator[tuple[str, Judged]]:
    """Yield the name of each setting and the set changed so."""
    base = over(judged, plain, plain)
    yield "as they are", base
    queries: dict[str, Change] = {
        "queries: title alone": TITLE,
        "queries: text alone": TEXT,
        "queries: first 20 characters": FIRST_20,
        "queries: 5 keywords": keywords(segmenter, 5),
        "queries: 2 keywords": keywords(segmenter, 2),
        "queries: English names": english(thesaurus),
        "queries: within a form's phrases": IN_A_FORM,
        "queries: text three times": TWICE,
    }
    documents: dict[str, Change] = {
        "documents: title alone": TITLE,
        "documents: text alone": TEXT,
        "documents: first 60 characters": FIRST_60,
        "documents: within a form's phrases": IN_A_FORM,
    }
    yield from ((name, over(base, change, plain)) for name, change in queries.items())
    yield from ((name, over(base, plain, change)) for name, change in documents.items())
    yield "both: title alone", over(base, TITLE, TITLE)
    yield "both: first 60 characters", over(base, FIRST_60, FIRST_60)
    yield "keywords against titles", over(base, keywords(segmenter, 5), TITLE)
    yield "turned: results ask, needs answer", turned(base)
    for part in sorted({one.key[0] for one in base.documents}):
        yield f"one field: {part}", one_field(base, part)
    made = Generator(JUDGED, default_thesaurus()).documents(DISTRACTORS, 0)
    yield (
        f"among {DISTRACTORS} others",
        replace(base, documents=(*base.documents, *map(plain, made))),
    )


def over(judged: Judged, query: Change, document: Change) -> Judged:
    """The set with its queries and documents changed."""
    queries, documents = map(query, judged.queries), map(document, judged.documents)
    return replace(judged, queries=tuple(queries), documents=tuple(documents))


def one_field(judged: Judged, part: str) -> Judged:
    """Only the queries and documents that one writer wrote, of one group of fields."""
    documents = tuple(one for one in judged.documents if one.key.startswith(part))
    queries = tuple(one for one in judged.queries if one.key.startswith(part))
    return replace(judged, queries=queries, documents=documents)


def turned(judged: Judged) -> Judged:
    """Results that a need is judged for ask, and needs answer; the grades are the same."""
    grades: dict[str, dict[str, float]] = {}
    for query in judged.queries:
        for document, grade in judged.grades.get(query.key, {}).items():
            grades.setdefault(document, {})[query.key] = grade
    asking = tuple(one for one in judged.documents if any(grades.get(one.key, {}).values()))
    return Judged(asking, judged.queries, grades)


def line_of(name: str, judged: Judged, matcher: Matcher) -> dict[str, object]:
    """The figures of one setting."""
    matcher.put(judged.documents)
    weights = methods(matcher.recipe.weights, dense=True)
    lexical, full = (
        run_method(matcher, m, weights[m], judged.queries) for m in ("lexical", "full")
    )
    means = {run.method: mean_ndcg(run, judged) for run in (lexical, full)}
    return {"setting": name, **means, **difference(full, lexical, judged)}


def mean_ndcg(run: Run, judged: Judged) -> float:
    """nDCG@10 over the queries for which it is defined, to three places."""
    values = measures(run, judged)["ndcg@10"]
    return round(float(np.nanmean(values)), 3)


def main() -> None:
    """Measure every setting and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("tune", "report", "all"), default="tune")
    parser.add_argument("--encoder", default=str(SHIPPED))
    parser.add_argument("--recipe", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    recipe = Recipe.from_json(arguments.recipe.read_text()) if arguments.recipe else Recipe()
    judged = read_judged(*(JUDGED / f"{n}.jsonl" for n in ("queries", "documents", "qrels")))
    thesaurus = Thesaurus.read(default_thesaurus())
    segmenter = Segmenter(default_terms(), Path(gettempdir()), names=thesaurus.names())
    encoder = open_encoder(arguments.encoder)
    print(f"{'setting':38}{'lexical':>9}{'full':>8}{'more':>9}  95 %")
    for name, changed_set in settings(judged.part(arguments.part), segmenter, thesaurus):
        line = line_of(name, changed_set, Matcher(recipe, segmenter, encoder, thesaurus))
        if arguments.json:
            print(json.dumps(line, ensure_ascii=False))
        else:
            cells = f"{line['lexical']:9.3f}{line['full']:8.3f}{line['difference']:+9.3f}"
            print(f"{name:38}{cells}  {line['interval']}", flush=True)


if __name__ == "__main__":
    main()
