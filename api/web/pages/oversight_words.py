"""What the pages of those who watch call things, in Japanese."""

from typing import Final

LIVES: Final = {
    "heard": "正常",
    "late": "▲ 遅延",
    "to-begin": "開始前",
    "retired": "終了",
}
"""How an emitter stands today."""
DAYS: Final = {
    "declared": ("○", "送信完了の申告あり"),
    "matched": ("◎", "締めで一致"),
    "late": ("後", "締めの後に受信あり"),
    "surplus": ("＋", "申告より多く受信"),
    "short": ("×", "受信していない記録あり"),
    "differs": ("？", "締めで不一致"),
    "missing": ("▲", "申告なし"),
    "outside": ("－", "対象外"),
    "to-come": ("", "未到来"),
}
"""State of a day in the calendar of an emitter → (its mark, what it means)."""
WEEKDAYS: Final = "日月火水木金土"
REJECTED: Final = {"open": "未処理", "discard_proposed": "破棄の確認待ち"}
"""State of a rejected item that waits."""
KEY_CLASSES: Final = {
    "record": "提供・受領の記録",
    "series": "継続的な提供の記録",
    "link": "識別子の名寄せ",
    "directive": "本人の申出（停止など）",
    "case": "請求の案件",
    "held": "保全されている記録",
    "exclusion": "除外の定め",
    "no-duty": "記録義務のない記録",
    "access": "閲覧の記録",
    "register": "登録簿（公表事項・送信元・計画など）",
    "quarantine": "隔離された送信",
    "staging": "一時保管",
    "draft": "下書き・応答の控え",
}
"""Class of keys → what is kept under them."""
WHY_DUE: Final = {
    "clock_ahead": "時計が進みすぎているため、止めています",
    "journal_missing": "消去の控えの保存先がないため、止めています",
    "needed": "ほかの記録がまだ必要としています",
    "unnamed": "計画にまだ載っていません",
    "announced": "計画に載り、予告期間中です",
    "ready": "次の実行で消去します",
}
"""Why what is due is still there."""
HOLD_FIELDS: Final = {
    **{f"id_{n}": f"識別子{n}" for n in range(1, 6)},
    "transfer": "記録の番号",
    "reason": "理由",
    "reference": "事件番号・文書番号",
}
"""Fields of the form of a hold, in their order."""
HOLD_NAMES: Final = {
    "HOLD_NAMES_NOTHING": "本人の識別子、又は記録の番号を入力してください。",
    "HOLD_NAMES_BOTH": "識別子と記録の番号は、一つの保全に一緒には指定できません。",
}
"""Why what a hold names does not do."""
NOTICE_KINDS: Final = {"joint_use": "共同利用", "opt_out": "オプトアウト届出"}
PUBLICATIONS: Final = {"version": "版", "amendment": "補足", "filing": "届出"}
"""What a publication about a notice is."""
STANDINGS: Final = {
    "in_force": "● 現行",
    "coming": "これから",
    "before": "以前",
    "withdrawn": "取下げ",
    "beside": "—",
}
"""How a publication stands today."""
CHANGES: Final = {"added": "＋ 追加", "removed": "－ 削除", "changed": "～ 変更"}
"""How a point of a notice differs."""
FINDING_CLASSES: Final = {
    "no_basis": "▲ 違法（根拠なし）",
    "unlawful": "▲ 違法",
    "record_defect": "記録の不備",
    "warning": "注意",
}
"""Class of a finding → what it does."""
REASSESS_WRONG: Final = {
    "reason": "判断の理由を入力してください。"
    "個人番号や使えない文字を含む理由、長すぎる理由は登録できません。",
    "cause": "この記録の判定を変える、後から届いた出来事でも、解釈の改定でもありません。"
    "一覧を確認してください。",
}
"""Why a transfer is not judged anew."""
