"""Time stamps on checkpoints: openssl makes and verifies them, and a wrong one is not kept."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from api.cli.log import standings
from api.server.integrator import Stamper
from api.server.log_metrics import LATE_S, BacklogWatch, Behind
from api.server.service_client import Service
from ledger.clock import now
from ledger.crypto.notes import KeyType, Signature, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.crypto.time_stamps import Authority, TimeStampRefusedError, request
from ledger.errors import CorruptRecordError
from projections.log.signed_log import SignedLog
from projections.log.time_stamps import CheckpointStamps
from tests.log.authority import TestedAuthority
from tests.log.signing import Place
from tests.log.witnesses import SIGNER, Shown

HOUR = 3_600.0


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TestedAuthority]:
    made = TestedAuthority(tmp_path / "tsa")
    with made.running():
        yield made


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(Place(tmp_path), Policy.read(b"quorum none\n"))


def stamped(shown: Shown, authority: TestedAuthority) -> CheckpointStamps:
    known = Authority.read(authority.ca.read_bytes())
    return CheckpointStamps(shown.place.folder, SIGNER.verifier, known)


def stamping(
    shown: Shown,
    authority: TestedAuthority,
    clock: Callable[[], datetime] = now,
    seconds: float = HOUR,
) -> Stamper:
    service = Service(authority.url, 10.0, 64 << 10)
    return Stamper(stamped(shown, authority), service, seconds, clock)


def test_openssl_accepts_what_is_kept_of_a_growing_log(
    shown: Shown, authority: TestedAuthority
) -> None:
    at = [now()]
    one = stamping(shown, authority, lambda: at[0])
    for size, name in ((0, "000"), (7, "007"), (300, "300"), (1000, "x001/000")):
        shown.grow(size)
        assert one.step() == HOUR
        newest = stamped(shown, authority).newest()
        assert newest is not None
        assert newest.checkpoint.size == size
        assert abs((newest.at - now()).total_seconds()) < 60
        kept = shown.place.path / f"log/timestamps/{SIGNER.verifier.id.hex()}/{name}"
        content = kept.with_name(f"{kept.name}.checkpoint").read_bytes()
        reply = kept.with_name(f"{kept.name}.tsr").read_bytes()
        assert content == (shown.place.path / "log/checkpoint").read_bytes()
        assert authority.accepts(content, reply)
        assert not authority.accepts(content[:-2] + b"A\n", reply)
        at[0] = newest.at + timedelta(seconds=HOUR)


CHAINS = [("intermediate",), ("intermediate", "root"), ("root", "intermediate")]


@pytest.mark.parametrize("chain", CHAINS, ids=" ".join)
def test_a_chain_is_accepted_as_openssl_writes_it(
    shown: Shown, tmp_path: Path, chain: tuple[str, ...]
) -> None:
    # Certificates are a set, and openssl leaves it in the order of the file: some of these runs
    # are in the order of DER by chance, hardly all.
    for n in range(4):
        authority = TestedAuthority(tmp_path / f"tsa{n}", chain=chain)
        shown.grow(7 * (n + 1))
        content = shown.place.folder.checkpoint() or ""
        asked = request(content.encode())
        reply = authority.answer(asked.body)
        assert authority.accepts(content.encode(), reply)
        known = Authority.read(authority.ca.read_bytes())
        assert known.verified(reply, content.encode(), asked.nonce)
        stamped(shown, authority).add(content, reply)
        newest = stamped(shown, authority).newest()
        assert newest is not None
        assert newest.reply == reply


def test_a_chain_that_does_not_lead_to_the_root_is_refused(tmp_path: Path) -> None:
    authority = TestedAuthority(tmp_path / "tsa", chain=("root",))
    asked = request(b"content")
    reply = authority.answer(asked.body)
    assert not authority.accepts(b"content", reply)
    with pytest.raises(CorruptRecordError):
        Authority.read(authority.ca.read_bytes()).verified(reply, b"content", asked.nonce)


@pytest.mark.parametrize("chain", [(), ("root", "intermediate")], ids=["no chain", "a chain"])
def test_no_byte_of_a_stamp_can_be_changed(
    shown: Shown, tmp_path: Path, chain: tuple[str, ...]
) -> None:
    authority = TestedAuthority(tmp_path / "tsa", chain=chain)
    shown.grow(7)
    content = (shown.place.folder.checkpoint() or "").encode()
    known = Authority.read(authority.ca.read_bytes())
    asked = request(content)
    reply = authority.answer(asked.body)
    assert known.verified(reply, content, asked.nonce)
    told: set[int] = set()
    for at in range(len(reply)):
        spoilt = reply[:at] + bytes([reply[at] ^ 1]) + reply[at + 1 :]
        try:
            known.verified(spoilt, content, asked.nonce)
        except (CorruptRecordError, TimeStampRefusedError):
            continue
        told.add(at)
    # What is left can be changed without a change of what is said: openssl says so too.
    assert all(authority.accepts(content, _flipped(reply, at)) for at in sorted(told))
    for wrong, nonce in ((content + b"x", asked.nonce), (content, (asked.nonce or 0) + 1)):
        with pytest.raises(CorruptRecordError):
            known.verified(reply, wrong, nonce)


def _flipped(reply: bytes, at: int) -> bytes:
    return reply[:at] + bytes([reply[at] ^ 1]) + reply[at + 1 :]


def stamped_at(shown: Shown, authority: TestedAuthority) -> datetime:
    newest = stamped(shown, authority).newest()
    assert newest is not None
    return newest.at


def test_stamps_are_as_far_apart_as_is_said(shown: Shown, authority: TestedAuthority) -> None:
    at = [now()]
    one = stamping(shown, authority, lambda: at[0], 600.0)
    assert one.step() == 60.0  # nothing is signed yet
    shown.grow(7)
    assert one.step() == 600.0
    # The authority has a clock of its own: what follows is measured from the time that it told.
    first = stamped_at(shown, authority)
    shown.grow(300)
    at[0] = first + timedelta(seconds=200)
    assert one.step() == 400.0
    # A process that starts anew does not ask sooner.
    assert stamping(shown, authority, lambda: at[0], 600.0).step() == 400.0
    at[0] = first + timedelta(seconds=599)
    assert one.step() == 1.0
    assert authority.asked == 1
    at[0] = first + timedelta(seconds=600)
    assert one.step() == 600.0
    assert authority.asked == 2
    # Nothing new is not stamped again, and what follows does not wait as long once more.
    at[0] = stamped_at(shown, authority) + timedelta(seconds=700)
    assert one.step() == 60.0
    assert authority.asked == 2


def _stranger(authority: TestedAuthority) -> None:
    other = TestedAuthority(authority.folder.parent / "stranger")
    authority.answer = other.answer


def spoilt(change: Callable[[bytes], bytes]) -> Callable[[TestedAuthority], None]:
    """The answer is changed on its way."""

    def spoil(authority: TestedAuthority) -> None:
        authority.spoil = change

    return spoil


def _old(authority: TestedAuthority) -> None:
    old = authority.answer(request(b"other").body)
    authority.spoil = lambda _: old


SPOILT: dict[str, tuple[Callable[[TestedAuthority], None], str]] = {
    "another authority": (_stranger, "does not verify: see LEDGER_LOG_TSA_CA"),
    "no stamp": (spoilt(lambda _: b"hello"), "does not verify"),
    "nothing": (spoilt(lambda _: b""), "does not verify"),
    "half of one": (spoilt(lambda reply: reply[:200]), "does not verify"),
    "an old answer": (_old, "does not verify"),
    "too much": (spoilt(lambda reply: reply + bytes(70_000)), "more than"),
    "a refusal": (lambda one: setattr(one, "digests", "sha512"), "answers with status 2"),
    "an error": (lambda one: setattr(one, "status", 500), "answers with status 500"),
    "a redirect": (lambda one: setattr(one, "status", 307), "answers with status 307"),
}


@pytest.mark.parametrize(("spoil", "said"), SPOILT.values(), ids=SPOILT.keys())
def test_an_answer_that_is_no_stamp_is_told_and_not_kept(
    shown: Shown,
    authority: TestedAuthority,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[TestedAuthority], None],
    said: str,
) -> None:
    shown.grow(7)
    spoil(authority)
    assert stamping(shown, authority).step() == 120.0
    assert said in caplog.text
    assert stamped(shown, authority).newest() is None
    assert not (shown.place.path / "log/timestamps").exists()


def test_an_authority_of_another_day_is_not_believed(
    shown: Shown, authority: TestedAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    shown.grow(7)
    for days in (-1, 1):
        stamping(shown, authority, lambda days=days: now() + timedelta(days=days)).step()
    assert caplog.text.count("the clock of the authority, or this one, is wrong") == 2
    assert stamped(shown, authority).newest() is None


@pytest.mark.parametrize("suffix", [".tsr", ".checkpoint"])
def test_a_stamp_that_was_damaged_counts_as_none(
    shown: Shown, authority: TestedAuthority, suffix: str
) -> None:
    shown.grow(7)
    stamping(shown, authority).step()
    file = shown.place.path / "log/stamped"
    if suffix == ".tsr":
        file = shown.place.path / f"log/timestamps/{SIGNER.verifier.id.hex()}/007.tsr"
    content = file.read_bytes()
    file.write_bytes(content[:-30] + bytes([content[-30] ^ 1]) + content[-29:])
    assert stamped(shown, authority).newest() is None
    assert stamping(shown, authority).step() == HOUR
    assert stamped(shown, authority).newest() is not None


WITNESS = SeedSigner("w1.example", b"1" * 32)
KEY = Verifier(WITNESS.name, WITNESS.verifier.public, KeyType.COSIGNATURE)
SECONDS = 1_700_000_000
SOON = (0.0, 0.0)


@pytest.fixture
def watched(tmp_path: Path) -> Shown:
    policy = f"witness one {KEY.text} http://localhost:1/\nquorum one\n"
    return Shown(Place(tmp_path), Policy.read(policy.encode()))


def signed_log(watched: Shown) -> SignedLog:
    return SignedLog(watched.place.folder, watched.place.anchor, SIGNER, watched.policy)


def cosign(watched: Shown) -> None:
    note, _ = watched.signed
    made = WITNESS.sign(f"cosignature/v1\ntime {SECONDS}\n{note.text}".encode())
    signature = Signature(KEY.name, KEY.id, SECONDS.to_bytes(8, "big") + made)
    watched.cosigned.add(note.text, note.signatures[0], watched.policy.witnesses["one"], signature)


def numbers(registry: CollectorRegistry) -> dict[str, float | None]:
    names = ("known", "checkpoint_size", "cosigned_size", "cosigned_timestamp_seconds")
    told = {name: registry.get_sample_value(f"ledger_log_{name}") for name in names}
    told["witness"] = registry.get_sample_value("ledger_log_witness_size", {"witness": "one"})
    return told


def test_the_numbers_tell_how_far_the_witnesses_are(watched: Shown) -> None:
    registry = CollectorRegistry()
    watch = BacklogWatch(signed_log(watched), registry, SOON)
    watch.sample()
    assert numbers(registry)["known"] == 0
    watched.grow(7)
    watch.sample()
    assert list(numbers(registry).values()) == [1, 7, 0, 0, 0]
    cosign(watched)
    watch.sample()
    assert list(numbers(registry).values()) == [1, 7, 7, SECONDS, 7]
    watched.grow(300)
    watch.sample()
    assert list(numbers(registry).values()) == [1, 300, 7, SECONDS, 7]
    (watched.place.path / "log/checkpoint").write_bytes(b"\xff")
    watch.sample()
    assert numbers(registry)["known"] == 0


def test_a_backlog_is_late_when_nothing_gets_on_for_long(watched: Shown) -> None:
    at = [0.0]
    watch = BacklogWatch(signed_log(watched), CollectorRegistry(), (60.0, 0.0), lambda: at[0])
    watched.grow(7)
    watch.sample()
    at[0] = LATE_S + 59
    watch.sample()
    assert watch.late() == ()
    at[0] = LATE_S + 60
    assert watch.late() == ("witnesses",)
    cosign(watched)
    watch.sample()
    assert watch.late() == ()


def test_who_gets_on_is_not_late_however_far_behind() -> None:
    behind = Behind(0.0)
    for step in range(10):
        behind.note_progress(step, 1_000, step * LATE_S / 2)
        assert not behind.is_late(step * LATE_S / 2 + 1)
    assert behind.is_late(9 * LATE_S / 2 + LATE_S)
    behind.note_progress(1_000, 1_000, 9 * LATE_S)
    behind.note_progress(1_000, 1_001, 9 * LATE_S + 5)
    assert not behind.is_late(9 * LATE_S + 6)


def test_a_log_that_is_not_stamped_is_seen(watched: Shown, tmp_path: Path) -> None:
    tsa = TestedAuthority(tmp_path / "tsa")
    known = Authority.read(tsa.ca.read_bytes())
    log = SignedLog(watched.place.folder, watched.place.anchor, SIGNER, authority=known)
    watched.grow(7)
    at, registry = [0.0], CollectorRegistry()
    watch = BacklogWatch(log, registry, (0.0, 3_600.0), lambda: at[0])
    watch.sample()
    assert registry.get_sample_value("ledger_log_stamped_size") == 0
    assert list(standings(log, 7)) == ["time stamps: none yet of 7 events"]
    at[0] = LATE_S + 3_599
    assert watch.late() == ()
    at[0] += 1
    assert watch.late() == ("time_stamps",)
    content = watched.place.folder.checkpoint() or ""
    assert log.stamped is not None
    log.stamped.add(content, tsa.answer(request(content.encode()).body))
    watch.sample()
    assert watch.late() == ()
    assert registry.get_sample_value("ledger_log_stamped_size") == 7
    when = registry.get_sample_value("ledger_log_stamped_timestamp_seconds")
    assert when is not None
    assert abs(when - now().timestamp()) < 60
    [line] = standings(log, 300)
    assert re.fullmatch(r"time stamps: 7 events, stamped 20\d\d-\S+Z, 293 behind", line)
