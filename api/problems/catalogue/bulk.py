"""A bulk transfer is not taken in or recorded as it was sent: 409, 415, 422."""

from api.problems.kind import CORRECT, ProblemKind, Text, kind

BULK_CLOSED = kind(
    "bulk-closed",
    409,
    Text("The bulk transfer takes nothing more", "この一括送信は受付を終えています"),
    Text(
        "The bulk transfer is {bulk_state}: parts are taken and it can be aborted until its commit "
        "begins, and one that was aborted is not recorded.",
        "一括送信は {bulk_state} です。分割の受付と取消しは、確定（commit）の開始前に限ります。"
        "取り消したものは記録されません。",
    ),
    Text(
        "Read its state. To send it anew, begin another one under the same source and id.",
        "状態を確認してください。送り直すときは、同じ source と id で新たに開始してください。",
    ),
)
BULK_RUNS = ProblemKind(
    "bulk-runs",
    409,
    Text("The commit is on its way", "確定の処理中です"),
    Text(
        "This commit, or that of the same transfer sent twice, is carried out right now.",
        "この一括送信（又は同じ内容の一括送信）の確定を処理しています。",
    ),
    Text(
        "Ask again in a moment: the answer is that of the first commit.",
        "しばらくしてから再度お試しください。最初の確定と同じ結果が返ります。",
    ),
    retryable=True,
)
TOO_MANY_UPLOADS = kind(
    "too-many-uploads",
    409,
    Text("Too many bulk transfers are under way", "受付中の一括送信が多すぎます"),
    Text(
        "This sender has {count} bulk transfers that still take parts, and may have no more; "
        "`uploads` names them, the oldest first.",
        "この送信元には、分割を受付中の一括送信が既に {count} 件あり、これ以上は開始できません。"
        "uploads に古い順で示しました。",
    ),
    Text(
        "Commit one of them, or abort it with DELETE. One that is left alone ends after 7 days.",
        "いずれかを確定（commit）するか、DELETE で取り消してください。放置したものは7日後に"
        "失効します。",
    ),
)
_SEND_PARTS = Text(
    "Send the parts as they were announced and commit again, or begin anew.",
    "予告のとおりに分割を送って再度確定するか、新たに開始してください。",
)
PARTS_MISSING = kind(
    "parts-missing",
    409,
    Text("Parts are missing", "分割が足りません"),
    Text(
        "{count} parts that were announced are not there; `missing` names them, 100 at most.",
        "予告された分割のうち {count} 件が届いていません。番号（最大100件）は missing にあります。",
    ),
    _SEND_PARTS,
)
LINES_DIFFER = kind(
    "lines-differ",
    409,
    Text("The number of lines is another one", "行数が予告と異なります"),
    Text(
        "{announced} lines were announced, and {found} are there.",
        "予告は {announced} 行ですが、{found} 行あります。",
    ),
    _SEND_PARTS,
)
CONTENT_DIFFERS = kind(
    "content-differs",
    409,
    Text("The parts are other ones", "内容が予告と異なります"),
    Text(
        "The parts are all there, and their hash is not the one that was announced.",
        "分割はそろっていますが、ハッシュ値が予告と一致しません。",
    ),
    _SEND_PARTS,
)
PART_DIFFERS = kind(
    "part-differs",
    422,
    Text("The part is not what its hash says", "分割の内容がハッシュ値と一致しません"),
    Text(
        "What arrived has another hash than `Unencoded-Digest` states; nothing of it was kept.",
        "届いた内容のハッシュ値が Unencoded-Digest と一致しません。保存していません。",
    ),
    Text("Send the part again.", "分割を再送してください。"),
)
PART_UNREADABLE = kind(
    "part-unreadable",
    422,
    Text("The part cannot be read", "分割を読み取れません"),
    Text(
        "Nothing of the part was kept: {reason}. `not_compressed`: it is not in the coding that "
        "Content-Encoding states; `truncated`: it ends too early; `damaged`: it does not unpack, "
        "or needs a zstd window of more than 8 MiB; `trailing`: something else follows; "
        "`expands_too_much`: it unpacks to more than 500 times its size; `too_many_frames`: it has "
        "more than 10,000 members of gzip or frames of zstd, empty ones too; `too_long`: it has "
        "more bytes than a part may have.",
        "分割を保存していません（{reason}）。"
        "not_compressed は Content-Encoding の示す形式でないこと、"
        "truncated は途中で終わっていること、damaged は展開できないこと（8 MiB を超える zstd の"
        "ウィンドウを含む。）、trailing は後ろに別のデータがあること、expands_too_much は展開後が"
        "500倍を超えること、too_many_frames は gzip のメンバー又は zstd のフレームが（空のものを"
        "含めて）10,000を超えること、too_long は1分割の上限を超えることを表します。",
    ),
    CORRECT,
)
UNSUPPORTED_CODING = kind(
    "unsupported-coding",
    415,
    Text("Unsupported content coding", "対応していない圧縮形式"),
    Text(
        "Content-Encoding is none of those that Accept-Encoding of this answer names.",
        "この Content-Encoding には対応していません。この応答の Accept-Encoding をご覧ください。",
    ),
)
