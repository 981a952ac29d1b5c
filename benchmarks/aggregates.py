"""The library as its tutorials use it: an aggregate of its own for each person of the file."""

import multiprocessing
import os
import threading
import time
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict
from typing_extensions import override


class Person(Aggregate):
    """A person, and the provisions that named them."""

    @event("Known")
    def __init__(self, member: str) -> None:
        self.member = member
        self.provisions: list[str] = []

    @event("Provided")
    def provide(self, transfer: str) -> None:
        """The person's data went to somebody."""
        self.provisions.append(transfer)

    @override
    @staticmethod
    def create_id(member: str) -> UUID:
        """The same for the same member."""
        return uuid5(NAMESPACE_URL, f"/persons/{member}")


class People(Application[UUID]):
    """Persons by their members' numbers."""

    def provide(self, member: str, transfer: str) -> None:
        """Write the provision into the person's own stream."""
        try:
            person = self.repository.get(Person.create_id(member))
        except AggregateNotFoundError:
            person = Person(member)
        assert isinstance(person, Person), "of this application"
        person.provide(transfer)
        self.save(person)


def provided(url: str, persons: int, writers: int) -> float:
    """Persons a second whose provision stands, each in an aggregate; in a process of its own.

    Args:
        writers: threads that write, a person at a time each.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(provide_all, (url, persons, writers))


def provide_all(url: str, persons: int, writers: int) -> float:
    """As `provided`, in this process."""
    parts = conninfo_to_dict(url)
    # The library passes no such parameter on; libpq reads the variable. The process is ours alone.
    os.environ["PGPASSFILE"] = str(parts.get("passfile", ""))
    application = People(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts["dbname"]),
            "POSTGRES_HOST": str(parts["host"]),
            "POSTGRES_PORT": str(parts.get("port", "5432")),
            "POSTGRES_USER": str(parts["user"]),
            "POSTGRES_PASSWORD": str(parts.get("password", "")),
            "POSTGRES_POOL_SIZE": str(writers),
        }
    )
    label = f"{time.monotonic_ns():x}"

    def write(first: int) -> None:
        for number in range(first, persons, writers):
            application.provide(f"{label}-{number}", label)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    application.close()
    return persons / seconds
