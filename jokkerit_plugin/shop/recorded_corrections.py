"""Corrects the documents of a recorded shop, as the real one would its rows."""

import json
from collections.abc import Callable
from typing import Any

from .corrections import Answer, ShopCorrection, same_email, same_party
from .snapshots import OPEN_STATUSES, Kind, Party

#: A kind and key to the document as text, or None.
Read = Callable[[Kind, object], str | None]
Write = Callable[[Kind, object, str], None]


def correct(what: ShopCorrection, read: Read, write: Write) -> Answer:
    """See `ShopPort.correct`."""
    found: list[Answer] = []
    if what.user is not None and (text := read(Kind.CUSTOMER, what.user)):
        account = json.loads(text)
        found.append(_account(account, what))
        if found[-1] is Answer.DONE:
            write(Kind.CUSTOMER, what.user, json.dumps(account, separators=(",", ":")))
    for key in sorted({*what.mailed, *what.billed, *what.shipped}):
        if text := read(Kind.ORDER, key):
            order = json.loads(text)
            if _order(order, what):
                write(Kind.ORDER, key, json.dumps(order, separators=(",", ":")))
                found.append(Answer.DONE)
    for answer in (Answer.DONE, Answer.NEWER):
        if answer in found:
            return answer
    return Answer.NOWHERE


def _account(account: dict[str, Any], what: ShopCorrection) -> Answer:
    if what.parties:
        wrong, right = what.parties
        here = [one for one in account["addresses"] if same_party(Party(**one["party"]), wrong)]
        for one in here:
            one["party"] = _document(right)
        known = any(same_party(Party(**one["party"]), right) for one in account["addresses"])
        return Answer.DONE if known else Answer.NOWHERE
    said = account[what.field]
    if said == what.right:
        return Answer.DONE
    if said != what.wrong and not (what.field == "email" and same_email(said, what.wrong)):
        return Answer.NEWER if said else Answer.NOWHERE
    account[what.field] = what.right
    return Answer.DONE


def _order(order: dict[str, Any], what: ShopCorrection) -> bool:
    key, changed = order["key"], False
    if key in map(str, what.mailed) and same_email(order["email"], what.wrong):
        order["email"], changed = what.right, True
    if what.parties and order["status"] in OPEN_STATUSES:
        for side, keys in (("billing", what.billed), ("shipping", what.shipped)):
            said = order[side]
            if said and key in map(str, keys) and same_party(Party(**said), what.parties[0]):
                order[side], changed = _document(what.parties[1]), True
    return changed


def _document(party: Party) -> dict[str, str]:
    return {name: getattr(party, name) for name in Party.__dataclass_fields__}
