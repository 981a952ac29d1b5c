"""Printing several replies in one run, and what goes with a reply on a medium."""

import hashlib
import hmac
import io
import struct
import zipfile
import zlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pypdf import PdfReader

from tests.canary import NAME
from tests.pages.casework import Work, Worked
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.sending import corrected, decided, status

PRINTING = "/desk/printing"
LIST = "/desk?tab=dispatch"
LOOKS = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"


def approved(work: Work, **changes: object) -> Worked:
    return work.begun(**changes).submitted().do("approve", by="approver")


def on_medium(office: Office, work: Work) -> Worked:
    """A reply that discloses a record, on a medium."""
    case, _ = decided(office, work, medium="electronic")
    return case.do("approve", by="approver")


def form_of(person: Person) -> Sheet:
    return sheet(person.get(LIST).text, PRINTING)


def printed(person: Person, *cases: Worked) -> PdfReader:
    fields = {"case": [one.id for one in cases]}
    answer = person.post(PRINTING, fields, token=form_of(person).text("form_token"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="print.pdf"'
    return PdfReader(io.BytesIO(answer.content))


def texts(pdf: PdfReader) -> list[str]:
    return [page.extract_text() for page in pdf.pages]


def looked(office: Office) -> int:
    return office.rows(LOOKS)[0][0]


def test_a_run_holds_a_separator_and_everything_of_each_envelope(
    office: Office, work: Work, officer: Person
) -> None:
    first, second = approved(work), approved(work)
    before = looked(office)
    pages = texts(printed(officer, first, second))
    apart = [n for n, text in enumerate(pages) if "仕切り紙" in text]
    assert [first.number in pages[apart[0]], second.number in pages[apart[1]]] == [True, True]
    assert (apart[0], len(apart)) == (0, 2)
    for one, (begin, end) in zip(
        (first, second), ((0, apart[1]), (apart[1], len(pages))), strict=True
    ):
        rest = pages[begin + 1 : end]
        assert all(one.number in text for text in rest)
        assert "書類の送付について" in rest[0], "the address lies on top"
        assert any("検証コード" in text for text in rest)
        assert f"{len(rest) - 1}枚" in pages[begin]
        assert NAME not in pages[begin], "a separator names nobody"
    assert looked(office) == before + 4, "address and reply of each, as where it is printed alone"


def test_what_cannot_be_printed_is_named_and_nothing_is_handed_out(
    office: Office, work: Work, officer: Person
) -> None:
    ready = approved(work)
    changed, record = decided(office, work)
    changed.do("approve", by="approver")
    corrected(office, record)
    unapproved = work.begun()
    before = looked(office)
    fields = {"case": [ready.id, changed.id, unapproved.id]}
    answer = officer.post(PRINTING, fields, token=form_of(officer).text("form_token"))
    assert answer.status_code == 409
    told = words_of(answer.text)
    assert changed.number in told
    assert unapproved.number in told
    assert NAME not in told
    assert looked(office) == before
    rest = sheet(answer.text, PRINTING)
    assert rest.fields["case"] == [ready.id]
    assert status(work, ready) == "notice_ready", "the post is put down case by case"


def test_a_medium_is_encrypted_and_only_the_letter_tells_its_password(
    office: Office, work: Work, officer: Person
) -> None:
    case = on_medium(office, work)
    path = f"/desk/cases/{case.id}/post"
    page = officer.get(path).text
    assert f"{path}/medium.zip" in page
    before = looked(office)
    locked = officer.get(f"{path}/medium.zip")
    letter = officer.get(f"{path}/password.pdf")
    label = officer.get(f"{path}/label.pdf")
    assert looked(office) == before + 3
    assert letter.content == officer.get(f"{path}/password.pdf").content
    [told] = texts(PdfReader(io.BytesIO(letter.content)))
    password = next(line for line in told.splitlines() if line.count("-") == 4 and len(line) == 24)
    assert password not in page
    assert password not in texts(PdfReader(io.BytesIO(label.content)))[0]
    assert NAME not in texts(PdfReader(io.BytesIO(label.content)))[0]
    plain = officer.get(f"{path}/reply.zip").content
    with zipfile.ZipFile(io.BytesIO(plain)) as files:
        expected = {name: files.read(name) for name in files.namelist()}
    assert opened(locked.content, password) == expected
    assert expected["records.csv"] not in locked.content
    with pytest.raises(AssertionError, match="wrong password"):
        opened(locked.content, password.replace(password[0], "Z" if password[0] != "Z" else "Y"))


def test_a_run_puts_the_password_behind_a_separator_of_its_own(
    office: Office, work: Work, officer: Person
) -> None:
    pages = texts(printed(officer, on_medium(office, work)))
    apart = [n for n, text in enumerate(pages) if "仕切り紙" in text]
    assert len(apart) == 2
    assert "媒体のラベル" in pages[apart[1] - 1]
    assert "パスワードのお知らせ" in pages[apart[1] + 1]
    assert len(pages) == apart[1] + 2
    assert not any("AES-256" in text for text in pages[: apart[1]])


def opened(content: bytes, password: str) -> dict[str, bytes]:
    """The files of a zip that is encrypted with AES-256, read by the book and without its library.

    Source: WinZip, AE-2: PBKDF2-HMAC-SHA1 of 1,000 rounds; AES, a little-endian counter from 1.
    """
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        for one in files.infolist():
            assert (one.compress_type, one.flag_bits & 1) == (99, 1)
            _, size, _, _, strength, method = struct.unpack("<HHH2sBH", one.extra[:11])
            assert (size, strength) == (7, 3), "AES-256"
            head = content[one.header_offset : one.header_offset + 30]
            name_size, extra_size = struct.unpack("<HH", head[26:30])
            begin = one.header_offset + 30 + name_size + extra_size
            sealed = content[begin : begin + one.compress_size]
            salt, check, text, code = sealed[:16], sealed[16:18], sealed[18:-10], sealed[-10:]
            keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 66)
            assert keys[64:] == check, "wrong password"
            assert hmac.digest(keys[32:64], text, "sha1")[:10] == code
            plain = counted(keys[:32], text)
            found[one.filename] = zlib.decompress(plain, -15) if method == 8 else plain
    return found


def counted(key: bytes, text: bytes) -> bytes:
    """AES in counter mode with a little-endian counter that begins at 1."""
    blocks = range(1, len(text) // 16 + 2)
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 -- one block each
    stream = cipher.update(b"".join(n.to_bytes(16, "little") for n in blocks))
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def asked_to_prove(office: Office, *cases: Worked) -> Person:
    """An officer who has ticked the cases, pressed, and proved who they are."""
    person = office.signed_in("officer")
    token = form_of(person).text("form_token")
    office.age_proofs()
    fields = {"case": [one.id for one in cases]}
    page = person.post(PRINTING, fields, token=token).headers["location"]
    assert page.startswith(f"/sign-in?page={PRINTING}")
    back = person.get(office.chosen(office.at_provider(person, PRINTING, "&proof=1"), "officer"))
    assert (back.status_code, back.headers["location"]) == (303, PRINTING)
    return person


def test_what_was_ticked_waits_for_who_had_to_prove_who_they_are(
    office: Office, work: Work
) -> None:
    first, second, other = approved(work), approved(work), approved(work)
    before = looked(office)
    person = asked_to_prove(office, first, second)
    page = person.get(PRINTING).text
    told = words_of(page)
    assert "まだ何も印刷していません" in told
    assert "ご本人の確認が済みました" in told
    assert "選んだ 2 件を印刷する" in told
    assert (first.number in told, second.number in told, other.number in told) == (
        True,
        True,
        False,
    )
    assert NAME not in told
    assert looked(office) == before, "nothing was opened yet"
    form = sheet(page, PRINTING)
    assert form.fields["case"] == [first.id, second.id]
    assert sheet(person.get(PRINTING).text, PRINTING).fields["case"] == form.fields["case"]
    answer = person.post(PRINTING, {"case": form.fields["case"]}, token=form.text("form_token"))
    assert sum("仕切り紙" in text for text in texts(PdfReader(io.BytesIO(answer.content)))) == 2
    assert looked(office) == before + 4
    assert "印刷する請求が選ばれていません" in person.get(PRINTING).text, "it is done"
