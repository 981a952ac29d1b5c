"""The whole import of a file as one transfer: surveyed, announced, sent, committed, told.

Whatever was killed, the next run finds out from the ledger what is there. Lines that are bad stop
it before anything is recorded, unless they are to be left out: a transfer whose persons are not all
there is its sender's decision.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from api.imports.as_one.bulk import BulkNotFoundError, Bulks
from api.imports.as_one.header import TransferHeader, bad_persons, header_of
from api.imports.as_one.outcome import TransferOutputs, bad_report, counts_of, report_of
from api.imports.as_one.steps import AnnouncedImport, ImportState, Report, refusal_of
from api.imports.as_one.survey import Check, Contents, Defects, FilePart, Survey, Surveyor
from api.imports.client import RetryingClient
from api.imports.columns import PERSONS
from api.imports.errors import FileError, UndeliveredError
from api.imports.formats import FileRows, opened
from api.imports.importer import PROGRESS_S, Import, Progress, first_entry, mark_of
from api.imports.journal import ImportJournal, folder_of
from ledger.clock import day_in_japan, now
from ledger.crypto.pseudonyms import random_uuid
from ledger_emitter.answers import Problem
from ledger_emitter.exchange import LedgerClient

READING: Final = "reading"
SENDING: Final = "sending"
RECORDING: Final = "being recorded"
_ROUNDS_MAX: Final = 10
"""So often it is begun anew in one run, because the ledger refuses lines or has forgotten it."""
_POLL_S: Final = 1.0

_Checking = Callable[[TransferHeader], Check]


def _by_the_contract(header: TransferHeader) -> Check:
    on = day_in_japan(now())
    return lambda persons: bad_persons(header.data, persons, on)


@dataclass(frozen=True, slots=True)
class AsOne(Import):
    """What is imported, and how; `rows_max` is the most persons of a part.

    Attributes:
        transfer: the file with the transfer, without its persons.
        leaves_out: whether the transfer is recorded without the lines that are bad.
        checking: what is checked before anything is sent.
    """

    transfer: Path
    leaves_out: bool = False
    checking: _Checking = _by_the_contract


def imported_as_one(
    job: AsOne, client: LedgerClient, on_progress: Callable[[Progress], None] = lambda _: None
) -> Report:
    """Send what was not sent yet and have it recorded; the report, which stands beside the file.

    Raises:
        FileError: the file, the transfer or the folder beside it is not what it should be.
        UndeliveredError: the ledger does not take it, or is away for too long.
    """
    mark = mark_of(job.path)
    header = header_of(job.transfer, day_in_japan(now()))
    begun = first_entry(job, as_one=header.sha256, lines_max=job.rows_max)
    folder = folder_of(job.path)
    with (
        opened(job.path, job.format, job.encoding, PERSONS) as rows,
        closing(ImportJournal(folder, begun, ImportState())) as steps,
    ):
        outputs = TransferOutputs(folder)
        report = steps.state.report
        if report is None:
            carrying = _Carrying(job, header, rows, steps, outputs)
            report = carrying.run(client, on_progress, lambda: mark_of(job.path) == mark)
        outputs.report(report)
        return report


class _Carrying:
    def __init__(
        self,
        job: AsOne,
        header: TransferHeader,
        rows: FileRows,
        steps: ImportJournal[ImportState],
        outputs: TransferOutputs,
    ) -> None:
        self._job, self._header, self._rows = job, header, rows
        self._steps, self._outputs = steps, outputs

    def run(
        self,
        client: LedgerClient,
        on_progress: Callable[[Progress], None],
        is_unchanged: Callable[[], bool],
    ) -> Report:
        """The report; the journal has it too, once the transfer has a result."""
        self._client = RetryingClient(client, self._job.backoff)
        self._bulks = Bulks(self._client)
        self._on_progress = on_progress
        for _ in range(_ROUNDS_MAX):
            try:
                report = self._round(is_unchanged)
            except BulkNotFoundError:
                self._steps.add({"gone": True})
            else:
                if report is not None:
                    return report
        raise UndeliveredError("BEGUN_TOO_OFTEN", 0)

    def _round(self, is_unchanged: Callable[[], bool]) -> Report | None:
        """The report; None if lines were refused, which are known from now on.

        Raises:
            GoneError: the ledger has forgotten what was announced.
        """
        begun = self._committing_bulk()
        if begun is not None:
            return self._ended(begun)
        if self._steps.state.leaves_out and not self._job.leaves_out:
            raise FileError("LEFT_OUT_BEFORE")
        survey = self._survey()
        if not is_unchanged():
            raise FileError("FILE_CHANGED")
        if survey.bad and not self._job.leaves_out:
            self._let_go()
            return bad_report(survey)
        if not survey.parts:
            raise FileError("NO_PERSONS")
        bulk = self._announced(survey)
        refused = self._sent(bulk, survey)
        if not refused:
            return self._ended(bulk)
        self._steps.add(refusal_of(refused))
        return None

    def _committing_bulk(self) -> str | None:
        """The id of a bulk transfer whose commit an earlier run has begun."""
        announced = self._steps.state.announced
        if announced is None or announced.bulk is None:
            return None
        try:
            state = self._bulks.fetch_state(announced.bulk)["state"]
        except BulkNotFoundError:
            state = "gone"
        if state in ("committing", "committed"):
            return announced.bulk
        if state != "uploading":
            self._steps.add({"gone": True})
        return None

    def _survey(self) -> Survey:
        self._outputs.begin()
        total, leaves_out = self._rows.total, self._job.leaves_out

        def report_progress(offset: int, persons: int) -> None:
            self._on_progress(Progress(offset, total, Counter(read=persons), 0, READING))

        surveyor = Surveyor(
            self._job.checking(self._header),
            self._steps.state.refused,
            cast("int", self._steps.begun["lines_max"]),
            self._outputs.bad if leaves_out else lambda _: None,
            self._outputs.noticed,
            report_progress,
        )
        try:
            return surveyor.survey(self._rows)
        finally:
            self._outputs.end()

    def _announced(self, survey: Survey) -> str:
        """The bulk transfer for these parts: that which an earlier run began, or a new one."""
        announced = self._steps.state.announced
        if announced is None or announced.sha256 != survey.sha256:
            self._let_go()
            step = {"announcing": str(random_uuid()), "sha256": survey.sha256}
            self._steps.add({**step, "counts": counts_of(survey), "leaves_out": bool(survey.bad)})
            announced = self._announced_import()
        if announced.bulk is None:
            # The same request again, where its answer was lost: nothing is announced twice.
            bulk = self._bulks.announce(self._header, survey, announced.key)
            self._steps.add({"announced": bulk})
            return bulk
        return announced.bulk

    def _announced_import(self) -> AnnouncedImport:
        announced = self._steps.state.announced
        assert announced is not None, "it was announced"
        return announced

    def _let_go(self) -> None:
        announced = self._steps.state.announced
        if announced is not None and announced.bulk is not None:
            self._bulks.abort(announced.bulk)
            self._steps.add({"gone": True})

    def _sent(self, bulk: str, survey: Survey) -> Mapping[int, Defects]:
        """Send what is missing and begin the commit; the lines that the ledger refuses instead."""
        differs = False
        for _ in range(_ROUNDS_MAX):
            numbers = self._missing(bulk, survey)
            if differs:  # an earlier run has sent a part without lines that are refused
                numbers = [part.number for part in survey.parts]
            while numbers:
                if refused := self._upload(bulk, survey, numbers):
                    return refused
                numbers = self._missing(bulk, survey)
            found = self._bulks.commit(bulk)
            if found is None:
                return {}
            if not found.missing and differs:
                break
            differs = not found.missing
        raise UndeliveredError("CONTENT_DIFFERS", 409)

    def _missing(self, bulk: str, survey: Survey) -> list[int]:
        """Numbers of parts that are not there: all of them, or the first."""
        bulk_state = self._bulks.fetch_state(bulk)
        if bulk_state["state"] in ("committing", "committed"):
            return []
        missing = bulk_state.get("missing")
        if bulk_state["state"] != "uploading" or not isinstance(missing, dict):
            raise UndeliveredError("BULK_CLOSED", 409)
        found = cast("Problem", missing)
        if found["count"] == len(survey.parts):
            return [part.number for part in survey.parts]
        return cast("list[int]", found["numbers"])

    def _upload(self, bulk: str, survey: Survey, numbers: list[int]) -> dict[int, Defects]:
        """Send these parts, as many at a time as are asked for, and one is held besides."""
        parts = [survey.parts[number - 1] for number in numbers]
        contents = Contents(self._rows, survey.bad)
        done = survey.lines - sum(part.lines for part in parts)
        under_way: deque[tuple[FilePart, Future[dict[int, Defects]]]] = deque()
        refused: dict[int, Defects] = {}

        def report_progress() -> None:
            counts = Counter(sent=done)
            self._on_progress(Progress(done, survey.lines, counts, self._client.waits, SENDING))

        def settle(left: int) -> None:
            nonlocal done
            while len(under_way) > left:
                part, future = under_way[0]
                while not wait((future,), PROGRESS_S).done:
                    report_progress()
                refused.update(future.result())
                under_way.popleft()
                done += part.lines
                report_progress()

        report_progress()
        with self._client.threads(self._job.parallel) as pool:
            for part in parts:
                content = contents.of(part)
                settle(self._job.parallel - 1)
                under_way.append((part, pool.submit(self._bulks.put, bulk, content)))
            settle(0)
        return refused

    def _ended(self, bulk: str) -> Report:
        """Wait until it is recorded: the ledger does that by itself, however long it takes."""
        while True:
            bulk_state = self._bulks.fetch_state(bulk)
            if bulk_state["state"] == "committed":
                break
            if bulk_state["state"] != "committing":
                raise UndeliveredError("UNEXPECTED_ANSWER", 200)
            self._on_progress(Progress(0, 0, Counter(), self._client.waits, RECORDING))
            self._client.pause(_POLL_S)
        counts = self._announced_import().counts
        report = report_of(cast("Problem", bulk_state.get("result") or {}), counts)
        self._steps.add({"over": report})
        return report
