"""How far the witnesses are behind, as Prometheus, readiness and an operator see it."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from api.cli.log import standings
from api.server.backlog import LATE_S, BacklogWatch, Behind
from ledger.clock import now
from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.crypto.time_stamps import Authority, request
from projections.log.signed_log import SignedLog
from tests.log.authority import TestedAuthority
from tests.log.signing import Place
from tests.log.witnesses import SIGNER, Shown

WITNESS = SeedSigner("w1.example", b"1" * 32)
KEY = Verifier(WITNESS.name, WITNESS.verifier.public, KeyType.COSIGNATURE)
SECONDS = 1_700_000_000
SOON = (0.0, 0.0)


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    policy = f"witness one {KEY.text} http://localhost:1/\nquorum one\n"
    return Shown(Place(tmp_path), Policy.read(policy.encode()))


def signed(shown: Shown) -> SignedLog:
    return SignedLog(shown.place.folder, shown.place.anchor, SIGNER, shown.policy)


def cosign(shown: Shown) -> None:
    note, _ = shown.signed
    made = WITNESS.sign(f"cosignature/v1\ntime {SECONDS}\n{note.text}".encode())
    signature = Signature(KEY.name, KEY.id, SECONDS.to_bytes(8, "big") + made)
    shown.cosigned.add(note.text, note.signatures[0], shown.policy.witnesses["one"], signature)


def numbers(registry: CollectorRegistry) -> dict[str, float | None]:
    names = ("known", "checkpoint_size", "cosigned_size", "cosigned_timestamp_seconds")
    told = {name: registry.get_sample_value(f"ledger_log_{name}") for name in names}
    told["witness"] = registry.get_sample_value("ledger_log_witness_size", {"witness": "one"})
    return told


def test_the_numbers_tell_how_far_the_witnesses_are(shown: Shown) -> None:
    registry = CollectorRegistry()
    watch = BacklogWatch(signed(shown), registry, SOON)
    watch.sample()
    assert numbers(registry)["known"] == 0
    shown.grow(7)
    watch.sample()
    assert list(numbers(registry).values()) == [1, 7, 0, 0, 0]
    cosign(shown)
    watch.sample()
    assert list(numbers(registry).values()) == [1, 7, 7, SECONDS, 7]
    shown.grow(300)
    watch.sample()
    assert list(numbers(registry).values()) == [1, 300, 7, SECONDS, 7]
    (shown.place.path / "log/checkpoint").write_bytes(b"\xff")
    watch.sample()
    assert numbers(registry)["known"] == 0


def test_a_log_without_witnesses_has_no_backlog(shown: Shown) -> None:
    shown.grow(7)
    registry = CollectorRegistry()
    log = SignedLog(shown.place.folder, shown.place.anchor, SIGNER)
    watch = BacklogWatch(log, registry, SOON)
    watch.sample()
    assert numbers(registry)["checkpoint_size"] == 7
    assert numbers(registry)["cosigned_size"] is None
    assert watch.late() == ()
    assert list(standings(log, 7)) == []


def test_a_backlog_is_late_when_nothing_gets_on_for_long(shown: Shown) -> None:
    at = [0.0]
    watch = BacklogWatch(signed(shown), CollectorRegistry(), (60.0, 0.0), lambda: at[0])
    shown.grow(7)
    watch.sample()
    at[0] = LATE_S + 59
    watch.sample()
    assert watch.late() == ()
    at[0] = LATE_S + 60
    assert watch.late() == ("witnesses",)
    cosign(shown)
    watch.sample()
    assert watch.late() == ()


def test_who_gets_on_is_not_late_however_far_behind() -> None:
    behind = Behind(0.0)
    for step in range(10):
        behind.looked(step, 1_000, step * LATE_S / 2)
        assert not behind.is_late(step * LATE_S / 2 + 1)
    assert behind.is_late(9 * LATE_S / 2 + LATE_S)
    behind.looked(1_000, 1_000, 9 * LATE_S)
    behind.looked(1_000, 1_001, 9 * LATE_S + 5)
    assert not behind.is_late(9 * LATE_S + 6)


def test_an_operator_reads_who_is_how_far_behind(shown: Shown) -> None:
    shown.grow(7)
    log = signed(shown)
    assert list(standings(log, 7)) == [
        "enough witnesses: none yet of 7 events",
        "witness one: none yet of 7 events",
    ]
    cosign(shown)
    shown.grow(300)
    when = "2023-11-14T22:13:20Z"
    assert list(standings(log, 300)) == [
        f"enough witnesses: 7 events, cosigned {when}, 293 behind",
        f"witness one: 7 events, cosigned {when}, 293 behind",
    ]
    assert (
        SignedNote.read(shown.place.folder.note("cosigned") or "").signatures[1].seconds == SECONDS
    )


def test_a_log_that_is_not_stamped_is_seen(shown: Shown, tmp_path: Path) -> None:
    tsa = TestedAuthority(tmp_path / "tsa")
    known = Authority.read(tsa.ca.read_bytes())
    log = SignedLog(shown.place.folder, shown.place.anchor, SIGNER, authority=known)
    shown.grow(7)
    at, registry = [0.0], CollectorRegistry()
    watch = BacklogWatch(log, registry, (0.0, 3_600.0), lambda: at[0])
    watch.sample()
    assert registry.get_sample_value("ledger_log_stamped_size") == 0
    assert list(standings(log, 7)) == ["time stamps: none yet of 7 events"]
    at[0] = LATE_S + 3_599
    assert watch.late() == ()
    at[0] += 1
    assert watch.late() == ("time_stamps",)
    content = shown.place.folder.checkpoint() or ""
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
