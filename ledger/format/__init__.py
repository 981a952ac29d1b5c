"""Events ⇄ bytes, exactly as `docs/reference/event-format.md` says, and nothing else.

`types` is the closed list of event types, `kinds` what their facts may be; `header` reads headers;
`encoder` writes events and `decoder` reads them (`content` says what a sealed part may hold);
`events` lists the events of all nouns, `event_writer` decides what of them stands in clear,
`event_reader` is its inverse; `copies` carries records forward; `shown_parts` proves one record to
an outsider; `json` is the JSON of all of them.
"""
