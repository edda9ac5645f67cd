"""Both trainers run from texts to a folder that sentence-transformers loads.

They are imported by name, and only where they run: PyTorch takes 340 MB and some seconds of every
process that collects these tests.
"""

from __future__ import annotations

import importlib
import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from matching import SentenceEncoder

TRADES = (
    "锅炉除垢",
    "风机除冰",
    "煤矸石制砖",
    "奶牛乳房炎",
    "稀土萃取",
    "羊绒分梳",
    "固沙",
    "电解铝",
)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Papers, paragraphs, pairs and phrases in the form of the real ones, a few of each."""
    folder = tmp_path / "texts"
    folder.mkdir()
    papers = [
        {
            "id": f"p{number}",
            "title": f"第{number}号{trade}技术研究",
            "abstract": f"第{number}项针对{trade}过程中的问题开展试验。"
            + f"提出{trade}的新方法并验证其效果。" * 4,
            "keywords": [trade, "试验"],
        }
        for number, trade in enumerate(TRADES * 3)
    ]
    bodies = [{"paper": one["id"], "text": one["abstract"] * 2} for one in papers]
    written(folder / "papers.jsonl.xz", papers)
    written(folder / "csl_dev_test.jsonl.xz", [])
    written(folder / "paragraphs.jsonl.xz", bodies)
    return folder


def written(path: Path, rows: list[dict]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


SMALL = {
    "train_encoder": "--pieces 400 --dim 32 --batch 12 --steps 8",
    "pretrain_encoder": "--pieces 400 --dim 64 --layers 1 --length 48 --batch 12"
    " --language-steps 4 --joining-steps 8 --device cpu",
}


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support:UserWarning")
@pytest.mark.parametrize("trainer", SMALL)
def test_a_trainer_leaves_a_model_that_loads_and_tells_texts_apart(
    trainer: str, texts: Path, tmp_path: Path
) -> None:
    arguments = [str(texts), str(tmp_path / "model"), "--held-out", "4", *SMALL[trainer].split()]
    importlib.import_module(f"training.{trainer}").main(arguments)
    encoder = SentenceEncoder(tmp_path / "model")
    vectors = encoder.encode(["锅炉除垢", "奶牛乳房炎", "锅炉除垢"], query=True)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[1]
