"""Events ⇄ bytes, exactly as `docs/reference/event-format.md` says, and nothing else.

`types` is the closed list of event types, `kinds` what their facts may be; `header` reads headers;
`encoder` writes events and `decoder` reads them (`content` says what a sealed part may hold);
`fingerprints` is for transfers of very many persons; `copies` carries records forward;
`shown_parts` proves one record to an outsider; `json` is the JSON of all of them.
"""
