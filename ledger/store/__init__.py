"""The event store: dense, commit-ordered positions in PostgreSQL.

`append` is the only way in (one transaction for many commands; `plan` decides, `looking` and
`writing` hold its SQL), `reads` and `keys` are the ways out (`asking` holds the SQL of facts,
`opening` decodes them), `destroyed` compares what is gone with what the log says, `recorder` shows
the same tables through the interface of the eventsourcing library, `connections` gives each role
its connections.
"""
