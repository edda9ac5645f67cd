from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import NgramEncoder, SentenceEncoder, StaticEncoder, open_encoder
from matching.__main__ import main
from matching.encoder import UnusableEncoder


@given(st.lists(st.text(max_size=30), max_size=6))
def test_a_vector_has_length_one_and_does_not_depend_on_its_company(texts: list[str]) -> None:
    encoder = NgramEncoder(64)
    together = encoder.encode(texts, query=False)
    assert together.shape == (len(texts), 64) and together.dtype == np.float32
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(encoder.encode([text], query=True)[0], vector)
        assert np.linalg.norm(vector) < 1e-6 or abs(np.linalg.norm(vector) - 1) < 1e-5


def test_the_digest_covers_the_files_of_a_model_and_its_prefix(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"1")
    first = SentenceEncoder(tmp_path).digest
    assert SentenceEncoder(tmp_path, "query: ").digest != first
    (tmp_path / "weights.bin").write_bytes(b"2")
    assert SentenceEncoder(tmp_path).digest != first


SHIPPED = Path(__file__).parents[2] / "matching" / "models" / "shuangku-static-zh"


def test_the_shipped_model_is_read_alike_with_and_without_pytorch() -> None:
    texts = ["锅炉水垢清洗", "碳酸钙阻垢剂 ZL-3型", "𠮷 unknown ☃", ""]
    light = StaticEncoder(SHIPPED).encode(texts, query=True)
    whole = SentenceEncoder(SHIPPED).encode(texts, query=True)
    assert np.allclose(light[:3], whole[:3], atol=2e-3)
    assert not light[3].any()


def test_a_model_is_opened_by_what_its_folder_holds(tmp_path: Path) -> None:
    assert isinstance(open_encoder(str(SHIPPED)), StaticEncoder)
    assert isinstance(open_encoder(str(tmp_path)), SentenceEncoder)
    assert isinstance(open_encoder("ngrams"), NgramEncoder)
    assert isinstance(open_encoder(str(SHIPPED), "查询："), SentenceEncoder), (
        "a prefix is never lost"
    )


STATIC = """[{"type": "sentence_transformers.models.StaticEmbedding"},
             {"type": "sentence_transformers.models.Normalize"}]"""


@pytest.mark.parametrize("modules", [None, "{", "[]", "[{}]", STATIC])
def test_a_folder_that_holds_no_model_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], modules: str | None
) -> None:
    if modules is not None:
        (tmp_path / "modules.json").write_text(modules, encoding="utf-8")
    with pytest.raises(UnusableEncoder):
        open_encoder(str(tmp_path)).encode(["水垢"], query=False)
    assert main(["evaluate", "--encoder", str(tmp_path), "--cache", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path} is no usable model")


def test_a_folder_that_is_not_there_is_never_asked_for_at_the_hub() -> None:
    for name in ("/nowhere/model", "./nowhere"):
        with pytest.raises(UnusableEncoder, match="no such model folder"):
            open_encoder(name).encode(["水垢"], query=False)
        assert main(["evaluate", "--encoder", name]) == 2
