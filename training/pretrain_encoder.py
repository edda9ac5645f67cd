"""Train a small Chinese transformer as the dense encoder; made for one accelerator.

1. characters and common pieces of the texts become a WordPiece vocabulary;
2. a masked language model (Devlin et al. 2019) reads the paragraphs;
3. the same network learns to join, with in-batch negatives (Henderson et al. 2017): title and
   abstract, keywords and abstract, first sentence and rest, names of one concept, phrases of the
   workshop and of the patent, written needs and their results. The result that does not answer
   a need, and the results most like the right one by the network itself, mined anew after each
   quarter, stand among the negatives.

The saved folder loads with ``SentenceTransformer(path)``; in single precision it has about 32 MB.
Without an accelerator it runs too, for days: see the smaller sizes of its test.

    python -m training.pretrain_encoder TEXT_FOLDER OUTPUT --device cuda
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import BertWordPieceTokenizer
from torch import Tensor
from torch.nn import functional
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertModel,
    BertTokenizerFast,
    DataCollatorForLanguageModeling,
)

from matching.thesaurus import Thesaurus
from training.judging import evaluate
from training.texts import Paper, held_out, read_bodies, read_papers, split_lead, tasks_of
from training.written import kept_apart, read_pairs, read_phrases

QUARTERS = 4
MINED = 5
"""So many of the most like wrong results are candidates for a mined negative."""
log = logging.getLogger("pretrain_encoder")


@dataclass(frozen=True)
class Texts:
    """All that is trained on: paragraphs, pairs of texts by kind, and needs with their results."""

    paragraphs: list[str]
    joined: list[list[tuple[str, str]]]
    needs: list[dict[str, str]]


def gather(args: argparse.Namespace, seen: Sequence[Paper], needs: list[dict[str, str]]) -> Texts:
    """Read everything but what is kept for judging."""
    bodies = read_bodies(args.texts, seen)
    thesaurus = Thesaurus.read(args.thesaurus)
    names = [c.names for c in thesaurus.concepts.values() if len(c.names) > 1]
    joined = [
        [(paper.title, paper.abstract) for paper in seen],
        [("，".join(paper.keywords), paper.abstract) for paper in seen if paper.keywords],
        [lead for lead in (split_lead(paper.abstract) for paper in seen) if all(lead)],
        [(one[0], other) for one in names for other in one[1:]],
        read_phrases(args.phrases),
    ]
    paragraphs = [text for paper in seen for text in (paper.abstract, *bodies[paper.key])]
    return Texts(paragraphs, [kind for kind in joined if kind], needs)


def learn_pieces(texts: Texts, size: int) -> BertTokenizerFast:
    """Make a tokenizer of Chinese characters and the commonest pieces of other scripts."""
    learner = BertWordPieceTokenizer(lowercase=True)
    sample = [*texts.paragraphs, *(row[side] for row in texts.needs for side in ("need", "result"))]
    learner.train_from_iterator(sample, vocab_size=size, min_frequency=3, show_progress=False)
    return BertTokenizerFast(tokenizer_object=learner._tokenizer, do_lower_case=True)


def new_network(args: argparse.Namespace, vocabulary: int) -> BertForMaskedLM:
    """Return a network of random weights."""
    config = BertConfig(  # no pooler: a text is the mean of its pieces
        vocab_size=vocabulary,
        hidden_size=args.dim,
        num_hidden_layers=args.layers,
        num_attention_heads=max(1, args.dim // 64),
        intermediate_size=4 * args.dim,
        max_position_embeddings=args.length,
    )
    return BertForMaskedLM(config).to(args.device)


def schedule(
    parameters: Sequence[torch.nn.Parameter], rate: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return an optimiser and its warm-up and decay."""
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1)


def learn_language(
    network: BertForMaskedLM, tokenizer: BertTokenizerFast, texts: Texts, args: argparse.Namespace
) -> None:
    """Train the masked language model on random batches of paragraphs."""
    random = np.random.default_rng(args.seed)
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.3)
    optimiser, shape = schedule(list(network.parameters()), args.lr, args.language_steps)
    network.train()
    for step in range(1, args.language_steps + 1):
        drawn = [texts.paragraphs[i] for i in random.integers(0, len(texts.paragraphs), args.batch)]
        cut = tokenizer(drawn, truncation=True, max_length=args.length)
        batch = collate([{"input_ids": ids} for ids in cut["input_ids"]]).to(args.device)
        with precision(args):
            loss = network(**batch).loss
        advance(loss, optimiser, shape)
        report("language", step, loss)


def precision(args: argparse.Namespace) -> torch.autocast:
    """Compute in bfloat16 on an accelerator, in single precision elsewhere."""
    return torch.autocast(args.device, dtype=torch.bfloat16, enabled=args.device != "cpu")


def advance(
    loss: Tensor, optimiser: torch.optim.Optimizer, shape: torch.optim.lr_scheduler.LRScheduler
) -> None:
    """Take one step down the gradient."""
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    shape.step()


def report(stage: str, step: int, loss: Tensor) -> None:
    """Log every hundredth loss."""
    if step % 100 == 0:
        log.info("%s step %d loss %.3f", stage, step, loss.item())


class Joiner:
    """Trains the network's mean vectors to bring the two sides of a pair together."""

    def __init__(self, network: BertModel, tokenizer: BertTokenizerFast, args: argparse.Namespace):
        self.network, self.tokenizer, self.args = network, tokenizer, args
        self.random = np.random.default_rng(args.seed)
        self.mined: list[list[int]] = []

    def vectors(self, texts: Sequence[str]) -> Tensor:
        """Return unit vectors, shape (len(texts), dim)."""
        cut = self.tokenizer(
            list(texts),
            truncation=True,
            max_length=self.args.length,
            padding=True,
            return_tensors="pt",
        ).to(self.args.device)
        with precision(self.args):
            states = self.network(**cut).last_hidden_state
        mask = cut["attention_mask"].unsqueeze(-1)
        return functional.normalize((states.float() * mask).sum(1) / mask.sum(1), dim=-1)

    def mine(self, needs: Sequence[dict[str, str]]) -> None:
        """Find, for each need, the wrong results that the network finds most like it."""
        self.network.eval()
        with torch.no_grad():
            asked, answers = (
                torch.cat(
                    [
                        self.vectors([row[side] for row in needs[at : at + 64]])
                        for at in range(0, len(needs), 64)
                    ]
                )
                for side in ("need", "result")
            )
        scores = asked @ answers.T
        scores.fill_diagonal_(-1)
        self.mined = scores.topk(min(MINED, len(needs))).indices.tolist()
        self.network.train()

    def draw(self, texts: Texts) -> tuple[list[tuple[str, str]], list[str]]:
        """Draw a batch of pairs, a third of them written needs, and further negatives."""
        count = min(self.args.batch // 3, len(texts.needs))
        chosen = self.random.permutation(len(texts.needs))[:count]
        pairs = [(texts.needs[i]["need"], texts.needs[i]["result"]) for i in chosen]
        negatives = [texts.needs[i]["hard_negative"] for i in chosen]
        if self.mined:
            negatives += [texts.needs[self.random.choice(self.mined[i])]["result"] for i in chosen]
        for _ in range(self.args.batch - count):
            kind = texts.joined[self.random.integers(len(texts.joined))]
            pairs.append(kind[self.random.integers(len(kind))])
        return pairs, negatives

    def train(self, texts: Texts) -> None:
        """Train, mining negatives after each quarter."""
        steps = self.args.joining_steps
        optimiser, shape = schedule(list(self.network.parameters()), self.args.lr, steps)
        self.network.train()
        for step in range(1, steps + 1):
            pairs, negatives = self.draw(texts)
            asked, answers = zip(*pairs, strict=True)
            documents = self.vectors([*answers, *negatives])
            scores = self.vectors(asked) @ documents.T * self.args.scale
            target = torch.arange(len(pairs), device=scores.device)
            back = functional.cross_entropy(scores.T[: len(pairs)], target)
            loss = functional.cross_entropy(scores, target) + back
            advance(loss, optimiser, shape)
            report("joining", step, loss)
            if step % max(1, steps // QUARTERS) == 0:
                self.mine(texts.needs)


def save(network: BertModel, tokenizer: BertTokenizerFast, length: int, output: Path) -> None:
    """Write a sentence-transformers folder."""
    body = output / "0_Transformer"
    network.to("cpu").save_pretrained(body)
    tokenizer.save_pretrained(body)
    transformer = Transformer(str(body), max_seq_length=length)
    pooling = Pooling(transformer.get_embedding_dimension(), "mean")
    model = SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu")
    model.save(str(output), create_model_card=False)


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train a small transformer encoder.")
    parser.add_argument("texts", type=Path, help="folder with the three .jsonl.xz files")
    parser.add_argument("output", type=Path, help="model folder to write")
    here = Path(__file__).parent
    parser.add_argument("--pairs", type=Path, default=here / "pairs")
    parser.add_argument("--phrases", type=Path, default=here / "phrases")
    parser.add_argument("--thesaurus", type=Path, default=here.parent / "config" / "thesaurus")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    for name, value in (
        ("seed", 13),
        ("held-out", 2000),
        ("pieces", 6000),
        ("dim", 256),
        ("layers", 8),
        ("length", 256),
        ("batch", 192),
        ("language-steps", 60_000),
        ("joining-steps", 8_000),
    ):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--scale", type=float, default=20.0)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Read, train in two stages, save, judge."""
    args = parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(args.seed)
    start = time.monotonic()
    held, seen = held_out(read_papers(args.texts), args.held_out, args.seed)
    kept, learnt = kept_apart(read_pairs(args.pairs), args.seed)
    texts = gather(args, seen, learnt)
    tokenizer = learn_pieces(texts, args.pieces)
    network = new_network(args, len(tokenizer))
    learn_language(network, tokenizer, texts, args)
    log.info("language learnt, %.0f s", time.monotonic() - start)
    Joiner(network.bert, tokenizer, args).train(texts)
    save(network.bert, tokenizer, args.length, args.output)
    log.info("trained in %.0f s", time.monotonic() - start)
    pairs = [(row["need"], row["result"]) for row in kept]
    tasks = tasks_of(held) | {"written need -> result": pairs}
    print(json.dumps(evaluate(args.output, tasks), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
