"""The SQL that writes the shop's rows as documents (see `shop/documents.py`).

One SELECT per kind names every column that a snapshot reads; data, digest and keyset ranges all
use that same text, so that they cannot drift apart. Parameters: `vat_keys` and
`marketing_keys` (text[]), and those of the row source chosen in `snapshots.py`.
"""
