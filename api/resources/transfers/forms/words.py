"""What the page of one transfer calls things, in Japanese."""

from collections.abc import Mapping
from typing import Final

EVENTS: Final[Mapping[str, str]] = {
    "provision-recorded": "提供の記録",
    "receipt-recorded": "受領の記録",
    "referable-provision-recorded": "個人関連情報の提供の記録",
    "joint-use-transfer-recorded": "共同利用の記録",
    "exempt-transfer-recorded": "記録義務のない移転の記録",
    "principals-appended": "本人の追加（一括送信）",
    "transfer-completed": "一括送信の完了",
    "transfer-corrected": "訂正",
    "transfer-reclassified": "根拠・判定の変更",
    "transfer-retracted": "取消し",
    "transfer-findings-settled": "対応の記録",
    "record-carried-forward": "保存期間の延長のための写し",
}
"""Type of an event → what it is called."""

ACTIONS: Final[Mapping[str, str]] = {
    "stopped": "提供を停止した",
    "reported": "委員会への報告又は本人への通知をした",
    "obtained": "足りなかったもの（同意、契約、公表など）を後から得た",
    "accepted": "これ以上の対応は不要と判断した",
}
"""What was done about findings → what it is called."""

REASONS: Final[Mapping[str, str]] = {
    "correction": "記録の訂正・申出の反映のため",
    "inspection": "記録が正しいかの点検のため",
    "request": "開示等の請求への対応のため（受付番号を入力）",
    "inquiry": "官公署、裁判所、相手方からの照会のため",
}
"""Why somebody looks at the persons of a transfer → what it is called."""

DONE: Final[Mapping[str, str]] = {
    "corrected": "訂正しました。",
    "person": "本人を訂正しました。",
    "reclassified": "根拠を変更しました。",
    "retracted": "記録を取り消しました。",
    "settled": "対応を記録しました。",
}
"""What was done on a form → what the page says of it."""
CHANGED: Final = (
    "この画面を開いた後に、記録が変更されました。何も登録していません。"
    "今の内容を確かめて、もう一度送信してください。"
)
CHANGED_FOR_GOOD: Final = (
    "この画面を開いた後に、記録が変更されました。何も登録していません。"
    "この記録には、これ以上の変更を登録できません。"
)
NO_CHANGE: Final = "訂正する項目がありません。誤っている項目を、正しい内容に改めてください。"
SAME_BASIS: Final = "今と異なる根拠を選んでください。根拠が同じときは「訂正」を使います。"
CHOOSE: Final = "選んでください。"
CONFIRM: Final = "内容を確かめ、確認の欄を選んでください。"
CASE_UNKNOWN: Final = "その受付番号の案件はありません。"
CASE_MISSING: Final = "請求の受付番号を入力してください。"
CASE_MALFORMED: Final = "受付番号を 2026-000123 の形で入力してください。"
NOT_CURRENT: Final = (
    "表示していた所見と、今の所見が違います。何も登録していません。"
    "今の所見を確かめて、もう一度送信してください。"
)
NOTHING_CURRENT: Final = (
    "この画面を開いた後に、記録が変更されました。何も登録していません。"
    "対応を記録する所見は、今はありません。"
)
TABS: Final[Mapping[str, str]] = {"open": "要対応", "settled": "対応済み", "all": "全て"}
"""Tabs of the list → what they are called."""
