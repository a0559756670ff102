"""The shop's own doors to customers' data, and who goes through them without an agreement.

Neither guard nor log stands there: the shop's API, its Dashboard and its webhooks show customers
by the shop's own permissions. Who looked there, nobody can say; who could, `shop().doors()` can.
"""

from ..shop.people import Door
from ..shop.port import shop
from . import agreements


def without_agreement() -> list[Door]:
    """Return the users and apps that go past the guard and have no agreement in force."""
    doors = shop().doors()
    signed = agreements.signed([door.key for door in doors])
    return [door for door in doors if door.key not in signed]
