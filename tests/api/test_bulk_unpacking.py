"""Parts of bulk transfers, unpacked: whatever pieces they come in, and however broken they are."""

import gzip
import tracemalloc
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.problems.refusals import PartUnreadableError, UnsupportedCodingError
from api.resources.bulk.parts import Decompression, coding_of, stated_digest
from api.resources.bulk.parts.decompression import BLOCK, RATIO_MAX, zstd
from ledger.errors import MalformedError
from tests.api.pieces import cut, places
from tests.matrix import every

PACKED: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
}
MANY = 1 << 40


def unpacked(coding: str | None, pieces: Sequence[bytes], bytes_max: int = MANY) -> bytes:
    unpacking = Decompression(coding, bytes_max)
    blocks = [block for piece in pieces for block in unpacking.blocks(piece)]
    unpacking.end()
    assert coding is None or all(len(block) <= BLOCK for block in blocks)
    return b"".join(blocks)


# -- compression ----------------------------------------------------------------------------------


@given(
    st.sampled_from([None, "gzip", "zstd"]),
    st.lists(st.binary(max_size=60).map(lambda one: one * 50), min_size=1, max_size=4),
    places,
)
def test_content_comes_back_whatever_the_pieces_and_the_members(
    coding: str | None, contents: list[bytes], at: list[int]
) -> None:
    packed = b"".join(PACKED[coding](one) for one in contents)
    assert unpacked(coding, cut(packed, at)) == b"".join(contents)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@given(content=st.binary(min_size=1, max_size=300), data=st.data())
def test_what_is_cut_short_is_refused_wherever_it_is_cut(
    coding: str, content: bytes, data: st.DataObject
) -> None:
    packed = PACKED[coding](content)
    kept = packed[: data.draw(st.integers(0, len(packed) - 1))]
    with pytest.raises(PartUnreadableError) as refused:
        unpacked(coding, [kept])
    assert refused.value.reason == "truncated"


@every(
    "coding, packed, reason",
    [
        ("gzip", b"scheme,id\n", "not_compressed"),
        ("gzip", zstd.compress(b"x"), "not_compressed"),
        ("zstd", gzip.compress(b"x"), "not_compressed"),
        ("gzip", gzip.compress(b"x") + b"rest", "trailing"),
        ("zstd", zstd.compress(b"x") + b"rest", "trailing"),
        ("gzip", gzip.compress(b"x") + b"\0" * 512, "trailing"),
        ("gzip", gzip.compress(b"x")[:-8] + b"\0" * 8, "damaged"),
        ("gzip", gzip.compress(b"x") * 2 + gzip.compress(b"y")[:-1], "truncated"),
        ("zstd", zstd.compress(b"x" * 99) + zstd.compress(b"y")[:-1], "truncated"),
        (
            "zstd",
            zstd.compress(
                bytes(1 << 25),
                options={
                    zstd.CompressionParameter.window_log: 25,
                    zstd.CompressionParameter.content_size_flag: 0,
                },
            ),
            "damaged",
        ),
    ],
)
def test_what_does_not_unpack_is_refused_with_the_reason(
    coding: str, packed: bytes, reason: str
) -> None:
    for pieces in ([packed], [packed[n : n + 1] for n in range(len(packed))]):
        with pytest.raises(PartUnreadableError) as refused:
            unpacked(coding, pieces)
        assert refused.value.reason == reason


@every("coding", ["gzip", "zstd"])
def test_a_bomb_is_refused_long_before_it_is_unpacked(coding: str) -> None:
    packed = PACKED[coding](bytes(100 << 20))
    assert len(packed) < (100 << 20) / RATIO_MAX
    sizes: list[int] = []
    tracemalloc.start()
    with pytest.raises(PartUnreadableError) as refused:
        sizes.extend(map(len, Decompression(coding, MANY).blocks(packed)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.reason == "expands_too_much"
    assert sum(sizes) <= max(1 << 20, RATIO_MAX * len(packed)) + BLOCK
    assert peak < 16 << 20


@every("coding", PACKED)
def test_no_part_has_more_bytes_than_it_may(coding: str | None) -> None:
    assert unpacked(coding, [PACKED[coding](b"x" * 99)], 99) == b"x" * 99
    with pytest.raises(PartUnreadableError) as refused:
        unpacked(coding, [PACKED[coding](b"x" * 100)], 99)
    assert refused.value.reason == "too_long"


def test_consecutive_numbers_are_no_bomb() -> None:
    content = b"".join(b"member,%07d\n" % n for n in range(200_000))
    for level in (3, 19):
        assert unpacked("zstd", [zstd.compress(content, level)]) == content


@every(
    "values, coding",
    [
        ([], None),
        (["identity"], None),
        (["gzip"], "gzip"),
        (["X-GZIP"], "gzip"),
        ([" zstd "], "zstd"),
    ],
)
def test_a_coding_is_known_by_its_name(values: list[str], coding: str | None) -> None:
    assert coding_of(values) == coding


@every("values", [["br"], ["deflate"], ["gzip, gzip"], ["gzip", "zstd"], ["*"]])
def test_other_codings_are_refused(values: list[str]) -> None:
    with pytest.raises(UnsupportedCodingError):
        coding_of(values)


# -- the stated hash ------------------------------------------------------------------------------

DIGEST = b"\x5f" * 32
STATED = "X19fX19fX19fX19fX19fX19fX19fX19fX19fX19fX18="


@every(
    "values",
    [
        [f"sha-256=:{STATED}:"],
        [f"sha-512=:AAAA:,\tsha-256=:{STATED}:"],
        ["md5=:AAAA:", f"sha-256=:{STATED}:"],
    ],
)
def test_the_stated_hash_is_read_among_others(values: list[str]) -> None:
    assert stated_digest(values) == DIGEST
    assert stated_digest([]) is None


@every(
    "value",
    ["", "sha-256", f"sha-256={STATED}", "sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256=:A:", "é"],
)
def test_a_hash_that_nobody_would_check_is_refused(value: str) -> None:
    with pytest.raises(MalformedError) as refused:
        stated_digest([value])
    assert [one.pointer for one in refused.value.defects] == ["/header/unencoded-digest"]
