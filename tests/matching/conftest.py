"""Real parts for every test: the repository's dictionary, the n-gram encoder, small documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from matching import Document, Matcher, NgramEncoder, Recipe, Segmenter, Thesaurus

# How long an example takes depends on what else the machine does.
settings.register_profile("matching", deadline=None)
settings.load_profile("matching")

CONFIG = Path(__file__).parents[2] / "config"
TERMS = CONFIG / "jieba_terms.txt"
THESAURUS = CONFIG / "thesaurus"

TEXTS = {
    "scale": (
        "循环水阻垢剂的制备方法",
        "本发明公开了一种缓蚀阻垢剂，用于去除换热器的碳酸钙沉积物。",
    ),
    "gangue": ("煤矸石制备陶粒", "利用煤矸石和粉煤灰烧结陶粒，抗压强度高。适用于建筑材料。"),
    "magnet": ("烧结钕铁硼晶界扩散工艺", "重稀土镝铽用量低，矫顽力提高。"),
    "blade": ("风机叶片除冰系统", "针对寒冷地区风电场叶片覆冰，采用电加热除冰。"),
    "milk": ("隐性乳房炎检测试纸条", "用于奶牛场快速检测生鲜乳体细胞，判断隐性乳房炎。"),
    "sand": ("流动沙丘固沙剂", "沙蒿胶固沙剂用于荒漠化地区草方格沙障。"),
}
FACETS = {"scale": "煤化工", "gangue": "固废", "magnet": "稀土", "blade": "风电", "milk": "乳业"}


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    """One tokenizer for all tests, with its cache in a folder of its own."""
    return Segmenter(TERMS, tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    """A document of each branch; 'sand' has no field."""
    return [
        Document(key, title, text, {"field": (FACETS[key],)} if key in FACETS else {}, revision=1)
        for key, (title, text) in TEXTS.items()
    ]


@pytest.fixture(scope="session")
def new_held(segmenter: Segmenter, documents: list[Document]) -> Callable[[], Matcher]:
    """Build a matcher that holds the documents, with the thesaurus."""

    def build() -> Matcher:
        built = Matcher(Recipe(), segmenter, NgramEncoder(64), Thesaurus.read(THESAURUS))
        built.put(documents)
        return built

    return build


@pytest.fixture
def new_matcher(segmenter: Segmenter) -> Callable[[], Matcher]:
    """Build an empty matcher of the default recipe."""
    return lambda: Matcher(Recipe(), segmenter, NgramEncoder(64))


@pytest.fixture
def matcher(new_matcher: Callable[[], Matcher], documents: list[Document]) -> Matcher:
    """A matcher that holds the documents."""
    built = new_matcher()
    built.put(documents)
    return built
