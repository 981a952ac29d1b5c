"""Keys, seals, commitments and keyed names: every formula of the event format, and nothing else.

`encoding` builds the byte strings that formulas speak of; `keys` the data key; `sealed_parts` and
`commitments` what stands in an event; `pseudonyms` the ids that the ledger secret gives;
`normal_forms`, `nfc15` and `names` the text that goes into them; `epoch` (with `epoch_names`
and `epoch_folder`) and `keyring` keep the data keys wrapped and give them out; `rotation`, `escrow`
and `ring_check` see to it that masters change, come back and are whole.

Source: `docs/reference/event-format.md`, sections 2 to 5.
"""
