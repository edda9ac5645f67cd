"""Words and character bigrams of a text, by one dictionary.

Han runs are cut by jieba in search mode without its hidden Markov model, so that a word is in the
dictionary or falls into characters, the same for index and query; other runs are cut by number,
unit and word. Stock phrases are blanked first. ``HMM`` and a faster port of jieba would each give
other words: a change of either changes the digest and so asks for a rebuild of the index.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import jieba  # type: ignore[import-untyped]

from matching import wording
from matching.text import normalise

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_UNITS = r"kwh|mwh|kw|mw|gw|kv|mpa|kpa|pa|mg|kg|km|cm|mm|nm|μm|um|ml|nm3|m3|m2|hz|db|°c"
_RUN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:\^[+-]?[0-9]+)?)(?:(?={_UNITS})(?=(?:{_UNITS})(?![a-z0-9]))|(?![^\W_{_HAN}]))"
    rf"|(?P<unit>°c)"
    rf"|(?P<word>[^\W_{_HAN}]+)"
)
_NUMBER = re.compile(r"[0-9.^+-]+")
_NAME = re.compile(rf"[{_HAN}]{{2,12}}")


class Token(NamedTuple):
    """A word and where it stands in the normal form that was cut."""

    word: str
    start: int
    end: int


class Segmenter:
    """Cuts text into words with one own tokenizer; safe to share between threads.

    ``terms`` is the file of the region's terms (one a line, ``#`` starts a note), ``names`` are
    further words, such as a thesaurus's; together with jieba's own they are one dictionary.
    ``cache`` is the folder for jieba's prebuilt table. The tokenizer loads at first use (about a
    second).
    """

    def __init__(
        self,
        terms: Path | None = None,
        cache: Path | None = None,
        *,
        names: Iterable[str] = (),
        stock_phrases: Collection[str] = wording.STOCK_PHRASES,
        stop_words: Collection[str] = wording.STOP_WORDS,
        generic_words: Collection[str] = wording.GENERIC_WORDS,
    ) -> None:
        self._terms = _merged(_read_terms(terms) if terms else (), names)
        self._cache = cache
        self._stop_words = frozenset(stop_words)
        self._generic_words = frozenset(generic_words)
        self._stock_phrases = tuple(
            sorted(stock_phrases, key=lambda phrase: (-len(phrase), phrase))
        )
        self._stock = _any_of(self._stock_phrases)
        said_often = {word for word in self._generic_words if len(word) > 1}
        self._empty = _any_of(
            [*self._stock_phrases, *sorted(said_often, key=lambda w: (-len(w), w))]
        )
        self._loaded: jieba.Tokenizer | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 over jieba's version, the terms and the word lists: what decides the words."""
        lists = (self._terms, self._stock_phrases, self._stop_words, self._generic_words)
        parts = [f"jieba {jieba.__version__} search -hmm 1"]
        parts += ["\n".join(ordered) for ordered in map(sorted, lists)]
        return sha256("\0".join(parts).encode()).hexdigest()

    def words(self, text: str) -> list[str]:
        """Return the words of ``text`` in search mode, stop words left out."""
        return [token.word for token in self.tokens(normalise(text).text)]

    def tokens(self, normal: str, *, search_mode: bool = True) -> list[Token]:
        """Return the words of a normal form with their places, stop words left out.

        Without ``search_mode`` the words do not overlap.
        """
        cut = self._cut(self.blank_stock_phrases(normal), "search" if search_mode else "default")
        return [token for token in cut if token.word not in self._stop_words]

    def bigrams(self, text: str) -> list[str]:
        """Return the character bigrams of the Han runs of ``text``, and its other words whole."""
        return list(self._bigrams(self.blank_stock_phrases(normalise(text).text)))

    def segment(self, text: str) -> tuple[list[str], list[str]]:
        """Return (words, bigrams) of ``text``, normalising it once."""
        normal = self.blank_stock_phrases(normalise(text).text)
        words = [token.word for token in self._cut(normal, "search")]
        return [word for word in words if word not in self._stop_words], list(self._bigrams(normal))

    def blank_stock_phrases(self, normal: str) -> str:
        """Return ``normal`` with each stock phrase replaced by as many blanks."""
        return self._stock.sub(lambda found: " " * len(found.group()), normal)

    def telling_part(self, normal: str) -> str:
        """Return ``normal`` without stock phrases and generic words, its blanks made one.

        A generic word of one character stands in too many other words to be taken out.
        """
        return " ".join(self._empty.sub(" ", normal).split())

    def says_little(self, word: str) -> bool:
        """Tell whether ``word`` is generic or a bare number, and so weighs little in a query."""
        return word in self._generic_words or _NUMBER.fullmatch(word) is not None

    def _cut(self, normal: str, mode: str) -> Iterator[Token]:
        tokenizer = self._tokenizer()
        for found in _RUN.finditer(normal):
            if found.lastgroup != "han":
                yield Token(found.group(), found.start(), found.end())
                continue
            for word, start, end in tokenizer.tokenize(found.group(), mode=mode, HMM=False):
                name = wording.UNIT_WORDS.get(word, word)
                yield Token(name, found.start() + start, found.start() + end)

    def _bigrams(self, normal: str) -> Iterator[str]:
        for found in _RUN.finditer(normal):
            run = found.group()
            if found.lastgroup != "han" or len(run) == 1:
                yield run
            else:
                yield from (first + second for first, second in pairwise(run))

    def _tokenizer(self) -> jieba.Tokenizer:
        if self._loaded is None:
            self._loaded = _shared_tokenizer(self._terms, self._cache)
        return self._loaded


#: The dictionary that was loaded last, for the next who asks for the same: it holds 130 MB.
_last: dict[tuple[str, ...], jieba.Tokenizer] = {}
_loading = Lock()


def _shared_tokenizer(terms: tuple[str, ...], cache: Path | None) -> jieba.Tokenizer:
    with _loading:
        if terms not in _last:
            tokenizer = _load_tokenizer(terms, cache)
            _last.clear()
            _last[terms] = tokenizer
        return _last[terms]


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """Return what finds the first of ``phrases`` that stands at a place; of none it finds nothing."""
    return re.compile("|".join(map(re.escape, phrases)) or r"(?!)")


def _read_terms(path: Path) -> tuple[str, ...]:
    """Return the terms of a dictionary file in normal form; a frequency after a blank is kept."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(normalise(line).text for line in lines if line and not line.startswith("#"))


def _merged(terms: Sequence[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the terms and, after them, the Han names that no term already says."""
    given = {term.partition(" ")[0] for term in terms}
    normal = dict.fromkeys(normalise(name).text.strip() for name in names)
    return *terms, *(name for name in normal if _NAME.fullmatch(name) and name not in given)


def _load_tokenizer(terms: Collection[str], cache: Path | None) -> jieba.Tokenizer:
    """Return jieba's dictionary with ``terms`` added, apart from jieba's global tokenizer."""
    logging.getLogger("jieba").setLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        tokenizer.tmp_dir = str(cache)
    tokenizer.cache_file = f"jieba-{jieba.__version__}.cache"
    tokenizer.initialize()
    for term in terms:
        word, _, frequency = term.partition(" ")
        tokenizer.add_word(word, int(frequency) if frequency else None)
    return tokenizer


def weigh_query(
    counts: Mapping[str, float], segmenter: Segmenter, generic: float
) -> dict[str, float]:
    """Return the weight of each query word: its saturated count, times ``generic`` if generic.

    The count saturates as ``n / (n + 1)`` scaled to 1 at one occurrence (the query factor of
    Robertson & Zaragoza 2009, section 3.4, with k3 = 1), so that a long form does not shout.
    """
    return {
        word: 2 * count / (count + 1) * (generic if segmenter.says_little(word) else 1.0)
        for word, count in sorted(counts.items())
    }
