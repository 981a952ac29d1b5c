"""The endpoints, one file a resource; the next one goes here.

A file holds a `router`, which `api.server.application` connects; who may call an endpoint stands
in its guard. No file knows another: what several say or read lies in `api.resources.wire`.

In: `endpoints` and `event_endpoints` (the same transfers as CloudEvents), `endpoints` (those that
were malformed). By officers: `correction_endpoints`, `endpoints`, `endpoints`, `endpoints`. Out:
`endpoints`. For operators: `endpoints`.
"""
