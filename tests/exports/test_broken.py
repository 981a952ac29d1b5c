"""Every defect is refused with its code, in words that say where.

Attack: whoever carries a bag changes it.
Held off by: digests and signatures; each defect has a code and words that say where.
"""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import randrange

import pytest

from ledger.exports import verify
from ledger.exports.bag import zipped
from ledger.exports.exporter import FORMAT
from tests.exports.world import WHY, BagInMemory, World, checked, copied, stamp_on
from tests.log.authority import TestedAuthority
from tests.rounds import is_thorough

STEP = 1 if is_thorough() else 8
"""Of how many bytes one is flipped, drawn anew each time."""


def code_of(files: dict[str, bytes]) -> int:
    try:
        verify.verified(BagInMemory(files), None, None)
    except verify.Refused as refusal:
        return refusal.code
    return verify.GOOD


def held(bag: Path) -> dict[str, bytes]:
    files = (one for one in bag.rglob("*") if one.is_file())
    return {one.relative_to(bag).as_posix(): one.read_bytes() for one in files}


@pytest.fixture(scope="module")
def good(shared: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bag with everything that a bag of so few records can have."""
    authority = TestedAuthority(tmp_path_factory.mktemp("tsa"))
    return shared.bag("good", signed=shared.attested(stamp_on(authority, shared.signed(6).note)))


def test_every_flipped_byte_is_refused_as_a_hash_that_differs(good: Path) -> None:
    files = held(good)
    assert code_of(files) == verify.GOOD
    wrong: list[tuple[str, int, int]] = []
    for name, content in files.items():
        expected = verify.SIGNATURE if name == "bag-signature.txt" else verify.HASH
        for at in range(randrange(STEP), len(content), STEP):  # noqa: S311 -- no secret
            flipped = content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]
            if (code := code_of({**files, name: flipped})) != expected:
                wrong.append((name, at, code))
    assert wrong == []


def test_every_file_that_is_gone_is_named_as_missing(good: Path) -> None:
    files = held(good)
    for name in files:
        assert code_of({one: files[one] for one in files if one != name}) == verify.MISSING, name


@pytest.mark.parametrize("file", ["records.ndjson", "records.csv", "proofs/headers.ndjson"])
def test_every_line_that_is_gone_is_missing(shared: World, file: str) -> None:
    files = held(shared.bag(f"whole {file.rpartition('/')[2]}", whole=True, reason=WHY))
    lines = files[f"data/{file}"].splitlines(keepends=True)
    for n in range(len(lines)):
        left = b"".join(lines[:n] + lines[n + 1 :])
        assert code_of({**files, f"data/{file}": left}) == verify.MISSING, n


@pytest.mark.parametrize("file", ["manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt"])
def test_every_line_of_a_list_that_is_gone_is_missing(good: Path, file: str) -> None:
    files = held(good)
    lines = files[file].splitlines(keepends=True)
    for n in range(len(lines)):
        left = b"".join(lines[:n] + lines[n + 1 :])
        assert code_of({**files, file: left}) == verify.MISSING, lines[n]


def test_every_hash_of_the_log_that_is_gone_is_missing(good: Path) -> None:
    files = held(good)
    leaves = files["data/proofs/leaves.bin"]
    for at in range(0, len(leaves), 32):
        left = leaves[:at] + leaves[at + 32 :]
        assert code_of({**files, "data/proofs/leaves.bin": left}) == verify.MISSING


def test_a_zip_is_read_as_its_folder(good: Path) -> None:
    place = good.with_name("good.zip")
    zipped(good, place)
    assert checked(place)[0] == verify.CONSISTENT
    again = good.with_name("again.zip")
    again.write_bytes(place.read_bytes()[:-100])
    assert checked(again)[0] == verify.HASH
    twice = good.with_name("twice")
    twice.mkdir()
    zipped(good, twice / "good.zip")
    assert (twice / "good.zip").read_bytes() == place.read_bytes()


def _linked(bag: Path) -> None:
    (bag / "data/more").symlink_to(bag.parent, target_is_directory=True)


def _piped(bag: Path) -> None:
    os.mkfifo(bag / "data/more")


@pytest.mark.parametrize("add", [_linked, _piped])
def test_what_is_neither_file_nor_folder_is_no_part_of_a_bag(
    good: Path, add: Callable[[Path], None]
) -> None:
    bag = copied(good, f"good{add.__name__}")
    add(bag)
    code, said = checked(bag)
    assert (code, "目録にないものがあります: data/more\n" in said) == (verify.HASH, True), said
    (bag / "data/more").rename(bag / verify.COUNTS)  # nobody waits for what a pipe says
    code, said = checked(bag)
    assert (code, verify.COUNTS in said) == (verify.MISSING, True), said


def packed(place: Path, bag: Path, top: str, *more: str) -> Path:
    """The bag as somebody packs it who opened it before, with other files beside it."""
    with zipfile.ZipFile(place, "w") as archive:
        if top:
            archive.writestr(top, b"")
        for name, content in held(bag).items():
            archive.writestr(f"{top}{name}", content)
        for name in more:
            archive.writestr(name, b"more")
    return place


@pytest.mark.parametrize("name", ["__MACOSX/._bag", "more.txt", "other/bagit.txt", "../more"])
def test_what_lies_in_a_zip_beside_the_folder_of_the_bag_is_named(
    good: Path, tmp_path: Path, name: str
) -> None:
    code, said = checked(packed(tmp_path / "more.zip", good, "bag/", name))
    assert (code, f"it is not listed: {name}\n" in said) == (verify.HASH, True), said


def test_a_bag_that_says_unsigned_has_no_signature(shared: World) -> None:
    bag = shared.bag("unsigned", log=False)
    assert checked(bag)[0] == verify.CONSISTENT
    (bag / verify.BAG_NOTE).write_text(f"{FORMAT}\n\n— a AAAA\n", "utf-8")
    assert checked(bag)[0] == verify.SIGNATURE


def test_what_is_no_bag_is_told_without_a_traceback(tmp_path: Path) -> None:
    assert checked(tmp_path)[0] == verify.MISSING
    assert checked(tmp_path / "nowhere")[0] == verify.MISSING
    (tmp_path / "file.zip").write_bytes(b"no zip")
    assert checked(tmp_path / "file.zip")[0] == verify.HASH
    assert checked()[0] == verify.USAGE
