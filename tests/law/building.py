"""Transfers, notices and contexts for the tests of the law, from the smallest change."""

from datetime import date
from typing import Any

from api.contract import check
from ledger.policies.context import (
    ActiveStop,
    Context,
    EarlierRecord,
    JointUseNotice,
    NoticeItem,
    NoticePurpose,
    NoticeVersion,
    OptOutFiling,
    Verdict,
)
from ledger.policies.duty import judge
from ledger.values import Transfer, transfer_of

DAY = date(2024, 4, 1)
FAR = date(2100, 1, 1)
REMOVED = object()

CORPORATION = {
    "party_id": "x",
    "kind": "corporation",
    "name": "青空商事株式会社",
    "address": "東京都港区芝1-1-1",
    "representative": "代表取締役 山田一郎",
}
ABROAD = CORPORATION | {"country": "US"}
CITY = {"kind": "public_body", "name": "世田谷区", "address": "東京都世田谷区世田谷4-21-27"}
P1 = {"scheme": "member", "id": "P1"}
P2 = {"scheme": "member", "id": "P2"}
ALL_INFORMATION = ["country", "regime", "measures"]

_BASE: dict[str, Any] = {
    "direction": "provided",
    "basis": "consent_27_1",
    "method": "individual",
    "transferred_on": "2024-04-01",
    "counterparty": CORPORATION,
    "principals": [P1],
    "items": ["氏名", "ご利用履歴"],
    "consent": {"obtained": True},
}


def data_of(**changes: object) -> dict[str, Any]:
    """The members of an ordinary consented provision with some of them changed or removed."""
    data = _BASE | changes
    return {member: value for member, value in data.items() if value is not REMOVED}


def transfer(**changes: object) -> Transfer:
    """The transfer of `data_of`, checked by the contract."""
    return transfer_of(check(data_of(**changes), FAR))


def received(**changes: object) -> Transfer:
    return transfer(**({"direction": "received", "acquisition": "本人から直接取得"} | changes))


def opt_out(**changes: object) -> Transfer:
    given = {"basis": "opt_out_27_2", "notice_id": "OO", "items": ["氏名"], "consent": REMOVED}
    return transfer(**(given | changes))


def joint_use(**changes: object) -> Transfer:
    given = {
        "basis": "joint_use_27_5_iii",
        "notice_id": "JU",
        "items": ["氏名"],
        "purpose": "①",
        "consent": REMOVED,
    }
    return transfer(**(given | changes))


def referable(**changes: object) -> Transfer:
    given = {
        "basis": "personally_referable_31_1",
        "data_kind": "personally_referable",
        "principals": REMOVED,
    }
    return transfer(**(given | changes))


FILING = OptOutFiling("OO", date(2024, 1, 10), date(2024, 1, 12), date(2024, 3, 1), ("氏名",))


def version(name: str, day: date, **changes: Any) -> NoticeVersion:  # noqa: ANN401 -- members of one dataclass
    given: dict[str, Any] = {
        "version": name,
        "in_force_from": day,
        "published_on": day,
        "scope": (("qonoq", "当社"), ("x", "青空商事株式会社")),
        "items": (NoticeItem("基本情報", ("氏名", "住所")),),
        "purposes": (NoticePurpose("①", "提供のため", ("発送のため",)),),
        "responsible_name": "当社",
        "responsible_address": "東京都",
        "responsible_representative": "代表取締役 佐藤",
    }
    return NoticeVersion(**(given | changes))


V1 = version("v1", date(2022, 10, 1))


def notice(*versions: NoticeVersion, **changes: Any) -> JointUseNotice:  # noqa: ANN401 -- same
    return JointUseNotice("JU", "qonoq", versions or (V1,), **changes)


def notices(*given: JointUseNotice | OptOutFiling) -> Context:
    return Context(notices={one.notice_id: one for one in given})


def stops(*given: ActiveStop) -> Context:
    """These stops of the first person."""
    return Context(stops={0: given})


def whole(transfer: Transfer, context: Context | None = None, recorded_on: date = DAY) -> Verdict:
    return judge(transfer, context or Context(), recorded_on).whole


def earlier(transfer: Transfer, *, retained: bool = True) -> EarlierRecord:
    """An earlier record, under the duty that it has by itself."""
    return EarlierRecord(transfer, retained, whole(transfer).duty)


def findings(transfer: Transfer, context: Context | None = None) -> tuple[str, ...]:
    return whole(transfer, context).findings


def first_persons(transfer: Transfer, context: Context, recorded_on: date = DAY) -> Verdict:
    """The first person's verdict."""
    judged = judge(transfer, context, recorded_on)
    return judged.persons.get(0, judged.whole)
