"""A mistake of the desk cannot be settled as it was asked, or has to be settled first: 409."""

from api.problems.kind import Text, kind

MISTAKE_REPORTED = kind(
    "mistake-reported",
    409,
    Text("A mistake of this case is reported", "この案件の誤りが報告されています"),
    Text(
        "Nothing else is done before a second person confirms or dismisses the report.",
        "二人目が報告を確認又は却下するまで、他の手続は行えません。",
    ),
    Text(
        "Confirm it (mistake-confirmation) or dismiss it (mistake-dismissal).",
        "報告を確認（mistake-confirmation）又は却下（mistake-dismissal）してください。",
    ),
)
CASE_EXPIRING = kind(
    "case-expiring",
    409,
    Text("The case is kept no longer", "案件の保存期間が満了しています"),
    Text(
        "It ended three years ago and is destroyed by now: it cannot go on.",
        "終了から3年の保存期間が満了し、消去されるため、再開できません。",
    ),
    Text("Take the request in as a new case.", "新しい案件として受け付けてください。"),
)
REPLACEMENT_UNFIT = kind(
    "replacement-unfit",
    409,
    Text("The request cannot go on in that case", "引継ぎ先の案件が使えません"),
    Text(
        "The case that was named is a mistake itself, ended without a reply or with one that came"
        " back, is another request, or asks for less; reasons says which.",
        "引継ぎ先とされた案件が、誤登録であるか、回答なしに若しくは回答が返送されたまま終了して"
        "いるか、別の請求であるか、識別子、請求の対象若しくは対象期間が不足しています"
        "（reasons を参照）。",
    ),
    Text(
        "Dismiss the report, and report it again with the case that stays.",
        "報告を却下し、存続する案件を示して改めて報告してください。",
    ),
)
OWN_STOP_STANDS = kind(
    "own-stop-stands",
    409,
    Text("A stop of this case stands", "この案件による停止が有効です"),
    Text(
        "The case put a stop in place; ending it as a mistake would not lift the stop.",
        "この案件により停止が行われています。誤登録としても停止は解除されません。",
    ),
    Text(
        "Lift the stop first: POST /v1/directives/lifted.",
        "先に停止を解除してください（POST /v1/directives/lifted）。",
    ),
)
