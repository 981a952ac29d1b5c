"""The request as it stands: the caller corrects it and sends another one."""

from api.problems.kind import RETRY, Text, kind

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
IDEMPOTENCY_KEY_MALFORMED = kind(
    "idempotency-key-malformed",
    400,
    Text("Idempotency-Key is no key", "Idempotency-Key の形式が正しくありません"),
    Text(
        "Send one key of 1 to 255 printable ASCII characters, as a string in quotes.",
        "印字可能な ASCII 1〜255 文字のキーを一つ、引用符で囲んで送ってください。",
    ),
)
IDEMPOTENCY_KEY_MISSING = kind(
    "idempotency-key-missing",
    400,
    Text("Idempotency-Key is missing", "Idempotency-Key がありません"),
    Text("This route demands the header Idempotency-Key.", "Idempotency-Key ヘッダーが必要です。"),
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
HEADERS_TOO_LARGE = kind(
    "headers-too-large",
    431,
    Text("Request Header Fields Too Large", "ヘッダーが大きすぎます"),
    Text(
        "The head of a request may have 64 KiB and 100 fields.",
        "リクエストのヘッダーは 64 KiB、100 項目までです。",
    ),
    Text("Send fewer or shorter header fields.", "ヘッダーを減らして送ってください。"),
)
REQUEST_TIMEOUT = kind(
    "request-timeout",
    408,
    Text("Request Timeout", "リクエストの受信に時間がかかりすぎました"),
    Text(
        "The head of the request did not arrive within 20 seconds.",
        "リクエストのヘッダーが20秒以内に届きませんでした。",
    ),
    RETRY,
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
    Text("The input is not what the contract says", "入力が契約（スキーマ）に合いません"),
    Text("errors names every defect.", "errors に全ての不備を示しました。"),
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
LOG_EPOCH_CHANGED = kind(
    "log-epoch-changed",
    422,
    Text("The position is of an earlier epoch of the log", "復元前のログの位置です"),
    Text(
        "Position {position} is beyond the head {head}: the ledger was restored to an older state,"
        " and epoch {epoch} of its log began. parted_after is the last position that both"
        " histories have, if known.",
        "位置 {position} は先頭の位置 {head} より先です。記録台帳は以前の状態に復元され、"
        "ログの第 {epoch} 期が始まりました。parted_after は、復元前と同じである最後の位置です"
        "（分かる場合）。",
    ),
    Text(
        "Read anew, and send again what was sent since then: see the operator's notice.",
        "改めて読み直し、以降に送ったものを再送してください（運用担当者の案内をご覧ください）。",
    ),
)
IDEMPOTENCY_KEY_REUSED = kind(
    "idempotency-key-reused",
    422,
    Text("Idempotency-Key was used for other content", "Idempotency-Key の再利用"),
    Text(
        "This client sent another request under the same key to this end point.",
        "このキーは、同じ宛先への別の内容のリクエストで使われています。",
    ),
    Text("Send it under a key of its own.", "新しいキーで送ってください。"),
)
IF_MATCH_MALFORMED = kind(
    "if-match-malformed",
    400,
    Text("If-Match is not one strong ETag", "If-Match の形式が正しくありません"),
    Text(
        "Send the one ETag that you have seen, in quotes; no weak tag, no list and no asterisk.",
        "取得した ETag を一つ、引用符付きのまま送ってください。W/ 付き、列挙、* は使えません。",
    ),
)
PRECONDITION_REQUIRED = kind(
    "precondition-required",
    428,
    Text("If-Match is required", "If-Match が必要です"),
    Text("Send the ETag that you have seen as If-Match.", "ETag を If-Match で送ってください。"),
)
