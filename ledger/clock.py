"""The only place that asks what time it is."""

from datetime import UTC, date, datetime, timedelta, timezone

# Japan keeps no summer time, so a fixed offset is exact for every day the Act knows.
JAPAN = timezone(timedelta(hours=9), "JST")


def now() -> datetime:
    """The instant, UTC, cut to milliseconds as the event format stores it."""
    instant = datetime.now(UTC)  # noqa: TID251 -- time enters here alone
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def day_in_japan(instant: datetime) -> date:
    """The day in Japan at `instant`; statutory days are days in Japan."""
    return instant.astimezone(JAPAN).date()
