"""Bodies of requests for measures in the OpenAPI document. Invented people only."""

from typing import Final

from api.wire.cases.examples import CASE, Example

NOBODY: Final[Example] = {
    "identifiers": [],
    "tried": [
        {"scheme": "member", "id": "M-0042-7781"},
        {"scheme": "phone", "id": "03-0000-0000"},
    ],
    "evidence": "該当なし",
}
STOPPED: Final[Example] = {
    "outcome": "taken",
    "measures": [{"measure": "provision_stopped", "from_day": "2026-11-25"}],
}
ANOTHER_MEASURE: Final[Example] = {
    "outcome": "other_measure",
    "measures": [
        {
            "measure": "other",
            "from_day": "2026-11-25",
            "what": "広告の配信の対象から除外しました。",
        }
    ],
    "reason": "ご契約に基づく役務の提供に必要であり、消去することが困難であるためです。",
}
NO_MEASURE: Final[Example] = {
    "outcome": "not_taken",
    "reason": "ご請求の理由とされた事実が確認できないためです。",
}
SAME_PAPERS: Final[Example] = {"form_checked": True}
STOP_REQUEST: Final[Example] = {
    "kind": "provision_stop",
    "arrived_on": "2026-11-24",
    "requester": "self",
    "form": {
        "name": "見本 花子",
        "postal_code": "100-6150",
        "address": "東京都千代田区永田町2-11-1",
        "reason": "同意していない会社への提供を止めてください。",
    },
    "identifiers": [{"scheme": "member", "id": "M-0042-7781"}],
}
SISTER_REQUEST: Final[Example] = {
    "kind": "retained_data",
    "same_envelope_as": CASE,
    "arrived_on": "2026-11-24",
    "requester": "self",
    "form": {
        "name": "見本 花子",
        "postal_code": "100-6150",
        "address": "東京都千代田区永田町2-11-1",
    },
    "identifiers": [{"scheme": "member", "id": "M-0042-7781"}],
}
