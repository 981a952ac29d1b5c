"""An export cannot be handed out or deleted as it was asked: 409, 416."""

from api.problems.kind import Text, kind

EXPORT_STATE = kind(
    "export-state",
    409,
    Text("The export is not at this step", "この状態の持出しデータでは行えません"),
    Text(
        "The export is {state}: its bag is handed out once it is ready, and nothing is deleted "
        "while it is made.",
        "持出しデータは {state} です。取得できるのは作成の完了後（ready）です。"
        "作成中は削除できません。",
    ),
    Text(
        "Ask for its state until it is ready. One that failed is asked for anew; `error` says why.",
        "ready になるまで状態を確認してください。failed のときは、error の内容に対処のうえ、"
        "改めて作成を依頼してください。",
    ),
)
RANGE_NOT_SATISFIABLE = kind(
    "range-not-satisfiable",
    416,
    Text("There is no such part of the file", "指定された範囲がありません"),
    Text("The file has {bytes} bytes.", "ファイルの大きさは {bytes} バイトです。"),
    Text(
        "Ask for a part that begins within the file, or for the whole file.",
        "ファイルの範囲内から始まる部分、又は全体を指定してください。",
    ),
)
