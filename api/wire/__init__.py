"""What the endpoints read and say, between JSON and the domain.

Read: `items` (JSON to commands), `attributes` (of CloudEvents), `bodies` (models, read strictly),
`correcting` (a correction, carried out for whoever asks), `linking` (two identifiers). Said:
`receipts` (a result an item), `showing` (transfers, histories, verdicts). Documented: `schemas`,
`examples`.
"""
