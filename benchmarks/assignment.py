"""What keeping everybody within their limits brings, costs in quality, and costs in time.

    python benchmarks/assignment.py judged [--json]
    python benchmarks/assignment.py scale [--needs 20000] [--results 20000] [--json]

*judged* takes the judged needs and results: candidates are each need's best twenty at or above the
threshold; nDCG@10 is over the needs with a relevant result, each given five at most. Beside the
real set it takes a crowded one, where every need is asked four times over.

*scale* draws results by a Zipf law, so that few are wanted by many, a tenth of the owners taking 30 contacts over their 50 results, and times the solver alone.
"""

import argparse
import json
import resource
import time
from dataclasses import asdict
from typing import Any

import numpy as np

from config import FOLDER, SHIPPED_ENCODER
from matching import Matcher, Recipe, Segmenter, Thesaurus, open_encoder
from matching.assignment import Edge, Limits, assign, figures, mean_ndcg, plain
from matching.judgements import Judged, read_judged

JUDGED = FOLDER.parent / "matching" / "judged"
NEEDS, RESULTS, CANDIDATES = Limits(5), Limits(3), 20
FIRST, SEED = 1.0, 13


def judged_edges(judged: Judged, copies: int) -> list[Edge]:
    """The candidate pairs of the judged needs, each asked ``copies`` times by as many firms."""
    segmenter = Segmenter(FOLDER / "jieba_terms.txt")
    thesaurus = Thesaurus.read(FOLDER / "thesaurus")
    matcher = Matcher(Recipe(), segmenter, open_encoder(str(SHIPPED_ENCODER)), thesaurus)
    matcher.put(judged.documents)
    return [
        Edge(f"{query.key}#{copy}", hit.key, hit.score)
        for query in judged.queries
        for hit in matcher.match(query, k=CANDIDATES).hits
        if hit.score >= matcher.recipe.threshold
        for copy in range(copies)
    ]


def compare(edges: list[Edge], grades: dict[str, Any]) -> dict[str, Any]:
    """Figures before and after, with nDCG@10 where there are grades."""
    answer: dict[str, Any] = {"candidates": len(edges)}
    for name, pairs in (
        ("before", plain(edges, NEEDS)),
        ("by score alone", assign(edges, queries=NEEDS, documents=RESULTS)),
        ("after", assign(edges, queries=NEEDS, documents=RESULTS, first=FIRST)),
    ):
        answer[name] = asdict(figures(pairs, edges, RESULTS))
        answer[name]["ndcg@10"] = mean_ndcg(pairs, grades) if grades else None
    return answer


def on_the_judged_set() -> list[dict[str, Any]]:
    """The judged set as it is, and four times as crowded."""
    judged = read_judged(*(JUDGED / f"{n}.jsonl" for n in ("queries", "documents", "qrels")))
    rows = []
    for copies in (1, 4):
        grades = {f"{q}#{c}": held for q, held in judged.grades.items() for c in range(copies)}
        rows.append({"copies": copies, **compare(judged_edges(judged, copies), grades)})
    return rows


def drawn(needs: int, results: int) -> list[Edge]:
    """Twenty candidates for each need, popular results far more often than others."""
    rng = np.random.default_rng(SEED)
    wanted = 1 / np.arange(1, results + 1) ** 0.6
    wanted /= wanted.sum()
    edges = []
    for need in range(needs):
        chosen = np.unique(rng.choice(results, CANDIDATES * 2, p=wanted))
        for result in rng.permutation(chosen)[:CANDIDATES]:
            score = round(float(rng.uniform(0.185, 1)), 6)
            edges.append(Edge(f"need/{need}", f"result/{result}", score))
    return edges


def at_scale(needs: int, results: int) -> dict[str, Any]:
    """The seconds of the solver, and the figures before and after."""
    edges = drawn(needs, results)
    owners = {f"result/{n}": f"owner/{n // 50}" for n in range(results)}
    documents = Limits(
        3, owner_of=owners, of_owner=dict.fromkeys(sorted(set(owners.values()))[::10], 30)
    )
    began = time.perf_counter()
    after = assign(edges, queries=NEEDS, documents=documents, first=FIRST)
    seconds = time.perf_counter() - began
    return {
        "needs": needs,
        "results": results,
        "candidates": len(edges),
        "seconds": round(seconds, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "before": asdict(figures(plain(edges, NEEDS), edges, documents)),
        "after": asdict(figures(after, edges, documents)),
    }


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("judged", "scale"))
    parser.add_argument("--needs", type=int, default=20_000)
    parser.add_argument("--results", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    scale = arguments.what == "scale"
    rows = [at_scale(arguments.needs, arguments.results)] if scale else on_the_judged_set()
    for row in rows:
        print(json.dumps(row) if arguments.json else json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
