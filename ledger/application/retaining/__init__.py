"""Keeping to the day, letting go on time: one run of the retention.

`keeping` reads what keeps records past their day, `persons` whom that concerns, `reasons` finds
who may not die with a due key, `carrying` copies what must live on, `days` moves the days of
objects' keys, `plans` reads and makes plans, `destroying` copies and destroys, `running` puts a run
together.
"""

from ledger.application.retaining.keeping import OpenCase
from ledger.application.retaining.parts import Journal, Parts
from ledger.application.retaining.running import Report, Retaining, Settings

__all__ = ["Journal", "OpenCase", "Parts", "Report", "Retaining", "Settings"]
