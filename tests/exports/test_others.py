"""What witnesses and an authority said of the log, in a bag: checked, counted, not overstated."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from rfc3161_client import decode_timestamp_response

from api.resources.exports.export_run import signed_of
from ledger.crypto.notes import SignedNote
from ledger.crypto.policy import Policy, PolicyError
from ledger.crypto.time_stamps import Authority
from ledger.exports import verify
from ledger.exports.export_request import SignedCheckpoint, UnlikeCheckpointError
from ledger.merkle.checkpoint import Checkpoint
from projections.log.anchor import FileAnchor
from projections.log.folder import TileFolder
from projections.log.signed_log import SignedLog
from tests.database import Database
from tests.exports.world import (
    ORIGIN,
    SECONDS,
    SIGNER,
    WITNESSES,
    TestedWitness,
    World,
    checked,
    copied,
    cosigned,
    flat,
    signed_anew,
    stamp_on,
    world,
)
from tests.ledger.given import data
from tests.log.authority import TestedAuthority
from tests.log.others import program

KEY = SIGNER.verifier.text
FIRST, SECOND = (one.key.text for one in WITNESSES)
RENAMED = replace(WITNESSES[0].key, name="other.example.jp/w1").text
STRANGER = TestedWitness("stranger.example.jp/w1").key.text
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
    place.write_text(SignedNote(note.text, (log, wrong, second)).full_text, "utf-8")
    signed_anew(forged)
    assert checked(forged, "--key", KEY, "--witness", SECOND)[0] == verify.GOOD
    code, said = checked(forged, "--key", KEY, "--witness", FIRST)
    assert (code, "not the witness's: auditor.example.jp/w1" in said) == (verify.SIGNATURE, True)


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


def test_no_bag_is_made_of_a_history_that_witnesses_saw_otherwise(shared: World) -> None:
    fork = cosigned(Checkpoint(ORIGIN, 7, bytes(32)).text, SIGNER, *WITNESSES)
    with pytest.raises(UnlikeCheckpointError):
        shared.bag("forked", signed=replace(shared.signed(), cosigned=fork))


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
    assert (code, "2 of the 2 you know signed, up to 8" in said) == (verify.CONSISTENT, True), said


@pytest.fixture(scope="module")
def cosigned_only(shared: World) -> SignedCheckpoint:
    return shared.attested()


@pytest.fixture(scope="module")
def seen(shared: World, cosigned_only: SignedCheckpoint) -> Path:
    return shared.bag("seen by witnesses", signed=cosigned_only)


def policy(folder: Path, *lines: str) -> Path:
    place = folder / f"policy-{sha256(repr(lines).encode()).hexdigest()[:8]}"
    place.write_text("".join(f"{line}\n" for line in lines))
    return place


POLICIES: Mapping[tuple[str, ...], int] = {
    ("quorum one",): verify.GOOD,
    ("quorum none",): verify.GOOD,
    ("quorum other",): verify.SIGNATURE,
    ("group both all one two", "quorum both"): verify.GOOD,
    ("group both all one other", "quorum both"): verify.SIGNATURE,
    ("group most 2 one two other", "quorum most"): verify.GOOD,
    ("group some any one other", "group more all one two", "quorum more"): verify.USAGE,
    ("group some any one other", "group every all two some", "quorum every"): verify.GOOD,
    ("# nothing",): verify.USAGE,
    ("quorum nobody",): verify.USAGE,
    ("quorum one", "quorum two"): verify.USAGE,
    ("group g 3 one two", "quorum g"): verify.USAGE,
    ("group g any one one", "quorum g"): verify.USAGE,
    ("group g any later", "group later any one", "quorum g"): verify.USAGE,
    ("group g any none", "quorum g"): verify.USAGE,
    ("group one any two", "quorum one"): verify.USAGE,
    ("witness one more", "quorum one"): verify.USAGE,
    (f"witness again {FIRST}", "quorum one"): verify.USAGE,
    (f"witness renamed {RENAMED}", "group both all one renamed", "quorum both"): verify.USAGE,
    (f"log {KEY}", "quorum one"): verify.GOOD,
    (f"log {KEY.replace('test-ledger', 'other')}", "quorum one"): verify.USAGE,
    ("what is this", "quorum one"): verify.USAGE,
}
KNOWN = (
    f"witness one {FIRST}",
    f"witness two {SECOND} https://w.example",
    f"witness other {STRANGER}",
)


def test_what_a_policy_asks_for_must_be_met_and_means_the_same_to_the_ledger(
    seen: Path, cosigned_only: SignedCheckpoint, tmp_path: Path
) -> None:
    for lines, expected in POLICIES.items():
        place = policy(tmp_path, *KNOWN, *lines)
        code, said = checked(seen, "--key", KEY, "--policy", place)
        assert code == expected, (lines, said)
        try:
            read = Policy.read(place.read_bytes())
        except PolicyError:
            assert expected == verify.USAGE, lines
            continue
        signed = read.cosignatures(SignedNote.read(cosigned_only.cosigned or ""))
        assert (verify.GOOD if read.is_met(signed) else verify.SIGNATURE) == expected, lines


def test_a_policy_about_another_log_refuses_the_bag(seen: Path, tmp_path: Path) -> None:
    other = replace(SIGNER.verifier, name="other.example.jp/log").text
    code, said = checked(seen, "--policy", policy(tmp_path, *KNOWN, f"log {other}", "quorum one"))
    assert (code, "about other logs" in said) == (verify.SIGNATURE, True), said


@pytest.mark.parametrize("key", ["no key", KEY, FIRST[:-4] + "AAA="])
def test_what_is_no_key_of_a_witness_is_asked_in_a_wrong_way(seen: Path, key: str) -> None:
    assert checked(seen, "--witness", key)[0] == verify.USAGE
    assert checked(seen, "--witness", FIRST, "--witness", FIRST)[0] == verify.USAGE
    assert checked(seen, "--witness", FIRST, "--witness", RENAMED)[0] == verify.USAGE
    assert checked(seen, "--policy", seen / "nowhere")[0] == verify.USAGE


def test_what_a_policy_asks_for_is_not_there(shared: World, tmp_path: Path) -> None:
    without = shared.bag("seen by no witness")
    code, said = checked(without, "--policy", policy(tmp_path, *KNOWN, "quorum one"))
    assert (code, "asks for more witnesses than signed: 0 of 3" in said) == (40, True), said
