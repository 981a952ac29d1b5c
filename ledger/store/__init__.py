"""The event store: dense, commit-ordered positions in PostgreSQL.

`append` is the only way in (one transaction for many commands; `plan` decides, `batch_state` and
`plan_writer` hold its SQL), `reads` and `keys` are the ways out (`queries` holds the SQL of facts,
`fact_reader` decodes them), `recorder` shows the same tables through the interface of the
eventsourcing library, `connections` gives each role its connections.
"""
