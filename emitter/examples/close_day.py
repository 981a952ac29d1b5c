"""A daily job: closes yesterday, and says what the ledger does not hold of it.

    python close_day.py outbox.db https://ledger.example.jp key.txt ads

Run it after midnight in Japan, once everything of the day was put into the outbox.
"""

import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from ledger_emitter import CloseError, Destination, Emitter, Outbox

JAPAN = timezone(timedelta(hours=9))


def main(outbox_file: Path, url: str, key_file: Path, emitter_id: str) -> int:
    """Close yesterday; 0 when the ledger holds all of it and no more."""
    destination = Destination(url, lambda: key_file.read_text("utf-8").strip())
    with Emitter(Outbox(outbox_file), destination) as emitter:
        try:
            closed = emitter.close_day(emitter_id, yesterday(), wait_s=600)
        except CloseError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{closed.day}: {closed.state}, {closed.count} items, {closed.sent_again} sent again")
    if closed.waiting:
        print(f"{closed.waiting} have no answer yet; run it again", file=sys.stderr)
    for one in closed.named:
        print(f"{one.found}: {one.source} {one.id}", file=sys.stderr)
    return 0 if closed.is_complete else 1


def yesterday() -> date:
    """The last day that is over in Japan."""
    return datetime.now(JAPAN).date() - timedelta(days=1)  # noqa: TID251 -- a program by itself


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
