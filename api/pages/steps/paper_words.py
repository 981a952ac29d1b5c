"""What the answers of the form of 本人確認 are called, in its fields and where two looks differ."""

from collections.abc import Mapping
from typing import Final

from api.pages.steps.remarks import JUDGEMENTS

ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "original": {"original": "原本", "copy": "写し"},
    "address_mark": {"printed": "印字", "ink": "ボールペン記入", "pencil": "鉛筆等（不適）"},
    "my_number": {"absent": "印字なし・裏面なしを確認", "shown": "マイナンバーの記載あり"},
    "international": {"no": "国際運転免許証ではない", "yes": "国際運転免許証（不適）"},
    "permanent": {
        "yes": "永住者（パスポート不要）",
        "no": "永住者以外（外国発行パスポートの写しが必要）",
    },
    "day_mark": {
        "stamped": "領収印あり",
        "dated": "発行日・口座引落日あり",
        "none": "どちらもない（不適）",
    },
    "seal_registered": {"yes": "印鑑登録あり", "no": "印鑑登録なし（代替書類）"},
    "has_registered": {"yes": "登録住所がある", "no": "登録住所がない"},
    "form_registered": JUDGEMENTS,
    "identity_form": JUDGEMENTS,
    "billing": {"yes": "登録された送付先と一致", "no": "不一致"},
    "representative": {"yes": "法定代理人の本人確認書類と一致", "no": "不一致"},
}
"""Field of a row, or of the page → code of an answer → what it is called."""
