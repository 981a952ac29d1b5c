"""Checks an export of the ledger, offline: `python3 verify.py BAG [--key KEY] [--checkpoint OLD]`.

Python 3.9 or newer, nothing else. BAG is the folder or its zip; KEY is the log's public key as the
business operator handed it out before; OLD is an earlier checkpoint, or an earlier bag. When OLD is
of a former epoch of the log, `--checkpoint-key` takes the key that the log had then. `--witness`
takes the key of a witness that you know (again for each), `--policy` a file of C2SP tlog-policy.

Ends with 0 all good · 5 consistent, but nobody has signed for it: no key was given, and no policy
that names the log · 10 a hash differs · 20 something is missing · 30 unknown version · 40 a
signature or a time stamp · 2 asked in a wrong way. What cannot be proven is said in words; so is
the command that checks a time stamp's authority, which needs RSA and certificates, which the
standard library has not. It is one file, so that whoever must trust it reads it in one go.

Source: RFC 8493; RFC 6962; RFC 8032; RFC 3161; C2SP signed-note, tlog-cosignature, tlog-policy; the
ledger's event format, sections 1 to 3.
"""

from __future__ import annotations

import sys

if (found := sys.version_info) < (3, 9):  # it needs Python 3.9 or newer: 3.9 以降が必要です
    print("Python 3.9 以降が必要です / it needs Python 3.9 or newer:", *found[:2])  # noqa: T201 -- as it must
    sys.exit(2)
if __name__ == "__main__" and __file__.startswith(sys.path[0]):
    del sys.path[0]  # the folder of the bag, maybe, whose `json.py` is no part of Python

import hashlib
import hmac
import io
import json
import re
import shlex
import struct
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import chain, combinations, islice, product
from pathlib import Path
from typing import Any, NoReturn, Optional

GOOD, USAGE, CONSISTENT, HASH, MISSING, VERSION, SIGNATURE = 0, 2, 5, 10, 20, 30, 40
FORMATS = ("ppl-export/1", "ppl-export/2", "ppl-export/3")  # 1: no witnesses, no time stamps
BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAGMANIFEST, MANIFEST, INFO = "tagmanifest-sha256.txt", "manifest-sha256.txt", "bag-info.txt"
TAGS = ("VERIFY.ja.md", INFO, "bagit.txt", MANIFEST, "verify.py")
BAG_NOTE = "bag-signature.txt"
LABELS = ("Bag-Software-Agent", "Bagging-Date", "External-Identifier", "Payload-Oxum")
FILES = """filters.json counts.json versions.json requests.json records.ndjson records.csv
        proofs/leaves.bin proofs/headers.ndjson proofs/checkpoint proofs/key.txt proofs/cosigned
        proofs/stamped proofs/timestamp.tsr coverage.json records.xlsx report.pdf"""
PAYLOAD = ["data/" + name for name in FILES.split()]  # a bag holds no other file
FILTERS, COUNTS, VERSIONS, REQUESTS, RECORDS, TABLE, LEAVES, HEADERS, *_ = PAYLOAD
NOTE, KEY, COSIGNED, STAMPED, STAMP = PAYLOAD[8:13]
LARGE = {RECORDS, TABLE, LEAVES, HEADERS, *PAYLOAD[13:]}  # the other files are read as one
RECORDED = ("provision", "receipt", "referable-provision", "joint-use-transfer", "exempt-transfer")
FIRST_TYPES = frozenset(name + "-recorded" for name in RECORDED)
CHANGES = ("transfer-corrected", "transfer-reclassified")
FACT_TYPES = FIRST_TYPES | {*CHANGES}
RETRACTED, SETTLED = "transfer-retracted", "transfer-findings-settled"
TOLD = {**dict.fromkeys(CHANGES, "removed reason"), RETRACTED: "reason"}
TOLD[SETTLED] = "action codes reason"
STATUSES = {"standing": "有効", "begun": "記録中", "retracted": "取消", "destroyed": "廃棄"}
SIDES = {"provided": "提供", "received": "受領"}
WITHHELD = {"name": "(個人)"}  # in the table, in place of an individual
NAMES = "first last counterparty bases findings source identifiers case"
LABELLED = "初日 末日 相手方 根拠 指摘 発信元 本人の識別子の数 事案"
ASKED = dict(zip(NAMES.split(), LABELLED.split()))  # noqa: B905 -- Python 3.9
BASES = """consent_27_1 本人の同意 consent_28_1 外国にある第三者への提供の同意 opt_out_27_2 オプトアウト personally_referable_31_1 個人関連情報 non_operator_source 事業者でない者からの受領 joint_use_27_5_iii 共同利用 entrustment_27_5_i 委託 succession_27_5_ii 事業の承継 exempt_27_1_i 法令に基づく場合 exempt_27_1_ii 生命・身体・財産の保護 exempt_27_1_iii 公衆衛生・児童の健全な育成 exempt_27_1_iv 国の機関等への協力 exempt_27_1_v 学術研究の成果の公表・教授 exempt_27_1_vi 学術研究機関等との共同研究 exempt_27_1_vii 学術研究機関等への提供 on_behalf_of_principal 解釈による適用除外 not_applicable 個人データでない none 根拠なし"""  # noqa: E501 -- a sentence or a list is one line
FINDINGS = """NO_VALID_BASIS 根拠なし CONSENT_NOT_OBTAINED 同意なし CONSENT_AFTER_TRANSFER 事後の同意 CONSENT_WITHDRAWN 同意の撤回後の提供 ART28_CONSENT_MISSING 外国第三者提供の同意なし JU_NO_NOTICE 共同利用の公表なし JU_BEFORE_START 共同利用の開始前 JU_RECIPIENT_OUT_OF_SCOPE 利用者の範囲外 JU_ITEM_OUT_OF_SCOPE 項目の範囲外 JU_PURPOSE_OUT_OF_SCOPE 目的の範囲外 JU_PURPOSE_NOT_YET_ANNOUNCED 後の版にのみある目的 ENTRUSTMENT_SCOPE_EXCEEDED 委託の範囲外 OPT_OUT_NOT_FILED オプトアウトの届出なし OPT_OUT_BEFORE_START 届出・通知の前の提供 OPT_OUT_ITEM_NOT_FILED 届出外の項目 OPT_OUT_SPECIAL_CARE 要配慮個人情報のオプトアウト OPT_OUT_CHAIN 再オプトアウト OPT_OUT_UNLAWFUL_SOURCE 不正取得された個人データのオプトアウト OPT_OUT_STOPPED オプトアウトの停止後の提供 PROVISION_STOPPED 提供停止後の提供 ART28_INFORMATION_MISSING 外国第三者提供の情報提供の不足 ART31_CONSENT_MISSING 31条の同意の確認不足 ART31_FOREIGN_INFORMATION_MISSING 31条の情報提供の確認不足 CONFIRMATION_INCOMPLETE 取得の経緯又は相手方を確認できない PSEUDONYMOUS_NO_VALID_ROUTE 仮名加工情報の提供禁止 ANONYMOUS_NOT_PUBLISHED 匿名加工情報の公表なし ANONYMOUS_NOT_STATED 匿名加工情報である旨の明示なし OPT_OUT_COLLECTIVE_NOT_ALLOWED オプトアウトの一括記録は不可 OPT_OUT_CONTRACT_NOT_ALLOWED オプトアウトの契約書等は不可 CONTRACT_ITEMS_INCOMPLETE 契約書等の記載不足 CONTRACT_CONDITIONS_NOT_MET 物品・役務の提供に関連しない OMISSION_BASE_NOT_RETAINED 省略元の記録なし OMISSION_BASE_DIFFERENT 省略元と内容が同一でない COUNTERPARTY_INCOMPLETE 住所・代表者の欠落 DATE_MISSING 年月日の欠落 JU_RESPONSIBLE_STALE 責任者の変更が未反映"""  # noqa: E501 -- a sentence or a list is one line
CODES = {"bases": BASES.split()[::2], "findings": ["any", *FINDINGS.split()[::2]]}
TITLES = dict(re.findall(r"(\S+) (\S+)", f"{BASES} {FINDINGS}"))
# What a bag may not prove, or reveal: each in Japanese and in English.
LIMITS = """台帳からは証明できず、裏付けが袋の署名だけ(なければ、なし)のもの: source、told、shown、pseudonym、verdict、n、records.csv の発信元と、本人の数、指摘のうちこれらによる部分、filters.json、counts.json(数を除く)、versions.json、requests.json、coverage.json、records.xlsx、report.pdf、VERIFY.ja.md、bag-info.txt、袋の verify.py、この袋の作成が台帳に記録されたこと
not proven by the log, bound by the bag's signature alone, if any: source, told, shown, pseudonym, verdict, n; records.csv (source; number of persons and findings as far as they rest on these); filters.json, counts.json (other than numbers), versions.json, requests.json, coverage.json, records.xlsx, report.pdf, VERIFY.ja.md, bag-info.txt, the verify.py in the bag; that the ledger has a record of this export
この台帳の袋を二つ持つ方は、同じ記録が両方に載っていれば、二つの仮名が同じ方のものと分かります(本人を示す袋と合わせれば、どなたかも分かります)。同じ記録がなくても、記録の内容や共通点(年月日、指摘、本人の並び順、一連の記録や事案の鍵など)から推測できることがあります。
whoever holds two bags of this ledger that show the same record can tell that two pseudonyms are one person (and who, beside a bag that names persons); of other records only what they say or share may tell it: days, findings, the order of persons, the key of a series or of a case
載っている版は真正です。この袋では証明できないもの: ほかに該当する記録がないこと、後の版(訂正、取消し、廃棄)がないこと、状態(status)
what is in the bag is genuine; not proven by it: that nothing else matches, that no record has a later version (a retraction, say), status
この袋に report.pdf はありません。
the bag has no report.pdf
漏れがないことは、次の条件については証明できません: {hidden}
that nothing is left out is not proven for: {hidden}
個人の相手方を伏せた記載 {unproven} 件は、照合できません。
{unproven} statements that name an individual are withheld, and not proven
内容が廃棄されたとする {dead} 件は、この袋では証明できません。
{dead} events are said to be destroyed; this bag does not prove it
写しで残した記録のうち、どの本人の分を廃棄したかは証明できません。
which persons of a record that a copy keeps were destroyed is not proven
本人が揃っていない記録 {begun} 件は、記録の途中です(旧形式では、状態は「有効」とあります)。
{begun} records lack persons: their recording has not ended (older formats call them standing)
台帳自身が廃棄を決めたこと(records-expired のそれぞれ。廃棄として数えた件数も)は、この袋では証明できません。裏付けは台帳自身の証明だけで、運用者の ledger fsck が確かめます。
that the ledger itself decided each records-expired, and so what counts as destroyed, is not proven by this bag: the ledger's own proof alone tells, which the operator's `ledger fsck` checks"""  # noqa: E501 -- a sentence or a list is one line
# The verdicts, and what the reader does next after a refusal: by its code, or by what happened.
WORDS = """all_good consistent 10 20 30 40 locked broken saved system deeper typo epoch
全て一致しました。
all good
食い違いはありません。ただし、誰の署名によるかは確かめていません(終了コード 5)。
consistent, but nobody has signed for it: exit code 5
袋を受け取り直してください。同じ結果なら、上の行を事業者に伝えてください。
get the bag once more; if it stays so, send the line above to the business operator
上の行のものを、事業者に求めてください。
ask the business operator for what the line above names
新しい verify.py を事業者に求め、zip は通常の方式で作り直してください。
ask the business operator for a newer verify.py; pack a zip anew, in the usual way
公開鍵を、袋とは別の経路で事業者に確かめてください。
ask the business operator whose key it is, another way than the bag came
パスワード付きの zip です。パスワードで展開し、そのフォルダーを指定してください。
the zip has a password: unpack it with the password, and name the folder
zip として読めません。ダウンロードが途中で切れたようです。もう一度ダウンロードしてください。
it is no whole zip: the download broke off, it seems; download it once more
表が、表計算ソフトで保存し直されたようです。受け取ったままの袋で確かめてください。
the table was saved by a spreadsheet, it seems: check the bag as you got it
パソコンが自動で作ったファイルです。それだけを削除し、確かめ直してください。
your computer made that file by itself: delete it alone, and check again
袋は、一つ下のフォルダーにあります。そのフォルダーを指定してください。
the bag lies one folder deeper: name that folder
鍵の文字が欠けたか、違っています。写し直してください(名前+番号+文字列)。
a character of the key is wrong or lacks: copy it once more (name+id+text)
別のエポック(期)又は別のログの鍵です。袋にある名前のログの公開鍵を求めてください。
it is the key of another epoch, or of another log: ask for the key of the log that the bag names"""
ENDS, *WORDED = WORDS.split("\n")
VERDICTS = dict(zip(ENDS.split(), zip(WORDED[::2], WORDED[1::2])))  # noqa: B905 -- Python 3.9
HEADINGS = """番号 位置 提供・受領の別 根拠 義務 記録の方法 年月日(初日) 年月日(末日) 記録日
        第三者の氏名又は名称 第三者の住所 第三者の代表者の氏名 第三者の識別子 個人データの項目
        本人の数 指摘 保存期間の末日 訂正等の回数 状態 発信元"""
COLUMNS = len(HEADINGS.split())
SYSTEM = re.compile(r"^__MACOSX/|(^|/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$")
HEX = re.compile("[0-9a-f]{64}")
PSEUDONYM = re.compile("[A-Z2-7]{16}")
# Where a formula is guarded, in cells with a NUL before each: until format 2 where a cell begins.
FORMULA, PASSED, BREAK, BLANK = "[=+\\-@＝＋－＠]", '[\0\\s",;|]', "[\t\r\n]", '[ \xa0\u3000"]'
PLACE = f"(?<!{PASSED}){BLANK}*(?!{BLANK}){PASSED}+"
UNTIL_2 = [re.compile(f"\0(?={BREAK}|\\s*{FORMULA})")]
SINCE_3 = [re.compile(f"{PLACE}(?='*{FORMULA})"), re.compile(f"\0(?='*{BREAK})")]
GUARDED = re.compile(f"(?:{PASSED}|'){FORMULA}|\0'*{BREAK}")  # it is in whatever has a guard
QUOTED = re.compile('[",\r\n]').search
TEXT_MAX, SHOWN_MAX = 500, 80  # characters of what was asked for; of other words that are shown
BLANKS = re.compile("[\\s\u115f\u1160\u2800\u3164\uffa0]{2,}")  # some are white though no space
# Bytes: of a file that is read as one; of an event in a line (4 MiB of it are sealed, and a text in
# a text may be twice as long); of a header with its end.
SMALL_MAX, EVENT_MAX, HEADER_MAX = 1 << 22, 9 << 20, 1 << 12
LINE_MAX = 1 << 31  # bytes of a record; a transfer has at most 5,000,000 persons
# Lines of one event (event format, section 3); files of a bag, with any beside it.
PERSONS_MAX, NAMES_MAX = 1_000, 100
# Of an entry of a zip, what lets each program unpack the same: flags (how it was compressed, sizes
# behind the data, UTF-8), extra fields (times, owners, a mark of Java's; wide numbers, once).
FLAGS = 0x80E
TIMES = rb"(?:UT(?:\x05\0.{5}|\x09\0.{9}|\x0d\0.{13})|ux\x0b\0.{11}|\n\0 \0.{32}|\xfe\xca\0\0)*"
EXTRA = re.compile(TIMES + rb"((?:\x01\0[\x08\x10\x18]\0(?:.{8}){1,3})?)" + TIMES, re.DOTALL)
TIMES_MAX = 200  # a zip unpacks to no more times its size, beyond 16 MiB; deflate could: 1,000
BROKEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
Json = dict[str, Any]  # an object of it
Text = Optional[str]  # noqa: UP045 -- Python 3.9
Said = tuple[str, str]  # a sentence in Japanese and in English


def brief(text: str, most: int = SHOWN_MAX) -> str:
    """Words of a bag, for people: so few that no screen ends with what somebody put there."""
    text = BLANKS.sub(" ", text)
    return text if len(text) <= most else f"{text[:most]}…"


class Refused(Exception):  # noqa: N818 -- it says what happened to the bag
    """Why the bag is not accepted: a code, a sentence in each language, where, what next."""

    def __init__(self, code: int, ja: str, en: str, where: str = "", then: str = "") -> None:
        super().__init__(en)
        end = f": {brief(where)}" if where else ""
        self.code, self.ja, self.en, self.then = code, ja + end, en + end, then or str(code)


def refusal(code: int, ja: str, en: str) -> tuple[Callable[..., NoReturn], Callable[..., None]]:
    """What refuses with that code, where, and which of `WORDS` is next; and what does it if so."""

    def refuse(where: str, then: str = "") -> NoReturn:
        raise Refused(code, ja, en, where, then)

    def refuse_if(is_so: object, *where: str) -> None:
        if is_so:
            refuse(*where)

    return refuse, refuse_if


differs, differs_if = refusal(HASH, "内容が書き換えられています", "a hash differs")
missing, missing_if = refusal(MISSING, "足りないものがあります", "something is missing")
unlisted, _ = refusal(HASH, "目録にないものがあります", "it is not listed")
too_large, too_large_if = refusal(HASH, "大きすぎるものがあります", "it is too large")
unknown, unknown_if = refusal(VERSION, "この検証器の知らない版です", "unknown version")


def unsigned(ja: str, en: str, where: str = "", then: str = "") -> NoReturn:
    """Refuse: it is not signed as it says."""
    raise Refused(SIGNATURE, f"署名を確認できません: {ja}", f"the signature: {en}", where, then)


def misused(ja: str, en: str) -> NoReturn:
    """Refuse what the reader gave: it cannot be read."""
    raise Refused(USAGE, ja, en)


def once(pairs: list[tuple[str, Any]]) -> Json:
    """A JSON object whose names differ: of two of one name, another reader would take the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


# Made once: each record needs it three times. No number is broken, and none is called NaN.
DECODER = json.JSONDecoder(object_pairs_hook=once, parse_float=int, parse_constant=int)


def read(text: str) -> Any:  # noqa: ANN401 -- JSON
    """The value of a text that is JSON from its first character to its last."""
    found, end = DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("more than one value")
    return found


def parsed(raw: bytes, name: str) -> tuple[str, Any]:
    """A text, and its value as JSON."""
    try:
        return (text := raw.decode()), read(text)
    except (ValueError, RecursionError):
        differs(name)


@lru_cache(maxsize=256)
def words(text: str, more: str = "") -> frozenset[str]:
    """The words of a text, and of another one."""
    return frozenset([*text.split(), *more.split()])


def closed(found: Any, where: str, needs: str, may: str = "") -> Json:  # noqa: ANN401 -- JSON
    """The object, which has these members and no other: what is not known proves nothing."""
    if not is_a(dict, found) or not words(needs) <= found.keys() <= words(needs, may):
        differs(where)
    return found


def is_a(kind: type, value: object) -> bool:
    """Whether it is of that very type: `true` is no number."""
    return type(value) is kind


def is_number(value: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether it is 0, 1, 2 or more."""
    return type(value) is int and value >= 0


def is_hash(value: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether it is 32 bytes in lower-case hex."""
    return type(value) is str and HEX.fullmatch(value) is not None


def is_exact(file: Any, one: zipfile.ZipInfo) -> bool:  # noqa: ANN401 -- a binary file
    """Whether the compressed stream that begins here is that entry's, to its last byte."""
    inflate, left, size = zlib.decompressobj(-15), one.compress_size, 0
    while not inflate.eof and size <= one.file_size and (part := file.read(min(left, 1 << 14))):
        left, size = left - len(part), size + len(inflate.decompress(part))
    return inflate.eof and (left, inflate.unused_data, size) == (0, b"", one.file_size)


def end_of(file: Any, one: zipfile.ZipInfo, at: int) -> int:  # noqa: ANN401 -- a binary file
    """Where an entry ends that begins here; TypeError, ValueError: programs may differ in it."""
    name, flags, method = one.orig_filename.encode(), one.flag_bits, one.compress_type
    size, packed, is_late = one.file_size, one.compress_size, one.flag_bits & 8 > 0
    file.seek(at)
    head = struct.unpack("<4s5H3L2H", file.read(30))
    own, extra = file.read(head[9]), file.read(head[10])
    late = [0] * is_late
    wides = [struct.pack("<HHQQ", 1, 16, a, b) for a in (size, *late) for b in (packed, *late)]
    parts = [one for n in (1, 2, 3) for one in combinations((size, packed, at), n)]
    others = [struct.pack(f"<HH{len(one)}Q", 1, 8 * len(one), *one) for one in parts]
    wide, other = (m[1] for m in map(EXTRA.fullmatch, (extra, one.extra)) if m)
    may = [*late, 0xFFFFFFFF] if wide else late
    said = struct.pack("<4sLQQ" if wide else "<4sLLL", b"PK\7\10", one.CRC, packed, size)
    said = said if is_late else b""  # behind the data
    is_folder = name[-1:] in (b"/", b"")
    # Of Unix, the kind and rights of another user; of DOS, a label, a folder, a device, a link.
    mask, kind = (0xF0000448, 0x40000000) if is_folder else (0xFE000458, 0x80000000)
    if (
        (one.header_offset, one.volume, one.comment, one.filename) != (at, 0, b"", name.decode())
        or (head[0], head[2], head[3], own) != (b"PK\3\4", flags, method, name)
        or (wide or wides[0], other or others[0]) not in product(wides, others)
        or head[6] not in (one.CRC, *late)
        or not (head[7] in (packed, *may) and head[8] in (size, *may))
        or flags & ~FLAGS
        or one.external_attr & mask not in (0, kind)
        or (is_folder and size + packed > 0)
        or (method == 0 and (size != packed or (is_late and size > 0)))
        or (method > 0 and not is_folder and not is_exact(file, one))
        or file.read(len(said)) != said
    ):
        raise ValueError("a header")
    return at + 30 + len(own + extra) + packed + len(said)


def check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a zip of which another program could unpack something else.

    Its entries follow one another, each a plain file or folder, with no byte of none (a comment, a
    gap, another zip). Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16, 4.5.3.
    """
    entries, end = archive.infolist(), 0
    is_large = sum(one.file_size for one in entries) > TIMES_MAX * path.stat().st_size + (1 << 24)
    leaves = (one for one in entries if one.filename.endswith(LEAVES))  # no program packs hashes
    is_large |= any(one.file_size > 2 * one.compress_size + (1 << 24) for one in leaves)
    too_large_if(is_large or len(entries) > NAMES_MAX, path.name)
    with path.open("rb") as file:
        for one in sorted(entries, key=lambda entry: entry.header_offset):
            if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                unknown(f"{path.name}: compression {one.compress_type}")
            differs_if(one.flag_bits & 1, f"{path.name}: {one.filename}", "locked")
            try:
                end = end_of(file, one, end)
            except (TypeError, ValueError, struct.error):
                differs(f"{path.name}: {one.filename}")
        size = sum(46 + len(one.orig_filename.encode()) + len(one.extra) for one in entries)
        file.seek(end + size)
        rest = file.read(99)
    told = len(entries), len(entries), size, end
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *(min(n, 0xFFFFFFFF) for n in told), 0)
    wide = struct.pack("<4sQ4s2L4Q", b"PK\6\6", 44, rest[12:16], 0, 0, *told)
    wide += struct.pack("<4sLQL", b"PK\6\7", 0, end + size, 1)
    differs_if(rest not in (last, wide + last) or archive.start_dir != end, path.name)


class Bag:
    """The files of a bag, in a folder or in a zip."""

    digests: dict[str, tuple[str, int]]  # SHA-256 in hex and bytes, by name

    def __init__(self, place: str) -> None:
        self.path, self.zip, names = Path(place), None, []
        if self.path.is_dir():
            found = (one for one in self.path.rglob("*") if one.is_symlink() or not one.is_dir())
            all_names = (one.relative_to(self.path).as_posix() for one in found)
            if len(names := list(islice(all_names, NAMES_MAX + 1))) > NAMES_MAX:
                too_large(self.path.name)
        elif self.path.is_file():
            try:
                self.zip = zipfile.ZipFile(self.path)
            except zipfile.BadZipFile:
                differs(self.path.name, "broken")
            check_archive(self.path, self.zip)
            all_names = self.zip.namelist() or [""]
            self.top = "" if "bagit.txt" in all_names else all_names[0].partition("/")[0] + "/"
            if re.match(r"[./]|.*[:\\]", self.top):  # it leads elsewhere
                differs(self.path.name)
            folders = {self.top + one for one in ("", "data/", "data/proofs/")}
            names = [one.removeprefix(self.top) for one in all_names if one not in folders]
        else:
            missing(self.path.name)
        self.names = set(names)
        differs_if(len(names) != len(self.names), self.path.name)

    def open(self, name: str) -> Any:  # noqa: ANN401 -- a binary file of either kind
        """The file, to be read as bytes."""
        missing_if(name not in self.names or not (self.zip or (self.path / name).is_file()), name)
        if self.zip is None:
            differs_if((self.path / name).is_symlink(), name)
            return (self.path / name).open("rb", 1 << 20)
        return io.BufferedReader(self.zip.open(self.top + name), 1 << 20)  # pyright: ignore[reportArgumentType] -- typeshed

    def whole(self, name: str) -> bytes:
        """The whole file."""
        with self.open(name) as file:
            return bytes(file.read())

    def text(self, name: str) -> str:
        """The whole file as UTF-8, for what is compared or signed."""
        return self.whole(name).decode("utf-8", "replace")

    def json(self, name: str) -> Any:  # noqa: ANN401 -- JSON
        """The whole file as JSON."""
        return parsed(self.whole(name).strip(b" \t\r\n"), name)[1]

    def lines(self, name: str, most: int) -> Iterator[tuple[str, Any]]:
        """The lines of the file, of so many bytes at most, each as text and as JSON."""
        with self.open(name) as file:
            while raw := file.readline(most + 1):
                yield parsed((raw if len(raw) <= most else too_large(name)).rstrip(b"\n"), name)

    def digest(self, name: str) -> tuple[str, int]:
        """SHA-256 in hex, and how many bytes there are."""
        found, size = hashlib.sha256(), 0
        with self.open(name) as file:
            while part := file.read(1 << 20):
                found.update(part)
                size += len(part)
        return found.hexdigest(), size


def manifest(bag: Bag, name: str) -> dict[str, str]:
    """File to hash, as a manifest says."""
    text = bag.text(name)
    found = {file: digest for digest, file in re.findall(r"([0-9a-f]{64})  (\S+)\n", text)}
    differs_if("".join(f"{found[one]}  {one}\n" for one in found) != text, name)
    return found


def check_gone(bag: Bag, name: str, wanted: Iterable[str]) -> None:
    """Refuse a file of which the line of a word is missing, not only changed."""
    text, words = bag.text(name), [*wanted]
    for one in words if text.count("\n") < len(words) else ():
        missing_if(one not in text, f"{name}: {one}")


def check_files(bag: Bag) -> str:
    """1. Every file is there, and is the one that the manifests name; the export's id."""
    deeper = [one for one in bag.names if one.endswith("/bagit.txt")]
    for name in sorted({*TAGS, TAGMANIFEST} - bag.names):
        missing(name, "deeper" * (len(deeper) > 0 and "bagit.txt" not in bag.names))
    payload = sorted(one for one in bag.names if one.startswith("data/"))
    known = {*PAYLOAD, *TAGS, TAGMANIFEST, BAG_NOTE}
    digests = bag.digests = {name: bag.digest(name) for name in sorted(bag.names & known)}
    for name in (one for one in digests.keys() - LARGE if digests[one][1] > SMALL_MAX):
        too_large(name)
    check_gone(bag, TAGMANIFEST, TAGS)
    tags = manifest(bag, TAGMANIFEST)
    differs_if(set(tags) != set(TAGS), TAGMANIFEST)
    lines = {MANIFEST: payload, INFO: LABELS}
    for name in TAGS:
        if digests[name][0] != tags[name]:
            check_gone(bag, name, lines.get(name, ()))
            differs(name)
    listed = manifest(bag, MANIFEST)
    for name in sorted(listed.keys() & {*PAYLOAD} - {*payload}):
        missing(name)
    for name in sorted((bag.names | listed.keys()) - (known - ({*PAYLOAD} - listed.keys()))):
        unlisted(json.dumps(name)[1:-1], "system" * (SYSTEM.search(name) is not None))
    changed = [name for name in payload if digests[name][0] != listed[name]]
    form = "".join(map("{}: ([ -~]+)\n".format, LABELS[:3])) + LABELS[3] + r": (\d+)\.(\d+)\n"
    info = re.fullmatch(form, bag.text(INFO), re.ASCII) or differs(INFO)
    size, said = sum(digests[name][1] for name in payload), int(info[4])
    then = "saved" * (changed == [TABLE])
    missing_if(size < said, f"{', '.join(changed)}: {said - size} bytes", then)
    if changed or (size, len(payload)) != (said, int(info[5])):
        differs(", ".join(changed) or INFO, then)
    return info[3]


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_1 = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """The sum of two points of Ed25519 (RFC 8032), in extended coordinates."""
    w, x = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    y, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = x - w, z - y, z + y, x + w
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n: int, point: Point) -> Point:
    """The point added up n times."""
    found: Point = (0, 1, 1, 0)
    while n:
        found = add(found, point) if n & 1 else found
        point, n = add(point, point), n >> 1
    return found


def point_of(raw: bytes) -> Point | None:
    """The point that 32 bytes say; None: they say none, or not as it is written."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * ROOT_OF_MINUS_1 % P if (x * x - square) % P else x
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that key's under the message."""
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:  # noqa: PLR2004 -- two halves
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    left, right = times(s, BASE), add(r, times(k % ORDER, a))
    return not any((left[n] * right[2] - right[n] * left[2]) % P for n in (0, 1))


Key = tuple[str, bytes, bytes]


def from_base64(text: str) -> bytes:
    """The bytes that a text says in base64, in the one way to write them; none: it says none."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        found = b""
    return found if b64encode(found).decode() == text else b""


def key_of(text: str, kind: bytes = b"\1", then: str = "") -> Key:
    """Name, id and key of `<name>+<id in hex>+<base64(kind ‖ key)>`; 1: a log's, 4: a witness's."""
    name, key_id, key = [*text.strip().split("+", 2), "", ""][:3]
    raw = from_base64(key)
    digest = sha(name.encode("utf-8", "replace") + b"\n" + raw)[:4]
    if (len(raw), raw[:1], digest.hex()) != (33, kind, key_id):
        unsigned("公開鍵の形か番号が違います", "it is no key, or its id is another's", then=then)
    return name, digest, raw[1:]


def parted(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """What a note says, and who signed it with which bytes, not yet checked."""
    text, separator, below = note.rpartition("\n\n")
    is_note = re.fullmatch(r"(— \S+ [A-Za-z0-9+/=]+\n){0,64}", below)  # each costs time
    lines = [line.split()[1:] for line in below.splitlines()] if is_note else []
    found = [(name, from_base64(value)) for name, value in lines]
    if not is_note or not all(value for _, value in found):
        unsigned("署名の行が読めません", "a line under the note is no signature, or one too many")
    return text + "\n" if separator else "", found


def signed_text(note: str, key: Key) -> str:
    """What a note says, signed by the key; signatures of other keys are left alone."""
    text, lines = parted(note)
    own = [value[4:] for name, value in lines if (name, value[:4]) == key[:2]]
    if any(not is_signed(key[2], text.encode(), one) for one in own):
        unsigned("この鍵による署名ではありません", "it is not this key's")
    if not own:
        unsigned("この鍵による署名がありません", "the key did not sign")
    return text


def opened(note: str, key: Key) -> tuple[int, bytes]:
    """Size and root of a checkpoint, signed by the key."""
    name, size, root, *more = [*signed_text(note, key).split("\n"), "", ""]
    is_size, digest = re.fullmatch("0|[1-9][0-9]{0,17}", size), from_base64(root)
    is_whole = more[:1] == [""] and not any(more)  # no extension lines: this log signs none
    if name != key[0] or not is_size or len(digest) != 32 or not is_whole:  # noqa: PLR2004 -- a hash
        unsigned("チェックポイントの形が違います", "the note is no checkpoint of this log")
    return int(size), digest


def sha(content: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(content).digest()


def root_of(leaves: bytes, size: int) -> bytes:
    """Root over the first leaf hashes (RFC 6962): full subtrees, joined as they become equal."""
    stack: list[tuple[int, bytes]] = []
    for at in range(0, size * 32, 32):
        height, node = 0, leaves[at : at + 32]
        while stack and stack[-1][0] == height:
            height, node = height + 1, sha(b"\1" + stack.pop()[1] + node)
        stack.append((height, node))
    node = stack.pop()[1] if stack else sha(b"")
    while stack:
        node = sha(b"\1" + stack.pop()[1] + node)
    return node


def partial_root(low: int, size: int, leaves: dict[int, bytes], nodes: list[str]) -> bytes:
    """Root of a tree of which some leaves are known, the rest as largest subtrees."""
    if size == 1 and low in leaves:
        return leaves[low]
    if not any(low <= one < low + size for one in leaves):
        return bytes.fromhex(nodes.pop(0)) if nodes else missing("lines")
    half = 1 << (size - 1).bit_length() - 1
    left = partial_root(low, half, leaves, nodes)
    return sha(b"\1" + left + partial_root(low + half, size - half, leaves, nodes))


def event_hash(header: str) -> bytes:
    """What an event is in the log (event format, section 1)."""
    return sha(b"ppl/event/1\0" + header.encode())


class Witnesses:
    """Whom the reader knows as witnesses, and who must have signed (C2SP tlog-policy)."""

    def __init__(self, keys: Iterable[str] = (), policy: str | None = None) -> None:
        self.keys: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum: str | None = None
        self.logs: list[Key] = []
        for n, text in enumerate(keys, 1):
            self.know(f"--witness {n}", text)
        for n, line in enumerate((policy or "").split("\n"), 1):
            kind, *words = line.split() or ["#"]
            if not kind.startswith("#"):
                try:
                    self.line(kind, words)
                except (ValueError, IndexError, Refused):
                    misused(f"方針の{n}行目が読めません", f"line {n} of the policy cannot be read")
        if policy is not None and self.quorum is None:
            misused("方針に quorum の行がありません", "the policy has no line quorum")

    def know(self, name: str, text: str) -> None:
        """Take in a witness's key."""
        try:
            key = key_of(text, b"\4")
        except Refused:
            misused(f"{name}: 証人の公開鍵ではありません", f"{name}: no key of a witness")
        if key[2] in [one[2] for one in self.keys.values()]:  # under whatever name
            misused(f"{name}: 同じ証人が2度あります", f"{name}: a witness stands twice")
        self.keys[name] = key

    def line(self, kind: str, words: list[str]) -> None:
        """One line of a policy; ValueError: it is none."""
        taken, name = {"none", *self.keys, *self.groups}, words[0]
        if kind == "log" and len(words) in (1, 2):
            self.logs.append(key_of(name))
        elif kind == "witness" and len(words) in (2, 3) and name not in taken:
            self.know(name, words[1])
        elif kind == "group" and len(words) > 2 and name not in taken:  # noqa: PLR2004 -- name, least, members
            least, inner = words[1], words[2:]
            count = {"any": 1, "all": len(inner)}.get(least) or int(least)
            free = taken - {"none"} - {one for _, used in self.groups.values() for one in used}
            if not 1 <= count <= len(set(inner)) == len(inner) or not free.issuperset(inner):
                raise ValueError(name)
            self.groups[name] = count, inner
        elif kind == "quorum" and len(words) == 1 and self.quorum is None and name in taken:
            self.quorum = name
        else:
            raise ValueError(kind)

    def is_met(self, name: str | None, signed: Iterable[str]) -> bool:
        """Whether these witnesses suffice for the quorum, a group or a witness."""
        if name not in self.groups:
            return name in (None, "none", *signed)
        least, inner = self.groups[name]
        return sum(self.is_met(one, signed) for one in inner) >= least

    def who_signed(self, note: str) -> dict[str, int]:
        """Known witness to the POSIX time that it says; a wrong cosignature refuses the note."""
        text, lines = parted(note)
        found: dict[str, int] = {}
        for name, (signer, key_id, public) in self.keys.items():
            for value in [one[1] for one in lines if (one[0], one[1][:4]) == (signer, key_id)]:
                seconds = int.from_bytes(value[4:12], "big")
                message = f"cosignature/v1\ntime {seconds}\n{text}"
                if seconds >> 37 or not is_signed(public, message.encode(), value[12:]):
                    unsigned(f"証人の署名が違います: {signer}", f"not the witness's: {signer}")
                found[name] = seconds
        return found


UTC, JAPAN = timezone(timedelta(0)), timezone(timedelta(hours=9))


def seen_before(bag: Bag, filters: Json, name: str, key: Key, leaves: bytes, *files: str) -> str:
    """The note of a checkpoint that others saw, if the bag says so; then its files are there."""
    said = filters.get(name)
    for one in files:
        if (said is not None) is not (one in bag.names):
            (differs if said is None else missing)(f"{FILTERS}: {name}, {one}")
    if said is None:
        return ""
    size, root = opened(note := bag.text(files[0]), key)
    if size != said or size > len(leaves) // 32 or root_of(leaves, size) != root:
        differs(f"{files[0]}: position 1 – {size}")
    return note


def check_witnesses(bag: Bag, filters: Json, key: Key, leaves: bytes, known: Witnesses) -> Said:
    """3a. Which of the reader's witnesses cosigned the log, and whether that suffices them."""
    if known.logs and key not in known.logs:
        unsigned("方針が挙げるログの袋ではありません", "your policy is about other logs")
    size = filters.get("cosigned")
    signed, lines = dict[str, int](), list[tuple[str, bytes]]()
    if note := seen_before(bag, filters, "cosigned", key, leaves, COSIGNED):
        signed = known.who_signed(note)
        lines = [one for one in parted(note)[1] if (one[0], one[1][:4]) != key[:2]]
        if not lines:
            unsigned("証人の署名がありません", f"nobody cosigned {COSIGNED}")
    if not known.is_met(known.quorum, signed):
        en = f"your policy asks for more witnesses than signed: {len(signed)} of {len(known.keys)}"
        unsigned(f"方針が求める証人の署名が足りません({len(signed)} / {len(known.keys)} 人)", en)
    if size is None:
        return "証人の署名はありません。", "no witness cosigned the log, as far as the bag tells"
    up_to = f"(イベント {size} 件まで)", f", up to {size}"
    if not known.keys:
        ja = f"証人の署名 {len(lines)} 件があります{up_to[0]}が、確かめていません。"
        en = f"{len(lines)} cosignatures are there{up_to[1]}, and none is checked: "
        ja += "--witness 又は --policy で証人の鍵を渡してください。"
        return ja, en + "give the witnesses' keys by --witness or --policy"
    times = [datetime.fromtimestamp(one, UTC) for one in signed.values()]
    latest = f" {max(times):%Y-%m-%dT%H:%M:%SZ}" if times else ""
    ja = f"証人: 渡された {len(known.keys)} 人のうち {len(signed)} 人が署名{up_to[0]}{latest}"
    en = f"witnesses: {len(signed)} of the {len(known.keys)} you know signed{up_to[1]}{latest}"
    return ja, en


SEQUENCE, SET, INTEGER, OCTETS, OID, TIME, INNER = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18, 0xA0
SHA256 = bytes.fromhex("608648016503040201")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
GENERALIZED = re.compile(rb"([0-9]{14})(\.[0-9]*[1-9])?Z")


def values(content: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of values one after another, read strictly; ValueError: no DER."""
    found, at = list[tuple[int, bytes]](), 0
    while at < len(content):
        head = content[at : at + 2]
        if len(head) < 2 or head[0] & 31 == 31:  # noqa: PLR2004 -- tag and length; no long tags
            raise ValueError("no value")
        at, length = at + 2, head[1]
        if length > 127:  # noqa: PLR2004 -- the length of the length
            size = content[at : at + (length & 127)]
            at, length = at + (length & 127), int.from_bytes(size, "big")
            if size[:1] in (b"", b"\0") or length < 128 or at > len(content):  # noqa: PLR2004 -- shortest
                raise ValueError("a length is written otherwise")
        if at + length > len(content):
            raise ValueError("it ends too early")
        found.append((head[0], content[at : at + length]))
        at += length
    return found


def part(content: bytes, n: int | None, tag: int) -> bytes:
    """The content of the nth value in it, None: of the only one, of that tag; ValueError: no."""
    found = values(content)
    if (n is None and len(found) != 1) or (n or 0) >= len(found) or found[n or 0][0] != tag:
        raise ValueError("another value")
    return found[n or 0][1]


def stated(reply: bytes) -> tuple[bytes, bytes, datetime]:
    """Kind of hash, hash and time of a time stamp that was granted; ValueError: it is none."""
    answer = part(reply, None, SEQUENCE)
    token = part(answer, 1, SEQUENCE)
    signed = part(part(token, 1, INNER), None, SEQUENCE)
    inner = part(signed, 2, SEQUENCE)
    info = part(part(part(inner, 1, INNER), None, OCTETS), None, SEQUENCE)
    imprint, time = part(info, 2, SEQUENCE), GENERALIZED.fullmatch(part(info, 4, TIME))
    if (
        part(part(answer, 0, SEQUENCE), 0, INTEGER) != b"\0"
        or (part(token, 0, OID), part(inner, 0, OID)) != (SIGNED_DATA, TST_INFO)
        or part(info, 0, INTEGER) != b"\1"
        or not part(signed, len(values(signed)) - 1, SET)
        or time is None
    ):
        raise ValueError("no time stamp that was granted and signed")
    at = datetime.strptime(time[1].decode() + "+0000", "%Y%m%d%H%M%S%z")
    return part(part(imprint, 0, SEQUENCE), 0, OID), part(imprint, 1, OCTETS), at


def check_stamp(bag: Bag, filters: Json, key: Key, rows: Rows) -> list[Said]:
    """3b. The time stamp is on a checkpoint of this log; its authority is not checked."""
    size = filters.get("stamped")
    if not (note := seen_before(bag, filters, "stamped", key, rows.leaves, STAMPED, STAMP)):
        return [("タイムスタンプはありません。", "there is no time stamp")]
    try:
        kind, digest, time = stated(bag.whole(STAMP))
    except ValueError:
        unsigned(f"タイムスタンプが読めません: {STAMP}", f"{STAMP} is no time stamp")
    if (kind, digest) != (SHA256, sha(note.encode())):
        unsigned(f"タイムスタンプは別のもののものです: {STAMP}", f"{STAMP} is not on {STAMPED}")
    at = f"{time:%Y-%m-%dT%H:%M:%SZ} ({time.astimezone(JAPAN):%Y-%m-%d %H:%M:%S} JST)"
    top = bag.path if bag.zip is None else Path(brief(bag.top))
    places = [shlex.quote((top / name).as_posix()) for name in (STAMPED, STAMP)]
    command = f"openssl ts -verify -data {places[0]} -in {places[1]} -CAfile CA.pem"
    ja = f"タイムスタンプの記載: {at} に、イベント {size} 件までのログがありました。"
    told = [(ja, f"the time stamp states that the log up to {size} was there at {at}")]
    ja = "時刻認証局の署名は、ここでは確かめていません。証明書(CA.pem)を別の経路で受け取り、"
    en = "its authority's signature is NOT checked here; with its certificates from elsewhere, "
    told.append((f"{ja}次のように確かめてください: {command}", f"{en}check it so: {command}"))
    if rows.latest > (time + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S"):
        last = brief(rows.latest)
        en = f"an event under it is of {last}, more than a day later: a clock or it is wrong"
        told.append((f"その対象に、1日を超えて後のイベント({last})があります。", en))
    return told


class Rows:
    """2. What the lines of the records say, held against the log."""

    def __init__(self, bag: Bag, leaves: bytes, filters: Json) -> None:
        self.bag, self.leaves, self.filters = bag, leaves, filters
        self.records = self.events = self.persons = self.unproven = self.copied = self.begun = 0
        self.months, self.streams = dict[str, int](), dict[bytes, int]()
        # Keys under which something was sealed (gone: at which position), to where it stands.
        self.dead: list[tuple[dict[str, int], str, str]] = []  # and through which day it was due
        self.living: dict[tuple[str, ...], str] = {}
        # Told last, the records before the table: what is missing may be why one does not agree.
        self.untrue = self.unlike = ""
        self.latest, self.cells, self.is_open, self.is_short = "", [""], False, False
        self.stamped = filters.get("stamped") or 0

    def check(self) -> None:
        """Go through all lines, in order, and the rows of the table beside them."""
        last, most = 0, min(EVENT_MAX * self.filters["size"], LINE_MAX)
        with self.bag.open(TABLE) as table:
            head = "\ufeff{}\r\n".format(",".join(HEADINGS.split())).encode()
            self.unlike = "" if table.read(len(head)) == head else f"{TABLE}: 見出し / its head"
            for _, row in self.bag.lines(RECORDS, most):
                self.records += 1
                where = f"{RECORDS}: {self.records}"
                try:
                    number = closed(row, where, "row stream status events", "source")["row"]
                    missing_if(is_number(number) and number > self.records, where)
                    differs_if(not is_number(number) or number != self.records, where)
                    position = self.checked(row, where)
                    if not self.unlike:
                        self.compare(table)
                except BROKEN:
                    differs(where)
                last = position if position > last else differs(where)
            self.unlike = self.unlike or (TABLE if table.read(1) else "")

    def compare(self, table: Any) -> None:  # noqa: ANN401 -- a binary file
        """The next row of the table, byte by byte: so each program reads the same."""
        row, found = self.cells, b""
        if QUOTED("\0".join(row)):
            doubled = [one.replace('"', '""') for one in row]
            row = [f'"{one}"' if QUOTED(one) else one for one in doubled]
        if self.is_open:  # taken as it is, if it has the findings that the header tells
            found, own = table.read(len(",".join([*row[:14], ""]).encode())), b""
            while own.count(b",") < 2 and len(own) < HEADER_MAX and (one := table.read(1)):  # noqa: PLR2004 -- cells
                own += one
            persons, labels, *_ = [*own.decode("utf-8", "replace").split(","), ""]
            is_so = {*row[15].split("、")} <= {"", *labels.split("、")} <= {"", *TITLES.values()}
            row[14:16] = [persons, labels] if is_so and persons.isdecimal() else []
            found += own
        expected = (",".join(row) + "\r\n").encode()
        found += table.read(max(0, len(expected) - len(found)))
        if len(row) != COLUMNS or found != expected:
            self.unlike = f"{TABLE}: {self.records}"
            self.is_short = not found or found.startswith(b"%d," % (self.records + 1))

    def checked(self, row: Json, where: str) -> int:
        """One record, version by version; the position of the first."""
        headers: list[Json] = []
        parts: list[bytes] = []
        month = "undated"
        for version, event in enumerate(row["events"], 1):
            place, text = f"{where}, position {event['position']}", event["header"]
            header = read(text)
            unknown_if(header["v"] != 1, f"{place}: v {header['v']}")
            entry, at = event_hash(text), (event["position"] - 1) * 32
            if not is_number(event["position"]) or self.leaves[at : at + 32] != sha(b"\0" + entry):
                differs(place)
            missing_if(header["version"] != version, f"{where}, version {version}")
            if (header["ledger"], header["stream"]) != (self.filters["ledger"], row["stream"]):
                differs(place)
            self.content(header, event, place)
            if event["position"] <= self.stamped:
                self.latest = max(self.latest, header["at"])
            if header["type"] in FACT_TYPES:
                facts = header["facts"]
                day = facts.get("transferred_on") or facts.get("transferred_from")
                month = day[:7] if day else "undated"
            if header["type"] in FIRST_TYPES or header["type"] == "principals-appended":
                parts.append(entry)
            if said := header.get("parts"):  # all parts of a transfer of many persons are there
                missing_if(len(parts) < said["count"], f"{place}: parts")
                root = root_of(b"".join(sha(b"\0" + one) for one in parts), len(parts)).hex()
                differs_if((len(parts), root) != (said["count"], said["root"]), f"{place}: parts")
            headers.append(header)
        missing_if(not headers or headers[0]["type"] not in FIRST_TYPES, f"{where}, version 1")
        self.sealed(row["events"], headers, where)
        self.state(row, headers, where)
        if self.filters["asked"] and not is_about(self.filters, row, headers):
            differs(f"{where}: not asked for")
        self.months[month] = self.months.get(month, 0) + 1
        self.events += len(headers)
        if self.filters["whole"]:
            self.streams[bytes.fromhex(row["stream"].replace("-", ""))] = len(headers)
        return int(row["events"][0]["position"])

    def sealed(self, events: list[Any], headers: list[Json], where: str) -> None:
        """Under which keys each event was sealed, its copies too: one lives where it is shown."""
        keys: dict[int, dict[str, int]] = {}
        for header, event in zip(headers, events):  # noqa: B905 -- Python 3.9
            if "sealed" in header:
                of = header["copies"]["position"] if "copies" in header else event["position"]
                keys.setdefault(of, {})[header["sealed"]["key"]] = event["position"]
        for header, event in zip(headers, events):  # noqa: B905 -- Python 3.9
            is_cut = event.get("nodes") and "identifiers" not in self.filters["asked"]
            if "destroyed" in event or is_cut:
                of = header if "statement" in header else headers[0]
                facts: Json = of["facts"] if {"statement", "lines"} & header.keys() else Json()
                due = facts.get("retain_through", "") if facts.get("duty") != "none" else ""
                own = {header["sealed"]["key"]: event["position"]}
                self.dead.append((own if is_cut else keys[event["position"]], where, due))
            is_shown = "destroyed" not in event and "copies" not in header
            if is_shown and "sealed" in header and self.filters["whole"]:
                self.living.setdefault(tuple(keys[event["position"]]), where)

    def content(self, header: Json, event: Json, place: str) -> None:
        """The statement and the lines are those that the header commits to, and nothing else is."""
        if "destroyed" in event:
            closed(event, place, "header position destroyed")
            if event["destroyed"] is not True or "sealed" not in header or "copies" in header:
                differs(f"{place}: destroyed")
            return
        may = "statement" if "statement" in header else ""
        may += " lines nodes" if "lines" in header else ""
        closed(event, place, "header position", may + " told")
        if "told" in event:
            words = TOLD.get(header["type"], "").split()
            if "identifiers" in self.filters["asked"]:
                words = [one for one in words if one == "action"]
            elif not self.filters["identified"]:
                words = [one for one in words if one != "reason"]
            closed(event["told"], f"{place}: told", "", " ".join(words))
        if "statement" in header:
            self.statement(header, event, place)
        if "lines" in header:
            self.lines(header, event, place)

    def statement(self, header: Json, event: Json, place: str) -> None:
        """Opened, or withheld where an individual is the counterparty and nobody is named."""
        where = f"{place}: statement"
        shown = event.get("statement") or missing(where)
        if "withheld" not in shown:
            closed(shown, where, "salt text")
            differs_if(committed(header, b"\0", 0, shown).hex() != header["statement"], where)
            return
        facts, words = header["facts"], closed(shown, where, "withheld shown")["shown"]
        if self.filters["identified"] or "party_key" in facts or shown["withheld"] != "individual":
            differs(where)
        is_so = is_a(dict, words) and words.get("counterparty") == {"kind": "individual"}
        if not is_so or any(words[name] != facts[name] for name in words.keys() & facts.keys()):
            differs(where)
        self.unproven += 1

    def lines(self, header: Json, event: Json, place: str) -> None:
        """One a person, in order: opened, or the commitment where nobody is named."""
        count, nodes, where = header["lines"]["count"], event.get("nodes", []), f"{place}: lines"
        shown = event["lines"] if "lines" in event else missing(where)
        is_good = is_a(list, shown) and is_a(list, nodes) and all(map(is_hash, nodes))
        differs_if(not is_good or not 0 < count <= PERSONS_MAX, where)
        missing_if(not nodes and len(shown) < count, f"{where}, {len(shown)} of {count}")
        known, last = dict[int, bytes](), -1
        named = self.filters["identified"]
        members = ("j salt text", "") if named else ("j commitment pseudonym", "verdict n")
        for one in shown:
            closed(one, where, *members)
            # A second line of one person, or one beside all persons, would stand there unproven.
            differs_if(not is_number(one["j"]) or not last < one["j"] < count, where)
            last = one["j"]
            if named:
                entry = committed(header, b"\1", last, one)
            elif is_hash(one["commitment"]) and PSEUDONYM.fullmatch(one["pseudonym"]):
                entry = bytes.fromhex(one["commitment"])
            else:
                differs(where)
            known[last] = sha(b"\0" + entry)
        left = list(nodes)
        if partial_root(0, count, known, left).hex() != header["lines"]["root"] or left:
            differs(where)
        self.persons += len(known)

    def state(self, row: Json, headers: list[Json], where: str) -> None:
        """The status is what the versions make of it; what the table must say follows from them."""
        newest, shown, apart = headers[0]["facts"], Json(), set[int]()
        alive, retracted, in_parts = False, False, "lines" not in headers[0] and newest["persons"]
        for header, event in zip(headers, row["events"]):  # noqa: B905 -- Python 3.9
            if header["type"] in FACT_TYPES and "destroyed" not in event:
                newest, shown = header["facts"], event["statement"]
                alive = True
            elif header["type"] == SETTLED or header.get("copies", {}).get("position") in apart:
                apart.add(event["position"])
            elif "destroyed" in event:
                alive = False
            elif header["type"] == RETRACTED:
                retracted = True
        # Only the bag of every event shows what is still being recorded in parts.
        if begun := in_parts and not any("parts" in one for one in headers):
            self.begun += 1 if self.filters["whole"] else missing(f"{where}: transfer-completed")
        form, count = self.filters["format"], len(headers) - len(apart) - 1
        status = "begun" if begun and form not in FORMATS[:2] else "standing"
        status = "destroyed" if not alive else "retracted" if retracted else status
        if form not in FORMATS[:2]:
            count = sum(one["type"] in (*CHANGES, RETRACTED) for one in headers)
        source = row.get("source", "")
        is_gone = "destroyed" in row["events"][0]  # only a bag that can prove it lists that
        if not is_a(str, source) or (is_gone and ("source" in row or not self.filters["whole"])):
            differs(f"{where}: source, destroyed")
        if row["status"] != status:
            self.untrue = self.untrue or f"{where}: status"
        facts = newest if alive else headers[0]["facts"]
        cells = [str(self.records), str(row["events"][0]["position"]), SIDES[facts["direction"]]]
        cells.append(label(facts["basis"], where))
        if alive:
            said = shown["shown"] if "withheld" in shown else read(shown["text"])
            party = WITHHELD if "withheld" in shown else said["counterparty"]
            day = newest.get("transferred_on")
            days = (day or newest.get("transferred_from"), day or newest.get("transferred_to"))
            cells += [newest["duty"], newest["effective_method"], *(one or "" for one in days)]
            cells.append(newest.get("recorded_on", ""))
            names = ("name", "address", "representative", "party_id")
            cells += [*(party.get(name) or "" for name in names), "、".join(said["items"])]
            lines = self.people(row["events"], headers)
            codes = {*newest["findings"], *(() if self.is_open else found_of(lines.values()))}
            codes = set[str]() if retracted else codes
            found = "、".join(label(one, where) for one in sorted(codes))
            cells += [str(len(lines)), found, newest.get("retain_through", ""), str(count)]
        else:
            self.is_open, cells = False, [*cells, *[""] * 14]
        self.cells = as_tabled([*cells, STATUSES[status], source], form)

    def people(self, events: list[Any], headers: list[Json]) -> dict[int, Json]:
        """The lines that are left, by number; open: what a correction took out is not told."""
        found, self.is_open = dict[int, Json](), False
        for header, event in zip(headers, events):  # noqa: B905 -- Python 3.9
            if header["type"] in CHANGES and "destroyed" not in event:
                self.is_open |= "identifiers" in self.filters["asked"]
                for number in event.get("told", {}).get("removed", ()):
                    found.pop(number, None)
            for one in event.get("lines", ()):
                first = header["lines"].get("first")
                found[opened_line(one)["n"] if first is None else first + one["j"]] = one
        return found


def opened_line(one: Json) -> Json:
    """What a line says: its text, or what stands beside a pseudonym."""
    return read(one["text"]) if "text" in one else one


def found_of(lines: Iterable[Json]) -> Iterator[str]:
    """Codes of what was found of persons."""
    for one in lines:
        if "verdict" in one.get("text", one):  # in a text, or as a member
            yield from opened_line(one).get("verdict", {"findings": ()})["findings"]


def label(code: str, where: str) -> str:
    """What a basis or a finding is called in the table."""
    return TITLES.get(code) or unknown(f"{where}: {code}")


def is_about(filters: Json, row: Json, headers: list[Json]) -> bool:
    """Whether a record was asked for, as far as it shows: what is in the bag is an answer, too."""
    asked, is_named = filters["asked"], filters["identified"]
    source, base = row.get("source", ""), asked.get("source", "")
    left, party = source[len(base) :], asked.get("counterparty")
    is_within = "" in (base, left) or base[-1] in "/:" or left[0] in "/:?#"
    has_lines = "identifiers" not in asked or any(one.get("lines") for one in row["events"])
    if not (source.startswith(base) and is_within and has_lines):
        return False
    for header, event in zip(headers, row["events"]):  # noqa: B905 -- Python 3.9
        if header["type"] in FACT_TYPES:
            said: Json = read(event.get("statement", {}).get("text", "{}")) if party else Json()
            one: Json = said.get("counterparty", {})
            names = [one.get("party_id"), one.get("name") if is_named else None]
            is_shown = is_named or one.get("kind") != "individual"
            is_party = not party or (is_shown and party in names)
            if is_party and is_asked(asked, header["facts"], found_of(event.get("lines", ()))):
                return True
    return False


def committed(header: Json, kind: bytes, j: int, one: Json) -> bytes:
    """What a header commits to of a text, by its salt (event format, section 3)."""
    name, stream = header["ledger"].encode(), bytes.fromhex(header["stream"].replace("-", ""))
    context = len(name).to_bytes(4, "big") + name + stream + header["version"].to_bytes(8, "big")
    text = one["text"].encode()
    message = context + kind + j.to_bytes(4, "big") + len(text).to_bytes(4, "big") + text
    salt = bytes.fromhex(one["salt"] if is_hash(one["salt"]) else "")
    return hmac.digest(salt, b"ppl/commitment/1\0" + message, "sha256")


def as_tabled(cells: list[str], form: str) -> list[str]:
    """Cells of a record as the table has them; one with a NUL is more than one, and like none."""
    text = "\0" + "\0".join(cells)
    for place in (UNTIL_2 if form in FORMATS[:2] else SINCE_3) if GUARDED.search(text) else ():
        text = place.sub(r"\g<0>'", text)
    return text[1:].split("\0")


def check_counts(bag: Bag, rows: Rows) -> None:
    """3. As many records, events and persons as the bag counted, and the same in the table."""
    said = closed(bag.json(COUNTS), COUNTS, "records events persons by_month")
    for name in ("records", "events", "persons"):
        count = getattr(rows, name)
        missing_if(is_number(said[name]) and count < said[name], f"{name}: {count} / {said[name]}")
        differs_if(not is_number(said[name]) or count > said[name], f"{COUNTS}: {name}")
    if said["by_month"] != rows.months or not all(map(is_number, said["by_month"].values())):
        differs(f"{COUNTS}: by_month")
    missing_if(rows.is_short, rows.unlike)


def check_filters(filters: Any) -> Json:  # noqa: ANN401 -- JSON
    """What was asked for can be asked for; an empty list, say, would let nothing in."""
    names = "format ledger size root signed whole identified asked withheld csv_guard"
    others = () if filters["format"] == FORMATS[0] else ("cosigned", "stamped")
    closed(filters, FILTERS, " ".join((names, *others)))
    are_flags = all(is_a(bool, filters[name]) for name in ("signed", "whole", "identified"))
    if not is_number(filters["size"]) or not is_hash(filters["root"]) or not are_flags:
        differs(FILTERS)
    for name in others:
        differs_if(filters[name] is not None and not is_number(filters[name]), f"{FILTERS}: {name}")
    left_out = ["not_to_be_known"][filters["whole"] :] + ["persons"][filters["identified"] :]
    codes = [one["code"] for one in filters["withheld"]]
    if codes != [*left_out, "internal"] or filters["csv_guard"] != "'":
        differs(f"{FILTERS}: withheld, csv_guard")
    asked, where = filters["asked"], f"{FILTERS}: asked"
    differs_if(not is_a(dict, asked), where)
    for name, value in asked.items():
        unknown_if(name not in ASKED, f"{where}: {name}")
        if name == "identifiers":
            is_good = is_number(value) and value > 0
        elif name in CODES:
            is_good = is_a(list, value) and len(value) > 0
            for code in value if is_good else ():
                unknown_if(code not in CODES[name], f"{where}: {name}: {code}")
        else:
            is_good = is_a(str, value) and 0 < len(value.strip()) <= len(value) <= TEXT_MAX
        differs_if(not is_good, f"{where}: {name}")
    days = [asked[name] for name in ("first", "last") if name in asked]
    if any(date.fromisoformat(one).isoformat() != one for one in days) or sorted(days) != days:
        differs(where)
    return filters


def question(filters: Json) -> Said:
    """What the bag was asked for: whoever reads "all good" must see of what."""
    asked = {name: ", ".join(v) if is_a(list, v) else v for name, v in filters["asked"].items()}
    asked = {name: brief(f"{text}", 10 * TEXT_MAX) for name, text in asked.items()}
    ja = "、".join(f"{ASKED[name]} {text}" for name, text in asked.items()) or "なし(全ての記録)"
    en = "; ".join(f"{name} {text}" for name, text in asked.items()) or "all records"
    kind = "全てを載せた袋" if filters["whole"] else "知られてはならない記録を除いた袋"
    en += " (whole)" if filters["whole"] else " (plain)"
    return f"抽出の条件: {ja}({kind})", f"asked for: {en}"


def is_asked(asked: Json, facts: Json, own: Iterable[str] = ()) -> bool:
    """Whether filters that headers can tell let a version in; `own`: what persons have besides."""
    if "bases" in asked and facts["basis"] not in asked["bases"]:
        return False
    if "findings" in asked:
        found = {*facts["findings"], *own}
        if not (found if "any" in asked["findings"] else found & set(asked["findings"])):
            return False
    begin = facts.get("transferred_on") or facts.get("transferred_from")
    end = facts.get("transferred_on") or facts.get("transferred_to")
    if begin is None:
        return True
    after, before = asked.get("last", begin) < begin, end and end < asked.get("first", end)
    return not after and not before


def check_headers(bag: Bag, rows: Rows) -> None:
    """4. Every header of the ledger is there, and every record that they say was asked for."""
    asked, name, count = rows.filters["asked"], rows.filters["ledger"], 0
    gone, ends = dict[str, list[Any]](), list[list[Any]]()  # where, and on which day in Japan
    hidden = {"counterparty", "source", "identifiers"} & asked.keys()
    for count, (text, header) in enumerate(bag.lines(HEADERS, HEADER_MAX), 1):
        leaf = rows.leaves[count * 32 - 32 : count * 32]
        if leaf != sha(b"\0" + event_hash(text)) or header["ledger"] != name:
            differs(f"{HEADERS}: position {count}")
        day = header["at"][:10]
        if ends and day < ends[-1][1]:  # a clock that was set ahead, or the night in Japan
            day = f"{date.fromisoformat(day) + timedelta(days=1)}"
            for end in reversed(ends):
                if end[1] <= day:
                    break
                end[1] = day
        if header["type"] == "records-expired":
            at = datetime.fromisoformat(header["at"][:19]) + timedelta(hours=9)
            ends.append([count, f"{at:%Y-%m-%d}"])
            gone.update((one, ends[-1]) for one in header["keys"] if one not in gone)
        stream = bytes.fromhex(header["stream"].replace("-", ""))
        if stream in rows.streams:
            if header["version"] > rows.streams[stream]:
                missing(f"{RECORDS}: stream {stream.hex()}, version {header['version']}")
        elif not hidden and header["type"] in FACT_TYPES and is_asked(asked, header["facts"]):
            missing(f"{RECORDS}: position {count}")
    missing_if(count < len(rows.leaves) // 32, f"{HEADERS}: position {count + 1}")
    for keys, at, due in rows.dead:
        if late := [one for one in keys if one not in gone or gone[one][0] <= keys[one]]:
            (differs if gone.keys() >= {*late} else missing)(f"{at}: not destroyed, and not shown")
        if max(gone[one][1] for one in keys) <= due:
            differs(f"{at}: destroyed too early, to be kept through {due}")
    for keys, place in rows.living.items():
        differs_if(gone.keys() >= {*keys}, f"{place}: destroyed, and shown")
        rows.copied += len(gone.keys() & {*keys})


def check_old(old: str, key: Key | None, leaves: bytes) -> str:
    """5. The log still begins as an earlier checkpoint or bag says, under the key of then."""
    before = Bag(old) if Path(old).is_dir() or zipfile.is_zipfile(old) else None
    earlier = before.whole(LEAVES) if before is not None else b""
    for at in range(0, min(len(earlier), len(leaves)), 32):
        if earlier[at : at + 32] != leaves[at : at + 32]:
            differs(f"position {at // 32 + 1}, {Path(old).name}")
    if before is not None and NOTE not in before.names:
        size, root = len(earlier) // 32, root_of(earlier, len(earlier) // 32)
    elif key is None:
        unsigned("鍵がないので比べられません", "without a key nothing can be compared")
    else:
        note = before.text(NOTE) if before else Path(old).read_bytes().decode("utf-8", "replace")
        size, root = opened(note, key)
    missing_if(size > len(leaves) // 32, f"position {len(leaves) // 32 + 1} – {size}")
    differs_if(root_of(leaves, size) != root, f"position 1 – {size} ({old})")
    return f"{size}"


def check_key(bag: Bag, filters: Json, given: str | None) -> tuple[Key | None, list[Said]]:
    """3. The checkpoint is signed by the log's key, and says what the bag says; None: unsigned."""
    if not filters["signed"]:
        said = {filters.get("cosigned"), filters.get("stamped")}
        if given or {NOTE, KEY, STAMP, BAG_NOTE, COSIGNED, STAMPED} & bag.names or said != {None}:
            unsigned("チェックポイントがありません", "the bag has no checkpoint")
        return None, [("署名はありません。後で書き換えられても分かりません。", "nothing is signed")]
    own = bag.text(KEY)
    key = key_of(given or own, then="typo" if given else "")
    if given and key != (bags := key_of(own)):
        then, en = "epoch" * (key[0] != bags[0]), "the bag names another key than the one given"
        unsigned("渡された鍵と袋の鍵が違います", en, bags[0], then)
    size = filters["size"]
    differs_if((size, bytes.fromhex(filters["root"])) != opened(bag.text(NOTE), key), NOTE)
    name = brief(key[0])
    told = [(f"署名: {name}、イベント {size} 件まで", f"signed by {name}, up to {size}")]
    if not given:
        own = brief(own.strip(), TEXT_MAX)
        en = f"the key is the bag's own; give the published one by --key: {own}"
        told.append(("鍵は袋の中のものです。公表された鍵を --key で渡してください。", en))
    return key, told


def verified(
    bag: Bag, given: Text, old: Text, old_key: Text = None, known: Witnesses | None = None
) -> list[Said]:
    """What was checked, and what cannot be; raises `Refused`. `old_key` is of `old`'s epoch."""
    export = check_files(bag)
    unknown_if(bag.text("bagit.txt") != BAGIT, "bagit.txt")
    filters = bag.json(FILTERS)
    if not is_a(dict, filters) or filters.get("format") not in FORMATS:
        unknown(FILTERS if not is_a(dict, filters) else f"{FILTERS}: {filters.get('format')}")
    check_filters(filters)
    for name in sorted({*PAYLOAD[:7], *PAYLOAD[13:15]} - bag.names):
        missing(name)
    size, root = filters["size"], bytes.fromhex(filters["root"])
    key, signed = check_key(bag, filters, given)
    told: list[Said] = [question(filters), *signed]
    if (there := bag.digests[LEAVES][1]) < size * 32:
        missing(f"{LEAVES}: position {there // 32 + 1}")
    leaves = bag.whole(LEAVES) if there == size * 32 else differs(LEAVES)
    differs_if(root_of(leaves, size) != root, LEAVES)
    if key is not None:
        told.append(check_witnesses(bag, filters, key, leaves, known or Witnesses()))
    elif known is not None:
        unsigned("署名のない袋に、証人の署名はありません", "nobody cosigned what is not signed")
    rows = Rows(bag, leaves, filters)
    rows.check()
    check_counts(bag, rows)
    told += check_stamp(bag, filters, key, rows) if key is not None else []
    told.append((f"記録 {rows.records} 件", f"{rows.records} records, {rows.events} events"))
    if filters["whole"]:
        check_headers(bag, rows)
    elif HEADERS in bag.names:
        differs(HEADERS)
    if untrue := rows.untrue or rows.unlike:
        differs(untrue)
    if key is not None:
        # No manifest holds it, so whoever carries the bag could put another name below.
        note, digest = bag.text(BAG_NOTE), bag.digests[TAGMANIFEST][0]
        said = f"{filters['format']}\n{key[0]}\n{export}\n{digest}\n"
        if signed_text(note, key) != said or len(parted(note)[1]) != 1:
            unsigned("袋の署名は別の袋のものです", "the bag's signature is another bag's")
    told += limits(filters, rows)
    if old is not None:
        then = check_old(old, key_of(old_key, then="typo") if old_key else key, leaves)
        told.append((f"以前のイベント {then} 件と一致", f"begins with the earlier {then}"))
    return told


def limits(filters: Json, rows: Rows) -> list[Said]:
    """What the bag cannot prove, and what it reveals, in words."""
    # Headers tell findings of a transfer; those of one person in it stand in that person's line.
    sealed = ("counterparty", "source", "identifiers", "findings")
    hidden = ", ".join(one for one in sealed if one in filters["asked"])
    hidden = hidden.replace("findings", "findings of a person")
    whole, dead = filters["whole"], len(rows.dead)
    applies = [
        True,
        not filters["identified"],
        not whole,
        PAYLOAD[15] not in rows.bag.names,
        whole and hidden,
    ]
    applies += [rows.unproven, dead and not whole, rows.copied, rows.begun, whole]
    told = LIMITS.format(**{**vars(rows), "hidden": hidden, "dead": dead})
    said = zip(applies, told.split("\n")[::2], told.split("\n")[1::2])  # noqa: B905 -- Python 3.9
    return [(ja, en) for is_so, ja, en in said if is_so]


def told_of(arguments: list[str]) -> tuple[int, list[Said]]:
    """How it ends for the bag that a command line names, what was checked; raises `Refused`."""
    names = ("--key", "--checkpoint", "--checkpoint-key", "--policy", "--witness")
    options, left = {one: list[str]() for one in (*names, "BAG")}, list(arguments)
    while left:
        one = left.pop(0)
        is_option = one in names and len(left) > 0
        options[one if is_option else "BAG"].append(left.pop(0) if is_option else one)
    given, old, old_key, policy = (options[one][-1] if options[one] else None for one in names[:4])
    places, keys = options["BAG"], options["--witness"]
    is_empty = not all(one.strip() for one in arguments)  # a variable of a shell that is not set
    if len(places) != 1 or is_empty or places[0].startswith("-") or (old_key and not old):
        usage = "python3 verify.py BAG [--key KEY] [--checkpoint OLD [--checkpoint-key KEY]]"
        misused("使い方が違います", f"{usage} [--witness KEY]... [--policy FILE]")
    try:
        text = Path(policy).read_bytes().decode() if policy else None
    except (OSError, ValueError):
        misused("方針のファイルが読めません", "the policy cannot be read")
    known = Witnesses(keys, text) if keys or policy else None
    told = verified(Bag(places[0]), given, old, old_key, known)
    return GOOD if given or (known and known.logs) else CONSISTENT, told


def main(arguments: list[str]) -> int:
    """Check what the command line names; the exit code. The last words are the verdict."""
    if (renewed := getattr(sys.stdout, "reconfigure", None)) is not None:
        renewed(errors="replace")  # a console that lacks a character shows "?"
    try:
        code, told = told_of(arguments)
        end = VERDICTS["consistent" if code else "all_good"]
    except Exception as error:  # noqa: BLE001 -- whatever a bag does, its reader gets a code and words
        if isinstance(error, OSError):
            ja, en = "読み取れないものがあります", "something cannot be read"
            error = Refused(MISSING, ja, en, error.strerror or "OSError")
        elif not isinstance(error, Refused):
            ja = "内容が書き換えられています: 読み取れません"
            error = Refused(HASH, ja, "a hash differs: it cannot be read")
        code, told = error.code, [(error.ja, error.en)]
        told += [VERDICTS[error.then]] if error.then in VERDICTS else []
        end = f"合格ではありません(終了コード {code})。", f"not good: exit code {code}"
    for line in chain(*told, end):  # what a bag says must not move the cursor of who reads it
        safe = "".join(one if one.isprintable() or one == "\u3000" else "?" for one in line)
        (sys.stderr if code == USAGE else sys.stdout).write(f"{safe}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
