"""Rejected items at rest: sealed, and gone with their key. What the doors do stands in doors."""

import json
from datetime import datetime, timedelta
from random import sample
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg
import pytest

from ledger.cases.namesakes import spelled_otherwise
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import Defect, NotFoundError, SeparationOfDutiesError
from ledger.quarantine import rejected_rows, service
from ledger.quarantine.item_text import VALUES_MAX
from ledger.quarantine.service import MalformedItem, Quarantine
from ledger.quarantine.spellings import MatchingItems, ReadItem, person_spellings, spellings_of
from ledger.values import Json, PrincipalRef
from tests.ledger.given import OTHER
from tests.ledger.inside import Inside
from tests.matrix import every
from tests.rounds import rounds

DEFECT = Defect("/data/items", "SCHEMA", "name at least one item")
ITEM = MalformedItem(
    {"id": "t1", "data": {"principals": ["見本 太郎"]}}, "https://one.example", (DEFECT,)
)

NAMED: Json = {"data": {"principals": ["見本太郎"]}}
WHOLE = cast("Json", {"data": [0] * (VALUES_MAX + 1)})
NAMES = ("見本 太郎",)


@pytest.fixture
def quarantine(house: Inside) -> Quarantine:
    return Quarantine(house.house.writer, house.house.keys, house.house.secret)


def test_an_item_waits_as_it_came_and_is_counted(house: Inside, quarantine: Quarantine) -> None:
    [kept] = quarantine.keep([ITEM], house.now)
    assert quarantine.keep([ITEM, ITEM], house.now) == [kept, kept]
    [waiting] = quarantine.page(None, 10).items
    assert (waiting.id, waiting.item, waiting.within) == (kept, ITEM.item, ITEM.within)
    assert (waiting.defects, waiting.attempts, waiting.state) == ((DEFECT,), 3, "open")


def test_an_item_is_sealed(house: Inside, quarantine: Quarantine) -> None:
    quarantine.keep([ITEM], house.now)
    with psycopg.connect(house.database.admin) as connection:
        [row] = connection.execute("SELECT q::text FROM ledger.quarantine q").fetchall()
    assert "見本" not in row[0]
    assert "one.example" not in row[0]
    assert "見本".encode().hex() not in row[0]


def test_an_item_whose_key_is_dead_still_waits_without_its_content(
    house: Inside, quarantine: Quarantine
) -> None:
    [kept] = quarantine.keep([ITEM], house.now)
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'quarantine'")
    house.now += timedelta(minutes=6)  # longer than any key is cached
    waiting = quarantine.one(kept)
    assert (waiting.item, waiting.within, waiting.defects) == (None, None, ())


def test_discarding_takes_two_and_ends_it(house: Inside, quarantine: Quarantine) -> None:
    [kept] = quarantine.keep([ITEM], house.now)
    assert quarantine.discard(kept, "a" * 32) == "discard_proposed"
    with pytest.raises(SeparationOfDutiesError):
        quarantine.discard(kept, "a" * 32)
    assert quarantine.discard(kept, "b" * 32) == "discarded"
    with pytest.raises(NotFoundError):
        quarantine.one(kept)
    for gone in (kept, OTHER):
        with pytest.raises(NotFoundError):
            quarantine.discard(gone, "c" * 32)


def test_pages_follow_each_other(house: Inside, quarantine: Quarantine) -> None:
    items = [MalformedItem({"n": n}, None, (DEFECT,)) for n in range(5)]
    kept = set(quarantine.keep(items, house.now))
    seen: list[UUID] = []
    after: tuple[datetime, UUID] | None = None
    while page := list(quarantine.page(after, 2).items):
        assert len(page) <= 2
        seen += [one.id for one in page]
        after = (page[-1].received_at, page[-1].id)
    assert len(seen) == 5
    assert set(seen) == kept


def keep(house: Inside, quarantine: Quarantine, *items: Json) -> list[UUID]:
    """Keep the items one after the other, so that they wait in this order."""
    kept: list[UUID] = []
    for one in items:
        house.now += timedelta(seconds=1)
        kept += quarantine.keep([MalformedItem(one, None, (DEFECT,))], house.now)
    return kept


def test_an_item_with_members_that_are_called_like_those_beside_it_waits_as_it_came(
    house: Inside, quarantine: Quarantine
) -> None:
    item: Json = {"a": {"item": 1, "within": ',"within":"x"'}, "within": None, "defects": []}
    [kept] = quarantine.keep([MalformedItem(item, "https://x.example", (DEFECT,))], house.now)
    found = quarantine.one(kept)
    assert (found.item, found.within, found.defects) == (item, "https://x.example", (DEFECT,))


@pytest.mark.parametrize("sees_all", [True, False])
def test_a_page_ends_at_the_bytes_of_what_is_shown(
    house: Inside, quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch, *, sees_all: bool
) -> None:
    for module in (rejected_rows, service):
        monkeypatch.setattr(module, "BYTES_MAX", 5_000)
    mark = "order_11" if not sees_all else "order"
    items: list[Json] = [{"n": n, "x": "x" * 2_000} for n in range(5)]
    hidden: list[Json] = [{"n": n, mark: "x" * 2_000} for n in range(5)]
    between = [one for pair in zip(items, hidden, strict=True) for one in pair]
    kept = keep(house, quarantine, *(items if sees_all else between))
    shown = kept if sees_all else kept[::2]
    pages: list[list[UUID]] = []
    after: tuple[datetime, UUID] | None = None
    while not pages or after is not None:
        page = quarantine.page(after, 100, includes_hidden=sees_all)
        pages.append([one.id for one in page.items])
        last = page.items[-1]
        after = None if page.beyond is None else (last.received_at, last.id)
    assert pages == [shown[:2], shown[2:4], shown[4:]]


PERSON: Json = {"scheme": "member", "id": "4711", "name": "見本 太郎"}
IN_TEXT = json.dumps({"principals": [PERSON]}, ensure_ascii=False)
SHAPES: dict[str, Json] = {
    "JSON in a text": {"data": IN_TEXT},
    "JSON in JSON in a text": {"data": json.dumps(IN_TEXT)},
    "principals beside the data": {"data": {"items": []}, "principals": [PERSON]},
    "nothing but a person": PERSON,
    "a number for a person": {"data": {"principals": [4711]}},
    "a number with a fraction of nothing": cast("Json", {"data": {"principals": [{"ID": 4711.0}]}}),
    "an id for the name of a member": {"data": {"principals": {"4711": {}}}},
}


@every("shape", SHAPES)
def test_whoever_stands_anywhere_in_an_item_is_found(
    house: Inside, quarantine: Quarantine, shape: str
) -> None:
    [kept] = keep(house, quarantine, SHAPES[shape])
    who = (PrincipalRef("member", "4711"),)
    assert [one.id for one in quarantine.matching(who, ()).items] == [kept]
    assert quarantine.matching((PrincipalRef("member", "4712"),), ()).items == ()
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(kept, actor)


PIECES: Final[list[Json]] = [
    {"data": {"principals": "member:4711"}},
    {"data": {"principals": "4710,4711"}},
    {"data": {"principals": "4711 他人"}},
    {"data": {"principals": "4711 見本 太郎"}},
    {"data": "2024-04-01;member;4711;他人\r\n2024-04-02;member;4712;"},
    {"data": "https://example.jp/members/4711?lang=ja"},
    {"data": "https://example.jp/?member=4711#top"},
    {"data": '"member"|"4711"\t'},
    *(
        {"data": {"principals": text}}
        for text in (
            "会員番号4711",
            "4710・4711",
            "4710→4711",
            "4710~4711～4712",
            "4710_4711+4712",
            "4711様",
            "4711。",
            "【4711】",
            "『4711』",
            "“4711”（他人）",
            "№.４７１１",
            "会員：４７１１さん",
            "・".join(f"P-{n}" for n in range(300)) + "・4711",
        )
    ),
]
HYPHENED: Final = (
    "会員番号Q-700",
    "P-9・Q-701・Q-700",
    "会員Ｑ－７００様",
    "【Q−700】",
    "番号Ｑー700。",
    "q-700_x",
)
IN_PARTS: Final[list[Json]] = [
    {"data": {"family": "見本", "given": "太郎"}},
    {"data": {"given": "太郎", "family": "見本"}},
    {"data": {"sei": "見本", "sei_kana": "ミホン", "mei": "太郎", "mei_kana": "タロウ"}},
    {"data": {"principals": "member:4719 見本　太郎"}},
    {"data": "1,見本,太郎,2"},
    {"data": {"name": ["見本", "太郎"]}},
    {"data": [["太郎", "ミホン", "見本"]]},
    {"data": {"principals": "見本太郎様"}},
    {"data": {"principals": ["見本 太郎さん"]}},
    {"data": "【見本 太郎】"},
    {"data": "会員『見本・太郎』氏"},
    {"data": "見本\u200b太郎。4719"},
]


@every("item", PIECES)
def test_an_identifier_within_a_text_of_an_item_is_found(
    house: Inside, quarantine: Quarantine, item: Json
) -> None:
    [kept] = keep(house, quarantine, item)
    found = quarantine.matching((PrincipalRef("member", "4711"),), ())
    assert [one.id for one in found.items] == [kept]
    assert quarantine.matching((PrincipalRef("member", "471"),), ()).items == ()
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(kept, actor)


@every("text", HYPHENED)
def test_an_identifier_with_a_hyphen_in_whatever_width_is_found_within_a_text(
    house: Inside, quarantine: Quarantine, text: str
) -> None:
    [kept] = keep(house, quarantine, {"data": {"principals": text}})
    typed = PrincipalRef("member", "Q-700")
    who = (typed, *spelled_otherwise([typed], house.house.secret))
    assert [one.id for one in quarantine.matching(who, ()).items] == [kept]
    assert quarantine.matching((PrincipalRef("member", "Q-70"),), ()).items == ()
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(kept, actor)


@every("item", IN_PARTS)
def test_a_name_in_two_texts_of_an_item_is_found(
    house: Inside, quarantine: Quarantine, item: Json
) -> None:
    [kept] = keep(house, quarantine, item)
    assert [one.id for one in quarantine.matching((), ("見本太郎",)).items] == [kept]
    assert quarantine.matching((), ("見本次郎",)).items == ()
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(kept, actor)


OF_THREE: Final[list[Json]] = [
    {"data": {"name": ["Mihon", "Michael", "Smith"]}},
    {"data": {"first": "Mihon", "middle": "Michael", "last": "Smith"}},
    {"data": {"first": "Mihon", "last": "Smith", "middle": "Michael"}},
    {"data": {"a": "Mihon", "b": "ミホン", "c": "Michael", "d": "マイケル", "e": "Smith"}},
    {"data": "氏名: Mihon Michael Smith 様"},
    {"data": '4719,"Mihon Michael Smith"'},
    {"data": "Mr. Mihon Michael Smith (1980)"},
]
TELEPHONE: Final[list[Json]] = [
    {"data": "tel 090 1234 5678"},
    {"data": "電話(090)1234-5678"},
    {"data": "電話０９０　１２３４　５６７８です"},
    {"data": "no 4719 +81 (0)90 1234 5678"},
    {"data": {"tel1": "090", "tel2": "1234", "tel3": "5678"}},
]


@every("item", OF_THREE)
def test_a_name_of_three_parts_is_found_in_pieces_and_within_a_text(item: Json) -> None:
    found = spellings_of(item)
    assert found is not None
    read = ReadItem((), 1, restricted=False, spellings=found)
    secret = LedgerSecret(bytes(32), "test")
    assert read.may_name(person_spellings(secret, (), ("Mihon Michael Smith",)))
    assert not read.may_name(person_spellings(secret, (), ("Mihon Michael Jones",)))


@every("item", TELEPHONE)
def test_a_telephone_number_is_found_in_groups_of_digits(item: Json) -> None:
    found = spellings_of(item)
    assert found is not None
    read = ReadItem((), 1, restricted=False, spellings=found)
    secret = LedgerSecret(bytes(32), "test")
    who, other = (PrincipalRef("phone", one) for one in ("09012345678", "09012345679"))
    assert read.may_name(person_spellings(secret, (who,), ()))
    assert not read.may_name(person_spellings(secret, (other,), ()))


def test_a_quoted_field_is_found_without_its_quotes() -> None:
    found = spellings_of({"data": '1,"Maria da Silva e Santos Jones",2'})
    assert found is not None
    who = person_spellings(LedgerSecret(bytes(32), "test"), (), ("Maria da Silva e Santos Jones",))
    assert ReadItem((), 1, restricted=False, spellings=found).may_name(who)


def test_an_item_of_too_many_pieces_may_name_anybody(house: Inside, quarantine: Quarantine) -> None:
    keep(house, quarantine, {"data": " ".join(f"a{n}" for n in range(3 * VALUES_MAX))})
    assert quarantine.matching((), NAMES) == MatchingItems(is_unreadable=True)


COSTLY: Final = {
    "two words, again and again": "a b " * 400_000,
    "one sign that folds to twenty": "\ufdfa " * 400_000,
    "long words of it": " ".join(f"{n}" + "\ufdfa" * 900 for n in range(800)),
    "marks in disorder": " ".join(f"{n}" + "\u0301\u0323" * 450 for n in range(800)),
    "two thousand words in turns": " ".join(f"x{n % 2_000}-é" for n in range(300_000)),
    "a list of dots": "あ・" * 400_000,
}


@every("shape", sample([*COSTLY], rounds(len(COSTLY))))
def test_an_item_of_which_looking_at_each_piece_takes_too_long_may_name_anybody(
    house: Inside, quarantine: Quarantine, shape: str
) -> None:
    [kept] = keep(house, quarantine, {"data": COSTLY[shape]})
    assert quarantine.matching((), NAMES) == MatchingItems(is_unreadable=True)
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(kept, actor)


def test_a_text_that_is_longer_than_any_name_is_looked_at_in_pieces_alone() -> None:
    found = spellings_of({"data": "あ" * 1_600_000 + " 4711"})
    assert found is not None
    who = (PrincipalRef("member", "4711"),)
    assert ReadItem((), 1, restricted=False, spellings=found).may_name(
        person_spellings(LedgerSecret(bytes(32), "test"), who, ())
    )
    assert len(found) < VALUES_MAX


def test_many_persons_of_one_item_are_compared(house: Inside, quarantine: Quarantine) -> None:
    people: list[Json] = [
        {"scheme": "member", "id": f"P-{n}", "name": f"見本 {n}郎"} for n in range(4_000)
    ]
    [kept] = keep(house, quarantine, {"data": {"principals": people}})
    who = (PrincipalRef("member", "P-3999"),)
    assert [one.id for one in quarantine.matching(who, ()).items] == [kept]


def test_what_an_item_itself_is_called_names_nobody(house: Inside, quarantine: Quarantine) -> None:
    keep(house, quarantine, {"id": "4711", "source": "4711", "data": {}})
    assert quarantine.matching((PrincipalRef("member", "4711"),), ()).items == ()


def test_a_mark_in_json_in_a_text_is_passed_over(house: Inside, quarantine: Quarantine) -> None:
    marked = json.dumps({"principals": [PERSON], "order_11": "1"})
    keep(house, quarantine, {"data": marked}, {"data": json.dumps(marked)})
    assert quarantine.matching((PrincipalRef("member", "4711"),), ()).items == ()


def test_what_cannot_be_read_is_told_of_items_of_before_there_was_a_flag_too(
    house: Inside, quarantine: Quarantine
) -> None:
    [readable] = keep(house, quarantine, {"data": "x", "order_11": "i"})
    lines = keep(house, quarantine, {"line": '{"order11":"i"'}, {"line_base64": "/w=="})
    assert quarantine.matching((), NAMES) == MatchingItems(is_unreadable=True)
    for change in ("unreadable = NULL", "unreadable = NULL, restricted = NULL"):
        with psycopg.connect(house.database.admin) as connection:
            connection.execute(f"UPDATE ledger.quarantine SET {change}")  # noqa: S608 -- ours
        for _ in range(2):  # the second time from what is remembered
            assert quarantine.matching((), NAMES) == MatchingItems(is_unreadable=True)
    for n, actor in enumerate(("a" * 32, "b" * 32)):
        assert quarantine.matching((), NAMES).is_unreadable, n
        for one in lines:
            quarantine.discard(one, actor)
    assert quarantine.matching((), NAMES) == MatchingItems()
    assert quarantine.one(readable).restricted


def test_items_of_too_many_values_may_name_anybody_and_are_one_thing(
    house: Inside, quarantine: Quarantine
) -> None:
    _, named, _ = keep(house, quarantine, {"data": ["他人"]}, NAMED, WHOLE)
    found = quarantine.matching((), NAMES)
    for _ in range(2):  # the second time from what is remembered
        assert quarantine.matching((), NAMES) == found
        assert [one.id for one in found.items] == [named]
        assert quarantine.matching((), ("別人",)) == MatchingItems(is_unreadable=True)
        assert (found.is_exhaustive, found.is_unreadable) == (True, True)
        assert found.items[0].codes == ("SCHEMA",)
    keep(house, quarantine, {"another": WHOLE})
    assert quarantine.matching((), NAMES) == found


@every("item", [WHOLE, {"line": "{"}])
@every("flag", ["", "unreadable = NULL, restricted = NULL"])
def test_what_cannot_be_compared_counts_from_when_it_came(
    house: Inside, quarantine: Quarantine, item: Json, flag: LiteralString
) -> None:
    before = house.now
    [kept] = keep(house, quarantine, item)
    if flag:
        with psycopg.connect(house.database.admin) as connection:
            where = "WHERE state = 'open'"
            connection.execute(f"UPDATE ledger.quarantine SET {flag} {where}")  # noqa: S608 -- ours
    assert quarantine.matching((), NAMES, before) == MatchingItems()
    for until in (None, house.now):
        assert quarantine.matching((), NAMES, until) == MatchingItems(is_unreadable=True)
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(kept, actor)


@pytest.mark.parametrize(
    ("name", "most", "read"),
    [("EXAMINED_MAX", 2, 2), ("BYTES_MAX", 450, 2), ("EXAMINED_VALUES_MAX", 12, 2)],
)
def test_items_beyond_a_bound_are_not_said_to_be_of_others(
    house: Inside,
    quarantine: Quarantine,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    most: int,
    read: int,
) -> None:
    items: list[Json] = [{"n": n, "data": ["見本太郎", "", ""]} for n in range(3)]
    kept = keep(house, quarantine, *items)
    assert quarantine.matching((), NAMES).is_exhaustive
    monkeypatch.setattr(service, name, most)
    before = house.now - timedelta(seconds=1)
    for until, is_exhaustive in ((None, False), (house.now, False), (before, True)):
        found = quarantine.matching((), NAMES, until)
        shown = [one.id for one in found.items]
        assert (shown, found.is_exhaustive) == (kept[:read], is_exhaustive)


def test_what_is_remembered_of_an_item_ends_with_its_key_and_with_its_wait(
    house: Inside, quarantine: Quarantine
) -> None:
    first, second = keep(house, quarantine, NAMED, {"n": NAMED})
    who = (PrincipalRef("email", "ＡＢ@example.jp"),)
    [third] = keep(house, quarantine, {"data": {"id": "ab@Example.jp"}})
    assert [one.id for one in quarantine.matching(who, NAMES).items] == [first, second, third]
    for actor in ("a" * 32, "b" * 32):
        quarantine.discard(first, actor)
    assert [one.id for one in quarantine.matching(who, NAMES).items] == [second, third]
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'quarantine'")
    house.now += timedelta(minutes=6)  # longer than any key is cached
    assert quarantine.matching(who, NAMES).items == ()
