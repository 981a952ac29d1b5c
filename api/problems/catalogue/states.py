"""The request is sound, the state of the ledger is against it: 409, 410, 412.

The caller reads again, and decides again.
"""

from api.problems.kind import ASK, READ_AGAIN, RETRY, ProblemKind, Text, kind

DUPLICATE_MISMATCH = kind(
    "duplicate-mismatch",
    409,
    Text("The key was used for other content", "同じ source と id で内容が異なります"),
    Text(
        "The transfer of this source and id stands at position {position} with other content.",
        "この source と id の移転は、異なる内容で位置 {position} に記録されています。",
    ),
    Text(
        "Send a correction of the recorded transfer, or use a new id for a new one.",
        "記録済みの移転を訂正するか、新しい移転には新しい id を使ってください。",
    ),
)
MARK_DIFFERS = kind(
    "mark-differs",
    409,
    Text("The record stands without that mark", "その印のない記録が既にあります"),
    Text(
        "The transfer stands at position {position} without that mark; use POST /v1/exclusions.",
        "その印なしで位置 {position} に記録されています。POST /v1/exclusions を使ってください。",
    ),
    Text(
        "Exclude the recorded transfer: POST /v1/exclusions.",
        "記録済みの移転は POST /v1/exclusions で除外してください。",
    ),
)
IDEMPOTENCY_KEY_IN_PROGRESS = kind(
    "idempotency-key-in-progress",
    409,
    Text("The first request still runs", "最初のリクエストを処理中です"),
    Text("A request with this Idempotency-Key still runs.", "同じキーの処理が続いています。"),
    RETRY,
)
STALE_APPROVAL = kind(
    "stale-approval",
    409,
    Text("What was approved has changed", "承認対象が変更されています"),
    Text(
        "The records have changed since they were searched for: search and decide again.",
        "記録を特定した時点から記録が変わりました。特定と決定からやり直してください。",
    ),
    Text(
        "Send back what is submitted or approved, then search and decide anew. Is the letter in the"
        " post already, put that down with `already_posted`; then reopen the case only when it has"
        " the flag REOPENED or LEAK_ASSESSMENT.",
        "提出又は承認済みのものは差し戻し、特定と決定をやり直してください。既に発送済みのときは、"
        "already_posted を付けて発送を登録してください。その後の再検討（reopen）は、"
        "案件に REOPENED 又は LEAK_ASSESSMENT の表示がある場合に限ります。",
    ),
)
NOTHING_TO_SUPPLEMENT = kind(
    "nothing-to-supplement",
    409,
    Text("No supplement is due", "追加の回答は不要です"),
    Text(
        "The reply that the person has in hand tells what is to be told; no supplement is due."
        " Close this request; what was transferred after that reply is answered on a new request.",
        "お手元の先の回答に補うべき内容がないため、追加の回答は不要です。"
        "この請求は「完了する」で閉じてください。"
        "先の回答の後に行われた提供は、新しい請求で回答します。",
    ),
    Text(
        "Close the case again: it ends with the reply that went out. An identifier that it names "
        "and that is somebody else's is taken away under `tried`, with new words in "
        "`not_the_person`.",
        "案件を改めて完了（close）にしてください。先の回答により手続が終わります。"
        "先の回答で本人のものとした識別子が他の方のものであった場合は、本人を特定し直し、"
        "その識別子を本人のものではないものとして、理由を新たに記載してください。",
    ),
)
NOT_OPENED = kind(
    "not-opened",
    409,
    Text("What is approved was not opened", "承認する書面が開かれていません"),
    Text(
        "Who approves has opened what goes out, as it was submitted: `fetch` lists what is left.",
        "承認する方は、提出された書面を先に開いて確かめる必要があります。未確認の書面は fetch の"
        "とおりです。",
    ),
    Text(
        "GET each of `fetch`, read it, and approve then.",
        "fetch の各書面を取得（GET）して内容を確かめた後に、承認してください。",
    ),
)
CASE_STATUS = kind(
    "case-status",
    409,
    Text("The case is not at this step", "この状態の案件では行えません"),
    Text(
        "The door {step} is not open to a case in the status {case_status}.",
        "状態 {case_status} の案件では、手続 {step} を行えません。",
    ),
    READ_AGAIN,
)
STOP_STANDS = kind(
    "stop-stands",
    409,
    Text("A stop of this case stands", "この案件による停止が有効です"),
    Text(
        "A stop of this case stands. The letter that is to go out, or at an end the one that the"
        " person has in hand, does not tell it: POST /v1/directives/lifted, or send one that does.",
        "この案件による停止が有効ですが、書面に記載がないか、記載した書面が請求者の手元にありません。"
        "停止を記載した回答を送る（二度返戻されたときは、経過を備考に記して完了する）か、"
        "停止を解除してください（POST /v1/directives/lifted）。",
    ),
    Text(
        "Lift it (POST /v1/directives/lifted) and do this again, or decide anew and send a letter"
        " that tells it; what is submitted is sent back first. Where two letters that tell it came"
        " back, close with a note of what was tried.",
        "停止を解除（POST /v1/directives/lifted）してからやり直すか、停止を記載した回答を決定し"
        "直して送ってください。提出済みのときは先に差し戻します。停止を記載した書面が二度返戻されたときは、"
        "経過を備考（note）に記して完了できます。",
    ),
)
PERSON_CHANGED = kind(
    "person-changed",
    409,
    Text("The person is not as named any more", "本人の識別子又は記録が変わっています"),
    Text(
        "Since the person was named, identifiers were linked or unlinked, or a record came that"
        " names somebody else: it might reach others.",
        "本人を特定した後に、名寄せが変更されたか、申請書と異なる氏名の記録が加わりました。"
        "このままでは、本人以外の方に停止が及ぶおそれがあります。",
    ),
    Text(
        "Look at the names in the records, name the person anew and decide; what is submitted is"
        " sent back first.",
        "記録の氏名を確かめ、本人の特定と決定をやり直してください"
        "（提出済みのときは先に差し戻します）。",
    ),
)
IDENTITY_NOT_PROVEN = kind(
    "identity-not-proven",
    409,
    Text("The check of the papers says otherwise", "本人確認の結果と合いません"),
    Text(
        "The outcome of the check is {outcome}; `reasons` lists what is short, `open` what is still"
        " to be looked at or to be given a reason for.",
        "確認の結果は {outcome} です。不足は reasons、"
        "未確認の項目と未記入の理由は open のとおりです。",
    ),
    READ_AGAIN,
)
PRINCIPAL_CAME_OF_AGE = kind(
    "principal-came-of-age",
    409,
    Text("The principal has come of age", "本人が成年に達しています"),
    Text(
        "A representative of a minor receives no reply for an adult.",
        "成年に達した本人についての回答を、未成年者の法定代理人へ送ることはできません。",
    ),
    READ_AGAIN,
)
ALREADY_RETRACTED = kind(
    "already-retracted",
    409,
    Text("The transfer was retracted", "取り消し済みの記録です"),
    Text("A retracted transfer takes no correction.", "取り消された記録は訂正できません。"),
    READ_AGAIN,
)
NOTHING_TO_CHANGE = kind(
    "nothing-to-change",
    409,
    Text("Nothing to change", "変更がありません"),
    Text("Everything would stay as it is.", "この操作で変わるものはありません。"),
    READ_AGAIN,
)
ALREADY_STANDS = kind(
    "already-stands",
    409,
    Text("It stands already", "既に有効です"),
    Text("What is asked for stands already.", "求められた内容は既に有効です。"),
    READ_AGAIN,
)
DOES_NOT_STAND = kind(
    "does-not-stand",
    409,
    Text("It does not stand", "有効なものがありません"),
    Text("What would be ended does not stand.", "終了させる対象がありません。"),
    READ_AGAIN,
)
TOO_MANY_IDENTIFIERS = kind(
    "too-many-identifiers",
    409,
    Text("Too many identifiers for one person", "一人の本人として識別子が多すぎます"),
    Text(
        "The link would join more identifiers than one person has.",
        "この名寄せを行うと、一人の本人に結び付く識別子が上限を超えます。",
    ),
    Text(
        "Look for a shared or test identifier among the links.",
        "共用またはテスト用の識別子が名寄せされていないか確認してください。",
    ),
)
STREAM_MOVED = ProblemKind(
    "stream-moved",
    409,
    Text("Somebody else was first", "先に別の更新がありました"),
    Text("The object was changed in the meantime.", "その間に対象が更新されました。"),
    READ_AGAIN,
    retryable=True,
)
EXCLUSIONS_FULL = kind(
    "exclusions-full",
    409,
    Text("No room for another exclusion", "除外の登録に空きがありません"),
    Text(
        "What would be excluded does not fit into {bytes_max} bytes. Nothing was changed.",
        "除外の内容が {bytes_max} バイトに収まりません。何も変更していません。",
    ),
    Text(
        "Let LEDGER_EXCLUSIONS_KIB be raised in every process, or lift what is no longer needed; "
        "then send the request again.",
        "全ての工程で LEDGER_EXCLUSIONS_KIB を引き上げるか、不要な除外を解除してから"
        "再度送ってください。",
    ),
)
CLOCK_AHEAD = kind(
    "clock-ahead",
    409,
    Text("The clock stands ahead of the log", "時計が記録より進んでいます"),
    Text(
        "The clock is {days} days beyond the newest event or plan. Nothing was destroyed.",
        "時計が最新の事象または計画より {days} 日進んでいます。何も消去していません。",
    ),
    Text(
        "Set the clock right, or confirm the date when the ledger stood still for that long.",
        "時計を正すか、その間台帳が休止していたのであれば日付を確認してください。",
    ),
)
NOT_PLANNED = kind(
    "not-planned",
    409,
    Text("No plan names what is due", "計画にない消去対象があります"),
    Text(
        "{count} keys are due that no plan named beforehand. Nothing was destroyed.",
        "事前の計画にない鍵が {count} 個、期日を迎えています。何も消去していません。",
    ),
    Text("Make a plan first.", "先に計画を作成してください。"),
)
RETENTION_BUSY = ProblemKind(
    "retention-busy",
    409,
    Text("Another run is on its way", "別の保存期間処理が実行中です"),
    Text(
        "Somebody else plans or destroys right now; one run at a time.",
        "計画または消去が実行中です。同時に実行できるのは一つだけです。",
    ),
    READ_AGAIN,
    retryable=True,
)
JOURNAL_MISSING = kind(
    "journal-missing",
    409,
    Text("There is no erasure journal", "消去記録簿がありません"),
    Text(
        "Nothing was destroyed: without the journal a restore would bring it back.",
        "何も消去していません。記録簿がないと、復元により消去済みの記録が戻るためです。",
    ),
    ASK,
)
UNPRINTABLE = kind(
    "unprintable",
    409,
    Text("The document cannot be printed", "印字できない文字があります"),
    Text(
        "{count} texts hold characters that the font cannot print as they are written.",
        "書かれたとおりに印字できない文字を含む項目が {count} 個あります。",
    ),
    Text(
        "For a letter of a case, say in `print-as` which form is printed instead. For another"
        " document, take the answer in JSON, and tell the operator of the ledger.",
        "案件の書面であれば、代わりに印字する文字を print-as で示してください。それ以外の文書は、"
        "JSON 形式を利用し、記録台帳の運用担当者に連絡してください。",
    ),
)
EXPIRED = kind(
    "expired",
    410,
    Text("The record has expired", "保存期間が満了した記録です"),
    Text(
        "The content of position {position} was destroyed after its retention period.",
        "位置 {position} の内容は、保存期間の満了後に消去されました。",
    ),
    Text("Nothing: the content is gone.", "内容は消去済みのため、対応はありません。"),
)
PRECONDITION_FAILED = kind(
    "precondition-failed",
    412,
    Text("The object has changed", "対象が変更されています"),
    Text("If-Match names another version.", "If-Match の版が現在の版と異なります。"),
    READ_AGAIN,
)
UNLAWFUL_CHANGES = kind(
    "unlawful-changes",
    409,
    Text("Some changes are not allowed", "公表できない変更があります"),
    Text(
        "Art. 27(6) does not allow some of the changes that this version makes; nothing was"
        " published.",
        "この版には、法第27条第6項の認めない変更があります。何も公表していません。",
    ),
    Text(
        "Change the version, or state in `stated` what the versions do not show. To record it"
        " with its findings all the same, send `record_unlawful_changes`.",
        "版を改めるか、版に現れない事実を stated で示してください。指摘を付けて記録するときは、"
        "record_unlawful_changes を true にして送ってください。",
    ),
)
