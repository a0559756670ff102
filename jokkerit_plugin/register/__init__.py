"""The register itself: intake of what the shop holds, who is who, completeness.

`inbox` notes events and drains them; `intake` takes keys and makes the register equal to the
shop for them; `sweep` walks the whole shop (backfill, reconciliation); `status` tells how
complete the register is.
"""
