"""An exclusion stands for one person of a record: the others are answered as if there were none."""

from typing import Any

import pytest

from ledger.commands import CorrectTransfer, LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import DoesNotStandError, MalformedError
from ledger.exclusions.exclusion import Exclude
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
    store_version_1,
)
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside
from tests.ledger.test_exclusions_stored import DAY, daily, repeat

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
    before = [as_shown(house, one) for one in PERSONS]
    exclude(house, 1, of="P2")
    after = [as_shown(house, one) for one in PERSONS]
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] == as_shown(house, "P9"), "as of somebody who never was in it"
    lift(house, 1, of="P2")
    assert [as_shown(house, one) for one in PERSONS] == before


def test_whoever_is_linked_is_excluded_by_the_identifier_that_the_record_names(
    house: Inside,
) -> None:
    house.record("t1", data("P1", "P2"))
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P2"), person("P9"), "登録")
    house.ledger.link(link, house.now)
    standing = exclude(house, 1, of="P9")
    secret = house.house.secret
    assert [one.principal for one in standing.excluded] == [secret.principal_key("member", "P2")]
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


def test_who_is_in_none_of_the_records_cannot_be_meant(house: Inside) -> None:
    house.record("t1", data("P1"))
    house.record("t2", data("P2"))
    house.follow()
    for spans in ([(1, 1), (2, 2)], [(2, 2)], [(1, 2), (2, 2)]):
        with pytest.raises(MalformedError) as refused:
            house.house.exclusions().keys_in(PrincipalRef("member", "P1"), spans)
        [defect] = refused.value.defects
        assert (defect.pointer, defect.code) == ("/principal", "PRINCIPAL_NOT_NAMED")


def test_an_emitters_mark_is_lifted_by_two_persons_for_one_or_for_all(house: Inside) -> None:
    house.record("t1", data(*PERSONS), 2)
    house.record("t2", data(*PERSONS), 4)
    assert of_each(house) == [[], [], []]
    ask_to_lift(house, 1, of="P2")
    ask_to_lift(house, 1, of="P2")
    assert of_each(house) == [[], [], []], "one person lifts nothing, however often"
    ask_to_lift(house, 1, by=SECOND, of="P2")
    assert of_each(house) == [[], [1], []]
    lift(house, 2)
    assert of_each(house) == [[2], [1, 2], [2]]
    with pytest.raises(DoesNotStandError):
        ask_to_lift(house, 2)
    exclude(house, 2, of="P3")
    assert of_each(house) == [[2], [1, 2], []]
    lift(house, 2, of="P3")
    house.now += DAY
    repeat(house)
    assert of_each(house) == [[2], [1, 2], [2]]
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
    standing = house.house.exclusions().standing()
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


def test_the_header_tells_as_many_lines_as_where_the_person_does_not_stand_in_it(
    house: Inside,
) -> None:
    one = with_hidden(house)
    other = house.record("t2", data(principals=[FIRST, THIRD])).transfer
    for people in ((FIRST, THIRD, EMAIL), (FIRST, EMAIL)):
        assert stated(house, one, *people)[1] == 1
    assert stated(house, other, FIRST, THIRD, EMAIL)[1] == 1


def test_a_line_that_was_stored_twice_by_an_older_version_grows_no_more(house: Inside) -> None:
    one = with_hidden(house)
    people = (FIRST, {**EMAIL, "name": "見本"}, THIRD, EMAIL)
    doubled: Json = [*people]
    command = CorrectTransfer(random_uuid(), ACTOR, one, {"principals": doubled}, "取り違え")
    house.ledger.correct(command, house.now, sees_all=True)
    for _ in range(2):
        stated(house, one, FIRST, EMAIL)
        assert len(lines_of(house, one)) == 3
