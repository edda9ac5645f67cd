"""Where to draw the lines of likeness, and how well they part pairs that are alike from others.

    python benchmarks/likeness.py [--encoder FOLDER|none] [--json]

*Duplicates*: every listing of the demonstration beside an edited copy of itself (a sixth of its
sentences lost, half of the copies in another order, numbers changed, a third of the concepts under
another name, half with another title), against all pairs of different listings.

*Shared needs*: every need beside what another firm with the same problem might write: no title,
half of its sentences, four fifths of their concepts under another name, and for the other half
one sentence each of other needs of the same field. Against all pairs of different needs, one in 80 is
right.

Half of the listings (by a hash of their number) draw the lines; the other half is reported.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from config import FOLDER, SHIPPED_ENCODER
from marketplace.demonstration.operations import rows_of
from matching import Document, Segmenter, Thesaurus, normalise, open_encoder
from matching.judgements import part_of
from matching.likeness import WITH_MODEL, WITHOUT_MODEL, Alike, Thresholds, alike
from matching.text import split_sentences

SEED = 13
PRECISION = 0.95


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in split_sentences(text)]


def renamed(text: str, share: float, thesaurus: Thesaurus, rng: random.Random) -> str:
    """The text with a share of its concepts under another of their names."""
    normal, pieces, at = normalise(text).text, [], 0
    for mention in thesaurus.mentions(normal):
        names = [n for n in thesaurus.concepts[mention.concept].names if n != mention.name]
        other = rng.choice(names) if names and rng.random() < share else mention.name
        pieces += [normal[at : mention.start], other]
        at = mention.end
    return "".join([*pieces, normal[at:]])


def edited(row: dict[str, Any], thesaurus: Thesaurus, rng: random.Random) -> tuple[str, str]:
    """Title and text of an edited copy."""
    kept = [one for one in sentences(row["description"]) if rng.random() > 1 / 6]
    kept = kept or [row["description"]]
    if rng.random() < 0.5:
        rng.shuffle(kept)
    text = re.sub(r"\d{1,9}", lambda found: str(int(found[0]) + rng.randrange(3)), "".join(kept))
    title = row["title"] if rng.random() < 0.5 else rng.choice(kept)[:30]
    return title, renamed(text, 1 / 3, thesaurus, rng)


def copies(kind: str, thesaurus: Thesaurus, rng: random.Random) -> Iterable[Document]:
    """Every listing, and its edited copy: keys ``number/a`` and ``number/b``."""
    for row in rows_of(kind):
        yield Document(f"{row['source_key']}/a", row["title"], row["description"])
        yield Document(f"{row['source_key']}/b", *edited(row, thesaurus, rng))


def wordings(kind: str, thesaurus: Thesaurus, rng: random.Random) -> Iterable[Document]:
    """Every need, and what another firm with the same problem might write."""
    rows = rows_of(kind)
    for row in rows:
        yield Document(f"{row['source_key']}/a", row["title"], row["description"])
        fellows = [o for o in rows if o.get("field") == row.get("field") and o is not row]
        said = sentences(row["description"])
        kept = rng.sample(said, max(1, len(said) // 2))
        text = [renamed(one, 0.8, thesaurus, rng) for one in kept]
        others = rng.sample(fellows, min(len(fellows), len(said) - len(kept)))
        text += [rng.choice(sentences(other["description"])) for other in others]
        rng.shuffle(text)
        yield Document(f"{row['source_key']}/b", "", "".join(text))


def scored(
    pairs: Iterable[Alike], part: str, measure: Callable[[Alike], float], *, originals: bool
) -> list[tuple[float, bool]]:
    """(measure, whether right) of the pairs of one part.

    ``originals``: wrong pairs are those of two originals alone; a made text holds strange sentences.
    """
    rows = []
    for pair in pairs:
        (one, first), (other, second) = pair.first.rsplit("/", 1), pair.second.rsplit("/", 1)
        counts = one == other or not originals or first == second == "a"
        if counts and part_of(one) == part and part_of(other) == part:
            rows.append((measure(pair), one == other))
    return rows


def figures(rows: list[tuple[float, bool]], level: float, whole: int) -> dict[str, float]:
    """Precision and recall at a level, of ``whole`` pairs that should have been found."""
    said = [right for score, right in rows if score >= level]
    precision = sum(said) / len(said) if said else 1.0
    return {"precision": round(precision, 3), "recall": round(sum(said) / whole, 3)}


def line(rows: list[tuple[float, bool]], whole: int) -> float:
    """The level with the highest recall at a precision of 95 % or more; of equals the middle."""
    levels = sorted({round(score, 3) for score, _ in rows})
    fit = [(figures(rows, one, whole)["recall"], one) for one in levels
           if figures(rows, one, whole)["precision"] >= PRECISION]  # fmt: skip
    best = [one for recall, one in fit if recall == max(fit)[0]]
    return best[len(best) // 2]


def main() -> None:
    """Print the lines and what they give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default=str(SHIPPED_ENCODER))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    model = arguments.encoder not in ("none", "ngrams")
    thresholds = WITH_MODEL if model else WITHOUT_MODEL
    report = []
    for name, kinds, made, originals in (
        ("duplicate", ("needs", "results"), copies, False),
        ("shared", ("needs",), wordings, True),
    ):
        for kind in kinds:
            found = pairs_of(kind, made, thresholds, arguments.encoder if model else "")
            report.append(
                {"line": name, "kind": kind, **parted(found, name, kind, originals, thresholds)}
            )
    for row in report:
        print(json.dumps(row, ensure_ascii=False) if arguments.json else row)


def pairs_of(
    kind: str, made: Callable[..., Iterable[Document]], thresholds: Thresholds, encoder: str
) -> tuple[Alike, ...]:
    """The pairs above the floor among the constructed documents."""
    segmenter = Segmenter(FOLDER / "jieba_terms.txt", Path("var") / "jieba")
    documents = list(made(kind, Thesaurus.read(FOLDER / "thesaurus"), random.Random(SEED)))
    vectors = None
    if encoder:
        texts = [normalise(f"{one.title}\n{one.text}"[:2000]).text for one in documents]
        encoded = open_encoder(encoder).encode(texts, query=False)
        vectors = {one.key: row for one, row in zip(documents, encoded, strict=True)}
    return alike(documents, segmenter, thresholds, vectors)


def parted(
    pairs: tuple[Alike, ...], name: str, kind: str, originals: bool, thresholds: Thresholds
) -> dict[str, Any]:
    """The line that one half draws, and what it and the line in use give on the other half."""
    measure = (lambda p: p.resemblance) if name == "duplicate" else (lambda p: p.likeness)
    parts = {}
    whole = {}
    for part in ("tune", "report"):
        parts[part] = scored(pairs, part, measure, originals=originals)
        whole[part] = sum(part_of(row["source_key"]) == part for row in rows_of(kind))
    drawn, used = line(parts["tune"], whole["tune"]), getattr(thresholds, name)
    return {
        "drawn": drawn,
        "reported": figures(parts["report"], drawn, whole["report"]),
        "used": used,
        "with it": figures(parts["report"], used, whole["report"]),
        "pairs": whole["report"],
    }


if __name__ == "__main__":
    main()
