"""A proof that would not verify, and one that the operator does not want, is not enclosed."""

import logging
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from api.container import Container
from api.server.secrets import secrets_of
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.log.log_root import leaves
from projections.log.anchor import FileAnchor
from projections.log.integrator import Integrator
from tests.before_macs import mac_anew
from tests.canary import NAME
from tests.database import LEDGER_NAME, Database
from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.office import Office, Person, open_office
from tests.pages.recorded import member, position_of, sent
from tests.pages.test_proofs import files_of, log_of, log_settings, proven, replied, sign


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    with open_office(database.urls, **log_settings(database, tmp_path)) as opened:
        sign(opened)
        yield opened


def house_of(office: Office) -> Container:
    return Container(office.urls, office.settings.name, secrets_of(office.settings))


def restored_behind(office: Office, anchor: Path, parted: int) -> None:
    """Let the log be the one of a history that went another way after `parted` events."""
    with closing(house_of(office)) as house:
        head = house.reads.head()
        common = list(leaves(house.reader, 0, parted))
    lost = common + [sha256(b"lost %d" % n).digest() for n in range(head - parted + 40)]
    log = log_of(office)
    for file in [one for one in log.folder.path.rglob("*") if one.is_file()]:
        file.unlink()
    Integrator(
        log.folder, FileAnchor(anchor), log.signer, lambda: len(lost), lambda a, b: lost[a:b]
    ).begin()


def codes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        getattr(one, "code", "")
        for one in caplog.records
        if one.message == "a reply goes out without a proof"
    ]


@pytest.mark.parametrize("is_record_common", [False, True])
def test_after_a_restore_behind_the_log_no_false_proof_is_enclosed(
    office: Office,
    work: Work,
    officer: Person,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    *,
    is_record_common: bool,
) -> None:
    """Nor one that is true of its records alone: the search was of another history."""
    who = member()
    [record] = sent(office, provision(principals=[{**who, "name": NAME}]))
    parted = position_of(office, record) - (0 if is_record_common else 1)
    case = replied(work, who)
    restored_behind(office, tmp_path / "other", parted)
    with caplog.at_level(logging.WARNING):
        files = files_of(officer, case)
    assert "proof.json" not in files
    assert "records.json" in files
    assert codes(caplog) == ["LOG_DIFFERS"]


def test_an_event_that_was_changed_in_the_database_is_not_told_as_proven(
    office: Office,
    work: Work,
    officer: Person,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    who = member()
    [record] = sent(office, provision(principals=[{**who, "name": NAME}]))
    case = replied(work, who)
    sign(office)
    assert len(proven(office, files_of(officer, case)).records) == 1
    with psycopg.connect(database.admin) as connection:
        connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER ALL")
        changed = connection.execute(
            "UPDATE ledger.events SET state = convert_to(regexp_replace("
            "convert_from(state, 'UTF8'), '\"at\":\"....', '\"at\":\"1999'), 'UTF8')"
            " WHERE notification_id = %s",
            (position_of(office, record),),
        )
        assert changed.rowcount == 1
        mac = LedgerSecret(office.secret, LEDGER_NAME).event_mac
        mac_anew(connection, position_of(office, record), mac)
        connection.execute("ALTER TABLE ledger.events ENABLE TRIGGER ALL")
    with caplog.at_level(logging.WARNING):
        assert "proof.json" not in files_of(officer, case)
    assert codes(caplog) == ["LOG_DIFFERS"]
