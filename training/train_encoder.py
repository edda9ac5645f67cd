"""Train the small dense encoder that ships with Shuangku.

The encoder is a table of one vector per Chinese word or character; the vector of a text is the
normalised mean over its pieces. It is trained contrastively on Chinese scientific papers:

1. ``jieba`` words and single characters of the texts become a Unigram vocabulary, so that the
   saved tokenizer needs no segmenter;
2. the vector of a word is its own row plus the mean row of the shorter pieces inside it, folded
   into one table when saved, so that rare words borrow from their characters;
3. in half of the pairs the pieces shared by both sides are removed from the document, so that the
   encoder learns what exact matching cannot find.

4. texts written for the purpose take a share of each batch: needs in workshop words with the
   result in patent words that answers them and one that does not, phrases of the workshop with
   those of a patent, the names of one thesaurus concept. Pieces are dropped at random, so that
   they are not learnt by heart.

Some papers, with their paragraphs, and every tenth written pair are never trained on; the saved
model is judged on them beside BM25 over character bigrams.

    python -m training.train_encoder TEXT_FOLDER matching/models/shuangku-static-zh --seed 13
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jieba
import numpy as np
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from torch import Tensor
from torch.nn import functional

from matching.thesaurus import Thesaurus
from training.judging import evaluate
from training.texts import Paper, held_out, read_bodies, read_papers, split_lead, tasks_of
from training.written import (
    WrittenTexts,
    encode_names,
    encode_pairs,
    encode_phrases,
    kept_apart,
    read_pairs,
    read_phrases,
)

Ids = np.ndarray
HAN = re.compile(r"[\u4e00-\u9fff]+")
PIECE_RUNS = r"\p{Han}+|[a-z]+|[α-ω]|[0-9]"
COMMON_TIMES = 20
"""So often a name of the thesaurus counts, so that it becomes a piece of its own."""
log = logging.getLogger("train_encoder")


@dataclass
class Group:
    """Everything trained on from one paper, as piece ids."""

    title: Ids
    keywords: list[Ids]
    passages: list[Ids]  # the abstract, then body paragraphs
    lead: tuple[Ids, Ids]  # first sentence of the abstract, and the rest of it


def build_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Make a Unigram tokenizer of the commonest characters and words of the texts."""
    counts: Counter[str] = Counter()
    for text in texts:
        text = unicodedata.normalize("NFKC", text).lower()
        for run in HAN.findall(text):
            counts.update(run)
            counts.update(word for word in jieba.cut_for_search(run) if 1 < len(word) <= 6)
        counts.update(re.findall(r"[a-zα-ω]+|[0-9]", text))
    single = [piece for piece, count in counts.items() if len(piece) == 1 and count >= 3]
    single += [c for c in "abcdefghijklmnopqrstuvwxyz" if c not in single]
    longer = [piece for piece, _ in counts.most_common() if len(piece) > 1]
    pieces = sorted(single) + longer[: size - len(single) - 1]
    total = sum(counts[piece] for piece in pieces)
    scores = [(piece, float(np.log(max(counts[piece], 1) / total))) for piece in pieces]
    tokenizer = Tokenizer(Unigram([("<unk>", 0.0), *scores], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PIECE_RUNS), "removed", invert=True)
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str], limit: int = 400) -> list[Ids]:
    """Turn texts into arrays of piece ids, cut at a limit, unknown pieces left out."""
    found: list[Ids] = []
    for start in range(0, len(texts), 2000):
        for encoding in tokenizer.encode_batch_fast(texts[start : start + 2000]):
            ids = np.asarray(encoding.ids[:limit], dtype=np.int64)
            found.append(ids[ids > 0])
    return found


def build_groups(
    tokenizer: Tokenizer, papers: list[Paper], bodies: dict[str, list[str]]
) -> list[Group]:
    """Encode the fields and paragraphs of the papers that are trained on."""
    groups = []
    for paper in papers:
        texts = [paper.title, *split_lead(paper.abstract), paper.abstract]
        texts += bodies.get(paper.key, [])
        title, lead, rest, *passages = encode(tokenizer, texts)
        keywords = [ids for ids in encode(tokenizer, paper.keywords) if len(ids)]
        passages = [ids for ids in passages if len(ids) >= 24]
        if len(title) and passages:
            groups.append(Group(title, keywords, passages, (lead, rest)))
    return groups


def cut_span(ids: Ids, random: np.random.Generator) -> tuple[Ids, Ids]:
    """Take a short random stretch out of a passage; return it and what is left."""
    length = int(random.integers(4, min(40, len(ids) // 2)))
    start = int(random.integers(0, len(ids) - length))
    return ids[start : start + length], np.delete(ids, slice(start, start + length))


def draw_pair(group: Group, random: np.random.Generator, mask: float) -> tuple[Ids, Ids]:
    """Draw one training pair (query, document) from a paper."""
    kind = random.random()
    passage = group.passages[int(random.integers(len(group.passages)))]
    query, document = group.title, passage
    if kind < 0.15:
        document = group.passages[0]
    elif kind < 0.30 and group.keywords:
        count = int(random.integers(1, len(group.keywords) + 1))
        chosen = random.permutation(len(group.keywords))[:count]
        query = np.concatenate([group.keywords[i] for i in chosen])
        document = group.passages[0] if random.random() < 0.6 else passage
    elif kind < 0.40 and min(map(len, group.lead)) >= 4:
        query, document = group.lead
    elif kind < 0.85:
        query, document = cut_span(passage, random)
    if random.random() < mask:
        kept = document[~np.isin(document, query)]
        document = kept if len(kept) >= 4 else document
    return query, document


def composition(tokenizer: Tokenizer) -> Tensor:
    """Sparse matrix that adds to each Chinese word the mean row of the pieces inside it."""
    vocabulary = tokenizer.get_vocab()
    rows, columns, values = [], [], []
    for piece, row in vocabulary.items():
        inside = {piece[i:j] for i in range(len(piece)) for j in range(i + 1, len(piece) + 1)}
        parts = [vocabulary[s] for s in inside if s in vocabulary and s != piece]
        parts = parts if HAN.fullmatch(piece) else []
        rows += [row] * (len(parts) + 1)
        columns += [row, *parts]
        values += [float(row > 0)] + [1 / max(len(parts), 1)] * len(parts)
    size = (len(vocabulary), len(vocabulary))
    with torch.sparse.check_sparse_tensor_invariants(False):
        coo = torch.sparse_coo_tensor(torch.tensor([rows, columns]), torch.tensor(values), size)
    return coo.coalesce().to_sparse_csr()


def pool(table: Tensor, bags: list[Ids]) -> Tensor:
    """Normalised mean vector of each bag of piece ids."""
    offsets = torch.from_numpy(np.cumsum([0] + [len(bag) for bag in bags[:-1]]))
    ids = torch.from_numpy(np.concatenate(bags))
    return functional.normalize(functional.embedding_bag(ids, table, offsets, mode="mean"))


def train(
    groups: list[Group],
    written: WrittenTexts,
    mix: Tensor,
    args: argparse.Namespace,
) -> Tensor:
    """Learn the table with in-batch negatives; every paper occurs at most once in a batch."""
    random = np.random.default_rng(args.seed)
    rows = torch.nn.Parameter(torch.randn(mix.shape[0], args.dim) * 0.1)
    mix_t = mix.to_sparse_coo().t().coalesce().to_sparse_csr()
    optimiser = torch.optim.AdamW([rows], lr=args.lr, weight_decay=args.decay, betas=(0.9, 0.98))
    shape = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.lr, args.steps, pct_start=0.05)
    odds = np.sqrt([len(group.passages) for group in groups])
    start, mean_loss = time.monotonic(), 0.0
    for step in range(1, args.steps + 1):
        chosen = random.choice(len(groups), args.batch, replace=False, p=odds / odds.sum())
        pairs = [draw_pair(groups[i], random, args.mask) for i in chosen]
        more, others = written.draw(args.written, random)
        pairs += more
        with torch.no_grad():
            table = mix @ rows
        table.requires_grad_()
        asked, answers = zip(*pairs, strict=True)
        queries, documents = pool(table, list(asked)), pool(table, [*answers, *others])
        scores = queries @ documents.T * args.scale
        target = torch.arange(len(pairs))
        back = functional.cross_entropy(scores.T[: len(pairs)], target)
        loss = functional.cross_entropy(scores, target) + back
        loss.backward()
        rows.grad = mix_t @ table.grad
        optimiser.step()
        shape.step()
        mean_loss += (loss.item() / 2 - mean_loss) / min(step, 50)
        if step % 50 == 0:
            log.info("step %d loss %.3f %.0f s", step, mean_loss, time.monotonic() - start)
    return (mix @ rows).detach()


def save(table: Tensor, tokenizer: Tokenizer, output: Path) -> None:
    """Write a sentence-transformers folder with half-precision weights.

    The rows are stored under ``embeddings`` with unit ``weights`` in single precision: a reader
    that knows both computes in single precision, one that ignores the second gets half precision.
    """
    output.mkdir(parents=True, exist_ok=True)
    model = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=table), Normalize()], device="cpu"
    )
    model.save(str(output), create_model_card=False)
    half = {"embeddings": table.half().contiguous(), "weights": torch.ones(len(table))}
    save_file(half, next(output.rglob("model.safetensors")))


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the dense encoder shipped with Shuangku.")
    parser.add_argument("texts", type=Path, help="folder with the three .jsonl.xz files")
    parser.add_argument("output", type=Path, help="model folder to write")
    here = Path(__file__).parent
    parser.add_argument("--pairs", type=Path, default=here / "pairs")
    parser.add_argument("--phrases", type=Path, default=here / "phrases")
    parser.add_argument("--thesaurus", type=Path, default=here.parent / "config" / "thesaurus")
    parser.add_argument("--seed", type=int, default=13)
    for name, value in (
        ("held-out", 2000),
        ("pieces", 30000),
        ("dim", 256),
        ("batch", 1024),
        ("steps", 1500),
        ("threads", 1),
        ("written", 64),
    ):
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, number in (("lr", 0.02), ("decay", 0.0), ("scale", 20.0), ("mask", 0.5)):
        parser.add_argument(f"--{name}", type=float, default=number)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Read, train, save, judge."""
    args = parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    jieba.setLogLevel(logging.WARNING)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    start = time.monotonic()
    held, seen = held_out(read_papers(args.texts), args.held_out, args.seed)
    bodies = read_bodies(args.texts, seen)
    thesaurus = Thesaurus.read(args.thesaurus)
    kept, learnt = kept_apart(read_pairs(args.pairs), args.seed)
    phrases = read_phrases(args.phrases)
    tokenizer = learn_pieces(seen, bodies, learnt, phrases, thesaurus, args.pieces)
    log.info("%d pieces, %.0f s", tokenizer.get_vocab_size(), time.monotonic() - start)
    groups = build_groups(tokenizer, seen, bodies)
    cut = partial(encode, tokenizer)
    written = WrittenTexts(
        encode_pairs(cut, learnt), encode_names(cut, thesaurus), encode_phrases(cut, phrases)
    )
    log.info("%d papers, %s, %.0f s", len(groups), written, time.monotonic() - start)
    table = train(groups, written, composition(tokenizer), args)
    save(table, tokenizer, args.output)
    log.info("trained in %.0f s", time.monotonic() - start)
    pairs = [(row["need"], row["result"]) for row in kept]
    tasks = tasks_of(held) | {"written need -> result": pairs}
    print(json.dumps(evaluate(args.output, tasks), ensure_ascii=False, indent=2))


def learn_pieces(
    papers: list[Paper],
    bodies: dict[str, list[str]],
    pairs: list[dict[str, str]],
    phrases: list[tuple[str, str]],
    thesaurus: Thesaurus,
    size: int,
) -> Tokenizer:
    """Make the tokenizer of all that is trained on; names of the thesaurus are words of jieba."""
    names = list(thesaurus.names())
    for name in names:
        jieba.add_word(name)
    sample = [t for one in papers for t in (one.title, one.abstract, *bodies[one.key][:4])]
    sample += [row[side] for row in pairs for side in ("need", "result")]
    sample += [side for pair in phrases for side in pair]
    return build_tokenizer(sample + COMMON_TIMES * names, size)


if __name__ == "__main__":
    main()
