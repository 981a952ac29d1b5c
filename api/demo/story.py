"""What happens to the one person whose history is shown, and to the file of a thousand."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, cast

from api.demo import acts, parties
from api.demo.people import HERO, DemoPerson
from api.demo.plan import APP, MEMBERS, SHOP, DeskRequest, PlannedTransfer
from ledger.values import Json

FILE_PERSONS_MAX: Final = 1_000
"""Persons in one transfer; more go by the bulk upload. Source: the contract, `principals`."""

_WRONG: Final = {**parties.PARTNER, "address": "北海道札幌市中央区北一条西二丁目10番地"}


def story(begin: date, everybody: Sequence[DemoPerson]) -> Iterable[PlannedTransfer | DeskRequest]:
    """The hero's year, beginning on `begin`."""
    member, account = HERO.known_as("member"), HERO.known_as("account")
    assert member is not None, "everybody is a member"
    assert account is not None, "she has bought something"

    def on(number: int) -> date:
        return begin + timedelta(days=number)

    yield PlannedTransfer(
        on(20), MEMBERS, acts.consented(on(20), parties.ADS, [member], ("氏名", "ご利用履歴"))
    )
    yield PlannedTransfer(
        on(45),
        MEMBERS,
        acts.received(on(45), parties.INSURER, [member], ("氏名", "生年月日", "見積内容")),
    )
    yield PlannedTransfer(on(60), SHOP, acts.entrusted(on(60), [account]))
    yield _linked(on(75))
    yield PlannedTransfer(
        on(90), MEMBERS, acts.jointly_used(on(90), [member], ("氏名", "ご利用履歴"), "③")
    )
    yield PlannedTransfer(
        on(110),
        SHOP,
        acts.abroad(on(110), parties.ANALYTICS, [account], ("お客さまの識別子", "購入履歴")),
    )
    yield PlannedTransfer(
        on(130), SHOP, acts.by_contract(on(130), parties.HOTEL, [account], "KR-2026-00412")
    )
    for number in (150, 165):
        yield PlannedTransfer(on(number), APP, acts.in_series(on(number), "summer-app", [member]))
    closing = acts.last_in_series(on(150), on(180), "summer-app", [member])
    yield PlannedTransfer(on(180), APP, closing)
    yield from _corrected(on(200), on(205), member)
    yield from _retracted(on(220), on(226), account)
    yield _stopped(on(250))
    yield PlannedTransfer(
        on(275),
        MEMBERS,
        acts.consented(on(275), parties.ADS, [member], ("氏名", "メールアドレス")),
    )
    yield PlannedTransfer(
        on(285),
        MEMBERS,
        acts.jointly_used(on(285), [member], ("氏名", "クレジットカード番号"), "①"),
    )
    yield _file(on(300), everybody)
    yield DeskRequest(
        on(340),
        "/v1/renames",
        {"principal": _identifier(member), "name": "例示 花子"},
    )


def _linked(day: date) -> DeskRequest:
    """The member and the buyer are found to be one person (名寄せ)."""
    return DeskRequest(
        day,
        "/v1/links",
        {
            "a": {"scheme": "member", "id": HERO.member},
            "b": {"scheme": "account", "id": HERO.account},
            "evidence": "会員証と注文控えの氏名・住所・生年月日が一致",
        },
    )


def _corrected(
    day: date, later: date, member: dict[str, Json]
) -> Iterable[PlannedTransfer | DeskRequest]:
    items = ("氏名", "参加イベント名")
    yield PlannedTransfer(day, MEMBERS, acts.consented(day, _WRONG, [member], items), "misspelt")
    yield DeskRequest(
        later,
        "/v1/transfers/{transfer}/corrections",
        {
            "changes": {"counterparty": cast("Json", parties.PARTNER)},
            "reason": "提供先の住所の誤記",
        },
        "misspelt",
    )


def _retracted(
    day: date, later: date, account: dict[str, Json]
) -> Iterable[PlannedTransfer | DeskRequest]:
    data = acts.consented(day, parties.PAYMENTS, [account], ("氏名", "支払方法"))
    yield PlannedTransfer(day, SHOP, data, "mistaken")
    yield DeskRequest(
        later,
        "/v1/transfers/{transfer}/retraction",
        {"reason": "not_occurred", "note": "送信前に取り消された注文だった"},
        "mistaken",
    )


def _stopped(day: date) -> DeskRequest:
    """She asks to stop; what is handed over from that day on is unlawful (Art. 35(3))."""
    return DeskRequest(
        day,
        "/v1/directives",
        {
            "principal": {"scheme": "member", "id": HERO.member},
            "kind": "provision_stopped",
            "day": day.isoformat(),
            "reference": "お客さま窓口 受付0031",
        },
    )


def _file(day: date, everybody: Sequence[DemoPerson]) -> PlannedTransfer:
    """One file with many persons, of whom one had asked to stop: only her verdict differs."""
    whom = [
        principal
        for person in everybody[:FILE_PERSONS_MAX]
        if (principal := person.known_as("member")) is not None
    ]
    data = acts.consented(day, parties.ADS, whom, ("氏名", "メールアドレス", "性別"))
    return PlannedTransfer(day, MEMBERS, data)


def _identifier(principal: dict[str, Json]) -> dict[str, Json]:
    return {"scheme": principal["scheme"], "id": principal["id"]}
