"""Every kind of problem this API answers, as data: status, titles and texts in two languages.

Source: RFC 9457; the table of problem types of the API reference. A kind is a promise: its suffix
and its code never change, its texts may.
"""

from api.problems.kind import ASK, READ_AGAIN, RETRY, Kind, Text, kind

BAD_REQUEST = kind(
    "bad-request",
    400,
    Text("Bad request", "不正なリクエスト"),
    Text("The request cannot be read.", "リクエストを読み取れません。"),
)
MALFORMED_BODY = kind(
    "malformed-body",
    400,
    Text("The body is not JSON in UTF-8", "本文が UTF-8 の JSON ではありません"),
    Text("The body cannot be read at byte {byte}.", "本文の {byte} バイト目を読み取れません。"),
)
DUPLICATE_MEMBER = kind(
    "duplicate-member",
    400,
    Text("A member stands twice", "同じ項目が二度あります"),
    Text(
        "An object in the body names a member twice, so its value is not certain.",
        "本文のオブジェクトに同じ名前の項目が二度あり、値が定まりません。",
    ),
)
IDEMPOTENCY_KEY_MISSING = kind(
    "idempotency-key-missing",
    400,
    Text("Idempotency-Key is missing", "Idempotency-Key がありません"),
    Text("This route demands the header Idempotency-Key.", "Idempotency-Key ヘッダーが必要です。"),
)
UNAUTHENTICATED = kind(
    "unauthenticated",
    401,
    Text("Who is calling?", "認証が必要です"),
    Text(
        "Send a valid, unexpired key or access token as Authorization: Bearer.",
        "有効なAPIキーまたはアクセストークンを Authorization: Bearer で送ってください。",
    ),
)
SCOPE_MISSING = kind(
    "scope-missing",
    403,
    Text("A scope is missing", "権限(スコープ)がありません"),
    Text("The caller lacks the scope {scopes}.", "スコープ {scopes} がありません。"),
    ASK,
)
SOURCE_NOT_ALLOWED = kind(
    "source-not-allowed",
    403,
    Text("The source is not the caller's", "この source は許可されていません"),
    Text(
        "The key or token is bound to another source.",
        "APIキーまたはトークンは別の source に結び付けられています。",
    ),
)
SUBJECT_REQUIRED = kind(
    "subject-required",
    403,
    Text("The person must be named", "本人の特定が必要です"),
    Text("The parameter {parameter} is required.", "パラメーター {parameter} が必要です。"),
)
SEPARATION_OF_DUTIES = kind(
    "separation-of-duties",
    403,
    Text("Two persons are needed", "職務の分離"),
    Text(
        "The second person must be another one than the first.",
        "二人目は一人目と別の担当者でなければなりません。",
    ),
)
NOT_FOUND = kind(
    "not-found",
    404,
    Text("Not found", "見つかりません"),
    Text("There is nothing here for this caller.", "該当するものはありません。"),
)
METHOD_NOT_ALLOWED = kind(
    "method-not-allowed",
    405,
    Text("Method not allowed", "許可されていないメソッド"),
    Text("The header Allow names the methods.", "Allow ヘッダーのメソッドを使ってください。"),
)
NOT_ACCEPTABLE = kind(
    "not-acceptable",
    406,
    Text("No acceptable form", "応答できる形式がありません"),
    Text("None of the accepted media types is offered.", "Accept の形式では応答できません。"),
)
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
    Text("The hash of the approved content differs.", "承認した内容のハッシュが一致しません。"),
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
STREAM_MOVED = Kind(
    "stream-moved",
    409,
    Text("Somebody else was first", "先に別の更新がありました"),
    Text("The object was changed in the meantime.", "その間に対象が更新されました。"),
    READ_AGAIN,
    retryable=True,
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
BATCH_TOO_LARGE = kind(
    "batch-too-large",
    413,
    Text("The batch is too large", "バッチが大きすぎます"),
    Text(
        "A body may hold {bytes_max} bytes and {items_max} items.",
        "本文は {bytes_max} バイト、{items_max} 件までです。",
    ),
    Text("Send several smaller batches.", "複数の小さなバッチに分けて送ってください。"),
)
ITEM_TOO_LARGE = kind(
    "item-too-large",
    413,
    Text("The item is too large", "項目が大きすぎます"),
    Text("One item must fit into an event of 4 MiB.", "1件は 4 MiB の事象に収まる必要があります。"),
    Text("Split the item.", "項目を分割してください。"),
)
UNSUPPORTED_MEDIA_TYPE = kind(
    "unsupported-media-type",
    415,
    Text("Unsupported media type", "対応していない形式"),
    Text("Content-Type is not one of this route.", "この Content-Type には対応していません。"),
)
SCHEMA_VIOLATION = kind(
    "schema-violation",
    422,
    Text("The input is not what the contract says", "入力が契約(スキーマ)に合いません"),
    Text("errors names every defect.", "errors にすべての不備を示しました。"),
)
POSITION_BEYOND_HEAD = kind(
    "position-beyond-head",
    422,
    Text("The position does not exist yet", "その位置はまだ存在しません"),
    Text(
        "Position {position} is beyond the head {head}.",
        "位置 {position} は先頭の位置 {head} より先です。",
    ),
)
IDEMPOTENCY_KEY_REUSED = kind(
    "idempotency-key-reused",
    422,
    Text("Idempotency-Key was used for other content", "Idempotency-Key の再利用"),
    Text("The key was used with another payload.", "このキーは別の内容で使われています。"),
)
PRECONDITION_REQUIRED = kind(
    "precondition-required",
    428,
    Text("If-Match is required", "If-Match が必要です"),
    Text("Send the ETag that you have seen as If-Match.", "ETag を If-Match で送ってください。"),
)
INTERNAL_ERROR = Kind(
    "internal-error",
    500,
    Text("Something broke here", "内部エラー"),
    Text(
        "The log holds this incident under its number. The outcome is unknown.",
        "ログにこの事象の番号を記録しました。処理の結果は不明です。",
    ),
    Text(
        "Send the same request again: a repeat records nothing twice. Else tell the operator.",
        "同じリクエストを再送してください(二重には記録されません)。続く場合は運用担当者へ。",
    ),
    retryable=True,
)
UNSTORABLE = kind(
    "unstorable",
    500,
    Text("The store refuses this", "保存できませんでした"),
    Text("The database does not take it as it is.", "データベースが受け付けませんでした。"),
    ASK,
)
PROJECTION_BEHIND = kind(
    "projection-behind",
    503,
    Text("The answer is not ready yet", "読み取り側がまだ追い付いていません"),
    Text("Position {position} is not reached yet.", "位置 {position} にまだ達していません。"),
    RETRY,
)
STORE_UNAVAILABLE = kind(
    "store-unavailable",
    503,
    Text("The store cannot be reached", "データベースに接続できません"),
    Text(
        "Nothing was acknowledged. A repeat records nothing twice.",
        "受領の確認はしていません。再送しても二重には記録されません。",
    ),
    RETRY,
)
ISSUER_UNAVAILABLE = kind(
    "issuer-unavailable",
    503,
    Text("The token issuer cannot be reached", "トークン発行者に接続できません"),
    Text("The issuer's keys cannot be fetched.", "発行者の公開鍵を取得できません。"),
    RETRY,
)
NOT_READY = kind(
    "not-ready",
    503,
    Text("Not ready", "準備ができていません"),
    Text("failing names the checks that fail.", "failing に失敗した検査を示しました。"),
    RETRY,
)

KINDS: dict[str, Kind] = {
    found.suffix: found for found in tuple(globals().values()) if isinstance(found, Kind)
}
"""All kinds by suffix."""
