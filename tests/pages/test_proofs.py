"""The proof that goes with a reply on a medium: what it proves, and what it does not tell."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from api.container import Container
from api.server.secrets import secrets_of
from api.signed_log import signed_log
from ledger.crypto.answers import AnsweredLine, AnswerKeys, tried_of
from ledger.crypto.notes import SignedNote
from ledger.errors import CorruptRecordError
from ledger.format.json import canonical, encoded
from ledger.log.proof_records import ProofContent, read_proof
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiled_tree import TiledTree
from projections.log.signed_log import SignedLog
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.office import Office, Person, open_office
from tests.pages.recorded import ABSENT, member, sent, verified
from tests.pages.test_printing import opened, texts
from tests.serving.processes import environment, run

OTHER = "別人 花子"


def log_settings(database: Database, folder: Path) -> dict[str, Any]:
    """A signed log below `folder`, and proofs in the files of a reply."""
    return {
        "log_origin": f"ledger.example.jp/{database.ledger_name}",
        "log_key": sha256(b"log of the office").digest(),
        "log_dir": folder / "tiles",
        "log_anchor": folder / "anchor",
        "reply_proofs": True,
    }


@pytest.fixture(scope="module")
def office(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("log")
    told = log_settings(shared_database, folder)
    with open_office(shared_database.urls, **told) as opened_office:
        sign(opened_office)
        yield opened_office


def log_of(office: Office) -> SignedLog:
    found = signed_log(office.settings)
    assert found is not None
    return found


def sign(office: Office) -> None:
    """What the integrator does every few seconds."""
    log = log_of(office)
    house = Container(office.urls, office.settings.name, secrets_of(office.settings))
    try:
        integrator = log.integrator(house.reads, house.reader)
        _ = integrator.begin() if log.anchor.read() is None else integrator.step()
    finally:
        house.close()


def replied(work: Work, who: dict[str, str], **decision: object) -> Worked:
    """A reply to this person on a medium, approved."""
    case = verified(work, who, name=NAME)
    case.do("principal", {"identifiers": [who], "evidence": "会員番号が一致"})
    case.do("decisions", {"medium": "electronic", **decision})
    return case.do("submit").do("approve", by="approver")


def files_of(officer: Person, case: Worked) -> dict[str, bytes]:
    path = f"/desk/cases/{case.id}/post"
    letter = officer.get(f"{path}/password.pdf")
    [told] = texts(PdfReader(io.BytesIO(letter.content)))
    password = next(line for line in told.splitlines() if line.count("-") == 4 and len(line) == 24)
    return opened(officer.get(f"{path}/medium.zip").content, password)


def proven(office: Office, files: dict[str, bytes]) -> ProofContent:
    return read_proof(files["proof.json"], log_of(office).verifier, office.settings.name)


def test_each_record_of_the_reply_is_proven_and_nobody_elses(
    office: Office, work: Work, officer: Person
) -> None:
    who, other = member(), {**member(), "name": OTHER}
    both = provision(principals=[other, {**who, "name": NAME}])
    sent(office, both, provision(principals=[{**who, "name": NAME}]), provision(principals=[other]))
    case = replied(work, who)
    sign(office)
    files = files_of(officer, case)
    told = proven(office, files)
    assert len(told.records) == len(json.loads(files["records.json"])["content"]["lines"]) == 2
    for one in told.records:
        assert json.loads(one.line or "")["principal"] == {**who, "name": NAME}
        assert json.loads(one.statement or "")["items"] == both["items"]
    text = files["proof.json"].decode()
    assert OTHER not in text
    assert other["id"] not in text
    assert f"{sha256(files['proof.json']).hexdigest()}  proof.json" in files["verify.txt"].decode()


def test_a_reply_tells_by_its_proof_nothing_of_what_is_excluded(
    office: Office, work: Work, officer: Person
) -> None:
    """One has a second record that is excluded; of the other one it is somebody else's."""
    proofs: list[str] = []
    for marked in (True, False):
        who = member()
        sent(office, provision(principals=[{**who, "name": NAME}]))
        second = {**(who if marked else member()), "name": NAME}
        [hidden] = sent(
            office, provision(principals=[second]), **({"order_11": "i"} if marked else {})
        )
        sign(office)
        case = replied(work, who)
        sign(office)
        files = files_of(officer, case)
        assert len(proven(office, files).records) == 1
        text = files["proof.json"].decode()
        assert hidden not in text
        # Paths grow with the log, whatever is excluded: how many hashes there are is left out.
        text = re.sub(r"(?:\\*\"[0-9a-f]{32,64}\\*\",?)+", "…", text)
        proofs.append(re.sub(r"[0-9a-f-]{36}|CNRY-\w+|\d+|[A-Za-z0-9+/=]{40,}", "…", text))
    assert proofs[0] == proofs[1]


def test_a_record_of_which_something_is_withheld_is_not_shown_whole(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    shown, held = sent(office, *[provision(principals=[{**who, "name": NAME}])] * 2)
    withheld = {"record": held, "ground": "ART33_2_I", "reason": "他人の利益を害するおそれ"}
    case = replied(work, who, withheld=[{**withheld, "items": ["COUNTERPARTY"]}])
    sign(office)
    files = files_of(officer, case)
    assert len(proven(office, files).records) == 1
    assert held not in files["proof.json"].decode()
    answer = proven(office, files).answer
    assert answer is not None
    assert (answer.shown, answer.withheld) == (1, 1)
    assert shown in files["proof.json"].decode()


def without_one(told: dict[str, Any]) -> None:
    told["records"].pop()


def one_more_often(told: dict[str, Any]) -> None:
    told["answer"]["lines"].append(told["answer"]["lines"][0])


def without_a_line(told: dict[str, Any]) -> None:
    told["records"].pop()
    told["answer"]["lines"].pop()


def in_another_version(told: dict[str, Any]) -> None:
    told["answer"]["lines"][0]["version"] += 1


def of_somebody_else(told: dict[str, Any]) -> None:
    told["answer"]["asked"]["identifiers"][0]["id"] += "0"


def held_back(told: dict[str, Any]) -> None:
    told["records"].pop()
    told["answer"]["lines"][-1] = "ab" * 32


def held_back_by_its_own_hash(told: dict[str, Any]) -> None:
    told["records"].pop()
    line = told["answer"]["lines"][-1]
    own = AnsweredLine(UUID(line.pop("stream")), **line)
    told["answer"]["lines"][-1] = own.digest.hex()


def of_no_answer(told: dict[str, Any]) -> None:
    told["answer"]["event"] = told["records"][0]["events"][0]


LIES = (
    *(without_one, one_more_often, without_a_line, in_another_version, of_somebody_else),
    *(held_back, held_back_by_its_own_hash, of_no_answer),
)


def test_the_records_of_a_proof_are_those_that_the_reply_told_and_no_others(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, *[provision(principals=[{**who, "name": NAME}])] * 2)
    case = replied(work, who)
    sign(office)
    files = files_of(officer, case)
    answer = proven(office, files).answer
    assert answer is not None
    assert (answer.shown, answer.withheld, answer.asked["identifiers"]) == (2, 0, [who])
    assert answer.as_of < answer.position
    for lie in LIES:
        told = json.loads(files["proof.json"])
        lie(told)
        with pytest.raises(CorruptRecordError):
            proven(office, {"proof.json": encoded(told)})


def test_a_record_is_not_shown_as_it_was_before_a_correction_that_the_reply_told(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    [record] = sent(office, provision(principals=[{**who, "name": NAME}]))
    first = replied(work, who)
    sign(office)
    older = json.loads(files_of(officer, first)["proof.json"])
    key = office.key("records:write", owner="officer")
    body = {"changes": {"items": ["住所"]}, "reason": "誤記"}
    path = f"/v1/transfers/{record}/corrections"
    assert office.api("POST", path, key, body).status_code == 200
    second = replied(work, who)
    sign(office)
    files = files_of(officer, second)
    assert json.loads(proven(office, files).records[0].statement or "")["items"] == ["住所"]
    told = json.loads(files["proof.json"])
    size = Checkpoint.read(SignedNote.read(told["checkpoint"]).text).size
    tree = TiledTree(size, log_of(office).folder.read)
    for event in older["records"][0]["events"]:
        event["path"] = [one.hex() for one in tree.inclusion(event["index"])]
    told["records"] = older["records"]
    with pytest.raises(CorruptRecordError, match="another version"):
        proven(office, {"proof.json": encoded(told)})


def test_an_answer_of_form_1_is_still_proven_and_says_what_it_does_not_bind(
    office: Office, work: Work, officer: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))

    def of_before(salt: bytes, form: int = 1) -> AnswerKeys:
        return AnswerKeys(form, salt, salt)

    with monkeypatch.context() as before:
        before.setattr(AnswerKeys, "of", of_before)
        case = replied(work, who)
    sign(office)
    files = files_of(officer, case)
    told = json.loads(files["proof.json"])
    assert (told["v"], sorted(told["answer"]["lines"][0])) == (
        2,
        ["first", "last", "line", "stream", "version"],
    )
    answer = proven(office, files).answer
    assert answer is not None
    assert (answer.form, answer.shown) == (1, 1)
    file = tmp_path / "proof.json"
    file.write_bytes(files["proof.json"])
    code, printed = run("proof", str(file), log_of(office).verifier.text, given=environment())
    assert code == 0
    assert "not proven: that each record is shown in the version that the reply told" in printed
    without_one(told)
    with pytest.raises(CorruptRecordError):
        proven(office, {"proof.json": encoded(told)})


def test_what_was_tried_cannot_be_guessed_from_a_proof(
    office: Office, work: Work, officer: Person
) -> None:
    who, tried = member(), {"scheme": "member", "id": "M-73-4182"}
    sent(office, provision(principals=[{**who, "name": NAME}]))
    case = verified(work, who, name=NAME)
    told = {"identifiers": [who], "tried": [tried], "evidence": "会員番号が一致"}
    case.do("principal", told)
    case.do("decisions", {"medium": "electronic"}).do("submit").do("approve", by="approver")
    sign(office)
    content = files_of(officer, case)["proof.json"]
    answer = json.loads(content)["answer"]
    assert tried["id"] not in content.decode()
    guess = canonical([{**tried}])
    for form in (1, 2):
        keys = AnswerKeys.of(bytes.fromhex(answer["salt"]), form)
        assert answer["asked"]["tried"] not in {
            tried_of(one, guess).hex() for one in (keys.shown, keys.tried)
        }


def test_that_no_record_exists_is_bound_as_well_and_the_log_tells_no_difference(
    office: Office, work: Work
) -> None:
    who, other = member(), member()
    sent(office, *[provision(principals=[{**other, "name": NAME}])] * 3)
    case = verified(work, who, name=NAME)
    case.do("principal", {"identifiers": [], "tried": [who, ABSENT], "evidence": "該当なし"})
    case.do("decisions", {"medium": "electronic"}).do("submit").do("approve", by="approver")
    replied(work, other)
    rows = office.rows(
        "SELECT convert_from(state, 'UTF8') FROM ledger.events WHERE topic = 'answer-committed'"
        " ORDER BY notification_id DESC LIMIT 2"
    )
    [some, nothing] = (json.loads(header) for (header,) in rows)
    assert UUID(nothing["stream"]) == UUID(case.id)
    assert some.keys() == nothing.keys()
    assert some["facts"].keys() == nothing["facts"].keys() == {"as_of", "answer"}
    assert some["sealed"]["size"] == nothing["sealed"]["size"]


ENCLOSED = ("proof.json", "check_proof.py", "check_proof.html")


def test_nobody_waits_for_a_log_that_is_not_signed_so_far(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    sign(office)
    searched = verified(work, who, name=NAME)
    searched.do("principal", {"identifiers": [who], "evidence": "会員番号が一致"})
    searched.do("decisions", {"medium": "electronic"}).do("submit")
    sign(office)  # as far as the search, and not as far as the approval
    case = searched.do("approve", by="approver")
    before = files_of(officer, case)
    assert "proof.json" not in before
    sign(office)
    after = files_of(officer, case)
    assert {name for name in after if name not in before} == {*ENCLOSED}
    told = (files.pop("verify.txt").decode() for files in (before, after))
    assert "proof" not in next(told)
    assert all(after[name] == content for name, content in before.items())


def test_of_what_was_sent_no_proof_is_made_again(
    office: Office, work: Work, officer: Person
) -> None:
    """What is excluded by now would show by its absence."""
    who = member()
    [record] = sent(office, provision(principals=[{**who, "name": NAME}]))
    case = replied(work, who)
    sign(office)
    assert "proof.json" in files_of(officer, case)
    case.do("dispatch", {"dispatched_on": today(), "item_number": POST_NUMBER})
    before = files_of(officer, case)
    assert "proof.json" not in before
    key = office.key("records:exclude", owner="chief")
    body = {"action": "exclude", "transfers": [record], "ground": "i", "reason": "危害"}
    assert office.api("POST", "/v1/exclusions", key, body).status_code == 200
    assert files_of(officer, case) == before


def checked_beside(office: Office, officer: Person, case: Worked, folder: Path) -> tuple[int, str]:
    """What the program says that lies beside the proof, unpacked by whoever got both."""
    for name, content in files_of(officer, case).items():
        (folder / name).write_bytes(content)
    words = [sys.executable, "check_proof.py", "proof.json", "--key", log_of(office).verifier.text]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_whoever_has_the_proof_verifies_it_with_the_public_key_alone(
    office: Office, work: Work, officer: Person, tmp_path: Path
) -> None:
    who = member()
    sent(office, provision(principals=[{**who, "name": NAME}]))
    case = replied(work, who)
    sign(office)
    content, key = files_of(officer, case)["proof.json"], log_of(office).verifier.text
    file = tmp_path / "proof.json"
    file.write_bytes(content)
    code, printed = run("proof", str(file), key, given=environment())
    assert code == 0, printed
    assert "1 record is proven" in printed
    assert "the reply told these records and no others" in printed
    assert f"about member {who['id']}" in printed
    assert NAME in printed
    code, words = checked_beside(office, officer, case, tmp_path)
    assert code == 0, words
    assert words.endswith("全て一致しました。\nall good\n")
    answer = proven(office, {"proof.json": content}).answer
    assert answer is not None
    assert f"台帳の位置 {answer.as_of} までの検索" in words
    file.write_bytes(content.replace(NAME.encode(), OTHER.encode()))
    code, printed = run("proof", str(file), key, given=environment())
    assert code == 1
    assert "proves nothing" in printed
    assert OTHER not in printed
    for words in ((str(tmp_path / "none"), key), (str(file), "no key")):
        assert run("proof", *words, given=environment())[0] == 2
