"""What has to be in order before books and proofs leave the register for good."""

from collections.abc import Iterator

from ..access import chain, checkpoints, copies, log
from ..accounting import books
from ..errors import RegisterError
from ..marketing import copied
from ..register import status


def behind() -> list[str]:
    """Return which copies the database is older than, a sentence each.

    Asked before the snapshot: what is copied meanwhile would stand in the storage and not in it.
    """
    found = []
    for check in (copies.check, copied.check):
        try:
            check()
        except RegisterError as error:
            found.append(error.message)
    return found


def problems() -> list[str]:
    """Return what is not in order, a sentence each; in the snapshot that is written."""
    return list(_problems())


def _problems() -> Iterator[str]:
    known = status.summary()
    if known.waiting:
        yield f"{known.waiting} events of the shop wait to be read: see register_status."
    if known.set_aside:
        yield f"{known.set_aside} rows of the shop could not be read: see register_status."
    if known.complete_to is None:
        yield "The register has not been compared with the whole shop: run register_reconcile."
    if waiting := books.unbooked():
        yield f"{waiting} purchases are not booked: see register_status."
    for model, what in log.RECORDS.items():
        if faults := chain.verify(model, most=1) or checkpoints.check(model, {}):
            yield f"{what} is not whole, row {faults[0].seq}: {faults[0].what}."
