"""Writes what users see anew: `./dev python -m tests.surface.make`."""

from tests.database import cloned_database, running_server
from tests.surface.seen import FROZEN, PARTS, schema

if __name__ == "__main__":
    FROZEN.mkdir(exist_ok=True)
    for name, part in PARTS.items():
        (FROZEN / f"{name}.txt").write_text(part(), "utf-8")
    with running_server() as server, cloned_database(server) as database:
        (FROZEN / "schema.sql").write_text(schema(database), "utf-8")
