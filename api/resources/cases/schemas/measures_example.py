"""Bodies of requests for measures in the OpenAPI document. Invented people only."""

from typing import Final

from api.resources.cases.schemas.examples import CASE, Example

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
CORRECTED: Final[Example] = {
    "outcome": "taken_in_part",
    "measures": [
        {
            "measure": "corrected",
            "from_day": "2026-11-25",
            "what": "生年月日を「1990年4月1日」に訂正しました。",
        }
    ],
    "grounds": ["not_shown_untrue"],
    "reason": "ご購入の履歴は、調査の結果、事実でないとは認められないためです。",
}
PURPOSES: Final[Example] = {
    "outcome": "taken",
    "information": [{"item": "purposes", "text": "ご注文の商品の発送及びご請求のため"}],
}
ABROAD: Final[Example] = {
    "outcome": "taken_in_part",
    "information": [
        {"item": "arrangement"},
        {"item": "equivalent_measures", "text": "安全管理、再委託の制限及び事故の報告"},
        {"item": "checks", "text": "年1回、書面による報告を受けます。"},
        {"item": "country", "text": "シンガポール共和国"},
        {"item": "foreign_systems", "text": "影響を及ぼすおそれのある制度は確認されていません。"},
        {"item": "obstacles", "text": "支障は生じていません。"},
        {"item": "measures_on_obstacles", "text": "是正を求め、困難なときは提供を停止します。"},
    ],
    "grounds": ["hindrance"],
    "reason": "契約の内容は、当社の安全管理に関わるためです。",
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
PURPOSE_REQUEST: Final[Example] = {
    "kind": "purpose_of_use",
    "arrived_on": "2026-11-24",
    "requester": "self",
    "form": {
        "name": "見本 花子",
        "postal_code": "100-6150",
        "address": "東京都千代田区永田町2-11-1",
    },
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
