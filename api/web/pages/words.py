"""What the pages call things, in Japanese: codes come from below, their words stand here once."""

from collections.abc import Mapping
from typing import Final

from ledger.cases.case import CaseStatus
from ledger.cases.steps import ENDED

STATES: Final[dict[CaseStatus, tuple[str, str]]] = {
    CaseStatus.RECEIVED: ("受付", "書類を確認する"),
    CaseStatus.IDENTITY_CHECK: ("本人確認中", "補正を依頼する"),
    CaseStatus.COMPLETENESS_CHECK: ("申請書確認中", "申請書を確認する"),
    CaseStatus.CORRECTION_REQUESTED: ("補正待ち", "補正を待つ"),
    CaseStatus.RESUBMITTED: ("補正書類到着", "書類を確認する"),
    CaseStatus.SEARCH: ("記録特定中", "記録を特定する"),
    CaseStatus.REVIEW: ("回答内容確認中", "開示・不開示を決める"),
    CaseStatus.DECIDED: ("決定済み", "承認に回す"),
    CaseStatus.SUBMITTED: ("承認待ち", "承認する・差し戻す"),
    CaseStatus.SENT_BACK: ("差戻し", "見直して承認に回す"),
    CaseStatus.NOTICE_READY: ("発送待ち", "印刷して発送する"),
    CaseStatus.DISPATCHED: ("発送済み", "配達を確認する"),
    CaseStatus.DELIVERED: ("配達済み", "完了する"),
    CaseStatus.RETURNED: ("返戻対応", "本人確認をやり直す"),
    CaseStatus.CLOSED: ("完了", "—"),
    CaseStatus.CLOSED_PROCEDURAL: ("完了（手続不備）", "—"),
    CaseStatus.REOPENED: ("再開", "記録を特定する"),
    CaseStatus.WITHDRAWN: ("取下げ", "—"),
    CaseStatus.PRINCIPAL_DECEASED: ("本人死亡", "—"),
    CaseStatus.ENTERED_IN_ERROR: ("誤登録", "—"),
}
"""Status → (what it is called, what comes next)."""
_WITHOUT_SEARCH_NEXT: Final[Mapping[CaseStatus, str]] = dict.fromkeys(
    (CaseStatus.REVIEW, CaseStatus.REOPENED), "回答の内容を決める"
)
REQUESTERS: Final = {
    "self": "本人",
    "mandated_agent": "任意代理人",
    "legal_representative": "法定代理人",
}
CLOCKS: Final = {
    "acknowledge": "受付通知",
    "completeness": "書類確認",
    "correction_due_on": "補正",
    "decision": "決定",
    "dispatch": "発送",
    "interim": "中間連絡",
    "two_weeks_end": "2週間満了",
    "hard_stop": "最終期限",
    "without_delay": "回答",
}
"""Clock → what falls due by it."""
KINDS: Final = {
    "provision_records": "第三者提供記録の開示",
    "retained_data": "保有個人データの開示",
    "provision_stop": "第三者提供の停止",
    "utilization_cease": "利用停止・消去",
    "purpose_of_use": "利用目的の通知",
    "data_correction": "訂正・追加・削除",
    "measures_abroad": "外国の第三者の相当措置の情報",
}
WITHOUT_SEARCH: Final = {
    "purpose_of_use": "台帳の記録は検索しません。ご本人の保有個人データの利用目的を、"
    "保有個人データを取り扱うシステムで確認してから決定してください（法第32条第2項）。",
    "data_correction": "台帳の記録は検索しません。保有個人データの内容を調査し、その結果に基づいて"
    "決定してください（法第34条第2項）。ご指摘の内容がこの台帳の記録にもあるときは、"
    "記録は消去せず、記録の画面で訂正を追記してください。",
    "measures_abroad": "台帳の記録は検索しません。外国にある第三者ごとに、規則第18条第3項各号の"
    "事項を確認してから決定してください。外国にある第三者が複数あるときは、事項ごとに、"
    "どの第三者についてかが分かるように記載します。「提供していない」とするときは、"
    "提供する部門に照会し、提供がないことを確かめてください。",
}
"""Kind of a request without a search → what is looked into before it is decided."""
CHANNELS: Final = {"post": "郵送", "counter": "持参", "other": "その他"}
MEDIA: Final = {"paper": "書面", "electronic": "電磁的記録"}
REPLY_ADDRESSES: Final = {
    "registered": "契約者住所",
    "billing": "請求書等送付先",
    "identity_document": "本人確認書類の住所",
    "representative_identity_document": "法定代理人の住所",
}

NAME_CHECKS: Final = {
    "differs": "氏名が異なる理由",
    "mixed": "別の氏名も記録されている理由",
}
"""What the records under an identifier say beside the form → what its reason is called."""

NAMES_COMPARED: Final = {
    "matches": "記録の氏名は申請書と一致",
    "differs": "▲ 記録の氏名が申請書と異なる",
    "mixed": "▲ 申請書と異なる氏名の記録がある",
    "unnamed": "▲ 氏名を照合できない（記録又は申請書に氏名がない）",
    "no_records": "記録がないため照合していない",
}
"""What comparing the names came to (a code of `ledger.policies.name_comparison`); where records
were found and nothing can be said, it is `unnamed`."""

FURTHER_FIELDS: Final = {
    "channel_reason": "郵送以外で受け付けた理由",
    "agent_relation": "代理人と本人との関係",
}
"""Fields of a form that the procedure does not name, and what they are called."""

PERSONS: Final = {
    "principal": "本人",
    "agent": "代理人",
    "legal_representative": "法定代理人",
}
OUTCOMES: Final = {
    "full_disclosure": "全部開示",
    "partial_disclosure": "一部開示",
    "non_disclosure": "不開示",
    "not_exist": "不存在",
    "procedural_refusal": "手続不備による不開示",
}
"""Outcome of a decision about records; those of measures have labels of the law's own."""

VERDICTS: Final = {
    "verified": "本人確認ができます",
    "alternative_path": "別の書類による確認が必要です",
    "correction_requested": "補正が必要です",
    "procedural_refusal": "手続不備により不開示とする段階です",
}
ADDRESSES: Final = {
    "form_registered": "申請書と登録住所",
    "identity_form": "本人確認書類と申請書",
    "identity_registered": "本人確認書類と登録住所",
}
PROPOSALS: Final = {
    "same": "一致",
    "spelling": "表記ゆれ（同じ住所と考えられます）",
    "unsure": "確認が必要（字体・大字・都道府県名の違い）",
    "differs": "不一致",
}
JUDGEMENTS: Final = {
    "same": "一致",
    "spelling": "表記ゆれ・同一と判断",
    "differs": "不一致",
}
"""What an officer says of two addresses."""
ADDRESS_PARTS: Final = {
    "town": "町名まで",
    "lot": "丁目・番地",
    "building": "建物名",
    "floor": "階",
    "room": "部屋番号",
}
"""Part of an address → what it is called."""
KEYS: Final = (
    ("/", "検索欄へ移る"),
    ("n", "新規受付"),
    ("j k", "次の行・前の行へ移る"),
    ("Enter", "選んだ行を開く"),
    ("Ctrl+Enter", "その画面の主なボタンを押す"),
    ("g 1…7", "作業の段階へ移る（g の次に数字）"),
    ("d", "その行の開示・不開示を決める"),
    ("v", "その行の氏名を表示する"),
    ("x", "まとめて印刷する請求を選ぶ（発送待ち）"),
    ("p", "印刷する"),
    ("?", "キー操作を表示する"),
    ("Esc", "閉じる"),
)
"""(keys, what they do)."""
JUDGED: Final[Mapping[str, str]] = {
    "form_is_registered": "申請書と登録住所",
    "identity_is_form": "本人確認書類と申請書",
}
"""What an officer judges about two addresses → what is compared; `…_because` holds the reason."""
EVENTS: Final[Mapping[str, str]] = {
    "case-received": "受付",
    "case-documents-checked": "書類の確認",
    "case-correction-requested": "補正の依頼",
    "case-resubmitted": "補正書類の到着",
    "case-verified": "本人確認の完了",
    "case-refused": "手続不備による不開示の決定",
    "case-records-identified": "記録の特定",
    "case-person-identified": "本人の特定",
    "case-decided": "開示・不開示の決定",
    "case-measures-decided": "回答内容の決定",
    "case-submitted": "承認の依頼",
    "case-approved": "承認",
    "case-sent-back": "差戻し",
    "reply-stored": "回答書の保管",
    "answer-committed": "回答内容の確定",
    "case-dispatched": "発送",
    "case-password-posted": "パスワードのお知らせの発送",
    "case-delivered": "配達",
    "case-returned": "返戻",
    "case-closed": "完了",
    "case-withdrawn": "取下げ",
    "case-principal-deceased": "本人の死亡",
    "case-reopened": "再開",
    "case-substitutes-chosen": "代替文字の指定",
    "case-mistake-reported": "誤りの申出",
    "case-mistake-dismissed": "誤りの申出の却下・取下げ",
    "case-entered-in-error": "誤登録の確認",
    "case-resumed": "誤った終了の取消し",
}
"""What happened to a case, by the type of the event."""

MISTAKES: Final[Mapping[str, tuple[str, str]]] = {
    "entry": ("誤登録の申出あり", "誤って登録された請求である"),
    "withdrawal": ("取下げの誤りの申出あり", "取下げの登録は誤りである"),
    "death": ("本人死亡の誤りの申出あり", "本人死亡の登録は誤りである"),
    "closing": ("完了の誤りの申出あり", "完了の登録は誤りである"),
}
"""What was reported as a mistake → (the mark on a list, what is said)."""
MISTAKE_NEXT: Final = "誤りの申出を確認する・却下する"
"""What comes next while a report waits: nothing else is done with the case."""
CAUSES: Final = {
    "double": "二重に登録した",
    "wrong_day": "到達日の誤り",
    "wrong_kind": "請求の種類の誤り",
    "wrong_requester": "請求者区分の誤り",
    "wrong_person": "本人の取違え",
    "other": "その他",
}
"""Why a case should never have been opened."""

COMPARED: Final[Mapping[str, tuple[str, str, str]]] = {
    "answered": ("回答", "手続中又は回答済み", "なし（終了又は返送されたまま）"),
    "name_agrees": ("氏名", "一致", "不一致"),
    "identifiers_agree": ("識別子", "一致するものあり", "一致するものなし"),
    "identifiers_covered": ("識別子の範囲", "全て含まれる", "含まれないものがある"),
    "sides_covered": ("請求の対象", "含まれる", "含まれないものがある"),
    "period_covered": ("対象期間", "含まれる", "含まれない期間がある"),
    "medium_agrees": ("希望する開示方法", "同じ", "異なる"),
    "requester_agrees": ("請求者の区分", "同じ", "異なる"),
    "reply_address_agrees": ("返送先の希望", "同じ", "異なる"),
    "arrived_on_agrees": ("到達日", "同じ", "異なる"),
}
"""What is compared with the case that goes on → (what it is called, if so, if not)."""
OF_RECORDS: Final = frozenset({"provision_records", "retained_data"})
COMPARED_OF_RECORDS: Final = frozenset({"sides_covered", "period_covered", "medium_agrees"})
"""What a request of those kinds alone says: the others ask for no records."""

_REFUSED_WITHOUT_RECORDS: Final = (
    ("手続不備による不開示の決定", "手続不備により請求に応じない決定"),
    ("手続不備による不開示", "手続不備により請求に応じないこと"),
    ("できないため不開示", "できないため請求に応じない"),
    ("不開示", "請求に応じないこと"),
    ("開示しません", "請求に応じません"),
)

FLAGS: Final = {
    "REOPENED": "回答の基になった記録が、その後に変わっています。",
    "SUPERSEDED": "後に発送した回答があります。先の回答は古いものです。",
    "LEAK_ASSESSMENT": "回答に本人以外の方の記録が含まれていました。"
    "漏えい等に当たるかを確認してください（法第26条）。",
    "DECISION_VOID": "決定の後に記録が変わりました。記録の特定と決定をやり直してください。",
}
_AFTER_REOPENED: Final = {
    **dict.fromkeys(
        (CaseStatus.DISPATCHED, CaseStatus.DELIVERED, CaseStatus.CLOSED),
        "再開して回答し直してください。",
    ),
    CaseStatus.RETURNED: "本人確認をやり直すと、記録の特定からやり直します。",
    **dict.fromkeys(ENDED - {CaseStatus.CLOSED}, ""),
}
POINTS: Final = {
    "findings": "記録の指摘事項",
    "quarantine": "この方に関わる可能性がある隔離中のデータ",
    "coverage": "送信元の申告がない期間・受信していない記録がある日",
    "reassessment": "判定の見直しを待つ、この方に関わる可能性がある記録",
    "bulk": "検索の時点で取込み中だった一括の記録",
}
"""What may make a decision wrong (`ledger.cases.points.KINDS`)."""
INFLUENCE: Final = {"none": "影響なし", "some": "影響あり"}
"""What somebody says to a point of a decision."""
WARNINGS: Final = {
    "NAMES_NOT_COMPARED": "記録に氏名がないなどのため、氏名を照合していない識別子があります。"
    "識別子だけで本人とした根拠が十分か、承認の前に確かめてください。",
    "NO_RECORDS_UNDER_IDENTIFIER": "本人のものとした識別子に、記録が見つからないものがあります。"
    "番号等に誤りがないか、承認の前に申請書と一字ずつ照合してください。",
    "MINOR_IN_OWN_NAME": "請求の到達日に18歳に達していない方が、ご自身で請求しています"
    "（申請書の生年月日による。）。本人の意思による請求か、送付先が適切かを確かめてください。",
    "KANA_NOT_SEARCHED": "記録が見つかっていませんが、フリガナでは探していません。"
    "申請書にフリガナがあれば、入力してから探し直してください。",
    "BIRTH_DATE_NOT_STATED": "申請書の生年月日が入力されていないため、請求の到達日に18歳に"
    "達していたか、同名の別の方でないかを確かめられません。"
    "申請書と、会員登録等の生年月日とを確かめてください。",
}
SIGN_IN_FAILURES: Final = {
    "TICKET_LOST": "サインインの途中で時間が過ぎたか、別の画面でやり直されました。"
    "もう一度サインインしてください。",
    "REFUSED_BY_PROVIDER": "認証サービスがサインインを受け付けませんでした。"
    "もう一度サインインしてください。",
    "ANSWER_NOT_VALID": "認証サービスの応答を確認できませんでした。"
    "もう一度サインインしても続くときは、システムの担当者にお知らせください。",
    "PROVIDER_UNAVAILABLE": "認証サービスに接続できません。しばらくしてからお試しください。",
    "NO_ROLE": "この業務の役割が割り当てられていません。管理者に役割の割当てを依頼してください。",
    "ROLES_EXCLUDE_ONE_ANOTHER": "システム運用の役割は、ほかの役割と兼ねられません。"
    "管理者に役割の見直しを依頼してください。",
}

WHY_THERE: Final = {
    "registered": "契約者の登録住所です。申請書の住所が登録住所と一致することを確認しています。",
    "billing": "請求者が希望した請求書等送付先です。登録された送付先であることを確認しています。",
    "identity_document": "契約者の本人確認書類に記載された住所です。申請書の住所及び登録住所と"
    "一致することを確認しています。",
    "representative_identity_document": "法定代理人の住所です。法定代理人の本人確認書類に"
    "記載された住所であることを確認しています。",
}
"""Address that a reply goes to → why it goes there, once who asks is verified."""
WHY_THERE_UNVERIFIED: Final = (
    "申請書に記載された住所です。本人確認が完了していないため、書面に記録の内容は記載されません。"
)
OPENED: Final = {"reply": "回答書（送付状・回答・別紙）", "method": "開示方法の変更のお知らせ"}
"""Document that waits for an approval → what it is called."""
NOT_OPENED: Final = "書面を開いて内容を確認してから承認してください。"
APPROVAL_CHANGED: Final = (
    "承認に回された後に、記録、書式又は宛先が変わっています。この内容では承認できません。"
)
RETURNED_FOR: Final = {
    "not_collected": "保管期間経過",
    "unknown_address": "あて所に尋ねあたりません",
    "refused": "受取拒否",
    "lost": "郵便事故（所在不明）",
}
"""Why the post brought a reply back."""
POST_CHANGED: Final = (
    "承認の後に記録が変わったため、この書面は発送できません。すでに投函したときは、"
    "「投函済み」を選んで登録してください。"
)

MATCHED: Final = {
    "identifier": "識別子 一致",
    "name": "氏名 候補",
    "spelling": "識別子 表記違い",
}
"""How a candidate was found → what the page calls it."""
SIDES: Final = {"provided": "提供した記録", "received": "提供を受けた記録"}
"""The sides of a reply."""

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


def following(status: CaseStatus, kind: str) -> str:
    """What comes next in a case of that kind."""
    usual = STATES[status][1]
    return _WITHOUT_SEARCH_NEXT.get(status, usual) if kind in WITHOUT_SEARCH else usual


def refusal(text: str, kind: str) -> str:
    """Words of a refusal of disclosure, as said to a request of that kind: others ask for none."""
    for of_records, other in () if kind in OF_RECORDS else _REFUSED_WITHOUT_RECORDS:
        text = text.replace(of_records, other)
    return text


def flag(code: str, status: CaseStatus) -> str:
    """What a flag says of a case, and what is done about it where the case stands."""
    more = _AFTER_REOPENED.get(status, "この請求で回答し直してください。")
    return FLAGS[code] + (more if code == "REOPENED" else "")
