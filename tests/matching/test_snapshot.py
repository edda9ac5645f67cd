from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import (
    DamagedSnapshot,
    Document,
    Matcher,
    NgramEncoder,
    Recipe,
    Segmenter,
    SnapshotMismatch,
    load,
    save,
)
from matching.lexical import Fields
from matching.recipe import Bm25
from matching.state import Reading

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


def test_a_document_comes_back_as_it_was_put(
    new_matcher: Callable[[], Matcher], tmp_path: Path
) -> None:
    facets = {"region": ("包头", ""), "mode": (), "field": ("稀土",)}
    odd = Document("钥\ud800", "标题", "正文\x00😀", facets, revision=2**40)
    matcher = new_matcher()
    matcher.put([odd, Document("plain", "煤矸石", "")])
    save(matcher, tmp_path / "snapshot")
    restored = new_matcher()
    load(restored, tmp_path / "snapshot")
    assert restored.state.documents[odd.key] == odd
    assert dict(restored.state.documents) == dict(matcher.state.documents)


def test_a_loaded_index_can_be_changed_and_saved_where_it_came_from(
    matcher: Matcher, new_matcher: Callable[[], Matcher], tmp_path: Path
) -> None:
    path = tmp_path / "snapshot"
    save(matcher, path)
    for round_number in range(3):
        changed = new_matcher()
        load(changed, path)
        changed.put([Document(f"new{round_number}", "煤泥干燥", "煤泥")])
        changed.remove(["sand"])
        save(changed, path)
    last = new_matcher()
    load(last, path)
    assert set(last.revisions()) == set(matcher.revisions()) - {"sand"} | {"new0", "new1", "new2"}
    assert set(last.search("煤泥").keys) == {"new0", "new1", "new2"}


def test_a_search_while_an_index_is_built_is_answered_by_the_old_one(
    matcher: Matcher, new_matcher: Callable[[], Matcher], documents: list[Document]
) -> None:
    before = matcher.match(NEED)
    beside = new_matcher()
    for document in documents[::-1]:
        beside.put([document])
        assert matcher.match(NEED) == before
    matcher.restore(beside.state)
    assert matcher.match(NEED) == before


def keep_saving(matcher: Matcher, path: Path, acknowledge: Connection) -> None:
    """Put one document after the other, save, and only then acknowledge it, until killed."""
    nothing = Fields([], [])
    for number in count(1):
        document = Document(f"d{number}", "", "文" * 1_000, revision=number)
        state = matcher.state.put([document], [Reading(nothing, nothing, nothing)], None, Bm25())
        matcher.restore(state)
        save(matcher, path)
        acknowledge.send(number)


@pytest.mark.parametrize("seed", range(24))
def test_a_kill_at_any_moment_leaves_a_whole_snapshot_with_all_that_was_acknowledged(
    new_matcher: Callable[[], Matcher], tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    received, acknowledge = Pipe(duplex=False)
    arguments = (new_matcher(), tmp_path / "snapshot", acknowledge)
    writer = get_context("fork").Process(target=keep_saving, args=arguments)
    writer.start()
    last = received.recv()
    for _ in range(chance.randrange(8)):
        last = received.recv()
    received.poll(chance.uniform(0, 0.004))  # somewhere within the next save
    writer.kill()
    writer.join()
    while received.poll():
        last = received.recv()
    restored = new_matcher()
    load(restored, tmp_path / "snapshot")
    assert last <= len(restored) <= last + 1
    assert set(restored.revisions().values()) == set(range(1, len(restored) + 1))
    save(restored, tmp_path / "snapshot")
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot"]


def test_an_empty_matcher_survives(new_matcher: Callable[[], Matcher], tmp_path: Path) -> None:
    save(new_matcher(), tmp_path / "snapshot")
    restored = new_matcher()
    load(restored, tmp_path / "snapshot")
    assert len(restored) == 0


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
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


def test_an_index_of_a_version_that_weighed_something_else_is_refused(
    matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = matcher.recipe.as_json().replace('"affinity":', '"since_dropped":0.1,"affinity":')
    monkeypatch.setattr(Recipe, "as_json", lambda self: then)
    save(matcher, tmp_path / "snapshot")
    monkeypatch.undo()
    with pytest.raises(SnapshotMismatch, match="another recipe"):
        load(matcher, tmp_path / "snapshot")
