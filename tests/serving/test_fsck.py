"""`ledger fsck`: whatever somebody changes behind the ledger's back, the first place is named."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from api.cli.fsck import examination
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.clock import now
from ledger.commands import LinkIdentifiers, PublishNotice, ReceiveDirective
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import Exclude
from ledger.format.encoder import seal
from ledger.format.envelope import Append, EventDraft
from ledger.store.append import Appender
from ledger.values import Json, PrincipalRef
from tests.database import Database, Server, cloned_database
from tests.ledger.excluding import CHIEF, append_daily, store_version_1
from tests.ledger.test_notice import filing
from tests.serving.houses import house_of, this_day
from tests.serving.processes import run
from tests.serving.signed_ledger import Signed, signed_ledger


@pytest.fixture(scope="module")
def whole(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Signed:
    found = signed_ledger(shared_database, tmp_path_factory.mktemp("whole"))
    found.record(*map(str, range(300)))
    log = signed_log(settings_of(found))
    assert log is not None
    with house_of(shared_database.urls) as house:
        log.integrator(house.reads, house.reader).begin()
    return found


@pytest.fixture
def signed(whole: Signed, server: Server, tmp_path: Path) -> Iterator[Signed]:
    """A copy of the whole ledger, to be spoiled."""
    folder = tmp_path / "copy"
    shutil.copytree(whole.folder, folder)
    with cloned_database(replace(server, template=whole.database.name)) as database:
        given = {n: v.replace(str(whole.folder), str(folder)) for n, v in whole.given.items()}
        given["LEDGER_DATABASE_URL"] = database.login
        yield Signed(database, folder, given, whole.key)


def settings_of(signed: Signed) -> Settings:
    key = Path(signed.given["LEDGER_LOG_KEY_FILE"]).read_text("utf-8")
    given = {n: v for n, v in signed.given.items() if n.startswith("LEDGER_")}
    del given["LEDGER_LOG_KEY_FILE"]
    return Settings.from_environment({**given, "LEDGER_LOG_KEY": key})


def fsck(signed: Signed, **given: str) -> tuple[int, list[str]]:
    code, printed = run("fsck", given=signed.given | given)
    return code, [line for line in printed.splitlines() if not line.startswith("{")]


def _statement(*statements: LiteralString) -> Callable[[Signed], None]:
    """As a superuser, with the guards switched off."""

    def spoil(signed: Signed) -> None:
        with psycopg.connect(signed.database.admin) as connection:
            for table in ("events", "sealed_parts", "sealed_parts_0", "head"):
                connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
            for one in statements:
                connection.execute(one)

    return spoil


def _flip(name: str, byte: int) -> Callable[[Signed], None]:
    def spoil(signed: Signed) -> None:
        file = signed.tiles / name
        content = bytearray(file.read_bytes())
        content[byte] ^= 1
        file.write_bytes(content)

    return spoil


def _remove(name: str) -> Callable[[Signed], None]:
    return lambda signed: (signed.tiles / name).unlink()


def _both(signed: Signed) -> None:
    """Two events, the later one first: the earlier one is named, whoever finds it."""
    STATE_CHANGED(signed)
    _statement("UPDATE ledger.sealed_parts SET part = part || '\\x00' WHERE position = 200")(signed)


STATE_CHANGED = _statement(
    "UPDATE ledger.events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
    " 'consent_27_1', 'opt_out_27_2'), 'UTF8') WHERE notification_id = 5"
)
FAULTS: dict[str, tuple[Callable[[Signed], None], str]] = {
    "a header with another fact": (
        STATE_CHANGED,
        "the event at position 5 is not the one in the tree",
    ),
    "a header that is no JSON": (
        _statement("UPDATE ledger.events SET state = state || '!' WHERE notification_id = 7"),
        "the event at position 7",
    ),
    "a sealed part with another byte": (
        _statement(
            "UPDATE ledger.sealed_parts SET part = set_byte(part, 40, get_byte(part, 40) # 1)"
            " WHERE position = 9"
        ),
        "the event at position 9: the sealed part has another hash",
    ),
    "a sealed part that is gone": (
        _statement("DELETE FROM ledger.sealed_parts WHERE position = 270"),
        "the event at position 270: the sealed part is missing, though its key stands",
    ),
    "a row of another command": (
        _statement(
            "UPDATE ledger.events SET command = gen_random_uuid() WHERE notification_id = 11"
        ),
        "the event at position 11: its row says another command or version than its header",
    ),
    "a row of another type": (
        _statement("UPDATE ledger.events SET topic = 'day-closed' WHERE notification_id = 12"),
        "the event at position 12: the row is not the header's",
    ),
    "the last event gone, and the head": (
        _statement(
            "DELETE FROM ledger.events WHERE notification_id = 300",
            "UPDATE ledger.head SET position = 299",
        ),
        "the ledger ends before position 300, which is in the tree",
    ),
    "two of them": (_both, "the event at position 5 is not the one in the tree"),
    "a full tile with another byte": (_flip("tile/0/000", 70), "tile/0/000 is damaged"),
    "a checkpoint with another byte": (
        _flip("checkpoint", 40),
        "the published checkpoint is not signed by this log's key",
    ),
    "a checkpoint that is gone": (_remove("checkpoint"), "checkpoint is missing"),
    "no file of the last checkpoint": (
        lambda signed: signed.anchor.unlink(),
        "no log was begun here, or the file of its last checkpoint is gone",
    ),
}


@pytest.mark.parametrize(("spoil", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_what_is_wrong_first_is_named(
    signed: Signed, spoil: Callable[[Signed], None], told: str
) -> None:
    spoil(signed)
    [first, *_], _ = examination(settings_of(signed))
    assert told in first.text


def test_a_whole_ledger_is_told_to_be_whole_and_what_is_named_ends_the_command_with_1(
    signed: Signed,
) -> None:
    signed.record("not signed yet")
    assert fsck(signed) == (0, ["301 events are whole, and 300 of them are signed"])
    STATE_CHANGED(signed)
    code, printed = fsck(signed)
    assert (code, printed[0]) == (1, "the event at position 5 is not the one in the tree")


def test_a_log_that_is_not_signed_proves_less_and_says_so(signed: Signed) -> None:
    signed.given.pop("LEDGER_LOG_ORIGIN")
    signed.given.pop("LEDGER_LOG_KEY_FILE")
    code, [told] = fsck(signed)
    assert code == 0
    assert "the log is not signed, so nothing tells" in told
    # A header that nothing contradicts is named by its MAC alone.
    _statement(
        "UPDATE ledger.events SET state = convert_to(regexp_replace(convert_from(state, 'UTF8'),"
        " '\"actor\":\"[^\"]*\"', '\"actor\":\"' || repeat('9', 32) || '\"'), 'UTF8')"
        " WHERE notification_id = 6"
    )(signed)
    code, printed = fsck(signed)
    text = "the event at position 6: it has no MAC of the ledger's: the ledger did not append it"
    assert (code, printed[:-1]) == (1, [text])
    # But a header that what is sealed contradicts is named, as an export of it ends.
    STATE_CHANGED(signed)
    code, printed = fsck(signed)
    said = "the event at position 5: a header says something else than its sealed statement"
    assert (code, printed[0]) == (1, said)


def test_a_row_that_leads_to_a_person_or_a_notice_and_is_gone_is_named(signed: Signed) -> None:
    """Without it the records of the other identifier are missing in a history, or a stop is."""
    one, other = PrincipalRef("member", "M-0042-7781"), PrincipalRef("account", "A1")
    with house_of(signed.database.urls) as house:
        ledger, at, actor = house.ledger(), now(), "0" * 16
        ledger.link(LinkIdentifiers(random_uuid(), actor, one, other, "登録"), at)
        stop = ReceiveDirective(random_uuid(), actor, other, "consent_withdrawn", this_day())
        ledger.direct(stop, at)
        told = filing(this_day(), "氏名")
        ledger.publish(PublishNotice(random_uuid(), actor, "OO", "opt_out", told, None), at)
    with psycopg.connect(signed.database.admin, autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger.lookups DISABLE TRIGGER lookups_go_with_keys")
        for kind in ("link", "pair", "directive", "notice"):
            assert examination(settings_of(signed))[0] == []
            gone = connection.execute(
                "DELETE FROM ledger.lookups WHERE kind = %s RETURNING kind, key, stream, key_id",
                (kind,),
            ).fetchall()
            [first, *_], _ = examination(settings_of(signed))
            assert f"a row that leads to it is gone ({kind})" in first.text
            connection.cursor().executemany(
                "INSERT INTO ledger.lookups (kind, key, stream, key_id) VALUES (%s, %s, %s, %s)",
                gone,
            )


def test_an_examination_that_cannot_be_made_is_not_a_fault(signed: Signed) -> None:
    code, printed = fsck(signed, LEDGER_DATABASE_URL=f"{signed.given['LEDGER_DATABASE_URL']}_gone")
    assert code == 2, printed
    code, printed = fsck(signed, LEDGER_SECRET=os.urandom(32).hex())
    assert code == 2, printed
    assert "LEDGER_SECRET" in printed[-1]


def test_a_document_that_was_changed_or_taken_away_is_named(
    signed: Signed,
) -> None:
    with house_of(signed.database.urls) as house:
        case = random_uuid()
        record: dict[str, Json] = {"content": "00" * 32, "part": 1, "parts": 1, "names": ["a", "b"]}
        draft = EventDraft(
            "reply-stored",
            case,
            1,
            now(),
            "0" * 32,
            random_uuid(),
            {},
            record=record,
            attached=(b"one", b"two"),
        )
        key = house.keys.key_for("case", owner=case)
        Appender(house.writer, house.secret.event_mac).append(
            [Append((seal(draft, key, house.name),))]
        )
    assert examination(settings_of(signed))[0] == []
    told = "the event at position 301: "
    changed: LiteralString = "UPDATE ledger.sealed_parts SET part = part || '\\x00' WHERE n = 2"
    _statement(changed)(signed)
    [first, *_], _ = examination(settings_of(signed))
    assert first.text == f"{told}a document is not the one that the header names"
    _statement("DELETE FROM ledger.sealed_parts WHERE n = 2")(signed)
    [first, *_], _ = examination(settings_of(signed))
    assert first.text.startswith(told)


def test_what_went_missing_of_what_is_excluded_is_named(signed: Signed) -> None:
    def repeated(*excluded: Json) -> None:
        """A daily event that says so, whatever stands."""
        newest = house.streams.exclusions.rows.newest()
        assert newest is not None
        record: dict[str, Json] = {"v": 2, "excluded": [*excluded]}
        append_daily(house, record, now(), newest.stream, key, newest.version + 1)

    said = "lacks something that was excluded before, and no lift of it is told"
    with house_of(signed.database.urls) as house:
        key = house.keys.key_for("exclusion", day=this_day() + timedelta(days=1_000))
        chief = house.exclusions()
        chief.change(Exclude(random_uuid(), CHIEF, ((1, 1),), "i", "危害"), now())
        assert chief.repeat(now(), "0" * 32).position == 301
        assert examination(settings_of(signed))[0] == []
        repeated([1, 1, "i", ""], [2, 2, "i", ""])
        [told], _ = examination(settings_of(signed))
        assert told.text == f"what stands now {said}"
        repeated([1, 1, "i", ""])
        [told], _ = examination(settings_of(signed))
        assert told.text == f"the daily event at position 303 {said}"
    _statement("UPDATE ledger.exclusions SET number = number + 1")(signed)
    [told], _ = examination(settings_of(signed))
    assert told.text.startswith("what is excluded under Order 11 cannot be read: ")


def test_both_versions_of_the_daily_event_of_order_11_are_read(signed: Signed) -> None:
    with house_of(signed.database.urls) as house:
        store_version_1(house, now())
        assert house.exclusions().repeat(now(), "0" * 32).position == 302
    assert examination(settings_of(signed))[0] == []
    with house_of(signed.database.urls) as house:
        key = house.keys.key_for("exclusion", day=this_day() + timedelta(days=1_000))
        append_daily(house, {"v": 3, "excluded": []}, now(), random_uuid(), key)
    [first, *_], _ = examination(settings_of(signed))
    assert first.text.startswith("the event at position 303: ")
