"""The endpoints, one file a resource; the next one goes here.

A file holds a `router`, which `api.server.application` connects; who may call an endpoint stands
in its guard. No file knows another: what several say or read lies in `api.wire`.

In: `transfers` and `events` (the same transfers as CloudEvents), `quarantine` (those that were
malformed). By officers: `corrections`, `reassessments`, `persons`, `notices`. Out: `histories`.
For operators: `health`.
"""
