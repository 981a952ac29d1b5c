"""A ledger of before events had MACs, made of one of today; and events with a MAC made anew."""

import psycopg

from ledger.store.event_macs import EventMac


def mac_anew(connection: psycopg.Connection, position: int, mac: EventMac) -> None:
    """Give a changed event the MAC that it lacks: as only who has the ledger secret can."""
    row = connection.execute(
        "SELECT originator_id, originator_version, topic, state FROM ledger.events"
        " WHERE notification_id = %s",
        (position,),
    ).fetchone()
    assert row is not None
    connection.execute(
        "UPDATE ledger.events SET mac = %s WHERE notification_id = %s", (mac(*row), position)
    )


def without_macs(connection: psycopg.Connection) -> None:
    """Let every event be one of before (0118): what a ledger is that was just upgraded.

    It is also what the owner of the database does who wants no MAC to contradict a change.
    """
    connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER events_immutable")
    connection.execute("ALTER TABLE ledger.events DROP CONSTRAINT events_mac")
    connection.execute("UPDATE ledger.events SET mac = NULL")
    connection.execute(
        "ALTER TABLE ledger.events ADD CONSTRAINT events_mac"
        " CHECK (mac IS NOT NULL AND octet_length(mac) = 32) NOT VALID"
    )
    connection.execute("UPDATE ledger.event_macs SET after = (SELECT position FROM ledger.head)")
    connection.execute("ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER events_immutable")
