"""Whom a rejected item may name: what is remembered of its texts, to match it with anybody.

Not the texts: hashes of 64 bits, keyed by a secret that ends with the process. Two texts that have
one by accident make an item one that may be somebody's.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from typing import Final, cast
from uuid import UUID

import orjson

from ledger.crypto.names import folded_name
from ledger.crypto.normal_forms import NORMALISERS
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.policies.blanks import visible
from ledger.quarantine.item_text import VALUES_MAX
from ledger.unicode_forms import narrowed
from ledger.values import Json, PrincipalRef

_NAME: Final = "name"
_OWN_NAMES: Final = frozenset({"id", "source"})
_OF_A_VALUE: Final = 8
"""Spellings of one value: its own and those of its member's name."""
_SPELLINGS_MAX: Final = _OF_A_VALUE * VALUES_MAX
_PARTS_MAX: Final = 4 * _SPELLINGS_MAX
_CHARACTERS_MAX: Final = 2_500_000
"""Texts and pieces of one item, and characters of those that are looked at: 5,000 persons in full
have half as many of each."""
_LONG: Final = 100
_LONG_COSTS: Final = 4
"""Each character of a longer piece that is not ASCII counts as so many: marks are put in order, and
one sign may fold to twenty."""
_DONE_MAX: Final = 1_000
"""Texts that are not looked at again; more take too much memory, and are seldom the same."""
_PIECE_MAX: Final = 1_000
"""Characters of an identifier or a name within a text, at most."""
_NAME_PARTS: Final = 4
"""Pieces of a name, at most: Maria da Silva Santos."""
_WITH_DIGITS: Final = 2
"""Pieces of a name that may have digits, at most."""
_IN_ANY_ORDER: Final = 3
"""Members of a name, at most, of which each may stand first: given, middle and family name."""
_FIELDS: Final = re.compile("[^,;|\t\n\v\f\r\x85\u2028\u2029、，；｜]+")
_WORDS: Final = re.compile(r"""[^\s:/?&=#"'`<>()\[\]{}「」：／？＆＝＃（）]+""")
# Within a word: between signs that stand in no identifier, and what is in ASCII beside Japanese; of
# both, between signs that may stand in one. The larger pieces may be identifiers as well.
_PARTS: Final = re.compile(r"[\w.@+．＠＋－\u2010-\u2015\u2212-]+")
_ASCII: Final = re.compile(r"[0-9A-Za-z.@+_-]+")
_PLAIN: Final = re.compile(r"[^\W_]+(?:-+[^\W_]+)*")
_ENDS: Final = ".-_+@"
_LETTERS: Final = re.compile(r"[^\W_]+")
# A telephone number within a text: digits that start with a plus or a 0, and what is between them.
_BETWEEN: Final = r"[\s()./（）．／－\u2010-\u2015\u2212\u30fc\uff70-]{0,3}"
_PHONE_STARTS: Final = re.compile(
    rf"(?<![0-9０-９])(?:[+＋]|(?=[0０]))(?=(?:{_BETWEEN}[0-9０-９]){{9}})"
)
_PHONE_GROUP: Final = re.compile(f"{_BETWEEN}([0-9０-９]+)")
_PHONE_DIGITS: Final = range(9, 19)
"""Digits of a telephone number, with what is dialled to reach another country."""
_PHONE: Final = re.compile("[+＋0０][0-9０-９-]{8,18}")
_DIGIT: Final = re.compile(r"\d")
_TITLE: Final = re.compile("(?:様|さま|さん|氏|殿|君|くん|ちゃん|先生)$")


@dataclass(frozen=True, slots=True)
class ReadItem:
    """What is remembered of an item that was opened.

    Attributes:
        codes: of what was wrong with it, in their order.
        values: how many it has at most.
        restricted: as `RejectedItem.restricted`.
        spellings: of its texts; None: it cannot be compared with anybody.
    """

    codes: tuple[str, ...]
    values: int
    restricted: bool
    spellings: "array[int] | None" = None

    def may_name(self, spellings: Collection[int]) -> bool:
        """Whether one of the spellings stands in the item; not where it cannot be compared."""
        own = self.spellings
        return own is not None and any(_holds(own, one) for one in spellings)


@dataclass(frozen=True, slots=True)
class MatchingItem:
    """An item that may name somebody.

    Attributes:
        codes: of what was wrong with it.
    """

    id: UUID
    received_at: datetime
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchingItems:
    """The items that may name somebody, of those that were read.

    Attributes:
        is_exhaustive: whether every item that waits was read.
        is_unreadable: an item waits that cannot be compared with anybody: no program can read part
            of it, it has too many values, or it does not open. It may be anybody's. The same for
            everybody, however many wait, and with a mark under Order 11 as without.
    """

    items: tuple[MatchingItem, ...] = ()
    is_exhaustive: bool = True
    is_unreadable: bool = False


def spellings_of(item: Json) -> "array[int] | None":
    """How an identifier or a name would be spelt that any text of the item is.

    Whatever is wrong with the item may be wrong with the shape of its principals, so nothing is
    expected to stand in its place: a number, the name of a member or JSON within a text may be it,
    too; and without what no reader sees, for that alone an item may have been rejected. So may a
    piece of a text between separators or other signs, up to four pieces side by side (a name with
    blanks, a telephone number), or texts of one object or list (family and given name); a title
    behind a name is none of it. What the item itself is called is not looked at.

    Returns:
        None: there are more than an item that is parsed has without pieces, or so many pieces, the
            same ones too, that looking at them takes too long.
    """
    if isinstance(item, dict) and "data" in item:
        item = {name: one for name, one in item.items() if name not in _OWN_NAMES}
    found: set[int] = set()
    done: set[tuple[str, bool]] = set()
    count = characters = 0
    for text, is_joined in _texts(item):
        count += 1
        if count > _PARTS_MAX or characters > _CHARACTERS_MAX:
            return None
        one = (text, is_joined)
        if one in done:
            continue
        if len(done) == _DONE_MAX:
            done.clear()
        done.add(one)
        shown = visible(text)
        is_long = len(shown) > _LONG and not shown.isascii()
        characters += len(shown) * (_LONG_COSTS if is_long else 1)
        for spelled in {shown, _TITLE.sub("", shown)}:
            found.add(hash((_NAME, folded_name(spelled))))
            if not is_joined:
                found.update(hash((kind, normal(spelled))) for kind, normal in NORMALISERS.items())
        if len(found) > _SPELLINGS_MAX:
            return None
    return array("q", sorted(found))


def values_of(spellings: "array[int]") -> int:
    """As how many values an item counts that has these spellings."""
    return len(spellings) // _OF_A_VALUE


def person_spellings(
    secret: LedgerSecret, refs: Iterable[PrincipalRef], names: Iterable[str]
) -> frozenset[int]:
    """The spellings of a person's identifiers and names."""
    ids = {
        hash((secret.normaliser_of(one.scheme), secret.normal_form(one.scheme, visible(one.id))))
        for one in refs
    }
    return frozenset(ids | {hash((_NAME, folded_name(visible(one)))) for one in names})


def _holds(sorted_: "array[int]", one: int) -> bool:
    at = bisect_left(sorted_, one)
    return at < len(sorted_) and sorted_[at] == one


def _texts(value: Json) -> Iterator[tuple[str, bool]]:
    """Every text that may name somebody, and whether it is put together and so a name alone.

    The texts, names of members and numbers in a value, however deep, and in JSON within texts, and
    their pieces. Each level of such JSON doubles the escapes of the one before, so there are few.
    """
    waiting: list[Json] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if len(one) <= _PIECE_MAX:
                yield one, False
            if one.lstrip().startswith(("{", "[", '"')):
                with suppress(orjson.JSONDecodeError):
                    waiting.append(cast("Json", orjson.loads(one)))
                    continue
            yield from _words_of(one)
        elif isinstance(one, Mapping):
            members = cast("Mapping[str, Json]", one)
            waiting += [*members, *members.values()]
            yield from _joined(members.values())
        elif isinstance(one, list):
            waiting += one
            yield from _joined(one)
        elif isinstance(one, int | float) and not isinstance(one, bool):
            # A number of JSON may have come as 123.0, for which somebody's id is 123.
            yield (str(int(one)) if one == int(one) else str(one)), False


def _words_of(text: str) -> Iterator[tuple[str, bool]]:
    """What stands between separators: fields, their words, parts of these, some side by side."""
    before: list[str] = []
    for field in _FIELDS.finditer(text):
        if len(field[0]) <= _PIECE_MAX:
            yield field[0].strip().strip('"'), False
        yield from _phones(text, *field.span())
        for word in _WORDS.finditer(text, *field.span()):
            shown = visible(word[0])
            for part in (shown, *_parts_of(shown)):
                if len(part) <= _PIECE_MAX:
                    yield part, False
            for name in [shown] if shown.isascii() else _LETTERS.findall(shown):
                if len(name) > _PIECE_MAX:
                    continue
                for count in range(2, 2 + len(before)):
                    whole = "".join((*before[1 - count :], name))
                    if count <= _WITH_DIGITS or not _has_digits(whole):
                        yield whole, True
                before = [*before, name][1 - _NAME_PARTS :]


def _phones(text: str, first: int, end: int) -> Iterator[tuple[str, bool]]:
    """What may be a telephone number there, its digits in groups."""
    for start in _PHONE_STARTS.finditer(text, first, end):
        size, at = 0, start.end()
        while size < _PHONE_DIGITS.stop and (group := _PHONE_GROUP.match(text, at, end)):
            size, at = size + len(group[1]), group.end()
            if size in _PHONE_DIGITS:
                yield text[start.start() : at], False


def _parts_of(word: str) -> Iterator[str]:
    """What may be an identifier or a name within a word, as it stands there and in narrow signs."""
    if word.isascii() and word.isalnum():
        return
    for whole in _PARTS.finditer(word):
        narrow = narrowed(whole[0]) if len(whole[0]) <= _PIECE_MAX else whole[0]
        for part in dict.fromkeys((whole[0], narrow, *_ASCII.findall(narrow))):
            yield part.strip(_ENDS)
            if "@" not in part:  # an address is one identifier
                yield from _PLAIN.findall(part)


def _joined(values: Iterable[Json]) -> Iterator[tuple[str, bool]]:
    """Texts side by side in any order, more in theirs: neighbours, or with one between (its kana).

    What is a telephone number then is an identifier.
    """
    texts = [one for one in values if isinstance(one, str) and 0 < len(one) <= _PIECE_MAX]
    for step in (1, 2):
        for count in range(2, _NAME_PARTS + 1):
            for parts in zip(*(texts[n * step :] for n in range(count)), strict=False):
                whole = "".join(parts)
                if _PHONE.fullmatch(whole):
                    yield whole, False
                if count <= _WITH_DIGITS or not _has_digits(whole):
                    orders = permutations(parts) if count <= _IN_ANY_ORDER else [parts]
                    yield from (("".join(one), True) for one in orders)


def _has_digits(text: str) -> bool:
    return _DIGIT.search(text) is not None
