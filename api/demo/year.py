"""What everybody else does in the year, and the mistakes that platforms make."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, cast

from api.demo import acts, parties
from api.demo.acts import Data
from api.demo.applicants import handed_over
from api.demo.cases import cases
from api.demo.people import DemoPerson
from api.demo.plan import (
    APP,
    MEMBERS,
    SHOP,
    DailyDeclarations,
    DeskRequest,
    PlannedStep,
    PlannedTransfer,
    Send,
)
from api.demo.story import story
from ledger.values import Json

RARE: Final = DemoPerson("渡邉 𠮷乃", "M-0202-0001", None, None)
"""Whose form has one form of 邉 that no font here has; the platform holds the usual one."""
MARRIED: Final = DemoPerson("水瀬 美緒", "M-0202-0002", None, None)
"""Whose records bear the name from before the marriage."""
NAMESAKE: Final = DemoPerson("早瀬 美緒", "M-0202-0003", None, None)
"""Somebody else, who has the name that the other one bears now."""
CHILD: Final = DemoPerson("森下 湊太", "M-0202-0004", None, None)
GROWN: Final = DemoPerson("森下 蒼介", "M-0202-0005", None, None)
"""The brother, of age since 3 March 2026."""
MANDATOR: Final = DemoPerson("小田切 節", "M-0202-0006", None, None)
PERSONS: Final = (RARE, MARRIED, NAMESAKE, CHILD, GROWN, MANDATOR)


def practised(begin: date) -> Iterable[PlannedTransfer]:
    """What was handed over of them in the year that begins on `begin`."""
    for n, person in enumerate(PERSONS):
        who = [cast("dict[str, Json]", person.known_as("member"))]
        day = begin + timedelta(days=70 + 6 * n)
        yield PlannedTransfer(
            day, MEMBERS, acts.consented(day, parties.ADS, who, ("氏名", "メールアドレス"))
        )
        later = day + timedelta(days=40)
        received = acts.received(later, parties.INSURER, who, ("氏名", "見積内容"))
        yield PlannedTransfer(later, MEMBERS, received)
        last = day + timedelta(days=150)
        yield PlannedTransfer(
            last, MEMBERS, acts.consented(last, parties.STUDIO, who, ("お客さまの識別子",))
        )


DAYS: Final = 364
_TRANSFERS_MIN, _TRANSFERS_MAX = 2, 5
"""Transfers a person and year."""

_FLAWED: Final = 0.012
"""Share of transfers that break a rule: they are recorded, with findings."""

_SENT_AGAIN: Final = 25

Whom = dict[str, Json]
Act = Callable[[date, Whom], Data]

# (platform, scheme it knows persons by, how often of 100, a transfer, the same with a flaw)
_ACTS: Final[tuple[tuple[str, str, int, Act, Act | None], ...]] = (
    (
        MEMBERS,
        "member",
        28,
        lambda day, who: acts.consented(day, parties.ADS, [who], ("氏名", "ご利用履歴")),
        lambda day, who: {
            **acts.consented(day, parties.ADS, [who], ("氏名", "ご利用履歴")),
            "consent": {"obtained": False},
        },
    ),
    (
        MEMBERS,
        "member",
        16,
        lambda day, who: acts.jointly_used(day, [who], ("氏名", "ご契約状態"), "①"),
        lambda day, who: acts.jointly_used(day, [who], ("氏名", "信用情報"), "①"),
    ),
    (
        MEMBERS,
        "member",
        9,
        lambda day, who: acts.received(day, parties.INSURER, [who], ("氏名", "見積内容")),
        lambda day, who: {
            **acts.received(day, parties.INSURER, [who], ("氏名", "見積内容")),
            "acquisition": None,
        },
    ),
    (
        MEMBERS,
        "member",
        6,
        lambda day, who: acts.opted_out(day, parties.LISTS, [who], ("氏名", "住所")),
        lambda day, who: acts.opted_out(day, parties.LISTS, [who], ("氏名", "住所", "電話番号")),
    ),
    (SHOP, "account", 20, lambda day, who: acts.entrusted(day, [who]), None),
    (
        SHOP,
        "account",
        5,
        lambda day, who: acts.by_contract(day, parties.HOTEL, [who], f"KR-{day:%Y}-{day:%m%d}"),
        lambda day, who: {
            **acts.by_contract(day, parties.HOTEL, [who], f"KR-{day:%Y}-{day:%m%d}"),
            "contract_missing_items": ["ITEMS"],
        },
    ),
    (
        APP,
        "device",
        13,
        lambda day, who: acts.abroad(
            day, parties.ANALYTICS, [who], ("お客さまの識別子", "アプリの利用履歴")
        ),
        lambda day, who: {
            **acts.abroad(day, parties.ANALYTICS, [who], ("お客さまの識別子",)),
            "consent": {**acts.consent(day), "foreign_information": ["country"]},
        },
    ),
    (
        APP,
        "member",
        3,
        # Germany is held equivalent (Rule 15): Article 28 does not apply.
        lambda day, who: acts.consented(day, parties.STUDIO, [who], ("お客さまの識別子",)),
        None,
    ),
)
_WEIGHTS: Final = tuple(act[2] for act in _ACTS)


def year(
    begin: date, everybody: Sequence[DemoPerson], random: Random
) -> Iterable[PlannedTransfer | DeskRequest | PlannedStep | DailyDeclarations]:
    """Everything that happens in the year that begins on `begin`."""
    yield from story(begin, everybody)
    yield from handed_over(begin)
    yield from practised(begin)
    worked = [*cases(begin + timedelta(days=DAYS))]
    yield from _declared(begin, worked)
    yield from worked
    crowd = everybody[1:]
    for person in crowd:
        for _ in range(random.randint(_TRANSFERS_MIN, _TRANSFERS_MAX)):
            yield _one(person, begin + timedelta(days=random.randrange(DAYS)), random)
    for month in range(12):
        day = begin + timedelta(days=30 * month + 5)
        yield PlannedTransfer(day, APP, acts.without_persons(day))
    yield from _stops(begin, crowd[:6])
    inquired = crowd[-1].known_as("member")
    if inquired is not None:
        day = begin + timedelta(days=210)
        yield PlannedTransfer(day, MEMBERS, acts.inquired(day, [inquired]))


def _declared(
    begin: date, worked: Sequence[DeskRequest | PlannedStep]
) -> Iterable[DailyDeclarations]:
    """Whoever searches records wants to know that everything was sent; so it is declared before."""
    first = begin
    searched = {
        one.day for one in worked if isinstance(one, PlannedStep) and one.endpoint == "principal"
    }
    for day in sorted({*searched, begin + timedelta(days=DAYS)}):
        yield DailyDeclarations(day, first)
        first = day


def _one(person: DemoPerson, day: date, random: Random) -> PlannedTransfer:
    [(source, scheme, _, act, flawed)] = random.choices(_ACTS, _WEIGHTS)
    who = person.known_as(scheme)
    if who is None:
        source, scheme, _, act, flawed = _ACTS[0]
        who = person.known_as(scheme)
    assert who is not None, "everybody is a member"
    if flawed is not None and random.random() < _FLAWED:
        return PlannedTransfer(day, source, flawed(day, who))
    return PlannedTransfer(day, source, act(day, who))


def _stops(begin: date, some: Sequence[DemoPerson]) -> Iterable[PlannedTransfer | DeskRequest]:
    """Some ask to be left out of the list broker's files; the platform forgets one of them."""
    stop_day, later = begin + timedelta(days=120), begin + timedelta(days=160)
    for person in some:
        principal: Json = {"scheme": "member", "id": person.member}
        body: dict[str, Json] = {"principal": principal, "kind": "opt_out_stop"}
        yield DeskRequest(stop_day, "/v1/directives", {**body, "day": stop_day.isoformat()})
    for person in some[:1]:
        who = cast("Whom", person.known_as("member"))
        yield PlannedTransfer(
            later, MEMBERS, acts.opted_out(later, parties.LISTS, [who], ("氏名", "住所"))
        )


def mistakes(sent: Send, today: date) -> Send:
    """What a platform sends after a night without answers: again, changed, and malformed."""
    again = sent.items[:_SENT_AGAIN]
    data = cast("Data", again[0]["data"])
    lost = {**cast("dict[str, Json]", data["counterparty"]), "corporate_number": "1234567890123"}
    changed: dict[str, Json] = {**again[0], "data": {**data, "items": ["氏名"]}}
    malformed: dict[str, Json] = {
        "source": sent.source,
        "id": f"{today}/90001",
        "data": {**data, "counterparty": cast("Json", lost)},
    }
    del lost["address"]
    tomorrow: dict[str, Json] = {
        "source": sent.source,
        "id": f"{today}/90002",
        "data": {**data, "transferred_on": (today + timedelta(days=30)).isoformat()},
    }
    return Send(today, sent.source, (*again, changed, malformed, tomorrow))
