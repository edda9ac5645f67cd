"""``python -m matching evaluate | tune | quantities | bench``, over JSONL files, and ``thesaurus``.

Without options they take the project's own judged set, thesaurus and encoder. ``evaluate
--ablate`` switches each part off in turn; ``--history`` appends the figures to a file of versions.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from matching import bench, history, labelled
from matching.bench_corpus import Sources
from matching.encoder import Encoder, UnusableEncoder, is_lost_folder, open_encoder, recipe_for
from matching.evaluation import evaluate
from matching.judgements import Judged, UnreadableJudgements, read_judged
from matching.matcher import Matcher, RecipeMismatch
from matching.recipe import Recipe, UnreadableRecipe
from matching.reliability import calibration_error
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
        _add_judging(commands.add_parser(name), part)
    check = commands.add_parser("thesaurus", help="say what is wrong with a thesaurus")
    check.add_argument("folder", type=Path, nargs="?", default=default_thesaurus())
    command = commands.add_parser("quantities", help="precision and recall of the numbers read")
    command.add_argument("--labelled", type=Path, default=JUDGED / "quantities.jsonl")
    timed = commands.add_parser("bench", help="build time, memory and search time")
    timed.add_argument("--judged", type=Path, default=JUDGED)
    timed.add_argument("--thesaurus", type=Path, default=default_thesaurus())
    timed.add_argument("--terms", type=Path, default=default_terms())
    timed.add_argument("--encoder", default=str(SHIPPED))
    bench.add_arguments(timed)
    return root


def _add_judging(command: ArgumentParser, part: str) -> None:
    """Declare what a command over a judged set takes."""
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
    command.add_argument("--ablate", action="store_true", help="switch each part off in turn")


def encoder_from(arguments: Namespace) -> Encoder | None:
    """Return the encoder that was asked for, not yet loaded; UnusableEncoder for a lost folder."""
    if arguments.encoder == "none":
        return None
    if is_lost_folder(arguments.encoder):
        raise UnusableEncoder(f"no such model folder: {arguments.encoder}")
    return open_encoder(arguments.encoder, arguments.query_prefix)


def matcher_from(arguments: Namespace, judged: Judged, encoder: Encoder | None) -> Matcher:
    """Return a matcher that holds the judged documents."""
    given = arguments.recipe.read_text(encoding="utf-8") if arguments.recipe else None
    recipe = Recipe.from_json(given) if given else recipe_for(encoder)
    thesaurus = Thesaurus.read(arguments.thesaurus) if arguments.thesaurus else None
    names = thesaurus.names() if thesaurus else ()
    segmenter = Segmenter(arguments.terms or default_terms(), arguments.cache, names=names)
    matcher = Matcher(recipe, segmenter, encoder, thesaurus)
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


def line_from(arguments: Namespace, matcher: Matcher, result: dict[str, Any]) -> dict[str, Any]:
    """Return the line of the history that the arguments ask for."""
    day = datetime.now(UTC).date().isoformat()
    encoder = matcher.encoder.name if matcher.encoder else None
    facts = {"version": arguments.version, "date": day, "encoder": encoder, "part": arguments.part}
    return history.line_of(result, facts)


def table(result: dict[str, Any]) -> str:
    """Return the methods as lines of text, with the intervals of nDCG."""
    lines = ["  ".join(["method".ljust(8), *(name.rjust(11) for name in COLUMNS), "ndcg 95 %"])]
    for line in result["methods"]:
        cells = ["—" if line[name] is None else f"{line[name]:.3f}" for name in COLUMNS]
        cells = [cell.rjust(11) for cell in cells]
        lines.append("  ".join([line["method"].ljust(8), *cells, str(line["ndcg@10_interval"])]))
    full = result["methods"][-1]
    lines.append(f"暂无合适: precision {full['none_precision']}, coverage {full['none_coverage']}")
    lines += [
        f"without {line['without']}: {line['ndcg@10']}, all parts {_signed(line['difference'])} {line['interval']}"
        for line in result["ablations"]
    ]
    if result["gate"]:
        gate = result["gate"]
        word = "passed" if gate["passed"] else "not passed"
        lines.append(
            f"dense encoder: {_signed(gate['difference'])} {gate['interval']}, gate {word}"
        )
    error = calibration_error(result["reliability"])
    return "\n".join([*lines, f"expected calibration error of the ten best: {error}"])


def _signed(difference: float | None) -> str:
    return "—" if difference is None else f"{difference:+}"


def check_thesaurus(folder: Path) -> int:
    """Print what is wrong with a thesaurus; 1 if anything is."""
    thesaurus = Thesaurus.read(folder)
    problems = thesaurus.problems()
    names = sum(1 for _ in thesaurus.names())
    print("\n".join([*problems, f"{len(thesaurus.concepts)} concepts, {names} names"]))
    return 1 if problems else 0


def lines_of(figures: labelled.Figures) -> str:
    """Return precision and recall as a line, then what differs from the labels."""
    first = f"precision {figures.precision:.3f}, recall {figures.recall:.3f}"
    counts = f"{figures.read} read, {figures.labelled} labelled, {figures.sentences} sentences"
    return "\n".join([f"{first} ({counts})", *figures.differences])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    arguments = parser().parse_args(argv)
    if arguments.command == "thesaurus":
        return check_thesaurus(arguments.folder)
    if arguments.command == "quantities":
        print(lines_of(labelled.measure(arguments.labelled)))
        return 0
    if arguments.command == "bench":
        given = (arguments.judged, arguments.thesaurus, arguments.terms, arguments.encoder)
        return bench.run(arguments, Sources(*given, Path(gettempdir())))
    try:
        return measured(arguments)
    except (UnreadableJudgements, UnreadableRecipe, RecipeMismatch, OSError) as refusal:
        print(refusal, file=sys.stderr)
        return 2


def measured(arguments: Namespace) -> int:
    """Print the figures, or the recipe, that a matcher of the judged documents has."""
    judged = read_judged(arguments.queries, arguments.documents, arguments.qrels)
    matcher = matcher_from(arguments, judged, encoder_from(arguments))
    for note in judged.notes:
        print(note, file=sys.stderr)
    chosen = judged.part(arguments.part)
    if arguments.command == "tune":
        kept = matcher.recipe.weights if arguments.keep_weights else None
        print(tune(matcher, chosen, kept).as_json())
        return 0
    result = evaluate(matcher, chosen, ablate=arguments.ablate)
    if arguments.history:
        history.append(arguments.history, line_from(arguments, matcher, result))
    print(json.dumps(result, ensure_ascii=False) if arguments.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
