"""What a kind of problem is, and the texts that many kinds share (RFC 9457)."""

from dataclasses import dataclass

from ledger.law.notice_changes import CHANGE_VERDICTS

SECONDS_TO_RETRY = 1
"""`Retry-After` of every 503: a restart of PostgreSQL or a late projection takes about a second."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the two languages that the API speaks."""

    en: str
    ja: str

    def in_language(self, language: str) -> str:
        """The Japanese text for `ja`, else the English one."""
        return self.ja if language == "ja" else self.en


CORRECT = Text(
    "Correct the request; it fails again as it stands.",
    "リクエストを修正してください。同じ内容では再び失敗します。",
)
RETRY = Text(
    "Send the same request again after the time in Retry-After.",
    "Retry-After の時間が過ぎてから、同じリクエストを再送してください。",
)
READ_AGAIN = Text(
    "Read the present state and decide again.", "現在の状態を読み直し、改めて判断してください。"
)
ASK = Text("Ask the operator of the ledger.", "記録台帳の運用担当者に連絡してください。")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: a row of one of the tables `kinds`, `conflicts` and `faults`.

    Attributes:
        suffix: the `type` is `/problems/` and this.
        title_en, title_ja: the same for every occurrence.
        detail_en, detail_ja: of one occurrence; names in braces are members of the answer.
        remedy: what the client can do.
        members: attributes of the error that the answer carries.
        finer_codes: codes of errors that are of this kind, besides its own.
        repeatable: whether the same request can succeed later, where `remedy` is not `RETRY`.
    """

    status: int
    suffix: str
    title_en: str
    title_ja: str
    detail_en: str
    detail_ja: str
    remedy: Text = CORRECT
    members: tuple[str, ...] = ()
    finer_codes: tuple[str, ...] = ()
    repeatable: bool = False

    @property
    def type(self) -> str:
        """The problem type, a path on this server."""
        return f"/problems/{self.suffix}"

    @property
    def code(self) -> str:
        """The stable code of the kind; an answer may carry a finer one."""
        return self.suffix.upper().replace("-", "_")

    @property
    def title(self) -> Text:
        """What happened, in a word."""
        return Text(self.title_en, self.title_ja)

    @property
    def detail(self) -> Text:
        """What happened, with the names of members in braces."""
        return Text(self.detail_en, self.detail_ja)

    @property
    def retryable(self) -> bool:
        """Whether the same request can succeed later."""
        return self.repeatable or self.remedy is RETRY


DEFECTS_JA = {
    "SCHEMA": "項目の形式が契約（スキーマ）に合いません。",
    "BLANK": "空白など、見えない文字だけです。値を入れてください。",
    "CORPORATE_NUMBER_CHECK_DIGIT": "法人番号の検査用数字が一致しません。",
    "DATE_RANGE_REVERSED": "期間の初日が末日より後です。",
    "DATE_IN_FUTURE": "未来の日付です。",
    "CURSOR_NOT_OF_THIS_QUESTION": "この問い合わせの続きを示すカーソルではありません。",
    "MY_NUMBER_SHOWN": "個人番号（マイナンバー）を含んでいます。除いて送ってください。",
    "REPLY_ADDRESS_NOT_ALLOWED": "この請求者区分では選べない返送先です。",
    "REPLY_ADDRESS_MAY_BE_AGENTS": "返送先が任意代理人の住所と同じ可能性があります"
    "（都道府県名の有無や字体だけの違い、同じ番地の気付・様方）。任意代理人には送れません。"
    "別の返送先を選んでください。別の場所であるときは、双方の住所の正確な記載を確認してください。",
    "POSTMARK_AFTER_ARRIVAL": "消印日が到達日より後です。",
    "REPRESENTATION_UNCLEAR": "法定代理人の場合に限り、代理の種類を示してください。",
    "NOTHING_ASKED": "提供した記録、提供を受けた記録の少なくとも一方を選んでください。",
    "BEFORE_THE_REQUEST": "請求の到達日より前の日付です。",
    "BEFORE_THE_APPROVAL": "承認日より前の日付です。",
    "AFTER_THE_RESUMPTION": "誤った終了が取り消され、手続が再開した日より後の日付です。",
    "DATE_TOO_EARLY": "起算となる日より前の日付です。",
    "LATE_ENTRY_REASON_MISSING": "到達から31日を超えています。今受け付ける理由を記入してください。",
    "REPLACEMENT_MISSING": "重複登録の場合は、存続する案件を示してください。",
    "REPLACED_BY_ITSELF": "この案件自身は引継ぎ先にできません。",
    "REPLACEMENT_IN_ERROR": "誤登録として報告された案件は引継ぎ先にできません。",
    "REPLACEMENT_UNFIT": "引継ぎ先にできない案件です。この台帳の回答なしに終了した案件及び"
    "回答が返送されたまま終了した案件は選べません（別の窓口で回答した請求は、この案件も完了にしてください）。"
    "重複登録の場合は、種類が同じで、氏名又は識別子が一致し、"
    "生年月日が矛盾せず、識別子、請求の対象及び対象期間を全て含む案件を示してください。",
    "CASE_IN_ERROR": "誤登録として報告された案件です。存続する案件を示してください。",
    "TOO_FEW_TRIED": "記録が見つからない場合は、本人の識別子とするものを含め、"
    "2種類以上の識別子で探してください。「なし」「不明」などの語、電話番号・メールアドレスの形でない"
    "電話番号・メールアドレスは、種類に数えません。申請書の記載では特定できないときは、"
    "書類の確認で識別子（会員番号など、ご本人の記録を特定する番号）の記入漏れを登録し、補正を依頼してください。",
    "IDENTIFIES_NOBODY": "文字も数字もない識別子です（空白、目に見えない文字、記号のみ）。"
    "識別子を入力するか、除いてください。",
    "INVISIBLE_CHARACTER": "氏名、名称又は識別子が、目に見えない文字を含んでいます。"
    "同じに見えて別のものになるため、除いてください。"
    "申請書又は記録にあるときは、除いたものでも検索してください。",
    "TOO_MANY_LINES": "1,000人を超える本人の内容が変わるため、訂正できません。"
    "記録を取り消し、正しい内容で記録し直してください。",
    "KIND_UNKNOWN": "この台帳に登録されていない種類の識別子です。探した種類に数えられません。",
    "TRIED_HAS_RECORDS": "この識別子には記録があります。本人の識別子に加えるか、"
    "本人でない理由を示してください。",
    "TRIED_IS_LINKED": "この識別子は本人に紐付いています。本人の識別子に加えるか、"
    "先に紐付けを解いてください。",
    "FORM_IDENTIFIER_LEFT_OUT": "申請書の識別子です。本人のものか、探したものに入れてください。",
    "NAME_DIFFERS": "この識別子（紐付いた識別子を含む。）の記録に、申請書と異なる氏名があります。"
    "識別子を一字ずつ申請書と照合してください。本人のものである場合は、氏名が異なる理由"
    "（改姓、旧会員番号など）を識別子ごとに示してください。",
    "NOTHING_DIFFERS": "この識別子では、申請書と異なる氏名の記録は見つかっていません。"
    "理由を除いて送ってください。",
    "IDENTIFIER_NOT_NAMED": "本人のものとして示された識別子ではありません。",
    "IDENTIFIER_TWICE": "同じ識別子が二度あります。理由は識別子ごとに一つです。",
    "CANDIDATE_NOT_DECIDED": "申請書の氏名で、又は識別子の表記の違い"
    "（全角・半角、大文字・小文字、ハイフン）で、ほかの識別子の記録が見つかっています。候補ごとに、"
    "本人の識別子に加えるか、本人ではない理由を示してください。",
    "CANDIDATES_NOT_NARROWED": "申請書の氏名の方が候補の上限を超えています。"
    "表示されていない方がいずれも本人ではないと確かめた方法を示してください。",
    "NAMES_NOT_SEARCHED": (
        "氏名による検索をしていません。申請書の氏名に文字がないときは、ご本人の氏名を入力し、"
        "記録を特定し直してください。"
    ),
    "POINT_NOT_ANSWERED": "回答への影響の有無と理由を示してください。",
    "POINT_NOT_RESOLVED": "隔離中のデータ又は判定の見直しを待つ記録が回答に影響するときは、"
    "記録が存在しないとの決定はできません。隔離中のデータの修復若しくは破棄、又は判定の見直しの後に"
    "記録を特定し直すか、影響しない理由を記入してください。",
    "POINT_CHANGED": "確認した後に内容が変わりました。もう一度確認してください。",
    "SEARCH_TOO_OLD": "本人確認又は再開より前の時点では探せません。",
    "GROUND_NOT_ALLOWED": "この理由では不開示にできません。",
    "GROUND_II_ALONE": "守秘義務条項や件数の多さだけでは、業務の著しい支障になりません。",
    "CAUSE_UNKNOWN": "この根拠の事由として登録されていないコードです。",
    "REASON_MISSING": "不開示の理由を記入してください。",
    "NOT_OF_THIS_KIND": "この種類の請求では指定できません。",
    "OUTCOME_AND_GROUNDS": "結論と根拠が合いません。請求の全部に応じるときは根拠を除き、"
    "応じないものがあるときは根拠を示してください。保有していない場合など、全部に応じない根拠は、"
    "それだけを示してください。",
    "GROUND_UNKNOWN": "この種類の請求の根拠として法令に定められていないコードです。",
    "GROUND_TWICE": "同じ根拠が二度あります。",
    "OUTCOME_AND_INFORMATION": "結論と提供する情報が合いません。全部を提供するときは全ての事項の"
    "内容を、一部を提供するときは全ての事項を（提供しない事項は内容なしで）示し、"
    "提供しないときは除いてください。",
    "ITEM_TWICE": "同じ事項が二度あります。",
    "MEDIUM_NOT_ASKED": "書面を希望した方には書面で回答します。書面が困難な理由、又は請求者の"
    "同意を記入してください。",
    "MEDIUM_REASON_MISSING": "希望と異なる方法にする理由、又は請求者の同意を記入してください。",
    "RECORD_UNKNOWN": "特定された記録ではありません。",
    "RECORD_TWICE": "同じ記録又は同じ記録の同じ項目が二度あります。",
    "REPLY_UNKNOWN": "その番号の回答は発送されていません。",
    "REPLY_CAME_BACK": "その書面の返戻はすでに登録されています。返戻された書面を選んでください。",
    "ITEM_NUMBER_MALFORMED": "簡易書留の引受番号（11桁）を記入してください。",
    "ITEM_NUMBER_TWICE": "回答の引受番号と同じ番号です。パスワードのお知らせは、別の郵便で送り、"
    "その引受番号を記入してください。",
    "NO_MEDIUM": "媒体を送らない回答です。パスワードのお知らせは登録できません。",
    "ADDRESSEE_MISSING": "宛名又は住所が申請書の項目にありません。",
    "FORM_FIELD_UNKNOWN": "申請書の項目として定められていないコードです。",
    "NOT_ONE_CHARACTER": "一つの文字（異体字セレクタ、付いている記号などを含む。）"
    "を示してください。",
    "PRINTABLE_ALREADY": "書かれたとおりに印字できる文字です。",
    "UNPRINTABLE_BASE": "代わりの文字も印字できません。",
    "PLACEHOLDER": "記号、記号に見える字（口、一など）、空白、語句は代わりの文字にできません。"
    "漢字、仮名などの一字を示してください。",
    "OTHER_FAMILY": "もとの文字と別の字です。"
    "もとの文字の基本の字体を、印字できる記号は付けたまま示してください。",
    "SUBSTITUTE_TWICE": "同じ文字が二度あります。",
    "NOT_IN_THE_LETTERS": "この案件の書面に現れない文字です。除いて送ってください。",
    "NOT_IN_BULK": "継続的な提供（series）の一件は、1,000人以下の通常の送信で送ってください。",
    "NO_SUCH_PART": "予告されていない番号の分割です。",
    "MORE_THAN_ANNOUNCED": "予告された行数を超えています。",
    "LINE_TOO_LONG": "1行の上限（64 KiB）を超えています。",
    "CSV_HEADING": "1行目は見出しです。列名 scheme と id（必要に応じて name）を"
    "一度ずつ記載してください。",
    "CSV_FIELDS": "項目の数が見出しと一致しません。",
    "CSV_QUOTES": "引用符の使い方が RFC 4180 に合いません。",
    "NOT_UTF8": "UTF-8 ではありません。",
    "NOT_JSON": "JSON として読み取れません。",
    "GLYPH_MISSING": "書かれたとおりに印字できない文字があります。",
    "NOT_A_JOINT_USER": "この版の「共同して利用する者の範囲」にない識別名です。",
    "CONTROL_CHARACTER": "制御文字など、使えない文字を含んでいます。除いて送ってください。",
    "NOT_STATABLE": "JSON で表せない値です。",
    "SUBJECT_IS_PERSON": "subject には一括処理やデータセットの名称を示してください。"
    "本人を示すものは書けません。",
    "CASE_UNKNOWN": "該当する案件がありません。",
    "KIND_TWICE": "同じ封筒の別の案件で、同じ種類の請求が登録されています。",
    "NOT_THE_SAME_ENVELOPE": "同じ封筒の案件は、同じ方の請求に限ります。内容が異なります。",
    "NO_PAPERS": "引き継ぐことのできる書類の確認が登録されていません。",
    "POSITION_BEYOND_HEAD": "台帳の末尾より後の位置です。",
    "RECORDS_OF_NOBODY": "記録が見つかった場合は、本人の識別子を示してください。",
    "ITEM_UNKNOWN": "この記録又は請求にない項目です。",
    "MEASURE_UNKNOWN": "この種類の請求の措置として法令に定められていないコードです。",
    "MEASURE_TWICE": "同じ措置が二度あります。",
    "MEASURE_OF_NOBODY": "停止は本人ごとに行います。本人の識別子を示してください。",
    "PARTY_NOT_OF_A_STOP": "提供先を限ることができるのは、第三者提供の停止だけです。",
    "WHAT_MISSING": "内容を文章で記入してください。書面に記載されます。",
    "OUTCOME_AND_MEASURES": "結論と措置が合いません。請求に応じる場合はその措置を示し、"
    "応じない場合は除いてください。",
    "NOT_A_CAUSE": "この記録に関わる、判定より後の事実の位置を示してください。",
    "SERIES_FIXED": "一連の提供（series）に属する一件は、属する先を変えられません。"
    "記録を取り消し、改めて記録してください。",
    "TRANSFER_UNKNOWN": "その番号の記録はありません。",
    "REPAIR_OF_ANOTHER": "受け付けられなかった項目の source と id は変えられません。",
    "CONTENT_UNOPENED": "保存された内容を開けません。壊れているか、書き換えられています。"
    "送信元に再送を依頼し、二人で破棄してください。",
    "REPAIR_KNOWN": "この source と id の記録は既にあります。不要な項目は二人で破棄します。",
    "HOLD_NAMES_NOTHING": "記録又は本人を示してください。",
    "HOLD_NAMES_BOTH": "記録と本人の双方は示せません。保全を二つに分けてください。",
    "SAME_IDENTIFIER": "異なる二つの識別子を示してください。",
    "EXCLUSION_NAMES_NOTHING": "記録の番号又は位置を示してください。",
    "RANGE_EMPTY": "範囲の終わりが始めより前です。位置は1から数えます。",
    "NOT_A_RECORD": "記録のある位置ではありません。範囲は、記録のある位置で始まり、終わります。",
    "GROUND_MISSING": "個人情報の保護に関する法律施行令第11条の第何号に当たるかを示してください。",
    "GROUND_NOT_WANTED": "除外を解くときは、根拠を除いて送ってください。",
    "SEVERAL_PERSONS": "複数の方に関わる記録です。どの方についてかを principal で示すか、"
    "全員についてであることを for_all_persons で示してください。",
    "SAYS_FOR_WHOM_TWICE": "どの方についてかは、principal、person、for_all_persons の"
    "いずれか一つで示してください。",
    "PERSON_NOT_WANTED": "除外するときは、識別子（principal）で本人を示してください。",
    "PRINCIPAL_NOT_NAMED": "示された記録に、この方は含まれていません。",
    "LIFT_OF_MANY": "全員について除外されており、人数が多いため、一人について解くことはできません。"
    "全員について解き、引き続き除外する方ごとに除外し直してください。",
    "PERIOD_REVERSED": "期間の終わりが始めより前です。",
    "SOURCE_TAKEN": "同じ期間に、同じ source 又はその上位若しくは下位の source を持つ"
    "送信元があります。",
    "COVERAGE_NOT_OVER": "日本時間で終わった日だけを対象にできます。",
    "COVERAGE_BEFORE_SINCE": "送信元の初日より前の日です。",
    "COVERAGE_AFTER_UNTIL": "送信元の最終日より後の日です。",
    "COVERAGE_COUNT_OF_NOTHING": "申告を取り消す日に件数は示せません。",
    "CLOSE_NOT_OVER": "日本時間で終わった日だけを締めることができます。",
    "CLOSE_TOO_LONG_AGO": "締めることのできる期間より前の日です。"
    "完了した日として申告してください。",
    "CLOSE_BEFORE_SINCE": "送信元の初日より前の日です。",
    "CLOSE_AFTER_UNTIL": "送信元の最終日より後の日です。",
    "CLOSE_SOURCE_NOT_OWN": "この送信元の source ではありません。",
    "CLOSE_ID_TWICE": "同じ id が二度あります。",
    "CLOSE_COUNT_MISMATCH": "示された id が件数より多くあります。",
    "CLOSE_HASH_MISMATCH": "示された id のハッシュと一致しません。",
    "CLOSE_IDS_NEEDED": "検索用の表を作り直している間は、"
    "全ての id を示した場合に限り照合できます。",
    "NOTICE_KIND_DIFFERS": "この notice_id は別の種類の通知のものです。別の notice_id を"
    "使ってください。",
    "VERSION_MISSING": "版がありません。先に版を公表するか、変更する版と併せて示してください。",
    "VERSION_NOT_LATER": "公表の日の翌日以後で、それまでの全ての版より後の日から始めてください。",
    "REQUEST_ARRIVED_SINCE": "その日以後に請求が到達しています。"
    "公表の日より後の日から始めてください。",
    "ROW_MISSING": "この版の初日から有効な行がありません。",
    "ROWS_HAVE_GAP": "有効な行のない日があります。",
    "ROWS_OVERLAP": "同じ日に有効な行又は版が二つあります。",
    "DOCUMENT_UNKNOWN": "documents にないコードです。",
    "JU_CHANGE_NOT_ALLOWED": CHANGE_VERDICTS["JU_CHANGE_NOT_ALLOWED"].explanation_ja,
    "JU_CHANGE_NOT_ANNOUNCED_BEFORE": CHANGE_VERDICTS[
        "JU_CHANGE_NOT_ANNOUNCED_BEFORE"
    ].explanation_ja,
}
"""Japanese details of defects by code; a code without one keeps its English detail."""
