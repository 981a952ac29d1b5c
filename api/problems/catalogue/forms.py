"""What a page sends: whoever sits before it goes back, or opens it anew."""

from api.problems.kind import Text, kind

FORM_UNREADABLE = kind(
    "form-unreadable",
    400,
    Text("The form cannot be read", "入力を読み取れません"),
    Text(
        "A form of a page has up to 1,000 fields and 1 MiB, in UTF-8. Go back and shorten it.",
        "画面の入力は、1,000項目、1 MiB まで、UTF-8 です。"
        "ブラウザで前の画面に戻り、入力を短くして、もう一度送信してください。",
    ),
)
UPLOAD_UNREADABLE = kind(
    "upload-unreadable",
    400,
    Text("The file did not arrive whole", "ファイルを受け取れませんでした"),
    Text(
        "The form with the file ends too early, or is none. Send the file again.",
        "ファイルが最後まで届きませんでした。前の画面に戻り、ファイルを選び直して、もう一度送信してください。",
    ),
)
FORM_SENT_OTHERWISE = kind(
    "form-sent-otherwise",
    422,
    Text("The form was sent with other content", "この画面は、別の内容で送信済みです"),
    Text(
        "This form was carried out with what it said before. Open the page anew.",
        "この画面は、前に送信した内容で既に登録しました。今回の内容は登録していません。"
        "画面を開き直し、今の状態を確かめてください。",
    ),
)
FORM_UNSETTLED = kind(
    "form-unsettled",
    409,
    Text("What became of the form is not known", "前の送信の結果が分かりません"),
    Text(
        "Whether what this form said before was carried out is not known yet. Open the page anew.",
        "この画面から前に送信した内容が登録されたかどうか、まだ分かりません。"
        "今回の内容は登録していません。画面を開き直し、今の状態を確かめてください。",
    ),
)
