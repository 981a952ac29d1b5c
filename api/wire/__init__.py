"""What the endpoints read and say, between JSON and the domain.

Read: `items` (JSON to commands), `attributes` (of CloudEvents), `bodies` (models, read strictly),
`corrections` (a correction, carried out for whoever asks), `link_pair` (two identifiers). Said:
`receipts` (a result an item), `transfer_view` (transfers, histories, verdicts). Documented:
`schemas`, `examples`.
"""
