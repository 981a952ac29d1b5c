"""Time stamps on checkpoints: openssl makes and verifies them, and a wrong one is not kept."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.server.service_client import Service
from api.server.stamper import Stamper
from ledger.clock import now
from ledger.crypto.policy import Policy
from ledger.crypto.time_stamps import Authority, TimeStampRefusedError, request
from ledger.errors import CorruptRecordError
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


def test_no_byte_of_a_stamp_can_be_changed(shown: Shown, authority: TestedAuthority) -> None:
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


def test_an_authority_that_is_down_is_asked_less_and_less(
    shown: Shown, authority: TestedAuthority
) -> None:
    shown.grow(7)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    one = stamping(shown, authority)
    one.service = replace(one.service, url=f"http://127.0.0.1:{port}/")
    assert [one.step() for _ in range(5)] == [120.0, 240.0, 480.0, 900.0, 900.0]
    assert stamped(shown, authority).newest() is None
    one.service = replace(one.service, url=authority.url)
    assert one.step() == HOUR
    assert stamped(shown, authority).newest() is not None


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
