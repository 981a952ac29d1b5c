"""Kinds of 409: the request is sound, and the state of the ledger is against it.

The caller reads again and decides again, waits, or settles first what is named.
"""

from functools import partial
from typing import Final

from api.problems.kind import ASK, READ_AGAIN, RETRY, ProblemKind, Text

_conflict: Final = partial(ProblemKind, 409)

_SEND_PARTS: Final = Text(
    "Send the parts as they were announced and commit again, or begin anew.",
    "予告のとおりに分割を送って再度確定するか、新たに開始してください。",
)

CONFLICTS: Final[tuple[ProblemKind, ...]] = (
    _conflict(
        "form-unsettled",
        "What became of the form is not known",
        "前の送信の結果が分かりません",
        "Whether what this form said before was carried out is not known yet. Open the page anew.",
        "この画面から前に送信した内容が登録されたかどうか、まだ分かりません。"
        "今回の内容は登録していません。画面を開き直し、今の状態を確かめてください。",
    ),
    _conflict(
        "duplicate-mismatch",
        "The key was used for other content",
        "同じ source と id で内容が異なります",
        "The transfer of this source and id stands at position {position} with other content.",
        "この source と id の移転は、異なる内容で位置 {position} に記録されています。",
        Text(
            "Send a correction of the recorded transfer, or use a new id for a new one.",
            "記録済みの移転を訂正するか、新しい移転には新しい id を使ってください。",
        ),
        members=("position",),
    ),
    _conflict(
        "mark-differs",
        "The record stands without that mark",
        "その印のない記録が既にあります",
        "The transfer stands at position {position} without that mark; use POST /v1/exclusions.",
        "その印なしで位置 {position} に記録されています。POST /v1/exclusions を使ってください。",
        Text(
            "Exclude the recorded transfer: POST /v1/exclusions.",
            "記録済みの移転は POST /v1/exclusions で除外してください。",
        ),
        members=("position",),
    ),
    _conflict(
        "idempotency-key-in-progress",
        "The first request still runs",
        "最初のリクエストを処理中です",
        "A request with this Idempotency-Key still runs.",
        "同じキーの処理が続いています。",
        RETRY,
    ),
    _conflict(
        "stale-approval",
        "What was approved has changed",
        "承認対象が変更されています",
        "The records have changed since they were searched for: search and decide again.",
        "記録を特定した時点から記録が変わりました。特定と決定からやり直してください。",
        Text(
            "Send back what is submitted or approved, then search and decide anew. Is the letter "
            "in the post already, put that down with `already_posted`; then reopen the case only "
            "when it has the flag REOPENED or LEAK_ASSESSMENT.",
            "提出又は承認済みのものは差し戻し、特定と決定をやり直してください。"
            "既に発送済みのときは、already_posted を付けて発送を登録してください。"
            "その後の再検討（reopen）は、案件に REOPENED 又は LEAK_ASSESSMENT "
            "の表示がある場合に限ります。",
        ),
    ),
    _conflict(
        "nothing-to-supplement",
        "No supplement is due",
        "追加の回答は不要です",
        "The reply that the person has in hand tells what is to be told; no supplement is due. "
        "Close this request; what was transferred after that reply is answered on a new request.",
        "お手元の先の回答に補うべき内容がないため、追加の回答は不要です。"
        "この請求は「完了する」で閉じてください。先の回答の後に行われた提供は、"
        "新しい請求で回答します。",
        Text(
            "Close the case again: it ends with the reply that went out. An identifier that it "
            "names and that is somebody else's is taken away under `tried`, with new words in "
            "`not_the_person`.",
            "案件を改めて完了（close）にしてください。先の回答により手続が終わります。"
            "先の回答で本人のものとした識別子が他の方のものであった場合は、本人を特定し直し、"
            "その識別子を本人のものではないものとして、理由を新たに記載してください。",
        ),
    ),
    _conflict(
        "not-opened",
        "What is approved was not opened",
        "承認する書面が開かれていません",
        "Who approves has opened what goes out, as it was submitted: `fetch` lists what is left.",
        "承認する方は、提出された書面を先に開いて確かめる必要があります。未確認の書面は fetch "
        "のとおりです。",
        Text(
            "GET each of `fetch`, read it, and approve then.",
            "fetch の各書面を取得（GET）して内容を確かめた後に、承認してください。",
        ),
        members=("fetch",),
    ),
    _conflict(
        "case-status",
        "The case is not at this step",
        "この状態の案件では行えません",
        "The door {step} is not open to a case in the status {case_status}.",
        "状態 {case_status} の案件では、手続 {step} を行えません。",
        READ_AGAIN,
        members=("case_status", "step", "open"),
    ),
    _conflict(
        "stop-stands",
        "A stop of this case stands",
        "この案件による停止が有効です",
        "A stop of this case stands. The letter that is to go out, or at an end the one that the "
        "person has in hand, does not tell it: POST /v1/directives/lifted, or send one that does.",
        "この案件による停止が有効ですが、書面に記載がないか、"
        "記載した書面が請求者の手元にありません。停止を記載した回答を送る（二度返戻されたときは、"
        "経過を備考に記して完了する）か、停止を解除してください（POST /v1/directives/lifted）。",
        Text(
            "Lift it (POST /v1/directives/lifted) and do this again, or decide anew and send a "
            "letter that tells it; what is submitted is sent back first. Where two letters that "
            "tell it came back, close with a note of what was tried.",
            "停止を解除（POST /v1/directives/lifted）してからやり直すか、"
            "停止を記載した回答を決定し直して送ってください。提出済みのときは先に差し戻します。"
            "停止を記載した書面が二度返戻されたときは、経過を備考（note）に記して完了できます。",
        ),
    ),
    _conflict(
        "stop-lifted",
        "A stop that the letter tells was lifted",
        "書面に記載した停止が解除されています",
        "Since the approval somebody lifted a stop that the letter tells: it says what is not so.",
        "承認の後に、書面に記載した停止が解除されました。このまま発送すると、"
        "事実と異なる内容を通知することになります。",
        Text(
            "Send the case back and decide anew. Is the letter in the post already, put that down "
            "with `already_posted`, then reopen the case and answer anew.",
            "差し戻して、決定をやり直してください。既に発送済みのときは、already_posted "
            "を付けて発送を登録した後に、案件を再検討（reopen）し、改めて回答してください。",
        ),
    ),
    _conflict(
        "person-changed",
        "The person is not as named any more",
        "本人の識別子又は記録が変わっています",
        "Since the person was named, identifiers were linked or unlinked, or a record came that "
        "names somebody else: it might reach others.",
        "本人を特定した後に、名寄せが変更されたか、申請書と異なる氏名の記録が加わりました。"
        "このままでは、本人以外の方に停止が及ぶおそれがあります。",
        Text(
            "Look at the names in the records, name the person anew and decide; what is "
            "submitted is sent back first.",
            "記録の氏名を確かめ、"
            "本人の特定と決定をやり直してください（提出済みのときは先に差し戻します）。",
        ),
    ),
    _conflict(
        "identity-not-proven",
        "The check of the papers says otherwise",
        "本人確認の結果と合いません",
        "The outcome of the check is {outcome}; `reasons` lists what is short, `open` what is "
        "still to be looked at or to be given a reason for.",
        "確認の結果は {outcome} です。不足は reasons、未確認の項目と未記入の理由は open "
        "のとおりです。",
        READ_AGAIN,
        members=("outcome", "reasons", "open"),
    ),
    _conflict(
        "principal-came-of-age",
        "The principal has come of age",
        "本人が成年に達しています",
        "A representative of a minor receives no reply for an adult.",
        "成年に達した本人についての回答を、未成年者の法定代理人へ送ることはできません。",
        READ_AGAIN,
    ),
    _conflict(
        "already-retracted",
        "The transfer was retracted",
        "取り消し済みの記録です",
        "A retracted transfer takes no correction.",
        "取り消された記録は訂正できません。",
        READ_AGAIN,
    ),
    _conflict(
        "nothing-to-change",
        "Nothing to change",
        "変更がありません",
        "Everything would stay as it is.",
        "この操作で変わるものはありません。",
        READ_AGAIN,
    ),
    _conflict(
        "already-stands",
        "It stands already",
        "既に有効です",
        "What is asked for stands already.",
        "求められた内容は既に有効です。",
        READ_AGAIN,
    ),
    _conflict(
        "does-not-stand",
        "It does not stand",
        "有効なものがありません",
        "What would be ended does not stand.",
        "終了させる対象がありません。",
        READ_AGAIN,
    ),
    _conflict(
        "too-many-identifiers",
        "Too many identifiers for one person",
        "一人の本人として識別子が多すぎます",
        "The link would join more identifiers than one person has.",
        "この名寄せを行うと、一人の本人に結び付く識別子が上限を超えます。",
        Text(
            "Look for a shared or test identifier among the links.",
            "共用またはテスト用の識別子が名寄せされていないか確認してください。",
        ),
    ),
    _conflict(
        "stream-moved",
        "Somebody else was first",
        "先に別の更新がありました",
        "The object was changed in the meantime.",
        "その間に対象が更新されました。",
        READ_AGAIN,
        repeatable=True,
    ),
    _conflict(
        "exclusions-full",
        "No room for another exclusion",
        "除外の登録に空きがありません",
        "What would be excluded does not fit into {bytes_max} bytes. Nothing was changed.",
        "除外の内容が {bytes_max} バイトに収まりません。何も変更していません。",
        Text(
            "Let LEDGER_EXCLUSIONS_KIB be raised in every process, or lift what is no longer "
            "needed; then send the request again.",
            "全ての工程で LEDGER_EXCLUSIONS_KIB を引き上げるか、"
            "不要な除外を解除してから再度送ってください。",
        ),
        members=("bytes_max",),
    ),
    _conflict(
        "clock-ahead",
        "The clock stands ahead of the log",
        "時計が記録より進んでいます",
        "The clock is {days} days beyond the newest event or plan. Nothing was destroyed.",
        "時計が最新の事象または計画より {days} 日進んでいます。何も消去していません。",
        Text(
            "Set the clock right, or confirm the date when the ledger stood still for that long.",
            "時計を正すか、その間台帳が休止していたのであれば日付を確認してください。",
        ),
        members=("days",),
    ),
    _conflict(
        "not-planned",
        "No plan names what is due",
        "計画にない消去対象があります",
        "{count} keys are due that no plan named beforehand. Nothing was destroyed.",
        "事前の計画にない鍵が {count} 個、期日を迎えています。何も消去していません。",
        Text("Make a plan first.", "先に計画を作成してください。"),
        members=("count",),
    ),
    _conflict(
        "retention-busy",
        "Another run is on its way",
        "別の保存期間処理が実行中です",
        "Somebody else plans or destroys right now; one run at a time.",
        "計画または消去が実行中です。同時に実行できるのは一つだけです。",
        READ_AGAIN,
        repeatable=True,
    ),
    _conflict(
        "journal-missing",
        "There is no erasure journal",
        "消去記録簿がありません",
        "Nothing was destroyed: without the journal a restore would bring it back.",
        "何も消去していません。記録簿がないと、復元により消去済みの記録が戻るためです。",
        ASK,
    ),
    _conflict(
        "unprintable",
        "The document cannot be printed",
        "印字できない文字があります",
        "{count} texts hold characters that the font cannot print as they are written.",
        "書かれたとおりに印字できない文字を含む項目が {count} 個あります。",
        Text(
            "For a letter of a case, say in `print-as` which form is printed instead. For "
            "another document, take the answer in JSON, and tell the operator of the ledger.",
            "案件の書面であれば、代わりに印字する文字を print-as で示してください。"
            "それ以外の文書は、JSON 形式を利用し、記録台帳の運用担当者に連絡してください。",
        ),
        members=("count",),
    ),
    _conflict(
        "unlawful-changes",
        "Some changes are not allowed",
        "公表できない変更があります",
        "Art. 27(6) does not allow some of the changes that this version makes; nothing was "
        "published.",
        "この版には、法第27条第6項の認めない変更があります。何も公表していません。",
        Text(
            "Change the version, or state in `stated` what the versions do not show. To record "
            "it with its findings all the same, send `record_unlawful_changes`.",
            "版を改めるか、版に現れない事実を stated で示してください。"
            "指摘を付けて記録するときは、record_unlawful_changes を true にして送ってください。",
        ),
        members=("changes",),
    ),
    _conflict(
        "mistake-reported",
        "A mistake of this case is reported",
        "この案件の誤りが報告されています",
        "Nothing else is done before a second person confirms or dismisses the report.",
        "二人目が報告を確認又は却下するまで、他の手続は行えません。",
        Text(
            "Confirm it (mistake-confirmation) or dismiss it (mistake-dismissal).",
            "報告を確認（mistake-confirmation）又は却下（mistake-dismissal）してください。",
        ),
    ),
    _conflict(
        "case-expiring",
        "The case is kept no longer",
        "案件の保存期間が満了しています",
        "It ended three years ago and is destroyed by now: it cannot go on.",
        "終了から3年の保存期間が満了し、消去されるため、再開できません。",
        Text("Take the request in as a new case.", "新しい案件として受け付けてください。"),
    ),
    _conflict(
        "replacement-unfit",
        "The request cannot go on in that case",
        "引継ぎ先の案件が使えません",
        "The case that was named is a mistake itself, ended without a reply or with one that "
        "came back, is another request, or asks for less; reasons says which.",
        "引継ぎ先とされた案件が、誤登録であるか、"
        "回答なしに若しくは回答が返送されたまま終了しているか、別の請求であるか、識別子、"
        "請求の対象若しくは対象期間が不足しています（reasons を参照）。",
        Text(
            "Dismiss the report, and report it again with the case that stays.",
            "報告を却下し、存続する案件を示して改めて報告してください。",
        ),
        members=("reasons",),
    ),
    _conflict(
        "own-stop-stands",
        "A stop of this case stands",
        "この案件による停止が有効です",
        "The case put a stop in place; ending it as a mistake would not lift the stop.",
        "この案件により停止が行われています。誤登録としても停止は解除されません。",
        Text(
            "Lift the stop first: POST /v1/directives/lifted.",
            "先に停止を解除してください（POST /v1/directives/lifted）。",
        ),
    ),
    _conflict(
        "nothing-to-settle",
        "No finding stands",
        "処置する所見がありません",
        "No finding stands, of the transfer or of one of its persons.",
        "この記録にも、その本人にも、所見はありません。",
        READ_AGAIN,
    ),
    _conflict(
        "findings-differ",
        "Other findings stand",
        "所見が、示された内容と異なります",
        "The findings that stand are not those that were named.",
        "現在の所見は、指定された所見と同じではありません。",
        READ_AGAIN,
    ),
    _conflict(
        "export-state",
        "The export is not at this step",
        "この状態の持出しデータでは行えません",
        "The export is {state}: its bag is handed out once it is ready, and nothing is deleted "
        "while it is made.",
        "持出しデータは {state} です。取得できるのは作成の完了後（ready）です。"
        "作成中は削除できません。",
        Text(
            "Ask for its state until it is ready. One that failed is asked for anew; `error` "
            "says why.",
            "ready になるまで状態を確認してください。failed のときは、error の内容に対処のうえ、"
            "改めて作成を依頼してください。",
        ),
        members=("state",),
    ),
    _conflict(
        "bulk-closed",
        "The bulk transfer takes nothing more",
        "この一括送信は受付を終えています",
        "The bulk transfer is {bulk_state}: parts are taken and it can be aborted until its "
        "commit begins, and one that was aborted is not recorded.",
        "一括送信は {bulk_state} です。分割の受付と取消しは、確定（commit）の開始前に限ります。"
        "取り消したものは記録されません。",
        Text(
            "Read its state. To send it anew, begin another one under the same source and id.",
            "状態を確認してください。送り直すときは、同じ source と id で新たに開始してください。",
        ),
        members=("bulk_state",),
    ),
    _conflict(
        "bulk-runs",
        "The commit is on its way",
        "確定の処理中です",
        "This commit, or that of the same transfer sent twice, is carried out right now.",
        "この一括送信（又は同じ内容の一括送信）の確定を処理しています。",
        Text(
            "Ask again in a moment: the answer is that of the first commit.",
            "しばらくしてから再度お試しください。最初の確定と同じ結果が返ります。",
        ),
        repeatable=True,
    ),
    _conflict(
        "too-many-uploads",
        "Too many bulk transfers are under way",
        "受付中の一括送信が多すぎます",
        "This sender has {count} bulk transfers that still take parts, and may have no more; "
        "`uploads` names them, the oldest first.",
        "この送信元には、分割を受付中の一括送信が既に {count} 件あり、これ以上は開始できません。"
        "uploads に古い順で示しました。",
        Text(
            "Commit one of them, or abort it with DELETE. One that is left alone ends after 7 "
            "days.",
            "いずれかを確定（commit）するか、DELETE で取り消してください。"
            "放置したものは7日後に失効します。",
        ),
        members=("uploads", "count"),
    ),
    _conflict(
        "parts-missing",
        "Parts are missing",
        "分割が足りません",
        "{count} parts that were announced are not there; `missing` names them, 100 at most.",
        "予告された分割のうち {count} 件が届いていません。番号（最大100件）は missing にあります。",
        _SEND_PARTS,
        members=("missing", "count"),
    ),
    _conflict(
        "lines-differ",
        "The number of lines is another one",
        "行数が予告と異なります",
        "{announced} lines were announced, and {found} are there.",
        "予告は {announced} 行ですが、{found} 行あります。",
        _SEND_PARTS,
        members=("announced", "found"),
    ),
    _conflict(
        "content-differs",
        "The parts are other ones",
        "内容が予告と異なります",
        "The parts are all there, and their hash is not the one that was announced.",
        "分割はそろっていますが、ハッシュ値が予告と一致しません。",
        _SEND_PARTS,
    ),
)
