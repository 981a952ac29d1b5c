"""VERIFY.ja.md: what lies in the bag and how to check it, for who never saw a program.

Nothing in it depends on what was found, only on what was asked for.
"""

from collections.abc import Collection
from typing import Final

from ledger.exports.filters import Filters

_TEXT: Final = """# この袋の確かめ方

この袋(フォルダー又は zip ファイル)は、第三者提供記録等の写しです。台帳のイベント {size} 件までの
状態を示します。ネットワークに接続していないパソコンで確かめられます。

## 確かめる手順

1. Python(3.9 以降)が入ったパソコンに、袋を置きます。追加のソフトウェアは要りません。
2. 端末(コマンドプロンプト)で、袋のあるフォルダーに移動し、次のように入力します。

       python3 verify.py .

   Windows では `python3` の代わりに `py` と入力します。
   `verify.py` は袋の中のものではなく、別の経路で受け取ったものを使うほうが確実です。
{key}
## 結果の読み方

| 終了コード | 意味 |
| --- | --- |
| 0 | 全て一致し、渡された鍵で署名されています。 |
| 5 | 食い違いはありません。ただし、公表された鍵による署名は確かめていません。 |
| 10 | 内容が書き換えられたか、裏付けのない記載があります。どのファイル、記録かを表示します。 |
| 20 | 足りないものがあります。何が足りないかを表示します。 |
| 30 | この検証器の知らない版です。新しい検証器を受け取ってください。 |
| 40 | 署名又はタイムスタンプを確認できません。鍵が正しいかを事業者に確かめてください。 |

最初に、どのような条件で抽出した袋かを表示します。結果は、その条件についてのものです。
「証明できません」「証明できず」と表示されたものは、誤りではなく、確かめられる範囲の外にあるものです。

## 袋の中身

| ファイル | 内容 |
| --- | --- |
| data/report.pdf | 報告書(要約。最初にお読みください) |
| data/records.xlsx | 記録の一覧(Excel 形式。内容は次と同じ) |
| data/records.csv | 記録の一覧(表計算ソフトで開けます) |
| data/records.ndjson | 記録の全部の版と、その証明(1行に1件) |
| data/filters.json | 抽出の条件、載せていないものとその理由 |
| data/counts.json | 件数 |
| data/versions.json | 適用した法令の版など |
| data/requests.json | 開示等の請求の件数(少数の件数は伏せています) |
| data/coverage.json | 発信元ごとの、全てを送信したことの申告と、日ごとの照合で不足していた日 |
| data/proofs/leaves.bin | 台帳の全イベントのハッシュ値(1件 32 バイト) |
{proofs}{notes}
表では、セルの先頭又は区切り記号(`,` `;` `|`、タブ、改行)の後で数式として実行され得る文字の前に
`'` を付けています。「訂正等の回数」は、訂正、法的な位置付けの変更及び取消しの回数です。「状態」の
「記録中」は、本人が多数の記録のうち、まだ全部の記録を終えていないものです。

記録の一覧の「義務」と「記録の方法」の欄は、ログに登録された語のままです。意味は次のとおりです。

| 欄 | 語 | 意味 |
| --- | --- | --- |
| 義務 | art29 | 提供の記録(法第29条) |
| 義務 | art30 | 提供を受ける際の記録(法第30条) |
| 義務 | art31_provider | 個人関連情報の提供の記録(法第31条) |
| 義務 | none | 記録の義務なし |
| 記録の方法 | individual | 都度作成 |
| 記録の方法 | collective | 一括して作成 |
| 記録の方法 | contract | 契約書等をもって代える |
"""
_KEY: Final = """
3. 事業者が公表した公開鍵(`名前+番号+文字列`)をお持ちのときは、次のように指定してください。

       python3 verify.py . --key "公開鍵"

4. 以前のチェックポイント又は袋をお持ちのときは、台帳が書き換えられていないかを比べられます。

       python3 verify.py . --checkpoint 以前の袋

   障害からの復旧により、台帳のログの名前や鍵が以前のものから替わっているときは、以前の公開鍵を
   `--checkpoint-key` で指定してください。
{cosigned}{stamped}"""
_COSIGNED: Final = """
5. この袋には、台帳のログを見届けた証人の署名があります。信頼する証人の公開鍵、又は方針の
   ファイルをお持ちのときは、次のように指定してください。署名した証人の数を表示します。

       python3 verify.py . --witness "証人の公開鍵"
       python3 verify.py . --policy 方針のファイル
"""
_NOT_COSIGNED: Final = """
この袋に、証人の署名はありません。事業者が、ほかの人に別の履歴を示していないことは、以前の
チェックポイント又は袋と比べて確かめてください。
"""
_STAMPED: Final = """
この袋には、時刻認証局のタイムスタンプがあります。`verify.py` は、タイムスタンプの対象がこの台帳の
ログであることを確かめ、記載された時刻を表示しますが、時刻認証局の署名は確かめません。次のように
確かめてください。

       openssl ts -verify -data data/proofs/stamped -in data/proofs/timestamp.tsr -CAfile CA.pem

認証局の証明書(CA.pem)は、袋とは別の経路で受け取ってください。
"""
_NOT_STAMPED: Final = """
この袋に、タイムスタンプはありません。時刻は、台帳の記載によるものだけです。
"""
_UNSIGNED: Final = """
この台帳には署名がありません。袋の中での食い違いは分かりますが、袋の全部が作り直された場合は
分かりません。
"""
_SIGNED_FILES: Final = """| data/proofs/checkpoint | 署名されたチェックポイント |
| data/proofs/key.txt | 公開鍵 |
"""
_OTHERS_FILES: Final = {
    "cosigned": "| data/proofs/cosigned | 証人が署名したチェックポイント |\n",
    "stamped": (
        "| data/proofs/stamped | タイムスタンプの対象のチェックポイント |\n"
        "| data/proofs/timestamp.tsr | タイムスタンプ(RFC 3161) |\n"
    ),
}
_PSEUDONYMS: Final = """
本人は、この袋限りの仮名で示しています。同じ記録を載せた別の袋を持つ方は、その記録の位置と行の番号から、
二つの仮名が同じ方のものと分かります(本人を示す袋と合わせれば、どなたかも分かります)。同じ記録が
なくても、記録の内容や共通点(年月日、指摘、本人の並び順、一連の記録や事案の鍵など)から推測できることが
あります。袋を二つ以上渡し、又は受け取るときは、御注意ください。
"""
_POSITIONS: Final = """
各記録には、台帳での位置を示しています。同時に記録されたものの位置は続くため、その間の位置が抜けていれば、
この袋に載せていない記録があると分かり、存否を明らかにしないために除いたものと推測できることがあります。
"""
_WHOLE_FILES: Final = (
    "| data/proofs/headers.ndjson | 台帳の全イベントの見出し(個人を示しません) |\n"
)


def guide(
    filters: Filters, size: int, *, is_signed: bool, by_others: Collection[str] = ()
) -> bytes:
    """The page of one bag.

    Args:
        size: position of the ledger that it shows.
        by_others: `cosigned` and `stamped`, where the log is.
    """
    proofs = (_SIGNED_FILES if is_signed else "") + (_WHOLE_FILES if filters.whole else "")
    proofs += "".join(text for name, text in _OTHERS_FILES.items() if name in by_others)
    others = {
        "cosigned": _COSIGNED if "cosigned" in by_others else _NOT_COSIGNED,
        "stamped": _STAMPED if "stamped" in by_others else _NOT_STAMPED,
    }
    key = _KEY.format(**others) if is_signed else _UNSIGNED
    pseudonyms = "" if filters.identified else _PSEUDONYMS
    notes = pseudonyms + ("" if filters.whole else _POSITIONS)
    return _TEXT.format(size=size, key=key, proofs=proofs, notes=notes).encode()
