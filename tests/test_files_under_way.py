"""A file that is being sent ends with what let its reader in, and the log says why."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements, guard, recipients, restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.marketing import audience, imports, ledger
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    Export,
    OptOutImport,
    Recipient,
    RejectedLine,
    Request,
    Signature,
)
from jokkerit_plugin.policy.marketing import Channel, Kind, Source
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import answering
from jokkerit_plugin.rights.archive import writing
from jokkerit_plugin.shop.people import Caller
from jokkerit_plugin.web import log_files
from jokkerit_plugin.web.schema.base import to_global_id
from tests.asking import KEYS, taken_down
from tests.bookkeeping import exported, follow
from tests.graphql import HOME, House
from tests.logs import ago, logged
from tests.opting import declared_empty
from tests.people import MANAGER, sign
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

SECURITY = {"purpose": "security"}


def furnished(shop, monkeypatch) -> House:
    """Two customers, and of each file more than one piece."""
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    for module in (audience, imports, log_files):
        monkeypatch.setattr(module, "PAGE", 1)
    monkeypatch.setattr(writing, "CHUNK", 1 << 10)
    for number, name in ((12, "aino"), (13, "eino")):
        shop.account(number, email=f"{name}@example.com")
        shop.order(name, user=number, email=f"{name}@example.com")
    follow(shop)
    house = House(shop)
    house.everybody_signs()
    sign(MANAGER)
    aino, eino = (one.pk for one in Customer.objects.order_by("pk"))
    for hours, whose in enumerate((aino, eino, aino), 1):
        logged(ago(hours=hours), customer=whose)
    exported("j.csv", b"one", b"two", b"three", subjects=f"{{[{aino},{eino}]}}")
    declared_empty()
    for name in ("aino", "eino"):
        address = f"{name}@example.com"
        ledger.record(Kind.RECONSENT, Channel.EMAIL, address, source=Source.LINK)
    for line in (3, 4):
        report = OptOutImport.objects.get()
        RejectedLine.objects.create(report=report, line=line, reason="bad_address")
    taken_down(aino, RequestKind.ACCESS)
    answering.make_copies(shop.port.settings)
    return house


house = standing(__name__, furnished)


def by_link(house: House, token: str) -> Any:
    """Fetch the journal as a browser does."""
    ask = "mutation($id: ID!) { exportLink(id: $id) { url } }"
    key = to_global_id("RegisterExport", Export.objects.get().pk)
    found = house.ask(ask, token, id=key)["data"]["exportLink"]["url"]
    return house.get(found.removeprefix(HOME))


#: What is fetched by somebody, and as what it stands in the log.
FILES: dict[str, tuple[str, str, Callable[[House, str], Any]]] = {
    "journal": (
        "accountant", "export download", lambda h, who: h.fetch(Export.objects.get().pk, who),
    ),
    "journal by a link": ("accountant", "export download", by_link),
    "lines": (
        "granted", "site-log/lines.csv", lambda h, who: h.look("lines.csv", who, SECURITY),
    ),
    "usage": (
        "controller", "site-log/usage.csv",
        lambda h, who: h.look("usage.csv", who, {"month": f"{clock.today():%Y-%m}"}),
    ),
    "audience": ("staff", "audience", lambda h, who: h.get("audience/?channel=email", who)),
    "rejected lines": (
        "controller", "rejectedLines",
        lambda h, who: h.get(f"opt-outs/{OptOutImport.objects.get().pk}/rejected/", who),
    ),
    "copy": (
        "controller", "requestCopy",
        lambda h, who: h.get(f"requests/{Request.objects.get().pk}/copy/", who),
    ),
}  # fmt: skip


def begun(house: House, name: str, who: str = "") -> tuple[Caller, Iterator[bytes]]:
    """Ask for a file, and let its first piece go."""
    usual, _, fetch = FILES[name]
    response = fetch(house, who or usual)
    assert response.status_code == 200
    pieces = iter(response.streaming_content)
    next(pieces)
    return house.people[who or usual], pieces


def ends(name: str, caller: Caller, pieces: Iterator[bytes], error: type[guard.Refused]) -> None:
    """Tell whether no piece comes any more, and the log says so."""
    with pytest.raises(error):
        next(pieces)
    told = AccessEntry.objects.latest("seq")
    assert (told.actor, told.act, told.outcome, told.reason) == (
        caller.key, FILES[name][1], "refused", error.code,
    )  # fmt: skip


@pytest.mark.promise("P-ACCESS-STAFF", breaks=True)
@pytest.mark.parametrize("name", FILES)
def test_a_permission_that_the_shop_takes_away_ends_a_file_under_way(house, name):
    caller, pieces = begun(house, name)
    token = next(token for token, one in house.people.items() if one.key == caller.key)
    house.people[token] = Caller(caller.key, frozenset())
    ends(name, caller, pieces, guard.NoPermission)


@pytest.mark.parametrize("name", FILES)
def test_an_agreement_that_is_revoked_ends_a_file_under_way(house, name):
    caller, pieces = begun(house, name)
    others = Actor.of(house.people["superuser"])
    agreements.revoke(Signature.objects.get(signer=caller.key).pk, actor=others)
    ends(name, caller, pieces, guard.NoAgreement)


@pytest.mark.parametrize("name", ["journal", "journal by a link"])
def test_a_firm_that_is_ended_ends_its_file_under_way(house, name):
    caller, pieces = begun(house, name)
    recipients.end(Recipient.objects.get().pk, actor=Actor.of(house.people["controller"]))
    ends(name, caller, pieces, guard.NoAgreement)


@pytest.mark.parametrize(("name", "who"), [("journal", "manager"), ("usage", "controller")])
def test_a_restriction_ends_a_file_under_way_that_holds_the_customer(house, name, who):
    """The lists of lines and of the audience leave them out instead: see their own tests."""
    Export.objects.update(categories="purchase name")
    caller, pieces = begun(house, name, who)
    controller = Actor.of(house.people["controller"])
    customer = Customer.objects.latest("pk").pk
    restrictions.restrict(customer, ground=RestrictionGround.ACCURACY, actor=controller)
    ends(name, caller, pieces, guard.SubjectRestricted)
    assert AccessEntry.objects.latest("seq").subjects == f"{{[{customer},{customer + 1})}}"
