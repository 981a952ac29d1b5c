"""The names in the records found, compared with the form: what is excluded has no part in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.case_replies import NameCheck
from ledger.cases.name_differences import NamesCompared, name_defects
from ledger.commands import LinkIdentifiers, RenamePrincipal
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.ledger.case_given import application
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside
from tests.replying.desk import Desk, replies_of
from tests.rounds import rounds

FORM = {"name": "髙橋 花子", "name_kana": "タカハシ ハナコ", "address": "東京都千代田区千代田1-1-1"}
# Each name that a record may give, and whether the form says the same.
SAME = {"高橋　花子": True, "ﾀｶﾊｼ ﾊﾅｺ": True, "高橋 太郎": False, "髙橋": False}
WHO = range(3)
RECORDS, STOP = "provision_records", "provision_stop"
_runs = count()


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer: the name that it gives each person in it, and how it is hidden, if it is.

    Attributes:
        owed: whether it had to be recorded; if not, it belongs to no reply.
    """

    said: tuple[tuple[int, str | None], ...]
    hidden: str | None = None
    series: str | None = None
    owed: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What is recorded besides: who are linked, and who took which name later."""

    linked: bool = False
    renamed: tuple[tuple[int, str], ...] = ()


_sent = st.builds(
    Sent,
    st.dictionaries(st.sampled_from(WHO), st.none() | st.sampled_from(list(SAME)), min_size=1).map(
        lambda said: tuple(sorted(said.items()))
    ),
    st.sampled_from([None, "marked", "excluded"]),
    st.sampled_from([None, "s"]),
) | st.builds(
    Sent,
    st.dictionaries(st.sampled_from(WHO), st.sampled_from(list(SAME)), min_size=1).map(
        lambda said: tuple(sorted(said.items()))
    ),
    st.sampled_from([None, "marked", "excluded"]),
    st.none(),
    st.just(value=False),
)
_told = st.builds(
    Told,
    st.booleans(),
    st.dictionaries(st.sampled_from(WHO), st.sampled_from(list(SAME))).map(
        lambda later: tuple(sorted(later.items()))
    ),
)


def named(run: int, who: int) -> PrincipalRef:
    return person(f"R{run}-{who}")


def _record(house: Inside, run: int, sent: Sequence[Sent]) -> None:
    excluded: list[Any] = []
    for n, one in enumerate(sent):
        said = [
            {"scheme": "member", "id": named(run, who).id} | ({"name": name} if name else {})
            for who, name in one.said
        ]
        more = {"method": "collective", "series_id": f"{one.series}-{run}"} if one.series else {}
        if not one.owed:
            more |= {"basis": "entrustment_27_5_i", "consent": None}
        content = data(**{"principals": said, **more})
        mark = 2 if one.hidden == "marked" else 0
        made = house.record(f"r{run}-{n}", content, mark)
        if one.hidden == "excluded":
            excluded.append(made.transfer)
    if excluded:
        Desk(house, None).exclude(*excluded)  # pyright: ignore[reportArgumentType] -- no letter


def _tell(house: Inside, run: int, told: Told) -> None:
    if told.linked:
        link = LinkIdentifiers(random_uuid(), ACTOR, named(run, 0), named(run, 1), "住民票")
        house.ledger.link(link, house.now)
    for who, name in told.renamed:
        house.ledger.direct(RenamePrincipal(random_uuid(), ACTOR, named(run, who), name), house.now)


def _expected(
    who: int, kind: str, sent: Sequence[Sent], told: Told
) -> tuple[str | None, dict[int, Any]]:
    """What may be said of the person, and of each identifier, when the hidden were never sent."""
    mine = {0, 1} if told.linked and who in (0, 1) else {who}
    seen = [one for one in sent if one.hidden is None and (one.owed or kind != RECORDS)]
    visible = [pair for one in seen for pair in one.said if pair[0] in mine]
    later = list(told.renamed) if visible else []

    def check(of: set[int]) -> str | None:
        said = [SAME[name] for one, name in [*visible, *later] if one in of and name is not None]
        if any(said):
            return "matches" if all(said) else "mixed"
        return "differs" if said else None

    return check(mine), {one: check({one}) for one in mine}


def _is_recorded(who: int, kind: str, sent: Sequence[Sent], told: Told) -> bool:
    """Whether anything is left of the person, or of who is linked, with a name or without one."""
    mine = {0, 1} if told.linked and who in (0, 1) else {who}
    seen = [one for one in sent if one.hidden is None and (one.owed or kind != RECORDS)]
    return any(each in mine for one in seen for each, _ in one.said)


def _check(house: Inside, run: int, who: Sequence[int], kind: str) -> NameCheck:
    asked = application(form=FORM, kind=kind)
    replies = replies_of(house, None)  # pyright: ignore[reportArgumentType] -- no letter
    as_of = house.follow()
    found = replies.search([named(run, one) for one in who], as_of, asked)
    return NameCheck(asked, found, house.house.streams)


WRONG, RIGHT = (0, "高橋 太郎"), (0, "高橋　花子")


@example(sent=[Sent((WRONG,), "excluded")], told=Told(), kind=RECORDS)
@example(sent=[Sent((WRONG,), "marked")], told=Told(renamed=((0, "高橋 太郎"),)), kind=RECORDS)
@example(sent=[Sent((WRONG,)), Sent((RIGHT,), "excluded")], told=Told(), kind=RECORDS)
@example(sent=[Sent((RIGHT,)), Sent(((1, "高橋 太郎"),))], told=Told(linked=True), kind=RECORDS)
@example(sent=[Sent(((0, None),), None, "s"), Sent((WRONG,), None, "s")], told=Told(), kind=RECORDS)
@example(sent=[Sent((RIGHT,), "marked", "s"), Sent((WRONG,), None, "s")], told=Told(), kind=RECORDS)
@example(sent=[Sent((WRONG,), owed=False)], told=Told(), kind=STOP)
@example(sent=[Sent(((0, None),), "excluded")], told=Told(), kind=RECORDS)
@example(sent=[Sent(((0, None),)), Sent((RIGHT,), "excluded")], told=Told(), kind=STOP)
@example(sent=[Sent(((1, None),))], told=Told(linked=True), kind=RECORDS)
@example(sent=[Sent((WRONG,), "excluded", owed=False), Sent((RIGHT,))], told=Told(), kind=STOP)
@given(sent=st.lists(_sent, max_size=5), told=_told, kind=st.sampled_from([RECORDS, STOP]))
@settings(
    max_examples=rounds(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_excluded_changes_neither_an_answer_nor_a_refusal(
    house: Inside, sent: list[Sent], told: Told, kind: str
) -> None:
    run = next(_runs)
    _record(house, run, sent)
    _tell(house, run, told)
    expected = {who: _expected(who, kind, sent, told) for who in WHO}
    for who in WHO:
        check = _check(house, run, [who], kind)
        linked = {ref.id: said for ref, said in check.linked(named(run, who)).items()}
        whole, each = expected[who]
        assert check.check(named(run, who)) == whole
        assert linked == {named(run, one).id: said for one, said in each.items()}
    # Together they are compared one by one: the right one excuses none of the others.
    people = [named(run, who) for who in WHO]
    outcomes = _check(house, run, WHO, kind).outcomes(people)
    assert outcomes == tuple(
        expected[who][0] or ("unnamed" if _is_recorded(who, kind, sent, told) else "no_records")
        for who in WHO
    )
    refused = {one.pointer for one in name_defects(people, NamesCompared(outcomes))}
    owed = {who for who in WHO if expected[who][0] in ("differs", "mixed")}
    assert refused == {f"/identifiers/{who}" for who in owed}


def test_a_form_without_a_name_says_nothing(house: Inside) -> None:
    _record(house, run := next(_runs), [Sent((RIGHT,))])
    found = replies_of(house, None).search(  # pyright: ignore[reportArgumentType] -- no letter
        [named(run, 0)], house.follow(), application(form={})
    )
    check = NameCheck(application(form={}), found, house.house.streams)
    assert check.check(named(run, 0)) is None
    assert check.outcomes([named(run, 0), person("nobody")]) == ("unnamed", "no_records")


@pytest.mark.parametrize("asked_for", [{"last_day": date(2026, 3, 31)}, {"provided": False}])
def test_only_records_that_were_asked_for_are_compared(
    house: Inside, asked_for: dict[str, Any]
) -> None:
    _record(house, run := next(_runs), [Sent((WRONG,))])
    asked = application(form=FORM, **asked_for)
    replies = replies_of(house, None)  # pyright: ignore[reportArgumentType] -- no letter
    found = replies.search([named(run, 0)], house.follow(), asked)
    assert NameCheck(asked, found, house.house.streams).check(named(run, 0)) is None
