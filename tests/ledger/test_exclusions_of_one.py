"""An exclusion stands for one person of a record: the others are answered as if there were none."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger.commands import CorrectTransfer, LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.exclusions import exclusion
from ledger.exclusions.exclusion import (
    AccessRecords,
    ActiveExclusions,
    Exclude,
    ExclusionsFullError,
)
from ledger.exclusions.stored_events import exclusion_event_of, exclusion_parts_of
from ledger.format.events import AccessedRange, ExcludedRange, ExclusionAct, ExclusionsSealed, Fact
from ledger.values import Json, PrincipalRef
from tests.ledger.carrying import let_die
from tests.ledger.case_given import MEMBER
from tests.ledger.excluding import (
    CHIEF,
    SECOND,
    Case,
    ask_to_lift,
    exclude,
    lift,
    rows,
    second_house,
    store_version_1,
)
from tests.ledger.given import ACTOR, data, malformed, person
from tests.ledger.inside import Inside
from tests.ledger.test_exclusions_stored import DAY, daily, repeat, sizes, standing
from tests.matrix import every

PERSONS = ("P1", "P2", "P3")
Json_ = dict[str, Json]


def seen(house: Inside, *who: str) -> list[int]:
    return [one.position for one in house.page(*who).entries]


def of_each(house: Inside) -> list[list[int]]:
    return [seen(house, one) for one in PERSONS]


def as_shown(house: Inside, who: str) -> Any:  # noqa: ANN401 -- whatever a page holds
    page = house.page(who)
    return (page.entries, page.names, page.expired, page.cursor)


def test_one_person_of_three_is_told_nothing_and_the_others_everything(house: Inside) -> None:
    house.record("t1", data(*PERSONS))
    house.record("t2", data("P4"))
    before = [as_shown(house, one) for one in PERSONS]
    for spans in ([(1, 1), (2, 2)], [(2, 2)], [(1, 2), (2, 2)]):
        found = malformed(house.house.exclusions().keys_in, PrincipalRef("member", "P1"), spans)
        assert found == {("/principal", "PRINCIPAL_NOT_NAMED")}
    exclude(house, 1, of="P2")
    after = [as_shown(house, one) for one in PERSONS]
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] == as_shown(house, "P9"), "as of somebody who never was in it"
    lift(house, 1, of="P2")
    assert [as_shown(house, one) for one in PERSONS] == before
    # Whoever is linked is excluded by the identifier that the record names.
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P2"), person("P9"), "登録")
    house.ledger.link(link, house.now)
    standing = exclude(house, 1, of="P9")
    key = house.house.secret.principal_key("member", "P2")
    assert [one.principal for one in standing.excluded] == [key]
    assert (seen(house, "P9"), seen(house, "P2"), seen(house, "P1")) == ([], [], [1])


def test_whoever_is_linked_later_is_told_nothing_of_it_by_any_identifier(house: Inside) -> None:
    for n, who in enumerate((("P1",), ("P1", "P2"), ("P2",))):
        house.record(f"t{n}", data(*who))
    for position in (1, 2):
        exclude(house, position, of="P1")
    assert seen(house, "P2") == [2, 3], "nobody knows yet that it is one person"
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P2"), "登録")
    house.ledger.link(link, house.now)
    assert [seen(house, *who) for who in (["P1"], ["P2"], ["P1", "P2"])] == [[3]] * 3
    streams = house.house.streams
    assert streams.hidden([first(house, one) for one in (1, 2, 3)]) == {
        first(house, 1),
        first(house, 2),
    }
    lift(house, 2, of="P2")
    assert seen(house, "P1") == [2, 3]
    assert streams.hidden([first(house, 2)]) == set()


def test_an_emitters_mark_is_lifted_by_two_persons_for_one_or_for_all(house: Inside) -> None:
    house.record("t1", data(*PERSONS), 2)
    house.record("t2", data(*PERSONS), 4)
    for _ in range(2):
        ask_to_lift(house, 1, of="P2")
        assert of_each(house) == [[], [], []], "one person lifts nothing, however often"
    ask_to_lift(house, 1, by=SECOND, of="P2")
    assert of_each(house) == [[], [1], []]
    lift(house, 2)
    exclude(house, 2, of="P3")
    assert of_each(house) == [[2], [1, 2], []]
    house.now += DAY
    repeat(house)
    [event] = daily(house.house)
    assert [(one.first, one.ground) for one in event.unmarked] == [(1, "ii"), (2, "iv")]


def test_a_review_keeps_what_was_hidden_from_the_person_alone(house: Inside) -> None:
    for n, mark in enumerate((0, 0, 3)):
        house.record(f"t{n}", data("M-0001", "P2"), mark)
    exclude(house, 1, of="M-0001")
    exclude(house, 2, of="P2")
    lift(house, 3, of="M-0001")
    case = Case.begun(house).searched().decided()
    review = house.ledger.review(case.stream)
    assert review is not None
    key = house.house.secret.principal_key(MEMBER.scheme, MEMBER.id)
    assert [(one.first, one.principal) for one in review.excluded] == [(1, key)]
    assert [(one.first, one.principal) for one in review.unmarked] == [(3, key)]
    exclude(house, 2, of="M-0001")
    head = house.follow()
    page = house.house.histories.page([MEMBER], head, None, 10, review)
    assert [one.position for one in page.entries] == [2, 3], "made again as it was decided"


def test_no_key_of_a_person_outlives_the_record_in_the_set(house: Inside) -> None:
    house.record("t1", data("P1", "P2"))
    house.now += 40 * DAY  # sealed under another key
    house.record("t2", data("P1"), 1)
    exclude(house, 1, of="P1")
    lift(house, 2, of="P1")
    house.follow()
    keys = {one.header.sealed_key for one in house.house.streams.carried([first(house, 1)], None)}
    let_die(house.house, house.database, sorted(one for one in keys if one is not None))
    house.now += DAY
    repeat(house)
    standing = house.house.exclusions().active()
    assert standing.excluded == ()
    assert [one.first for one in standing.unmarked] == [2]
    assert daily(house.house)[-1].excluded == ()


def first(house: Inside, position: int) -> Any:  # noqa: ANN401 -- a stream
    [fact] = house.house.reads.facts_at([position])
    return fact.stream


@pytest.mark.parametrize("as_draft", [True, False])
def test_a_ledger_of_today_opens_and_goes_on(house: Inside, *, as_draft: bool) -> None:
    for n in range(3):
        house.record(f"t{n}", data(*PERSONS))
    store_version_1(house.house, house.now, as_draft=as_draft)
    assert of_each(house) == [[2, 3]] * 3, "it hides the record from every person"
    exclude(house, 3, of="P2")
    lift(house, 1, of="P3")
    assert of_each(house) == [[2, 3], [2], [1, 2, 3]]
    repeat(house)
    event = daily(house.house)[-1]
    assert [(one.first, one.principal is None) for one in event.excluded] == [
        (1, False),
        (1, False),
        (3, False),
    ]


# -- corrections of the persons by who may not see ------------------------------------------------

EMAIL: Json_ = {"scheme": "email", "id": "canary@example.jp"}
SPELT: Json_ = {"scheme": "email", "id": "CANARY@EXAMPLE.JP", "name": "別の名"}
HIDDEN = PrincipalRef("email", "canary@example.jp", "見本")
FIRST, OTHER, THIRD = (Json_(scheme="member", id=one) for one in PERSONS)


def with_hidden(house: Inside) -> Any:  # noqa: ANN401 -- a stream
    """A record of which the second of three persons is excluded."""
    people = [FIRST, {**EMAIL, "name": "見本"}, THIRD]
    one = house.record("t1", data(principals=people)).transfer
    house.follow()
    chief = house.house.exclusions()
    keys = chief.keys_in(HIDDEN, [(1, 1)])
    chief.change(Exclude(random_uuid(), CHIEF, ((1, 1),), "i", "危害", keys), house.now)
    return one


def stated(house: Inside, transfer: Any, *people: Json_) -> tuple[str, int | None]:  # noqa: ANN401 -- a stream
    """Who may not see what is excluded says who the persons are; what the event's header tells."""
    said: Json = [*people]
    command = CorrectTransfer(random_uuid(), ACTOR, transfer, {"principals": said}, "取り違え")
    house.ledger.correct(command, house.now)
    header = house.house.streams.carried([transfer], None)[-1].header
    return header.type, header.lines_count


def lines_of(house: Inside, transfer: Any) -> dict[int, PrincipalRef]:  # noqa: ANN401 -- a stream
    state = house.house.streams.transfer_state(transfer)
    assert state is not None
    return {n: line.principal for n, line in state.lines.items()}


@pytest.mark.parametrize("said", [EMAIL, SPELT], ids=["as it is", "spelt in another way"])
def test_who_states_a_hidden_person_again_and_again_stores_no_further_line(
    house: Inside, said: Json_
) -> None:
    one = with_hidden(house)
    for _ in range(3):
        assert stated(house, one, FIRST, said) == ("transfer-corrected", 1)
        assert lines_of(house, one) == {0: person("P1"), 1: HIDDEN}
    stated(house, one, FIRST, said, OTHER)
    assert lines_of(house, one) == {0: person("P1"), 1: HIDDEN, 3: person("P2")}
    house.follow()
    [entry] = house.page("P2").entries
    assert entry.transfer == one
    assert house.house.histories.page([HIDDEN], house.head(), None, 10).entries == ()
    # As many lines as where the person does not stand in it.
    other = house.record("t2", data(principals=[FIRST, THIRD])).transfer
    assert stated(house, other, FIRST, THIRD, said)[1] == 1


def test_a_line_that_was_stored_twice_by_an_older_version_grows_no_more(house: Inside) -> None:
    one = with_hidden(house)
    people = (FIRST, {**EMAIL, "name": "見本"}, THIRD, EMAIL)
    doubled: Json = [*people]
    command = CorrectTransfer(random_uuid(), ACTOR, one, {"principals": doubled}, "取り違え")
    house.ledger.correct(command, house.now, includes_hidden=True)
    for _ in range(2):
        stated(house, one, FIRST, EMAIL)
        assert len(lines_of(house, one)) == 3


# -- looks at what may be excluded: told by the next daily event alone, and in nobody's way --------

AT = datetime(2026, 11, 24, 1, 2, 3, 4_000, tzinfo=UTC)
WHY = "所在が知れるおそれがあるとの申出"
DRAFT = "SELECT octet_length(sealed) FROM ledger.exclusions"


def look(house: Inside, *positions: int, reason: str = WHY, case: int | None = None) -> None:
    spans = tuple((one, one) for one in positions)
    house.house.exclusions().record_access(AccessRecords(CHIEF, spans, reason, case), house.now)


def looked(house: Inside) -> list[tuple[int, int, int | None]]:
    found = house.house.exclusions().active().accesses
    return [(one.first, one.last, one.case) for one in found]


def test_a_look_changes_nothing_that_stands_and_says_who_when_why_and_for_which_case() -> None:
    before = ActiveExclusions(
        (ExcludedRange(3, 9, "i"),), (ExcludedRange(1, 1, "ii", ExclusionAct(AT, CHIEF, "誤り")),)
    )
    event = exclusion.record_access(
        AccessRecords(CHIEF, ((5, 6), (6, 7), (12, 12)), WHY, 41), before, AT
    )
    act = ExclusionAct(AT, CHIEF, WHY)
    assert event == replace(
        before.event, looked=(AccessedRange(5, 7, act, 41), AccessedRange(12, 12, act, 41))
    )
    after = ActiveExclusions(event.excluded, event.lifted, event.looked)
    assert after == before, "who looked is no part of what stands"
    told = exclusion.evolve(None, Fact(9, UUID(int=1), 1, AT, CHIEF, after.event))
    assert told is not None
    assert told.accesses == (), "it was told"


def test_a_change_after_a_look_goes_on_telling_of_it() -> None:
    before = exclusion.record_access(
        AccessRecords(CHIEF, ((5, 5),), WHY), ActiveExclusions((ExcludedRange(3, 9, "i"),)), AT
    )
    stands = ActiveExclusions(before.excluded, before.lifted, before.looked)
    for command in (
        Exclude(UUID(int=7), CHIEF, ((20, 20),), "i", WHY),
        exclusion.LiftExclusion(UUID(int=7), CHIEF, ((3, 3),), WHY),
    ):
        assert exclusion.decide(command, stands, AT).looked == before.looked


def test_its_stored_form_is_the_one_of_the_format_and_is_absent_without_a_look() -> None:
    act = ExclusionAct(AT, CHIEF, "確認")
    event = ExclusionsSealed(
        (ExcludedRange(2, 2, "ii", act),),
        (),
        (AccessedRange(2, 2, act), AccessedRange(4, 5, act, 1)),
    )
    _, record = exclusion_parts_of(event)
    assert record == {
        "v": 2,
        "excluded": [[2, 2, "ii", "", 0]],
        "looked": [[2, 2, 0], [4, 5, 0, 1]],
        "acts": [{"at": "2026-11-24T01:02:03.004Z", "actor": CHIEF, "reason": "確認"}],
    }
    assert exclusion_event_of(ExclusionsSealed.TYPE, record) == event
    assert "looked" not in exclusion_parts_of(replace(event, looked=()))[1]


BROKEN = {
    "nothing": (AccessRecords(CHIEF, (), WHY), "EXCLUSION_NAMES_NOTHING"),
    "backwards": (AccessRecords(CHIEF, ((5, 4),), WHY), "RANGE_EMPTY"),
    "no reason": (AccessRecords(CHIEF, ((1, 1),), " "), "SCHEMA"),
    "a long reason": (AccessRecords(CHIEF, ((1, 1),), "危" * 101), "SCHEMA"),
    "a My Number": (AccessRecords(CHIEF, ((1, 1),), "123456789018"), "MY_NUMBER_SHOWN"),
}


@every("name", BROKEN)
def test_a_look_that_says_too_little_is_refused(name: str) -> None:
    command, code = BROKEN[name]
    with pytest.raises(MalformedError) as refused:
        exclusion.record_access(command, ActiveExclusions(), AT)
    assert code in {one.code for one in refused.value.defects}


def test_the_next_daily_event_tells_of_it_once_and_nothing_else_ever_does(house: Inside) -> None:
    house.record("t1")
    house.record("t2", data("P1"))
    repeat(house)
    head, size = house.head(), rows(house, DRAFT)
    look(house, 1, 2, case=1)
    assert (house.head(), rows(house, DRAFT)) == (head, size), "no event, and no other size"
    assert looked(house) == [(1, 2, 1)]
    house.now += DAY
    repeat(house)
    house.now += DAY
    repeat(house)
    told = [
        [(one.first, one.last, one.act.actor) for one in event.looked]
        for event in daily(house.house)
    ]
    assert told == [[], [(1, 2, CHIEF)], []]
    assert len(set(sizes(house, "exclusions-sealed"))) == 1
    assert looked(house) == []


def test_a_look_at_what_is_no_record_is_refused_and_on_no_record(house: Inside) -> None:
    house.record("t1")
    for spans in (((2, 2),), ((1, 9),)):
        with pytest.raises(MalformedError) as refused:
            house.house.exclusions().record_access(AccessRecords(CHIEF, spans, WHY), house.now)
        assert [one.code for one in refused.value.defects] == ["NOT_A_RECORD"]
    assert looked(house) == []


def test_looks_leave_room_for_what_must_be_excluded_and_raise_no_alarm(house: Inside) -> None:
    house.record("t1")
    house.record("t2")

    def fill() -> None:
        for n in range(60):
            house.now += timedelta(seconds=1)
            look(house, 1, reason=f"{'危' * 90}{n}")

    with pytest.raises(ExclusionsFullError):
        fill()
    done = len(looked(house))
    assert done > 10
    assert not house.house.exclusions().is_half_full(), "tomorrow they are gone"
    for _ in range(3):
        exclude(house, 2, reason="危" * 100)
        lift(house, 2)
    exclude(house, 2, reason="危" * 100)
    assert standing(house) == [2]
    assert len(looked(house)) == done
    house.now += DAY
    repeat(house)
    look(house, 1)
    assert looked(house) == [(1, 1, None)]


def test_a_change_that_is_sent_again_after_a_look_is_carried_out_already(house: Inside) -> None:
    house.record("t1")
    command = Exclude(random_uuid(), CHIEF, ((1, 1),), "i", WHY)
    house.house.exclusions().change(command, house.now)
    look(house, 1)
    with closing(second_house(house)) as other:
        assert other.exclusions().change(command, house.now).covers(1)
    assert looked(house) == [(1, 1, None)]
