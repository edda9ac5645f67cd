"""A small real transformer, and what stands before its texts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from matching import (
    Document,
    Matcher,
    Recipe,
    Segmenter,
    SentenceEncoder,
    SnapshotMismatch,
    load,
    save,
)
from matching.prompts import Prompts, declared, of_family

CHARACTERS = "锅炉水垢清洗为这个句子生成查询："
TEXTS = ["锅炉水垢", "清洗"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, saved as sentence-transformers saves models."""
    import torch  # these three take seconds to import: not while tests are collected
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", ":", *CHARACTERS]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(words)), encoding="utf-8")
    torch.manual_seed(13)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(words), intermediate_size=64, **sizes)
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=64)
    model = SentenceTransformer(
        modules=[transformer, Pooling(transformer.get_embedding_dimension())], device="cpu"
    )
    saved = tmp_path_factory.mktemp("saved") / "tiny-zh"
    model.save(str(saved))
    return saved


def with_prompts(bert: Path, folder: Path, default: str | None = None, **prompts: str) -> Path:
    """A copy of the model that declares these prompts."""
    for path in bert.rglob("*"):
        if path.is_file():
            copy = folder / path.relative_to(bert)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    config = folder / "config_sentence_transformers.json"
    said = json.loads(config.read_text("utf-8")) | {
        "prompts": prompts,
        "default_prompt_name": default,
    }
    config.write_text(json.dumps(said), encoding="utf-8")
    return folder


def test_a_model_that_asks_for_nothing_is_given_the_bare_texts(bert: Path) -> None:
    encoder = SentenceEncoder(bert)
    assert encoder.prompts == Prompts()
    queries, documents = (encoder.encode(TEXTS, query=side) for side in (True, False))
    assert np.array_equal(queries, documents)
    assert np.allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-5)


def test_a_query_gets_the_instruction_that_the_model_declares(bert: Path, tmp_path: Path) -> None:
    folder = with_prompts(bert, tmp_path / "model", query="为这个句子生成查询：", document="")
    bare, told = SentenceEncoder(bert), SentenceEncoder(folder)
    written_out = bare.encode([f"为这个句子生成查询：{text}" for text in TEXTS], query=True)
    assert np.array_equal(told.encode(TEXTS, query=True), written_out)
    assert np.array_equal(told.encode(TEXTS, query=False), bare.encode(TEXTS, query=False))
    assert told.digest != bare.digest


def test_both_sides_can_have_a_prompt_and_the_default_is_not_put_before_queries(
    bert: Path, tmp_path: Path
) -> None:
    prompts = {"query": "query: ", "passage": "passage: "}
    folder = with_prompts(bert, tmp_path / "model", default="passage", **prompts)
    bare, told = SentenceEncoder(bert), SentenceEncoder(folder)
    for side, word in ((True, "query: "), (False, "passage: ")):
        written_out = bare.encode([word + text for text in TEXTS], query=side)
        assert np.array_equal(told.encode(TEXTS, query=side), written_out)


def test_a_stored_vector_asks_only_where_a_query_would_have_the_same(
    bert: Path, segmenter: Segmenter
) -> None:
    for prefix, alike in (("", True), ("查询：", False)):
        matcher = Matcher(Recipe(), segmenter, SentenceEncoder(bert, prefix))
        matcher.put([Document("need", "锅炉水垢", "清洗")])
        assert (matcher.asking_vector("need") is not None) is alike
        assert matcher.vector("need") is not None


def test_a_default_serves_both_sides_where_the_sides_have_no_names() -> None:
    assert declared({"STS": "句子："}, "STS") == Prompts("句子：", "句子：")
    assert declared({"query": "问："}, "query") == Prompts("问：", "")
    assert declared({"query": "", "document": ""}, None) == Prompts()


def test_the_installation_s_own_prefix_takes_the_place_of_the_query_s(
    bert: Path, tmp_path: Path
) -> None:
    folder = with_prompts(bert, tmp_path / "model", query="query: ", passage="passage: ")
    assert SentenceEncoder(folder, "查询：").prompts == Prompts("查询：", "passage: ")


def test_known_families_are_told_by_their_name() -> None:
    assert of_family("BAAI/bge-small-zh-v1.5").query.startswith("为这个句子生成表示")
    assert of_family("intfloat/multilingual-e5-base") == Prompts("query: ", "passage: ")
    assert of_family("thenlper/gte-base-zh") == of_family("somebody/else") == Prompts()
    assert of_family("intfloat/e5-mistral-7b-instruct") == Prompts(), "its card asks for more"


def test_a_folder_that_declares_nothing_takes_what_its_family_asks_for(
    bert: Path, tmp_path: Path
) -> None:
    folder = with_prompts(bert, tmp_path / "bge-small-zh-v1.5", query="", document="")
    assert SentenceEncoder(folder).prompts.query.startswith("为这个句子生成表示")


def test_an_index_of_another_encoder_is_refused_by_name_with_the_remedy(
    bert: Path, segmenter: Segmenter, tmp_path: Path
) -> None:
    document = Document("scale", "锅炉水垢", "清洗锅炉水垢")
    first = Matcher(Recipe(), segmenter, SentenceEncoder(bert))
    first.put([document])
    save(first, tmp_path / "snapshot")
    other = SentenceEncoder(with_prompts(bert, tmp_path / "other-zh", query="query: "))
    second = Matcher(Recipe(), segmenter, other)
    with pytest.raises(SnapshotMismatch) as refused:
        load(second, tmp_path / "snapshot")
    for words in ("tiny-zh", "other-zh", "shuangku reindex"):
        assert words in str(refused.value)
    assert len(second) == 0
