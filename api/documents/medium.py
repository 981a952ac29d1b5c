"""What goes with a medium (電磁的記録): its label, and the letter with the password.

The files on the medium are encrypted. The password goes by a post of its own, so whoever finds one
of the two envelopes reads nothing. The label names nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from api.documents.address import NAGA_3, Window
from api.documents.glyphs import Substitutes
from api.documents.renderer import Document, render
from ledger.cases.letters.letter import Addressee, Issuer
from ledger.cases.letters.words import day_text
from ledger.clock import day_in_japan
from ledger.values import Json

LABEL_TEMPLATE = "medium-label"
LABEL_TITLE = "媒体のラベル"
PASSWORD_TEMPLATE = "password"  # noqa: S105 -- the name of a template
PASSWORD_TITLE = "パスワードのお知らせ"  # noqa: S105 -- what the letter is called


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumLabel:
    """The label of one medium.

    Attributes:
        at: the date of the reply on it.
        file: name of the encrypted file.
    """

    at: datetime
    case_number: str
    issuer: Issuer
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLetter:
    """The letter that tells the password of one encrypted file.

    Attributes:
        at: the date of the reply that the file holds.
        password: what opens it.
        substitutes: what is printed for characters that cannot be; the letter tells which were.
    """

    at: datetime
    case_number: str
    addressee: Addressee
    issuer: Issuer
    file: str
    password: str
    window: Window = NAGA_3
    substitutes: Substitutes = ()


def label_pdf(label: MediumLabel) -> bytes:
    """The label as a tagged PDF/A-3a; raises as `password_pdf`."""
    return render(LABEL_TEMPLATE, label_document(label))


def password_pdf(letter: PasswordLetter) -> bytes:
    """The letter as a tagged PDF/A-3a; the same bytes every time.

    Raises:
        UnprintableError: a text holds what the font cannot print.
    """
    return render(PASSWORD_TEMPLATE, password_document(letter))


def label_document(label: MediumLabel) -> Document:
    """What is printed on a label."""
    return Document(
        title=LABEL_TITLE,
        author=label.issuer.name,
        at=label.at,
        body={
            "rows": [
                ["受付番号", label.case_number],
                ["内容", "第三者提供記録の開示の請求に対する回答"],
                ["日付", day_text(day_in_japan(label.at))],
                ["ファイル", label.file],
                ["パスワード", "別の郵便でお知らせします"],
                ["発行者", label.issuer.name],
            ],
        },
    )


def password_document(letter: PasswordLetter) -> Document:
    """What is printed in the letter."""
    to, issuer, desk = letter.addressee, letter.issuer, letter.issuer.desk
    particulars: list[Json] = [
        ["受付番号", letter.case_number],
        ["ファイル", letter.file],
        ["暗号化の方式", "AES-256（ZIP形式）"],
    ]
    return Document(
        title=PASSWORD_TITLE,
        author=issuer.name,
        at=letter.at,
        body={
            "case_number": letter.case_number,
            "day": day_text(day_in_japan(letter.at)),
            "addressee": {
                "postal_code": to.postal_code,
                "address": to.address,
                "name": to.name,
            },
            "marks": ["親展", "簡易書留", "転送不要"],
            "particulars": particulars,
            "password": letter.password,
            "issuer": {"name": issuer.name, "address": issuer.address},
            "desk": {
                "name": desk.name,
                "postal_code": desk.postal_code,
                "address": desk.address,
                "email": desk.email,
            },
            "window": {
                "left": letter.window.left,
                "top": letter.window.top,
                "width": letter.window.width,
                "height": letter.window.height,
            },
        },
        substitutes=letter.substitutes,
    )
