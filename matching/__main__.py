"""``python -m matching evaluate`` and ``python -m matching tune``, over three JSONL files.

Without options they take the project's own judged set and the shipped encoder.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from matching import history
from matching.encoder import Encoder, open_encoder
from matching.evaluation import Judged, evaluate, read_judged
from matching.matcher import Matcher
from matching.recipe import Recipe
from matching.segmenter import Segmenter
from matching.thesaurus import Thesaurus
from matching.tuning import tune

JUDGED = Path(__file__).parent / "judged"
SHIPPED = Path(__file__).parent / "models" / "shuangku-static-zh"
COLUMNS = ("ndcg@10", "recall@10", "recall@100", "mrr", "unjudged@10", "seconds")


def parser() -> ArgumentParser:
    """Return the command line."""
    root = ArgumentParser(prog="python -m matching", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    for name, part in (("evaluate", "all"), ("tune", "tune")):
        command = commands.add_parser(name)
        for file in ("queries", "documents", "qrels"):
            command.add_argument(f"--{file}", type=Path, default=JUDGED / f"{file}.jsonl")
        encoder = "a model folder, a hub name, 'ngrams', or 'none'; without it the shipped model"
        command.add_argument("--encoder", default=str(SHIPPED), help=encoder)
        command.add_argument("--query-prefix", default="")
        command.add_argument("--terms", type=Path, help="the dictionary of the region's terms")
        command.add_argument("--thesaurus", type=Path, default=default_thesaurus(), help="a folder")
        command.add_argument("--cache", type=Path, help="folder for jieba's prebuilt table")
        command.add_argument("--recipe", type=Path, help="a recipe that `tune` printed")
        command.add_argument("--part", choices=("tune", "report", "all"), default=part)
        command.add_argument("--json", action="store_true")
        command.add_argument("--history", type=Path, help="add the figures to this file")
        command.add_argument("--version", default=released(), help="what the figures are of")
        command.add_argument("--keep-weights", action="store_true", help="tune only the threshold")
    return root


def encoder_from(arguments: Namespace) -> Encoder | None:
    """Return the encoder that was asked for, not yet loaded."""
    if arguments.encoder == "none":
        return None
    return open_encoder(arguments.encoder, arguments.query_prefix)


def matcher_from(arguments: Namespace, judged: Judged) -> Matcher:
    """Return a matcher that holds the judged documents."""
    given = arguments.recipe.read_text(encoding="utf-8") if arguments.recipe else None
    recipe = Recipe.from_json(given) if given else Recipe()
    segmenter = Segmenter(arguments.terms or default_terms(), arguments.cache)
    thesaurus = Thesaurus.read(arguments.thesaurus) if arguments.thesaurus else None
    matcher = Matcher(recipe, segmenter, encoder_from(arguments), thesaurus)
    matcher.put(judged.documents)
    return matcher


def default_terms() -> Path | None:
    """Return the repository's dictionary where the package stands in the repository."""
    path = Path(__file__).parents[1] / "config" / "jieba_terms.txt"
    return path if path.exists() else None


def default_thesaurus() -> Path | None:
    """Return the repository's thesaurus where the package stands in the repository."""
    path = Path(__file__).parents[1] / "config" / "thesaurus"
    return path if path.exists() else None


def released() -> str:
    """Return the version of the installed project, empty where it is not installed."""
    try:
        return metadata.version("shuangku")
    except metadata.PackageNotFoundError:
        return ""


def line_from(arguments: Namespace, matcher: Matcher, judged: Judged) -> dict[str, Any]:
    """Return the line of the history that the arguments ask for."""
    facts = {"version": arguments.version, "date": datetime.now(UTC).date().isoformat()}
    labels = history.read_labels(arguments.queries)
    return history.line_of(matcher, judged, arguments.part, labels=labels, **facts)


def table(result: dict[str, Any]) -> str:
    """Return the methods as lines of text, with the intervals of nDCG."""
    lines = ["  ".join(["method".ljust(8), *(name.rjust(11) for name in COLUMNS), "ndcg 95 %"])]
    for line in result["methods"]:
        cells = ["—" if line[name] is None else f"{line[name]:.3f}" for name in COLUMNS]
        cells = [cell.rjust(11) for cell in cells]
        lines.append("  ".join([line["method"].ljust(8), *cells, str(line["ndcg@10_interval"])]))
    full = result["methods"][-1]
    none = f"precision {full['none_precision']}, coverage {full['none_coverage']}"
    return "\n".join([*lines, f"暂无合适: {none}"])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    arguments = parser().parse_args(argv)
    judged = read_judged(arguments.queries, arguments.documents, arguments.qrels)
    matcher = matcher_from(arguments, judged)
    chosen = judged.part(arguments.part)
    if arguments.command == "tune":
        kept = matcher.recipe.weights if arguments.keep_weights else None
        print(tune(matcher, chosen, kept).as_json())
        return 0
    if arguments.history:
        history.append(arguments.history, line_from(arguments, matcher, judged))
    result = evaluate(matcher, chosen)
    print(json.dumps(result, ensure_ascii=False) if arguments.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
