"""Log lines of one turn of the loop leave together, and none is lost or overtaken."""

import asyncio
import io
import logging

from typing_extensions import override

from api.observability.logs import TurnHandler


class Stream(io.StringIO):
    """Counts the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    @override
    def write(self, text: str, /) -> int:
        self.writes.append(text)
        return super().write(text)


def logger_to(stream: Stream) -> tuple[logging.Logger, TurnHandler]:
    handler = TurnHandler(stream)
    logger = logging.Logger("test", logging.INFO)  # noqa: LOG001 -- one of its own, which nobody configures
    logger.addHandler(handler)
    return logger, handler


def test_lines_of_one_turn_are_written_at_once() -> None:
    stream = Stream()
    logger, _ = logger_to(stream)

    async def turn() -> list[str]:
        logger.info("a")
        logger.info("b")
        before = list(stream.writes)
        await asyncio.sleep(0)
        return before

    assert asyncio.run(turn()) == []
    assert stream.writes == ["a\nb\n"]


def test_a_warning_is_written_at_once_after_what_was_waiting() -> None:
    stream = Stream()
    logger, _ = logger_to(stream)

    async def turn() -> list[str]:
        logger.info("a")
        logger.warning("b")
        return list(stream.writes)

    assert asyncio.run(turn()) == ["a\nb\n"]


def test_what_a_loop_left_behind_is_written_at_the_end_or_by_the_next_loop() -> None:
    stream = Stream()
    logger, handler = logger_to(stream)
    loop = asyncio.new_event_loop()

    async def turn() -> None:
        logger.info("a")
        loop.stop()

    try:
        task = loop.create_task(turn())
        loop.run_forever()
        loop.run_until_complete(task)
    finally:
        loop.close()
    asyncio.run(turn_of(logger))
    handler.flush()
    assert stream.getvalue() == "a\nb\n"


async def turn_of(logger: logging.Logger) -> None:
    logger.info("b")
