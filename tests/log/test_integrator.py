"""The tree grows, is signed, and refuses what is not the ledger that was signed."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.notes import signed_note
from ledger.merkle import root_of, verify_consistency, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiled_tree import TiledTree
from ledger.merkle.tiles import Tile, tiles_between
from projections.log.errors import (
    AnchorLostError,
    AnchorMovedError,
    BehindCheckpointError,
    BrokenAnchorError,
    BrokenTreeError,
    LogError,
    MissingTileError,
    NotStartedError,
    OtherHistoryError,
)
from projections.log.event_check import first_fault
from tests.log.signing import KeyOfTest, Place, leaf


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@given(st.lists(st.sampled_from([0, 1, 3, 255, 256, 257, 600]), min_size=1, max_size=4))
def test_every_signed_size_is_proven_by_the_tiles(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    place = Place(tmp_path_factory.mktemp("log"))
    integrator, signed = place.integrator(), list[Checkpoint]()
    for step in steps:
        place.grow(step)
        signed.append(integrator.step())
        assert place.published() == signed[-1]
        assert signed[-1] == Checkpoint(integrator.origin, len(place.events), root_of(place.events))
        assert first_fault(signed[-1], place.events, place.folder.read) is None
    size = len(place.events)
    tree = TiledTree(size, place.folder.read)
    for old in signed:
        # An older checkpoint is proven from the tiles of its own size too, now that some are gone.
        assert TiledTree(old.size, place.folder.read).root() == old.root
        if old.size:
            proof = tree.consistency(old.size)
            assert verify_consistency(old.size, size, proof, old.root, signed[-1].root)
            path = tree.inclusion(old.size - 1)
            event = place.events[old.size - 1]
            assert verify_inclusion(event, old.size - 1, size, path, signed[-1].root)


def test_nothing_new_is_not_signed_again(place: Place) -> None:
    place.grow(5)
    integrator = place.integrator()
    integrator.step()
    note = place.folder.checkpoint()
    integrator.step()
    place.integrator().step()
    assert place.folder.checkpoint() == note


def test_partial_tiles_go_when_the_full_one_is_published(place: Place) -> None:
    integrator = place.integrator()
    for count in (10, 100, 300):
        place.grow(count)
        integrator.step()
    files = {str(one.relative_to(place.path / "log")) for one in _files(place.path / "log")}
    assert files == {"checkpoint"} | {one.name for one in tiles_between(0, 410)}
    assert place.folder.read(Tile(0, 0, 10)) == b"".join(place.events[:10])


def test_a_restored_ledger_that_is_shorter_is_not_signed(place: Place) -> None:
    place.grow(300)
    running = place.integrator()
    running.step()
    note = place.folder.checkpoint()
    del place.events[299:]
    for integrator in (running, place.integrator()):
        with pytest.raises(BehindCheckpointError) as refused:
            integrator.step()
        assert (refused.value.head, refused.value.size) == (299, 300)
    assert place.folder.checkpoint() == place.anchor.read() == note


@pytest.mark.parametrize("kept", [0, 100, 255, 256, 299])
def test_a_restored_ledger_that_went_on_is_not_signed(place: Place, kept: int) -> None:
    place.grow(300)
    running = place.integrator()
    running.step()
    note = place.folder.checkpoint()
    del place.events[kept:]
    place.grow(400, "after the restore")
    for integrator in (running, place.integrator()):
        with pytest.raises(OtherHistoryError) as refused:
            integrator.step()
        assert refused.value.position == 300
    assert place.folder.checkpoint() == note
    fault = first_fault(place.published(), place.events, place.folder.read)
    assert fault is not None
    assert fault.position == kept + 1


def test_who_was_overtaken_signs_no_more(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.grow(10)
    paused, other = place.integrator(), place.integrator()
    paused.step()
    place.grow(10)

    def overtaken(begin: int, end: int) -> Iterable[bytes]:
        if end - begin > 1:
            other.step()
        return place.leaves(begin, end)

    with monkeypatch.context() as patched:
        patched.setattr(paused, "leaves", overtaken)
        with pytest.raises(AnchorMovedError):
            paused.step()
    assert place.published().size == 20
    place.grow(10)
    assert paused.step().size == 30
    assert first_fault(place.published(), place.events, place.folder.read) is None


def test_what_another_signed_of_another_ledger_is_not_written_over(place: Place) -> None:
    place.grow(300)
    here = place.integrator()
    here.step()
    twin = Place(place.path, place.events[:])
    twin.grow(20, "of the twin")
    twin.integrator().step()
    place.grow(30)
    with pytest.raises(OtherHistoryError):
        here.step()
    assert first_fault(twin.published(), twin.events, twin.folder.read) is None


def test_a_log_is_begun_once_and_by_a_person(place: Place) -> None:
    place.grow(300)
    with pytest.raises(NotStartedError):
        place.unbegun().step()
    assert place.unbegun().begin().size == 300
    for published in (True, False):
        if not published:
            (place.path / "log/checkpoint").unlink()
        with pytest.raises(AnchorMovedError):
            place.unbegun().begin()
    place.integrator().step()
    (place.path / "anchor").unlink()
    for refused in (place.unbegun().begin, place.integrator().step):
        with pytest.raises(AnchorLostError):
            refused()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no note\n", b"a\n1\n\n"])
def test_an_anchor_that_holds_no_checkpoint_is_told(place: Place, content: bytes) -> None:
    place.grow(3)
    place.integrator().step()
    (place.path / "anchor").write_bytes(content)
    with pytest.raises(BrokenAnchorError):
        place.integrator().step()


def test_what_was_signed_and_not_published_is_published_next(place: Place) -> None:
    place.grow(3)
    place.integrator().step()
    old = place.folder.checkpoint()
    place.grow(3)
    place.integrator().step()
    place.folder.publish(old or "")
    place.integrator().step()
    assert place.published().size == 6


def test_an_anchor_of_another_key_or_log_is_refused(place: Place) -> None:
    place.grow(3)
    other = KeyOfTest("other.example/log")
    place.integrator(other).step()
    with pytest.raises(BrokenAnchorError):
        place.integrator().step()
    text = place.published(other).text
    place.anchor.swap(place.anchor.read(), signed_note(text, [KeyOfTest()]).full_text)
    with pytest.raises(BrokenAnchorError):
        place.integrator().step()


def _with_a_bit_flipped(place: Place) -> None:
    tile = place.path / "log/tile/0/001.p/44"
    content = bytearray(tile.read_bytes())
    content[40] ^= 1
    tile.write_bytes(content)


def _with_half_a_tile(place: Place) -> None:
    tile = place.path / "log/tile/0/001.p/44"
    tile.write_bytes(tile.read_bytes()[:-5])


def _without_the_folder(place: Place) -> None:
    shutil.rmtree(place.path / "log")


BREAKS: dict[str, tuple[Callable[[Place], None], type[LogError] | None]] = {
    "a tile of the edge with another bit": (_with_a_bit_flipped, BrokenTreeError),
    "a tile of the edge that was cut": (_with_half_a_tile, BrokenTreeError),
    "no folder": (_without_the_folder, MissingTileError),
}


@pytest.mark.parametrize(("spoil", "error"), BREAKS.values(), ids=BREAKS.keys())
def test_a_tree_that_is_not_the_signed_one_is_not_gone_on_with(
    place: Place, spoil: Callable[[Place], None], error: type[LogError]
) -> None:
    place.grow(300)
    place.integrator().step()
    spoil(place)
    place.grow(5)
    with pytest.raises(error):
        place.integrator().step()


def _files(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def test_a_full_tile_that_is_missing_or_changed_is_named_by_the_check(place: Place) -> None:
    place.grow(300)
    signed = place.integrator().step()
    content = place.folder.read(Tile(0, 0))
    place.folder.write([(Tile(0, 0), content[:64] + leaf(7, "other") + content[96:])])
    fault = first_fault(signed, place.events, place.folder.read)
    assert fault is not None
    assert (fault.position, fault.tile) == (None, "tile/0/000")
    assert "damaged" in fault.text
    (place.path / "log/tile/0/000").unlink()
    fault = first_fault(signed, place.events, place.folder.read)
    assert fault is not None
    assert (fault.position, fault.tile) == (None, "tile/0/000")


def test_the_check_names_the_first_event_that_was_changed(place: Place) -> None:
    place.grow(600)
    signed = place.integrator().step()
    for changed in (599, 400, 0):
        place.events[changed] = leaf(changed, "changed")
        fault = first_fault(signed, place.events, place.folder.read)
        assert fault is not None
        assert fault.position == changed + 1


def test_the_check_names_where_a_ledger_ends_too_early(place: Place) -> None:
    place.grow(300)
    signed = place.integrator().step()
    fault = first_fault(signed, place.events[:270], place.folder.read)
    assert fault is not None
    assert fault.position == 271


def test_the_check_names_a_checkpoint_that_is_of_no_tile(place: Place) -> None:
    place.grow(300)
    signed = place.integrator().step()
    other = Checkpoint(signed.origin, signed.size, leaf(0))
    fault = first_fault(other, place.events, place.folder.read)
    assert fault is not None
    assert (fault.position, fault.tile) == (None, None)


@pytest.mark.parametrize("kept", [270, 256, 200])
def test_the_check_names_where_a_shorter_ledger_went_on_as_another_one(
    place: Place, kept: int
) -> None:
    place.grow(300)
    signed = place.integrator().step()
    del place.events[kept:]
    place.grow(280 - kept, "after the restore")
    fault = first_fault(signed, place.events, place.folder.read)
    assert fault is not None
    assert fault.position == kept + 1
