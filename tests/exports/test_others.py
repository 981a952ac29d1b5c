"""What witnesses and an authority said of the log, in a bag: checked, counted, not overstated."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from rfc3161_client import decode_timestamp_response

from api.resources.exports.export_run import signed_of
from ledger.crypto.notes import SignedNote
from ledger.crypto.policy import Policy
from ledger.crypto.time_stamps import Authority
from ledger.exports import verify
from ledger.exports.bag import zipped
from ledger.exports.export_request import SignedCheckpoint, UnlikeCheckpointError
from ledger.merkle.checkpoint import Checkpoint
from projections.log.anchor import FileAnchor
from projections.log.folder import TileFolder
from projections.log.signed_log import SignedLog
from tests.database import Database
from tests.exports.attesting import SECONDS, TestedWitness, cosigned, stamp_on
from tests.exports.lies_packed import moved
from tests.exports.reports import flat
from tests.exports.verifying import checked
from tests.exports.world import ORIGIN, SIGNER, WITNESSES, World, copied, signed_anew, world
from tests.ledger.given import data
from tests.log.authority import TestedAuthority
from tests.log.others import program

KEY = SIGNER.verifier.text
FIRST, SECOND = (one.key.text for one in WITNESSES)
STRANGER = TestedWitness("stranger.example.jp/w1").key.text
GOLDEN = Path(__file__).with_name("golden")
COMMAND = re.compile(r"openssl ts -verify .*CA\.pem")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestedAuthority:
    return TestedAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def attested(shared: World, authority: TestedAuthority) -> SignedCheckpoint:
    return shared.attested(stamp_on(authority, shared.signed(6).note))


@pytest.fixture(scope="module")
def bag(shared: World, attested: SignedCheckpoint) -> Path:
    return shared.bag("seen by others", signed=attested)


def test_without_keys_of_witnesses_none_is_said_to_be_checked(bag: Path) -> None:
    code, said = checked(bag, "--key", KEY)
    assert code == verify.GOOD, said
    assert "2 cosignatures are there, up to 7, and none is checked" in said
    assert "証人の署名 2 件があります(イベント 7 件まで)が、確かめていません。" in said


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ([FIRST], "1 of the 1 you know"),
        ([FIRST, SECOND], "2 of the 2 you know"),
        ([STRANGER, SECOND], "1 of the 2 you know"),
        ([STRANGER], "0 of the 1 you know"),
    ],
)
def test_it_is_told_how_many_known_witnesses_signed(bag: Path, keys: list[str], told: str) -> None:
    named = [part for one in keys for part in ("--witness", one)]
    code, said = checked(bag, "--key", KEY, *named)
    assert (code, f"witnesses: {told} signed, up to 7" in said) == (verify.GOOD, True), said
    at = datetime.fromtimestamp(SECONDS + (SECOND in keys), UTC)
    assert (f"{at:%Y-%m-%dT%H:%M:%SZ}" in said) == (keys != [STRANGER])


def test_the_stamp_s_time_is_told_and_that_its_authority_is_not_checked(
    bag: Path, attested: SignedCheckpoint
) -> None:
    code, said = checked(bag, "--key", KEY)
    assert attested.stamp is not None
    at = decode_timestamp_response(attested.stamp.reply).tst_info.gen_time
    assert code == verify.GOOD
    assert f"the log up to 6 was there at {at:%Y-%m-%dT%H:%M:%SZ}" in said
    assert "its authority's signature is NOT checked here" in said
    assert "時刻認証局の署名は、ここでは確かめていません。" in said


def test_the_command_that_is_told_checks_the_authority(
    shared: World, bag: Path, authority: TestedAuthority, attested: SignedCheckpoint, tmp_path: Path
) -> None:
    def accepted(place: Path) -> bool:
        found = COMMAND.search(checked(place, "--key", KEY)[1])
        assert found is not None
        words = [str(authority.ca) if one == "CA.pem" else one for one in shlex.split(found[0])]
        done = subprocess.run(
            [program("openssl"), *words[1:]], capture_output=True, check=False, cwd=tmp_path
        )
        return done.returncode == 0

    assert accepted(bag)
    # Another authority's stamp on the same checkpoint: here its time is told all the same.
    other = TestedAuthority(tmp_path / "other")
    assert attested.stamp is not None
    forged = replace(attested, stamp=stamp_on(other, attested.stamp.note))
    assert not accepted(shared.bag("by another authority", signed=forged))


def test_of_a_zip_the_command_names_the_folder_that_unpacks(bag: Path, tmp_path: Path) -> None:
    place = tmp_path / "two words.zip"
    zipped(bag, place)
    found = COMMAND.search(checked(place)[1])
    assert found is not None
    assert "-data 'two words/data/proofs/stamped'" in found[0]


def test_of_a_zip_whose_folder_fills_the_screen_the_command_does_not(
    bag: Path, tmp_path: Path
) -> None:
    place = tmp_path / "bag.zip"
    zipped(bag, place)
    place.write_bytes(moved("x" + " " * 3_000 + "all good/")(place.read_bytes()))
    code, said = checked(place)
    found = COMMAND.search(said)
    assert found is not None
    assert (code, "-data 'x all good/data/proofs/stamped'" in found[0]) == (verify.GOOD, True)


def test_a_stamp_reads_as_a_library_reads_it_whatever_byte_is_changed(
    attested: SignedCheckpoint,
) -> None:
    assert attested.stamp is not None
    reply, content = attested.stamp.reply, attested.stamp.note.encode()
    kind, digest, at = verify.stated(reply)
    read = decode_timestamp_response(reply).tst_info
    assert (kind, digest) == (verify.SHA256, sha256(content).digest())
    assert (digest, at) == (read.message_imprint.message, read.gen_time)
    for place in range(len(reply)):
        for bit in (0x01, 0x80):
            spoilt = reply[:place] + bytes([reply[place] ^ bit]) + reply[place + 1 :]
            try:
                told = verify.stated(spoilt)
            except ValueError:
                continue
            # What is still read is what the library reads, where that reads it.
            try:
                other = decode_timestamp_response(spoilt).tst_info
                theirs = (other.message_imprint.message, other.gen_time)
            except ValueError:
                continue
            assert told[1:] == theirs
    for end in range(len(reply)):
        with pytest.raises(ValueError, match=r"value|early|length|time stamp"):
            verify.stated(reply[:end])


def test_what_was_refused_is_no_stamp(shared: World, authority: TestedAuthority) -> None:
    authority.digests = "sha512"
    try:
        refused = stamp_on(authority, shared.signed(6).note)
    finally:
        authority.digests = "sha256"
    code, said = checked(shared.bag("refused", signed=replace(shared.signed(), stamp=refused)))
    assert (code, "is no time stamp" in said) == (verify.SIGNATURE, True), said


@pytest.mark.parametrize("name", ["cosigned", "stamped"])
def test_a_note_of_another_history_is_refused_though_the_key_signed_it_and_the_bag(
    bag: Path, authority: TestedAuthority, name: str
) -> None:
    forked = copied(bag, f"forked {name}")
    text = Checkpoint(ORIGIN, 7 if name == "cosigned" else 6, bytes(32)).text
    note = cosigned(text, SIGNER, *WITNESSES)
    (forked / f"data/proofs/{name}").write_text(note, "utf-8")
    if name == "stamped":
        (forked / "data/proofs/timestamp.tsr").write_bytes(stamp_on(authority, note).reply)
    signed_anew(forked)
    code, said = checked(forked, "--key", KEY, "--witness", FIRST)
    assert (code, f"{name}: position 1" in said) == (verify.HASH, True), said


def test_a_cosignature_that_is_not_the_witness_s_is_refused_by_who_knows_it(bag: Path) -> None:
    forged = copied(bag, "forged")
    place = forged / "data/proofs/cosigned"
    note = SignedNote.read(place.read_text("utf-8"))
    log, first, second = note.signatures
    wrong = replace(first, value=first.value[:8] + second.value[8:])
    place.write_text(SignedNote(note.text, (log, wrong, second)).whole, "utf-8")
    signed_anew(forged)
    assert checked(forged, "--key", KEY, "--witness", SECOND)[0] == verify.GOOD
    code, said = checked(forged, "--key", KEY, "--witness", FIRST)
    assert (code, "not the witness's: auditor.example.jp/w1" in said) == (verify.SIGNATURE, True)


def test_a_note_that_nobody_cosigned_is_no_cosigned_one(shared: World, bag: Path) -> None:
    alone = copied(bag, "alone")
    (alone / "data/proofs/cosigned").write_text(shared.signed(7).note, "utf-8")
    signed_anew(alone)
    code, said = checked(alone, "--key", KEY)
    assert (code, "nobody cosigned" in said) == (verify.SIGNATURE, True), said


def test_what_is_not_there_is_said_in_the_bag_its_report_its_guide_and_by_the_verifier(
    shared: World, bag: Path
) -> None:
    without = shared.bag("seen by nobody")
    told = json.loads((without / "data/filters.json").read_text("utf-8"))
    assert (told["cosigned"], told["stamped"]) == (None, None)
    code, said = checked(without, "--key", KEY, "--witness", FIRST)
    assert code == verify.GOOD
    assert "no witness cosigned the log, as far as the bag tells" in said
    assert "there is no time stamp" in said
    assert "証人の署名なし" in flat(without)
    assert "タイムスタンプなし（時刻は、台帳の記載によります）" in flat(without)
    guide = (without / "VERIFY.ja.md").read_text("utf-8")
    assert "証人の署名はありません" in guide
    assert "タイムスタンプはありません" in guide
    # Where they are, it says so.
    assert "証人の署名イベント7件までのログにあり" in flat(bag)
    assert "タイムスタンプイベント6件までのログにあり" in flat(bag)
    assert "--policy" in (bag / "VERIFY.ja.md").read_text("utf-8")
    assert "openssl ts -verify" in (bag / "VERIFY.ja.md").read_text("utf-8")


def test_nobody_cosigned_a_bag_that_is_not_signed(shared: World) -> None:
    unsigned = shared.bag("not signed", log=False)
    assert checked(unsigned, "--witness", FIRST)[0] == verify.SIGNATURE


def test_the_same_is_said_by_others_and_the_same_seed_gives_the_same_bytes(
    shared: World, bag: Path, attested: SignedCheckpoint
) -> None:
    again = shared.bag("seen by others again", signed=attested)
    for file in (one for one in bag.rglob("*") if one.is_file()):
        assert file.read_bytes() == (again / file.relative_to(bag)).read_bytes(), file


def test_no_bag_is_made_of_a_history_that_witnesses_saw_otherwise(shared: World) -> None:
    fork = cosigned(Checkpoint(ORIGIN, 7, bytes(32)).text, SIGNER, *WITNESSES)
    with pytest.raises(UnlikeCheckpointError):
        shared.bag("forked", signed=replace(shared.signed(), cosigned=fork))


def test_a_bag_of_the_first_version_is_accepted_as_it_was() -> None:
    old = GOLDEN / "ppl-export-1.zip"
    code, said = checked(old, "--key", KEY)
    assert code == verify.GOOD, said
    assert "no witness cosigned the log" in said
    assert "there is no time stamp" in said


# -- from a log that is signed, cosigned and stamped --------------------------------------------


@pytest.fixture
def growing(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        made.fill()
        yield made


def test_a_bag_has_what_witnesses_and_an_authority_said_by_then(
    growing: World, authority: TestedAuthority, tmp_path: Path
) -> None:
    # given: two witnesses of which both must sign, and a log that one of them cosigned
    lines = "".join(f"witness {n} {one.key.text}\n" for n, one in enumerate(WITNESSES))
    asked = Policy.read(f"{lines}group both all 0 1\nquorum both\n".encode())
    folder, anchor = TileFolder(tmp_path / "log"), FileAnchor(tmp_path / "anchor")
    known = Authority.read(authority.ca.read_bytes())
    log = SignedLog(folder, anchor, SIGNER, asked, ORIGIN, authority=known)
    integrator = log.integrator(growing.house.house.streams.reads, growing.house.house.reader)
    integrator.begin()
    integrator.step()
    note = log.published()[0]
    seen, stamped = log.cosigned, log.stamped
    assert seen is not None
    assert stamped is not None
    begun = signed_of(log)
    assert begun is not None
    assert begun.by_others == {}
    first, second = asked.witnesses.values()
    text, by_log = SignedNote.read(note).text, SignedNote.read(note).signatures[0]
    seen.add(text, by_log, first, WITNESSES[0].cosigns(text))
    stamped.add(note, stamp_on(authority, note).reply)

    # when
    growing.house.record("t6", data("P1"))
    integrator.step()
    made = signed_of(log)
    assert made is not None
    bag = growing.bag("one", signed=made)

    # then
    assert {name: one.size for name, one in made.by_others.items()} == {"cosigned": 8, "stamped": 8}
    code, said = checked(bag, "--key", KEY, "--witness", FIRST, "--witness", SECOND)
    assert (code, "1 of the 2 you know signed, up to 8" in said) == (verify.GOOD, True), said
    assert "up to 8 was there at" in said

    # when: the other one cosigned as well, and later the first one alone something newer
    seen.add(text, by_log, second, WITNESSES[1].cosigns(text))
    newer, its = log.published()[0], log.published()[1].text
    seen.add(its, SignedNote.read(newer).signatures[0], first, WITNESSES[0].cosigns(its))

    # then: what enough of them saw counts
    code, said = checked(
        growing.bag("two", signed=signed_of(log)), "--witness", FIRST, "--witness", SECOND
    )
    assert (code, "2 of the 2 you know signed, up to 8" in said) == (verify.GOOD, True), said
