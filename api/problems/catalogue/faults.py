"""Something here does not work: the caller waits, or tells whoever operates the ledger."""

from api.problems.kind import ASK, RETRY, ProblemKind, Text, kind

INTERNAL_ERROR = ProblemKind(
    "internal-error",
    500,
    Text("Something broke here", "内部エラー"),
    Text(
        "The log holds this incident under its number. The outcome is unknown.",
        "ログにこの事象の番号を記録しました。処理の結果は不明です。",
    ),
    Text(
        "Send the same request again: a repeat records nothing twice. Else tell the operator.",
        "同じリクエストを再送してください（二重には記録されません）。続く場合は運用担当者へ。",
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
CHECKPOINT_PENDING = kind(
    "checkpoint-pending",
    503,
    Text("The log has not been signed that far yet", "ログへの署名がまだそこまで進んでいません"),
    Text(
        "The next checkpoint comes within seconds.",
        "次のチェックポイントは数秒以内に作られます。",
    ),
    RETRY,
)
LOG_DIFFERS = kind(
    "log-differs",
    503,
    Text("The signed log is not of what is recorded here", "署名されたログと記録が一致しません"),
    Text(
        "The ledger was restored from an older state, or the log's files were changed. Nothing is"
        " proven until its operator has acted.",
        "台帳が以前の状態に復元されたか、ログのファイルが変更されています。"
        "運用担当者が対処するまで、証明はお渡しできません。",
    ),
    ASK,
)
NAMES_OUTDATED = kind(
    "names-outdated",
    503,
    Text("Names cannot be searched yet", "氏名による検索はまだできません"),
    Text(
        "The read side must be built anew: `ledger projections rebuild`.",
        "読み取り側の再構築（`ledger projections rebuild`）が必要です。",
    ),
    ASK,
)
FINDINGS_OUTDATED = kind(
    "findings-outdated",
    503,
    Text("Findings cannot be listed yet", "所見の一覧はまだ表示できません"),
    Text(
        "The read side must be built anew: `ledger projections rebuild`.",
        "読み取り側の再構築（`ledger projections rebuild`）が必要です。",
    ),
    ASK,
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
RENDERING_UNAVAILABLE = kind(
    "rendering-unavailable",
    503,
    Text("The document could not be set", "文書を作成できませんでした"),
    Text(
        "The process that sets documents ended or took too long. Nothing was recorded.",
        "文書を作成する処理が途中で終了したか、時間内に終わりませんでした。何も記録していません。",
    ),
    RETRY,
)
TOO_BUSY = kind(
    "too-busy",
    503,
    Text("Too much of this kind of work is under way", "同じ種類の処理が混み合っています"),
    Text(
        "As many requests of this kind are under way as may be at once, in all or of this caller. "
        "Nothing of this one was kept.",
        "同時に処理できる件数（全体又は呼出元ごと）に達しているため、処理していません。"
        "送信された内容は保存していません。",
    ),
    RETRY,
)
EXPIRY_DISTURBED = kind(
    "expiry-disturbed",
    503,
    Text("What was due is still in use", "消去対象に更新がありました"),
    Text(
        "What was about to be destroyed changed meanwhile. Nothing was destroyed.",
        "消去しようとした記録がその間に更新されました。何も消去していません。",
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
