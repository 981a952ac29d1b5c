"""What an audit of a bag names: what an audit of the ledger does, without its database and secrets.

The plants are those of the other audits, once more.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import orjson
import pytest
from pypdf import PdfReader

from api.settings.settings import Settings
from ledger.commands import ApproveAuditBag, RequestAuditBag
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.notes import signed_note
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import CorruptRecordError, ForgedEventError
from ledger.exports import audit_bag
from ledger.exports.audit_reader import AuditBag
from ledger.exports.bag import zipped
from ledger.exports.export_request import (
    RestlessError,
    SignedCheckpoint,
    UnlikeCheckpointError,
)
from ledger.exports.verify import Refused, Witnesses
from ledger.log.log_root import log_root
from ledger.merkle.checkpoint import Checkpoint
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef
from tests.database import Database, Server
from tests.exports.world import ORIGIN, SIGNER, WITNESSES, cosigned, resealed
from tests.ledger.excluding import exclude
from tests.ledger.given import person
from tests.replying.audit_bags import BagOffice
from tests.replying.auditing import AGREE, DAY, EMAIL, Office, without
from tests.replying.test_answer_audit import (
    changed,
    test_a_neighbours_record_is_named_whether_the_person_stands_in_it_or_not,
    test_a_record_told_as_it_was_before_its_correction_is_named,
    test_honest_answers_of_several_persons_agree,
    test_what_an_answer_binds_instead_of_the_records_is_named,
)
from tests.replying.test_audited_destructions import (
    test_a_destroyed_record_that_was_left_out_is_named,
    test_a_held_transfer_that_was_destroyed_is_named,
    test_a_record_under_a_key_of_an_early_day_is_named_with_both_days,
    test_what_was_destroyed_on_its_day_is_counted_and_not_called_good,
)
from tests.replying.test_audited_exclusions import (
    test_a_marked_record_that_one_person_shows_is_named,
    test_a_record_that_was_excluded_and_told_all_the_same_is_named,
    test_an_exclusion_that_stands_in_the_review_of_a_case_alone_is_named,
    test_what_is_excluded_by_decision_or_marked_is_left_out_and_nobody_accused,
    test_what_is_told_between_a_lift_and_another_exclusion_accuses_nobody,
)
from tests.retaining.keeper import keeper
from tests.serving.processes import environment, on_outer, run

__all__ = [
    "test_a_destroyed_record_that_was_left_out_is_named",
    "test_a_held_transfer_that_was_destroyed_is_named",
    "test_a_marked_record_that_one_person_shows_is_named",
    "test_a_neighbours_record_is_named_whether_the_person_stands_in_it_or_not",
    "test_a_record_that_was_excluded_and_told_all_the_same_is_named",
    "test_a_record_told_as_it_was_before_its_correction_is_named",
    "test_a_record_under_a_key_of_an_early_day_is_named_with_both_days",
    "test_an_exclusion_that_stands_in_the_review_of_a_case_alone_is_named",
    "test_honest_answers_of_several_persons_agree",
    "test_what_an_answer_binds_instead_of_the_records_is_named",
    "test_what_is_excluded_by_decision_or_marked_is_left_out_and_nobody_accused",
    "test_what_is_told_between_a_lift_and_another_exclusion_accuses_nobody",
    "test_what_was_destroyed_on_its_day_is_counted_and_not_called_good",
]

KEY = SIGNER.verifier.text


@pytest.fixture
def office(database: Database, server: Server, tmp_path: Path) -> Iterator[BagOffice]:
    """As the office of the other audits, but it is audited from a bag."""
    with keeper(database) as kept:
        kept.on(DAY)
        made = BagOffice(kept, server=server, folder=tmp_path)
        kept.sent("a", "P1")
        kept.sent("b", "P1", "P2", items=["氏名"])
        kept.sent("c", "P1")
        kept.sent("d", "P2")
        yield made


def checkpoint_of(office: Office, size: int | None = None) -> SignedCheckpoint:
    inside = office.kept.inside
    size = inside.head() if size is None else size
    checkpoint = Checkpoint(ORIGIN, size, log_root(inside.house.reader, size))
    note = signed_note(checkpoint.text, [SIGNER]).full_text
    return SignedCheckpoint(checkpoint, note, SIGNER)


# -- what the index hid --------------------------------------------------------------------------


def test_a_record_that_the_index_hid_is_named_as_one_that_an_answer_leaves_out(
    office: BagOffice,
) -> None:
    line = office.line_of(office.kept.transfers["b"], "P1")
    changed(office, "DELETE FROM projections.entries_a WHERE position = {}", line.first)
    office.answered()
    [one] = office.audit()[0]
    assert f"leaves a record of the person out (recorded at position {line.first})" in one


def test_a_record_behind_a_link_that_was_hidden_is_named_as_one_left_out(
    office: BagOffice,
) -> None:
    office.kept.sent("mail", "P9")
    office.link(person("P1"), person("P9"))
    changed(office, "DELETE FROM ledger.lookups WHERE kind = {}", "link")
    office.answered()
    [one] = office.audit()[0]
    assert "leaves a record of the person out (recorded at position 5)" in one


# -- whole, signed, and nobody else's --------------------------------------------------------------


def test_a_bag_is_believed_for_its_signature_its_log_and_its_witnesses(office: BagOffice) -> None:
    office.answered()
    signed = checkpoint_of(office, office.kept.inside.head() - 2)
    text = checkpoint_of(office, 3).checkpoint.text
    place, made = office.bagged(replace(signed, cosigned=cosigned(text, SIGNER, *WITNESSES)))
    assert (made.size - made.signed_size, made.records) == (2, 4)
    known = Witnesses([one.key.text for one in WITNESSES])
    words = [en for _, en in AuditBag(str(place)).check(KEY, known)]
    assert words[0] == f"signed by {ORIGIN}, up to {made.signed_size}"
    assert words[1] == "the 2 events after it are bound by the bag's signature alone"
    assert words[2].startswith("witnesses: 2 of the 2 you know signed, up to 3")
    assert "the key is the bag's own" in AuditBag(str(place)).check(None)[1][1]

    packed = place.with_suffix(".zip")
    zipped(place, packed)
    AuditBag(str(packed)).check(KEY)
    other = KEY.replace(ORIGIN, "other.example.jp")
    with pytest.raises(Refused) as refused:
        AuditBag(str(packed)).check(other)
    assert refused.value.code == 40


def test_whatever_is_changed_added_or_gone_in_a_bag_is_refused(office: BagOffice) -> None:
    office.answered()
    place, _ = office.bagged(checkpoint_of(office))
    files = sorted(one for one in place.rglob("*") if one.is_file())
    assert len(files) == 12
    for file in files:
        content = file.read_bytes()
        middle = len(content) // 2
        another = bytes([content[middle] ^ 1]) if content else b"\n"
        file.write_bytes(content[:middle] + another + content[middle + 1 :])
        with pytest.raises(Refused) as refused:
            AuditBag(str(place)).check(KEY)
        assert refused.value.code in (10, 40), file
        file.unlink()
        with pytest.raises(Refused) as refused:
            AuditBag(str(place)).check(KEY)
        assert refused.value.code in (10, 20), file
        file.write_bytes(content)
    (place / "data" / "more").write_bytes(b"")
    with pytest.raises(Refused):
        AuditBag(str(place)).check(KEY)


def without_last_line(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1])


def with_another_header(content: bytes) -> bytes:
    first, *others = content.splitlines(keepends=True)
    members = orjson.loads(first)
    members["header"] = members["header"].replace('"v":1', '"v":2')
    return orjson.dumps(members) + b"\n" + b"".join(others)


@pytest.mark.parametrize("change", [without_last_line, with_another_header])
def test_a_log_that_is_not_the_signed_one_is_refused_whatever_the_manifests_say(
    office: BagOffice, change: Callable[[bytes], bytes]
) -> None:
    place, _ = office.bagged(checkpoint_of(office))
    events = place / "data" / "events.ndjson"
    events.write_bytes(change(events.read_bytes()))
    resealed(place)
    with pytest.raises(Refused) as refused:
        AuditBag(str(place)).check(KEY)
    assert refused.value.code in (10, 20)
    assert "events.ndjson" in refused.value.en


def test_a_bag_that_the_operator_made_without_a_key_or_a_part_is_named(office: BagOffice) -> None:
    office.answered()
    place, _ = office.bagged()
    for name in ("keys.ndjson", "events.ndjson"):
        copy = place.with_name(name)
        copytree(place, copy)
        file = copy / "data" / name
        lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
        if name == "keys.ndjson":
            lines = [one for one in lines if one["class"] != "case"]
        else:
            lines[0]["parts"] = []
        file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
        resealed(copy)
        found = office.named_in(copy)
        assert "is missing" in found[0]


def test_a_key_that_is_not_what_its_id_says_is_refused(office: BagOffice) -> None:
    place, _ = office.bagged()
    file = place / "data" / "keys.ndjson"
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    lines[0]["key"] = "00" * 32
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    resealed(place)
    with pytest.raises(Refused, match="a hash differs"):
        office.named_in(place)


LINES = {
    "keys.ndjson": ["{}", "[]", '{"id":"00","key":"00","class":"case","day":null,"owner":null}'],
    "excluded_persons.ndjson": [
        "{",
        '{"key":"00","scheme":"member","id":"P1"}',
        f'{{"key":"{"00" * 16}","scheme":"member","id":"P1"}}\n' * 2,
    ],
    "exclusions.json": ["null", '{"stream":"","key":"","sealed":"","number":0}'],
    "events.ndjson": ["7", '{"header":"{}","parts":["-"]}'],
}


def test_a_line_that_no_ledger_writes_is_refused(office: BagOffice) -> None:
    exclude(office.kept.inside, office.line_of(office.kept.transfers["b"], "P1").first, of="P1")
    place, _ = office.bagged()
    for name, lines in LINES.items():
        content = (place / "data" / name).read_bytes()
        for line in lines:
            (place / "data" / name).write_text(f"{line}\n")
            resealed(place)
            with pytest.raises(Refused, match=r"differs"):
                office.named_in(place)
        (place / "data" / name).write_bytes(content)


def test_no_bag_is_made_while_records_are_destroyed(
    office: BagOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.kept.on("2029-06-01")
    honest = audit_bag.excluded_persons

    def meanwhile(streams: Streams) -> Iterator[tuple[bytes, PrincipalRef]]:
        office.kept.purge()
        return honest(streams)

    monkeypatch.setattr(audit_bag, "excluded_persons", meanwhile)
    with pytest.raises(RestlessError):
        office.bagged()


def test_neither_secret_nor_master_nor_a_keyed_hash_of_somebody_else_is_in_a_bag(
    office: BagOffice,
) -> None:
    office.link(person("P1"), EMAIL)
    office.answered()
    place, _ = office.bagged(checkpoint_of(office))
    whole = b"".join(one.read_bytes() for one in place.rglob("*") if one.is_file())
    [master] = demo_masters().masters.values()
    secret = office.kept.inside.house.secret
    hashes = [secret.principal_key(one.scheme, one.id) for one in (person("P1"), EMAIL)]
    for one in (demo_secret(), master, *hashes, secret.journal_key):
        assert one.hex().encode() not in whole


def test_no_bag_is_made_of_a_ledger_that_is_not_the_signed_one_or_has_a_forged_event(
    office: BagOffice,
) -> None:
    office.kept.inside.follow()
    signed = checkpoint_of(office)
    other = replace(signed, checkpoint=replace(signed.checkpoint, root=bytes(32)))
    with pytest.raises(UnlikeCheckpointError):
        office.bagged(other)
    head = office.kept.inside.head()
    changed_mac = "UPDATE ledger.events SET mac = {} WHERE notification_id = {}"
    office.break_events(changed_mac, bytes(32), head)
    with pytest.raises(ForgedEventError):
        office.bagged()


def test_a_destruction_that_the_ledger_did_not_decide_is_in_no_bag(office: BagOffice) -> None:
    office.kept.on("2029-06-01")
    office.kept.purge()
    assert office.audit()[0] == []
    office.break_events("UPDATE ledger.proven_expiries SET after = {}", 0)
    house = office.kept.inside.house
    house.streams.secret = LedgerSecret(demo_secret(), house.name, versions={"expiry": 2})
    with pytest.raises(CorruptRecordError, match="no proof"):
        office.bagged()


# -- the commands --------------------------------------------------------------------------------


def test_a_bag_is_made_and_audited_by_commands_and_is_on_record(office: BagOffice) -> None:
    database = office.kept.inside.database
    masters = demo_masters().masters
    settings = Settings(name=database.ledger_name, secret=demo_secret(), epoch_masters=masters)
    office.answered(lie=without(0))
    office.answered("P2")
    office.kept.inside.follow()
    place = office.folder / "bag.zip"
    inside, given = office.kept.inside, on_outer(database, settings)
    bags, at = inside.ledger.audit_bags, inside.now
    bag = bags.request(RequestAuditBag(random_uuid(), "a" * 32, "年次の監査"), at).stream
    making = ("audit-bag", str(bag), "--to", str(place))
    code, printed = run(*making, given=given)
    assert (code, place.exists()) == (1, False), printed
    assert "not approved by a second person" in printed
    bags.approve(ApproveAuditBag(random_uuid(), "b" * 32, bag), at)
    code, printed = run(*making, given=given)
    assert code == 0, printed
    assert f"on record at position {inside.head() - 1}" in printed
    code, printed = run(*making[:-1], str(office.folder / "second.zip"), given=given)
    assert code == 1, printed
    assert "it was made already" in printed

    report = office.folder / "report.pdf"
    auditing = ("audit", str(place), "--report", str(report))
    code, printed = run(*auditing, given=environment())
    assert code == 1, printed
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(report).pages)
    assert f"袋{bag}" in text
    assert "本人の記録を載せていません（位置1に記録されたもの）" in text
    assert "leaves a record of the person out (recorded at position 1)" in printed
    assert f"1 {AGREE}" in printed
    assert not any(one in printed for one in ("P1", "member", "見本"))
    code, refused = run(*auditing, given=environment())
    assert (code, "there is something already" in refused) == (2, True)
    code, printed = run("audit", str(place), "--key", KEY, given=environment())
    assert code == 40, printed
    place.write_bytes(place.read_bytes()[:-9])
    code, printed = run("audit", str(place), given=environment())
    assert code == 10, printed
