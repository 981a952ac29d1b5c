"""Every kind of problem this API answers, one row each: status, type, texts in two languages, data.

Here are those of the caller and of what was sent; `conflicts` has those of the ledger's state
(409), `faults` those of what does not work here (5xx). The class of an error names its kind by its
`code`; whatever raises it knows nothing of statuses and texts.

Source: RFC 9457; the table of problem types of the API reference. A kind is a promise: its suffix
and its codes never change, its texts may.
"""

from typing import Final

from api.problems.conflicts import CONFLICTS
from api.problems.faults import FAULTS
from api.problems.kind import ASK, READ_AGAIN, RETRY, ProblemKind, Text
from ledger.errors import LedgerError
from ledger.values import Json

REFUSALS: Final[tuple[ProblemKind, ...]] = (
    ProblemKind(
        400,
        "bad-request",
        "Bad request",
        "不正なリクエスト",
        "The request cannot be read.",
        "リクエストを読み取れません。",
    ),
    ProblemKind(
        400,
        "malformed-body",
        "The body is not JSON in UTF-8",
        "本文が UTF-8 の JSON ではありません",
        "The body cannot be read at byte {byte}.",
        "本文の {byte} バイト目を読み取れません。",
        members=("byte",),
        finer_codes=("NOT_JSON", "NOT_UTF8"),
    ),
    ProblemKind(
        400,
        "duplicate-member",
        "A member stands twice",
        "同じ項目が二度あります",
        "An object in the body names a member twice, so its value is not certain.",
        "本文のオブジェクトに同じ名前の項目が二度あり、値が定まりません。",
    ),
    ProblemKind(
        400,
        "idempotency-key-malformed",
        "Idempotency-Key is no key",
        "Idempotency-Key の形式が正しくありません",
        "Send one key of 1 to 255 printable ASCII characters, as a string in quotes.",
        "印字可能な ASCII 1〜255 文字のキーを一つ、引用符で囲んで送ってください。",
    ),
    ProblemKind(
        400,
        "idempotency-key-missing",
        "Idempotency-Key is missing",
        "Idempotency-Key がありません",
        "This route demands the header Idempotency-Key.",
        "Idempotency-Key ヘッダーが必要です。",
    ),
    ProblemKind(
        400,
        "if-match-malformed",
        "If-Match is not one strong ETag",
        "If-Match の形式が正しくありません",
        "Send the one ETag that you have seen, in quotes; no weak tag, no list and no asterisk.",
        "取得した ETag を一つ、引用符付きのまま送ってください。W/ 付き、列挙、* は使えません。",
    ),
    ProblemKind(
        400,
        "form-unreadable",
        "The form cannot be read",
        "入力を読み取れません",
        "A form of a page has up to 1,000 fields and 1 MiB, in UTF-8. Go back and shorten it.",
        "画面の入力は、1,000項目、1 MiB まで、UTF-8 です。ブラウザで前の画面に戻り、"
        "入力を短くして、もう一度送信してください。",
    ),
    ProblemKind(
        400,
        "upload-unreadable",
        "The file did not arrive whole",
        "ファイルを受け取れませんでした",
        "The form with the file ends too early, or is none. Send the file again.",
        "ファイルが最後まで届きませんでした。前の画面に戻り、ファイルを選び直して、"
        "もう一度送信してください。",
    ),
    ProblemKind(
        401,
        "unauthenticated",
        "Who is calling?",
        "認証が必要です",
        "Send a valid, unexpired key or access token as Authorization: Bearer.",
        "有効なAPIキーまたはアクセストークンを Authorization: Bearer で送ってください。",
    ),
    ProblemKind(
        401,
        "proof-refused",
        "The proof of who holds the key is missing or wrong",
        "鍵の所持を確認できません",
        "A key or token that is bound to a key pair is sent as Authorization: DPoP with a proof "
        "for this very request (RFC 9449), any other as Bearer. What failed: {check}.",
        "鍵ペアに結び付けられたAPIキー・アクセストークンは、リクエストごとの証明（RFC 9449）"
        "と共に Authorization: DPoP で、それ以外は Bearer で送ってください。確認できない項目: "
        "{check}",
        members=("check",),
    ),
    ProblemKind(
        403,
        "scope-missing",
        "A scope is missing",
        "権限（スコープ）がありません",
        "The caller lacks the scope {scopes}.",
        "スコープ {scopes} がありません。",
        ASK,
        members=("scopes",),
    ),
    ProblemKind(
        403,
        "person-unknown",
        "It is not known which person calls",
        "担当者を特定できません",
        "An act of two persons, and the steps of a case, need a key or an access token that "
        "names one person: a key with --person, a token with the claim of the person's code.",
        "請求の手続と二人で行う操作には、担当者を特定できるAPIキー（--person）"
        "又はアクセストークン（担当者コードのクレーム）が必要です。",
        ASK,
    ),
    ProblemKind(
        403,
        "source-not-allowed",
        "The source is not the caller's",
        "この source は許可されていません",
        "The key or token is bound to another source.",
        "APIキーまたはトークンは別の source に結び付けられています。",
    ),
    ProblemKind(
        403,
        "subject-required",
        "The person must be named",
        "本人の特定が必要です",
        "The parameter {parameter} is required.",
        "パラメーター {parameter} が必要です。",
        members=("parameter",),
    ),
    ProblemKind(
        403,
        "separation-of-duties",
        "Two persons are needed",
        "職務の分離",
        "The second person must be another one than the first.",
        "二人目は一人目と別の担当者でなければなりません。",
    ),
    ProblemKind(
        404,
        "not-found",
        "Not found",
        "見つかりません",
        "There is nothing here for this caller.",
        "該当するものはありません。",
    ),
    ProblemKind(
        405,
        "method-not-allowed",
        "Method not allowed",
        "許可されていないメソッド",
        "The header Allow names the methods.",
        "Allow ヘッダーのメソッドを使ってください。",
    ),
    ProblemKind(
        406,
        "not-acceptable",
        "No acceptable form",
        "応答できる形式がありません",
        "None of the accepted media types is offered.",
        "Accept の形式では応答できません。",
    ),
    ProblemKind(
        408,
        "request-timeout",
        "Request Timeout",
        "リクエストの受信に時間がかかりすぎました",
        "The head of the request did not arrive within 20 seconds.",
        "リクエストのヘッダーが20秒以内に届きませんでした。",
        RETRY,
    ),
    ProblemKind(
        410,
        "expired",
        "The record has expired",
        "保存期間が満了した記録です",
        "The content of position {position} was destroyed after its retention period.",
        "位置 {position} の内容は、保存期間の満了後に消去されました。",
        Text("Nothing: the content is gone.", "内容は消去済みのため、対応はありません。"),
        members=("position",),
    ),
    ProblemKind(
        412,
        "precondition-failed",
        "The object has changed",
        "対象が変更されています",
        "If-Match names another version.",
        "If-Match の版が現在の版と異なります。",
        READ_AGAIN,
    ),
    ProblemKind(
        413,
        "batch-too-large",
        "The batch is too large",
        "バッチが大きすぎます",
        "A body may hold {bytes_max} bytes and {items_max} items.",
        "本文は {bytes_max} バイト、{items_max} 件までです。",
        Text("Send several smaller batches.", "複数の小さなバッチに分けて送ってください。"),
        members=("bytes_max", "items_max"),
    ),
    ProblemKind(
        413,
        "item-too-large",
        "The item is too large",
        "項目が大きすぎます",
        "One item must fit into an event of 4 MiB.",
        "1件は 4 MiB の事象に収まる必要があります。",
        Text("Split the item.", "項目を分割してください。"),
    ),
    ProblemKind(
        415,
        "unsupported-media-type",
        "Unsupported media type",
        "対応していない形式",
        "Content-Type is not one of this route.",
        "この Content-Type には対応していません。",
    ),
    ProblemKind(
        415,
        "unsupported-coding",
        "Unsupported content coding",
        "対応していない圧縮形式",
        "Content-Encoding is none of those that Accept-Encoding of this answer names.",
        "この Content-Encoding には対応していません。この応答の Accept-Encoding をご覧ください。",
    ),
    ProblemKind(
        416,
        "range-not-satisfiable",
        "There is no such part of the file",
        "指定された範囲がありません",
        "The file has {bytes} bytes.",
        "ファイルの大きさは {bytes} バイトです。",
        Text(
            "Ask for a part that begins within the file, or for the whole file.",
            "ファイルの範囲内から始まる部分、又は全体を指定してください。",
        ),
        members=("bytes",),
    ),
    ProblemKind(
        422,
        "schema-violation",
        "The input is not what the contract says",
        "入力が契約（スキーマ）に合いません",
        "errors names every defect.",
        "errors に全ての不備を示しました。",
    ),
    ProblemKind(
        422,
        "position-beyond-head",
        "The position does not exist yet",
        "その位置はまだ存在しません",
        "Position {position} is beyond the head {head}.",
        "位置 {position} は先頭の位置 {head} より先です。",
        members=("position", "head"),
    ),
    ProblemKind(
        422,
        "log-epoch-changed",
        "The position is of an earlier epoch of the log",
        "復元前のログの位置です",
        "Position {position} is beyond the head {head}: the ledger was restored to an older "
        "state, and epoch {epoch} of its log began. parted_after is the last position that both "
        "histories have, if known.",
        "位置 {position} は先頭の位置 {head} より先です。記録台帳は以前の状態に復元され、"
        "ログの第 {epoch} 期が始まりました。parted_after は、"
        "復元前と同じである最後の位置です（分かる場合）。",
        Text(
            "Read anew, and send again what was sent since then: see the operator's notice.",
            "改めて読み直し、"
            "以降に送ったものを再送してください（運用担当者の案内をご覧ください）。",
        ),
        members=("position", "head", "epoch", "parted_after"),
    ),
    ProblemKind(
        422,
        "idempotency-key-reused",
        "Idempotency-Key was used for other content",
        "Idempotency-Key の再利用",
        "This client sent another request under the same key to this end point.",
        "このキーは、同じ宛先への別の内容のリクエストで使われています。",
        Text("Send it under a key of its own.", "新しいキーで送ってください。"),
    ),
    ProblemKind(
        422,
        "form-sent-otherwise",
        "The form was sent with other content",
        "この画面は、別の内容で送信済みです",
        "This form was carried out with what it said before. Open the page anew.",
        "この画面は、前に送信した内容で既に登録しました。今回の内容は登録していません。"
        "画面を開き直し、今の状態を確かめてください。",
    ),
    ProblemKind(
        422,
        "part-differs",
        "The part is not what its hash says",
        "分割の内容がハッシュ値と一致しません",
        "What arrived has another hash than `Unencoded-Digest` states; nothing of it was kept.",
        "届いた内容のハッシュ値が Unencoded-Digest と一致しません。保存していません。",
        Text("Send the part again.", "分割を再送してください。"),
    ),
    ProblemKind(
        422,
        "part-unreadable",
        "The part cannot be read",
        "分割を読み取れません",
        "Nothing of the part was kept: {reason}. `not_compressed`: it is not in the coding that "
        "Content-Encoding states; `truncated`: it ends too early; `damaged`: it does not unpack, "
        "or needs a zstd window of more than 8 MiB; `trailing`: something else follows; "
        "`expands_too_much`: it unpacks to more than 500 times its size; `too_many_frames`: it "
        "has more than 10,000 members of gzip or frames of zstd, empty ones too; `too_long`: it "
        "has more bytes than a part may have.",
        "分割を保存していません（{reason}）。not_compressed は Content-Encoding "
        "の示す形式でないこと、truncated は途中で終わっていること、damaged は展開できないこと（8 "
        "MiB を超える zstd のウィンドウを含む。）、trailing は後ろに別のデータがあること、"
        "expands_too_much は展開後が500倍を超えること、too_many_frames は gzip のメンバー又は "
        "zstd のフレームが（空のものを含めて）10,000を超えること、too_long "
        "は1分割の上限を超えることを表します。",
        members=("reason",),
    ),
    ProblemKind(
        428,
        "precondition-required",
        "If-Match is required",
        "If-Match が必要です",
        "Send the ETag that you have seen as If-Match.",
        "ETag を If-Match で送ってください。",
    ),
    ProblemKind(
        431,
        "headers-too-large",
        "Request Header Fields Too Large",
        "ヘッダーが大きすぎます",
        "The head of a request may have 64 KiB and 100 fields.",
        "リクエストのヘッダーは 64 KiB、100 項目までです。",
        Text("Send fewer or shorter header fields.", "ヘッダーを減らして送ってください。"),
    ),
)

KINDS: Final = {one.suffix: one for one in (*REFUSALS, *CONFLICTS, *FAULTS)}
"""All kinds by suffix."""

_BY_CODE: Final = {code: one for one in KINDS.values() for code in (one.code, *one.finer_codes)}


def kind_of(error: LedgerError) -> tuple[ProblemKind, dict[str, Json]]:
    """The kind of `error` and the members that its answer carries.

    A class whose code no row has counts as its nearest base, at last as a fault of ours.
    """
    for base in type(error).__mro__:
        if kind := _BY_CODE.get(getattr(base, "code", "")):
            return kind, {name: getattr(error, name) for name in kind.members}
    return KINDS["internal-error"], {}
