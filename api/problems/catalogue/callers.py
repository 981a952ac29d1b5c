"""Who is calling, may they, and is there anything here for them: 401, 403, 404."""

from api.problems.kind import ASK, Text, kind

UNAUTHENTICATED = kind(
    "unauthenticated",
    401,
    Text("Who is calling?", "認証が必要です"),
    Text(
        "Send a valid, unexpired key or access token as Authorization: Bearer.",
        "有効なAPIキーまたはアクセストークンを Authorization: Bearer で送ってください。",
    ),
)
PROOF_REFUSED = kind(
    "proof-refused",
    401,
    Text("The proof of who holds the key is missing or wrong", "鍵の所持を確認できません"),
    Text(
        "A key or token that is bound to a key pair is sent as Authorization: DPoP with a proof for"
        " this very request (RFC 9449), any other as Bearer. What failed: {check}.",
        "鍵ペアに結び付けられたAPIキー・アクセストークンは、リクエストごとの証明（RFC 9449）と共に"
        " Authorization: DPoP で、それ以外は Bearer で送ってください。確認できない項目: {check}",
    ),
)
SCOPE_MISSING = kind(
    "scope-missing",
    403,
    Text("A scope is missing", "権限（スコープ）がありません"),
    Text("The caller lacks the scope {scopes}.", "スコープ {scopes} がありません。"),
    ASK,
)
PERSON_UNKNOWN = kind(
    "person-unknown",
    403,
    Text("It is not known which person calls", "担当者を特定できません"),
    Text(
        "An act of two persons, and the steps of a case, need a key or an access token that names"
        " one person: a key with --person, a token with the claim of the person's code.",
        "請求の手続と二人で行う操作には、担当者を特定できるAPIキー（--person）又はアクセストークン"
        "（担当者コードのクレーム）が必要です。",
    ),
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
