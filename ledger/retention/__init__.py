"""Keeping to the day, letting go on time: one run of the retention.

`holds_and_cases` reads what keeps records past their day, `persons` whom that concerns, `reasons`
finds who may not die with a due key, `carry_forward` copies what must live on, `days` moves the
days of objects' keys, `plans` reads and makes plans, `destruction` copies and destroys, `run` puts
a run together.
"""
