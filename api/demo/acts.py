"""What one transfer looks like: the `data` of one item, by what it rests on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from api.demo import parties
from api.demo.parties import Party
from ledger.values import Json

Data = dict[str, Json]
Principals = Sequence[dict[str, Json]]

JOINT_USE_NOTICE = "QONOQ-JU"
OPT_OUT_FILING = "EX-OPTOUT-1"
FOREIGN_INFORMATION = ("country", "regime", "measures")
# Consent is asked some days before, in the terms of service or on a page of its own.
_CONSENT_DAYS_BEFORE = 9


def transfer(basis: str, day: date, party: Party, whom: Principals, items: Sequence[str]) -> Data:
    """The members that every provision has."""
    return {
        "direction": "provided",
        "basis": basis,
        "method": "individual",
        "transferred_on": day.isoformat(),
        # The year was sent day by day; the demo sends it at once.
        "recorded_on": day.isoformat(),
        "counterparty": cast("Json", party),
        "principals": cast("Json", list(whom)),
        "items": cast("Json", list(items)),
        "delivery": "file",
    }


def consent(day: date) -> dict[str, Json]:
    """A consent some days before `day`."""
    at = day - timedelta(days=_CONSENT_DAYS_BEFORE)
    return {
        "obtained": True,
        "at": f"{at.isoformat()}T12:30:00+09:00",
        "evidence": f"consent-log/{at:%Y%m}",
    }


def consented(day: date, party: Party, whom: Principals, items: Sequence[str]) -> Data:
    """Provided on consent (Art. 27(1))."""
    return {**transfer("consent_27_1", day, party, whom, items), "consent": consent(day)}


def abroad(day: date, party: Party, whom: Principals, items: Sequence[str]) -> Data:
    """Provided abroad on consent (Art. 28(1)), after what Rule 17(2) asks to tell."""
    consent_details: dict[str, Json] = {
        **consent(day),
        "foreign_information": cast("Json", list(FOREIGN_INFORMATION)),
    }
    return {
        **transfer("consent_28_1", day, party, whom, items),
        "consent": consent_details,
        "delivery": "api",
    }


def received(day: date, party: Party, whom: Principals, items: Sequence[str]) -> Data:
    """Received on consent, with the circumstances of acquisition (Art. 30(1)(ii))."""
    return {
        **consented(day, party, whom, items),
        "direction": "received",
        "acquisition": "見積申込フォームで本人から書面により取得",
    }


def jointly_used(day: date, whom: Principals, items: Sequence[str], purpose: str) -> Data:
    """Handed to the joint user under the policy's notice (Art. 27(5)(iii))."""
    return {
        **transfer("joint_use_27_5_iii", day, parties.DOCOMO, whom, items),
        "notice_id": JOINT_USE_NOTICE,
        "purpose": purpose,
        "acquired_by": "qonoq",
    }


def opted_out(day: date, party: Party, whom: Principals, items: Sequence[str]) -> Data:
    """Provided by opt-out under the filing (Art. 27(2))."""
    return {**transfer("opt_out_27_2", day, party, whom, items), "notice_id": OPT_OUT_FILING}


def entrusted(day: date, whom: Principals) -> Data:
    """Handed to the carrier for delivery (Art. 27(5)(i))."""
    items = ("氏名", "住所", "電話番号")
    return {
        **transfer("entrustment_27_5_i", day, parties.CARRIER, whom, items),
        "purpose": "商品の配送",
    }


def by_contract(day: date, party: Party, whom: Principals, reference: str) -> Data:
    """A booking whose contract stands for the record (Rule 19(3))."""
    return {
        **consented(day, party, whom, ("氏名", "電話番号", "宿泊日")),
        "method": "contract",
        "contract_reference": reference,
    }


def in_series(day: date, series: str, whom: Principals) -> Data:
    """One message of a collective record (Rule 19(2) proviso)."""
    items = ("お客さまの識別子", "アプリの利用履歴")
    return {
        **consented(day, parties.PARTNER, whom, items),
        "method": "collective",
        "series_id": series,
        "delivery": "api",
    }


def last_in_series(first: date, last: date, series: str, whom: Principals) -> Data:
    """The message that closes the collective record: its retention is counted from `last`."""
    data = in_series(first, series, whom)
    del data["transferred_on"]
    return {**data, "transferred_from": first.isoformat(), "transferred_to": last.isoformat()}


def without_persons(day: date) -> Data:
    """Cookies, which the recipient will know as a person's (Art. 31(1))."""
    data = transfer("personally_referable_31_1", day, parties.ADS, (), ("Cookie識別子", "閲覧履歴"))
    del data["principals"]
    return {**data, "data_kind": "personally_referable", "consent": consent(day)}


def inquired(day: date, whom: Principals) -> Data:
    """Answered to an inquiry under a law (Art. 27(1)(i))."""
    items = ("氏名", "ご契約状態")
    return {**transfer("exempt_27_1_i", day, parties.POLICE, whom, items), "delivery": "paper"}
