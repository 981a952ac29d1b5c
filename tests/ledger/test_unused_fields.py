"""A search that found nothing and did not use all that the form asks for warns whoever approves."""

from dataclasses import replace
from datetime import date

from ledger.cases.identification import BIRTH_DATE_NOT_STATED, KANA_NOT_SEARCHED, warnings
from ledger.cases.namesakes import NamesSearched, names_of
from ledger.cases.steps import IdentifyRecords
from tests.ledger.case_given import ABSENT, FORM, IDENTIFY, MEMBER, Desk, application
from tests.matrix import every

NOBODY = IdentifyRecords(90, (), "該当なし", tried=(MEMBER, ABSENT))
KANA = "ミホン ハナコ"


@every(
    "kana, former, is_warned",
    [
        (None, (), True),
        (None, ("例示 花子",), True),
        ("－", (), True),
        (None, ("れいじ はなこ",), False),
        (None, ("ﾚｲｼﾞ ﾊﾅｺ",), False),
        (KANA, (), False),
        ("MIHON HANAKO", (), False),
    ],
)
def test_who_finds_nothing_and_did_not_look_for_the_kana_is_warned(
    kana: str | None, former: tuple[str, ...], *, is_warned: bool
) -> None:
    asked = application(form=FORM if kana is None else FORM | {"name_kana": kana})
    searched = NamesSearched(names_of(asked.form, former))
    case = Desk().verified(asked).do(replace(NOBODY, searched=searched)).case
    assert (KANA_NOT_SEARCHED in warnings(case)) is is_warned


def test_a_kana_that_was_put_down_after_the_search_was_not_searched_for() -> None:
    searched = replace(NOBODY, searched=NamesSearched(names_of(FORM)))
    case = Desk().verified(application(form=FORM)).do(searched).case
    later = replace(case, application=application(form=FORM | {"name_kana": KANA}))
    assert KANA_NOT_SEARCHED in warnings(later)


@every("born", [None, date(1990, 2, 3)])
def test_who_finds_nothing_for_somebody_of_no_known_age_is_warned(born: date | None) -> None:
    searched = replace(NOBODY, searched=NamesSearched(names_of(FORM)))
    case = Desk().verified(application(birth_date=born)).do(searched).case
    assert (BIRTH_DATE_NOT_STATED in warnings(case)) is (born is None)


def test_who_finds_records_needs_no_kana() -> None:
    case = Desk().verified(application(birth_date=date(1990, 2, 3))).do(IDENTIFY).case
    assert not warnings(case)


@every(
    "requester, born, is_warned",
    [
        ("self", None, True),
        ("self", date(1990, 2, 3), False),
        ("agent", None, False),
    ],
)
def test_who_asks_for_themselves_and_is_of_no_known_age_may_be_a_minor(
    requester: str, born: date | None, *, is_warned: bool
) -> None:
    case = Desk().verified(application(birth_date=born)).do(IDENTIFY).case
    case = replace(case, application=replace(case.application, requester=requester))
    assert (BIRTH_DATE_NOT_STATED in warnings(case)) is is_warned
