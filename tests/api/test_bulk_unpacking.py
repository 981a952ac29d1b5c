"""Parts of bulk transfers, unpacked: whatever pieces they come in, and however broken they are."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.problems.refusals import (
    DuplicateMemberError,
    MalformedBodyError,
    NotUtf8Error,
    PartUnreadableError,
    UnsupportedCodingError,
)
from api.resources.bulk.parts import (
    CsvPart,
    Decompression,
    Lines,
    NdjsonPart,
    coding_of,
    parse_digest,
)
from api.resources.bulk.parts.decompression import BLOCK, RATIO_MAX, zstd
from api.resources.bulk.parts.lines import LINE_BYTES_MAX, LineOrDefect
from api.web.intake import parse_json
from ledger.errors import Defect, MalformedError
from tests.matrix import every

places = st.lists(st.integers(0, 400), max_size=8)
"""Where content is cut."""


def cut(content: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({min(place, len(content)) for place in places} | {0, len(content)})
    return [content[a:b] for a, b in pairwise(ends)]


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


CODINGS: list[tuple[list[str], str | None]] = [
    ([], None),
    (["identity"], None),
    (["gzip"], "gzip"),
    (["X-GZIP"], "gzip"),
    ([" zstd "], "zstd"),
]


@every("values, coding", CODINGS)
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
    assert parse_digest(values) == DIGEST
    assert parse_digest([]) is None


@every(
    "value",
    ["", "sha-256", f"sha-256={STATED}", "sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256=:A:", "é"],
)
def test_a_hash_that_nobody_would_check_is_refused(value: str) -> None:
    with pytest.raises(MalformedError) as refused:
        parse_digest([value])
    assert [one.pointer for one in refused.value.defects] == ["/header/unencoded-digest"]


# -- Parts of bulk transfers as lines: whatever pieces they come in, and however broken they are --


def fed(lines: Lines, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        list(lines.lines(piece))


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[n : n + size] for n in range(0, len(content), size)]


def read(lines: Lines, pieces: Sequence[bytes]) -> list[LineOrDefect]:
    found = [one for piece in pieces for one in lines.lines(piece)]
    return [*found, *lines.flush()]


texts = st.text(st.characters(codec="utf-8"), max_size=12)
# -- lines of JSON --------------------------------------------------------------------------------

values = st.dictionaries(texts, texts | st.none() | st.integers(-9, 9), max_size=3)


@given(
    st.lists(values, max_size=6), st.sampled_from(["\n", "\r\n"]), st.sampled_from([0, 1]), places
)
def test_lines_are_the_same_whatever_pieces_they_come_in(
    persons: list[dict[str, object]], ending: str, ended: int, at: list[int]
) -> None:
    content = ending.join(json.dumps(one, ensure_ascii=False) for one in persons)
    content += ending * ended if persons else ""
    assert read(NdjsonPart(), cut(content.encode(), at)) == list(enumerate(persons, 1))


@every(
    "line, code",
    [
        (b"", "NOT_JSON"),
        (b"scheme,id", "NOT_JSON"),
        (b'{"a": NaN}', "NOT_JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "NOT_JSON"),
        (b'{"a": 1} {"a": 2}', "NOT_JSON"),
        (b'{"a": "\xff"}', "NOT_UTF8"),
        (b'{"a": "\xed\xa0\x80"}', "NOT_UTF8"),
        (b'{"a": 1, "a": 1}', "DUPLICATE_MEMBER"),
        (b"[" * 2_000, "NOT_JSON"),
        (b"\0", "NOT_JSON"),
    ],
)
def test_a_line_that_is_no_json_is_named_and_the_others_are_read(line: bytes, code: str) -> None:
    first, second, third = read(NdjsonPart(), [b'{"b":1}\n' + line + b'\n{"c":1}\n'])
    assert (first, third) == ((1, {"b": 1}), (3, {"c": 1}))
    assert isinstance(second, Defect)
    assert (second.pointer, second.code) == ("/lines/2", code)


def alone(line: bytes) -> object:
    """What a line is by itself: its value, or the code of its fault."""
    try:
        return parse_json(line)
    except (NotUtf8Error, MalformedBodyError, DuplicateMemberError) as error:
        return error.code


# Pieces of lines: together some are one array, though none of them is an object by itself.
fragments = st.sampled_from(
    [
        b'{"a":1}',
        b'{"a":1',
        b'"b":2}',
        b'{"a":[{}',
        b'{"x":1}]}',
        b'{"a":1},{"b":2}',
        b'{"a":"x',
        b'y"}',
        b'{"a":"x}',
        b'{y"}',
        b'{"a":"{"}',
        b'{"a":"}\\n{"}',
        b'{"a":1,"a":2}',
        b'{"\\u003a":1,"\\u003a":2}',
        b'{"a":1}\r',
        b' {"a":1}',
        b"[1]",
        b"{}",
        b'{"a":"\xff"}',
    ]
)


@given(st.lists(fragments, min_size=1, max_size=5))
@example([b'{"a":"x}', b'{y"}'])
@example([b'{"a":[{}', b'{"x":1}]}', b'{"a":1},{"b":2}'])
def test_lines_that_are_read_together_are_what_each_is_alone(lines: list[bytes]) -> None:
    found = read(NdjsonPart(), [b"\n".join(lines) + b"\n"])
    told = [one.code if isinstance(one, Defect) else one[1] for one in found]
    assert told == [alone(line) for line in lines]


# -- CSV ------------------------------------------------------------------------------------------

fields = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(
    st.permutations(["scheme", "id", "name"]),
    st.lists(st.fixed_dictionaries({"scheme": fields, "id": fields, "name": fields}), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig"]),
    places,
)
def test_a_table_is_what_the_library_has_written(
    columns: list[str], rows: list[dict[str, str]], ending: str, encoding: str, at: list[int]
) -> None:
    text = io.StringIO()
    # The library quotes a CR only where lines end with one.
    quoting = csv.QUOTE_ALL if ending == "\n" else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(text, columns, lineterminator=ending, quoting=quoting)
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode(encoding)
    wanted = [{k: v for k, v in row.items() if k != "name" or v} for row in rows]
    assert read(CsvPart(), cut(content, at)) == list(enumerate(wanted, 2))


@every(
    "row, code",
    [
        (b"member", "CSV_FIELDS"),
        (b"", "CSV_FIELDS"),
        (b"member,M-1,x", "CSV_FIELDS"),
        (b'member,M"1" ', "CSV_QUOTES"),
        (b'member,"M-1"x', "CSV_QUOTES"),
        (b'member, "M-1"', "CSV_QUOTES"),
        (b"member,M\r1", "CSV_QUOTES"),
        (b"member,\xff", "NOT_UTF8"),
        (b"member,\x82\xa0", "NOT_UTF8"),
        (b"member,\xed\xa0\x80", "NOT_UTF8"),
    ],
)
def test_a_row_that_readers_differ_about_is_named(row: bytes, code: str) -> None:
    content = b"scheme,id\nmember,M-0\n" + row + b"\nmember,M-2\n"
    _, found, after = read(CsvPart(), [content])
    assert isinstance(found, Defect)
    assert (found.pointer, found.code) == ("/lines/3", code)
    assert after == (4, {"scheme": "member", "id": "M-2"})


@every(
    "content, told",
    [
        (b"", ["begin with"]),
        (b"\n", ["a column is unknown", "begin with"]),
        (b"member,M-1\n", ["`member` is unknown", "a column is unknown", "begin with"]),
        (b"scheme,id,age\n", ["`age` is unknown"]),
        (b"scheme,id,id\n", ["`id` stands twice"]),
        (b"id,name\n", ["begin with"]),
        (b"scheme;id\n", ["a column is unknown", "begin with"]),
        (b"Scheme,ID\n", ["a column is unknown", "a column is unknown", "begin with"]),
        (b"\xff\xfes\0c\0h\0e\0m\0e\0", ["is not UTF-8"]),
        ("氏名,scheme,id\n".encode("cp932"), ["is not UTF-8"]),
        (b'scheme,"id\n', ["quotes stand"]),
    ],
)
def test_a_table_without_its_heading_is_refused_and_nothing_typed_is_repeated(
    content: bytes, told: list[str]
) -> None:
    with pytest.raises(MalformedError) as refused:
        read(CsvPart(), [content])
    found = refused.value.defects
    assert [one.pointer for one in found] == ["/lines/1"] * len(told)
    assert [one.detail[: len(words)] for one, words in zip(found, told, strict=True)] == told


# -- long lines -----------------------------------------------------------------------------------


def endless(pulled: list[int], begin: bytes) -> Iterator[bytes]:
    """100 MB without a line end; counts what is asked for."""
    pulled.append(len(begin))
    yield begin
    piece = b"x" * 10_000
    for _ in range(10_000):
        pulled.append(len(piece))
        yield piece


@every(
    "make, begin",
    [
        (NdjsonPart, b'{"scheme": "'),
        (CsvPart, b'scheme,id\nmember,"'),
        (CsvPart, b"scheme,id\nmember,"),
        (CsvPart, b""),
    ],
)
def test_of_a_line_of_100_mb_no_more_than_a_line_is_held(
    make: Callable[[], Lines], begin: bytes
) -> None:
    pulled: list[int] = []
    lines = make()
    tracemalloc.start()
    with pytest.raises(MalformedError, match="LINE_TOO_LONG"):
        fed(lines, endless(pulled, begin))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(pulled) < LINE_BYTES_MAX + 20_000
    assert peak < 8 * LINE_BYTES_MAX


@every("size", [1_000, LINE_BYTES_MAX, 100_000])
def test_a_line_may_be_as_long_as_that_and_no_byte_longer(size: int) -> None:
    """Wherever the pieces end."""
    kinds: list[tuple[Callable[[], Lines], bytes, bytes, bytes]] = [
        (NdjsonPart, b"", b'{"id":"', b'"}'),
        (CsvPart, b"scheme,id\n", b'member,"', b'"'),
        (CsvPart, b"scheme,id\n", b'member,"\n\n', b'"'),
        (CsvPart, b"scheme,id\n", b"member,", b""),
    ]
    for make, heading, begin, end in kinds:
        filled = begin.ljust(LINE_BYTES_MAX - len(end), b"x") + end
        for content in (heading + filled + b"\n", heading + filled):
            assert len(read(make(), in_pieces(content, size))) == 1
        longer = filled.replace(b"x", b"xx", 1)
        for content in (heading + longer + b"\n", heading + longer):
            with pytest.raises(MalformedError, match="LINE_TOO_LONG"):
                read(make(), in_pieces(content, size))
