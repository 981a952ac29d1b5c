"""`bulk`: a file of a million persons, until each is answerable, against COPY of its index rows.

The file goes over HTTP to the application as `ledger serve` runs it: a web process takes the parts,
the committer records them, the follower indexes them. The baseline is COPY of the very rows that
the follower wrote, sorted, from memory, into a table with the same indexes. Both tables hold
`index_rows` before.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Final, LiteralString

import psycopg
import typer

from benchmarks.aggregates import provided
from benchmarks.bulk_sending import File, Sender, Sent, file_of
from benchmarks.figures import Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.index_rows import filled
from benchmarks.memory import children_seen
from benchmarks.places import Place, durable_place, empty_database
from benchmarks.processes import committing, following, serving
from benchmarks.readings import caught_up, head, one_number

_ROWS: LiteralString = """
    COPY (SELECT principal_key, position, name_key FROM projections.entries_a
           WHERE position > {after} AND position <= {upto} ORDER BY principal_key)
      TO STDOUT (FORMAT BINARY)
"""
_COPY: LiteralString = (
    "COPY projections.entries_b (principal_key, position, name_key) FROM STDIN (FORMAT BINARY)"
)
_BYTES: LiteralString = """
    SELECT sum(pg_total_relation_size(c.oid))::bigint
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r'
       AND n.nspname = 'ledger' AND (c.relname = 'events' OR c.relname ~ '^sealed_parts')
"""
# Of all rows and not of what was added: a B-tree that was just built splits nearly every page once.
_INDEX_BYTES: LiteralString = """
    SELECT (pg_total_relation_size('projections.entries_a')
            / (SELECT count(*) FROM projections.entries_a))::bigint
"""
_MEGABYTE: Final = 1 << 20
_WRITERS: Final = 8


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent, and what is there before.

    Attributes:
        persons: in each file.
        index_rows: in both indexes at first.
        aggregates: persons a round of the library.
        named: persons in a file with names, for its bytes alone.
    """

    persons: int = 1_000_000
    index_rows: int = 10_000_000
    aggregates: int = 2_000
    named: int = 100_000
    rounds: int = 3


def run(size: Size | None = None) -> None:
    """Measure and print."""
    chosen = size or Size()
    with durable_place() as place:
        _fill(place, chosen.index_rows)
        with (
            following(place),
            committing(place),
            serving(place) as port,
            children_seen() as seen,
            closing(Sender(port, place.credential())) as sender,
        ):
            figures = _Measuring(place, sender, chosen).figures()
        report("bulk", {**figures, "peak_mb": seen.memory / _MEGABYTE})


def _fill(place: Place, rows: int) -> None:
    for table in ("entries_a", "entries_b"):
        filled(place.admin_of_ledger, table, 0, rows)
        typer.echo(f"{table}: {rows:,} rows", err=True)


class _Measuring:
    def __init__(self, place: Place, sender: Sender, size: Size) -> None:
        self._place, self._sender, self._size = place, sender, size
        self._url = place.admin_of_ledger
        self._library = empty_database(place, "library")
        self._sent: list[Sent] = []
        self._sealed: list[float] = []
        self._rounds = 0
        self._last = (0, 0)

    def figures(self) -> dict[str, Figure]:
        """Three rounds, and a file with names for its bytes."""
        size = self._size
        runs = {
            "bulk": self._bulk,
            "copy": self._copy,
            "aggregates": lambda: provided(self._library, size.aggregates, 1),
            "writers": lambda: provided(self._library, size.aggregates, _WRITERS),
        }
        found = interleaved(runs, size.rounds)
        index = one_number(self._url, _INDEX_BYTES)
        self._bulk(file_of(size.named, "named", named=True))
        return {
            "ratio": ratio(found["bulk"], found["copy"]),
            "ratio_to_aggregates": ratio(found["bulk"], found["aggregates"]),
            "ratio_to_8_writers": ratio(found["bulk"], found["writers"]),
            "cores": cores(),
            "flush_ms": flush_ms(self._place.folder),
            "persons": size.persons,
            "index_rows": size.index_rows,
            "bulk_per_s": median(found["bulk"]),
            "copy_per_s": median(found["copy"]),
            "aggregates_per_s": median(found["aggregates"]),
            "writers_per_s": median(found["writers"]),
            "taken_s": median(one.taken for one in self._sent[: size.rounds]),
            "durable_s": median(one.durable for one in self._sent[: size.rounds]),
            "answerable_s": size.persons / median(found["bulk"]),
            "bytes_per_pair": median(self._sealed[: size.rounds]) + index,
            "index_bytes_per_pair": index,
            "bytes_per_pair_named": self._sealed[-1] + index,
        }

    def _bulk(self, given: File | None = None) -> float:
        """Persons a second, from the first byte sent until the history of one shows the record."""
        self._rounds += 1
        file = given or file_of(self._size.persons, f"r{self._rounds}")
        before, begun = head(self._place.urls.reader), one_number(self._url, _BYTES)
        started = time.perf_counter()
        sent = self._sender.send(file, f"bulk-{self._rounds}")
        caught_up(self._place.urls.reader)
        found = self._sender.provisions(file.middle)
        seconds = time.perf_counter() - started
        assert found == 1, "a person in the middle of the file finds exactly one record"
        self._sent.append(sent)
        self._sealed.append((one_number(self._url, _BYTES) - begun) / file.persons)
        self._last = (before, sent.position)
        return file.persons / seconds

    def _copy(self) -> float:
        """Rows a second of the same rows, which PostgreSQL wrote out beforehand."""
        after, upto = self._last
        with psycopg.connect(self._url) as connection:
            with connection.cursor().copy(_ROWS.format(after=after, upto=upto)) as out:  # pyright: ignore[reportCallIssue, reportArgumentType] -- two whole numbers of ours
                rows = b"".join(map(bytes, out))
            connection.commit()
            started = time.perf_counter()
            with connection.cursor().copy(_COPY) as copy:
                copy.write(rows)
            connection.commit()
            return self._size.persons / (time.perf_counter() - started)
