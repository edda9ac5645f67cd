from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import (
    DamagedSnapshot,
    Document,
    Matcher,
    NgramEncoder,
    Segmenter,
    SnapshotMismatch,
    load,
    save,
)

NEED = Document("need", "换热器结垢", "循环水换热器结垢严重，求缓蚀阻垢剂。")


def test_a_loaded_snapshot_answers_as_the_one_saved(
    matcher: Matcher, new_matcher: Callable[[], Matcher], tmp_path: Path
) -> None:
    matcher.put([Document("odd", "\ud800\x00", "😀")])
    matcher.remove(["milk"])
    save(matcher, tmp_path / "folder" / "snapshot")
    restored = new_matcher()
    load(restored, tmp_path / "folder" / "snapshot")
    assert restored.match(NEED) == matcher.match(NEED)
    assert restored.revisions() == matcher.revisions()
    assert restored.facets("scale") == matcher.facets("scale")
    restored.put([Document("late", "煤泥", "煤泥干燥")])
    assert restored.search("煤泥").keys == ("late",)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["snapshot"]


def test_an_empty_matcher_survives(new_matcher: Callable[[], Matcher], tmp_path: Path) -> None:
    save(new_matcher(), tmp_path / "snapshot")
    restored = new_matcher()
    load(restored, tmp_path / "snapshot")
    assert len(restored) == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_is_found(
    matcher: Matcher, tmp_path: Path, place: float, flip: int
) -> None:
    path = tmp_path / "snapshot"
    save(matcher, path)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= flip
    path.write_bytes(content)
    with pytest.raises(DamagedSnapshot):
        load(matcher, path)


@pytest.mark.parametrize("length", [0, 10, 200])
def test_a_cut_file_is_found(matcher: Matcher, tmp_path: Path, length: int) -> None:
    path = tmp_path / "snapshot"
    save(matcher, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedSnapshot):
        load(matcher, path)


def test_a_snapshot_of_another_recipe_is_refused(
    matcher: Matcher, segmenter: Segmenter, tmp_path: Path
) -> None:
    save(matcher, tmp_path / "snapshot")
    other = Matcher(replace(matcher.recipe, threshold=0.9), segmenter, NgramEncoder(64))
    with pytest.raises(SnapshotMismatch, match="another recipe"):
        load(other, tmp_path / "snapshot")
    assert len(other) == 0
