"""Nothing brings back who said no: not imports, orders, merges, erasures, restores, new keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jokkerit_plugin import clock
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.marketing import (
    choices,
    contact_keys,
    copied,
    imports,
    ledger,
    links,
    reach,
    soft_opt_in,
    terms,
    upkeep,
    words,
)
from jokkerit_plugin.marketing.opt_out_files import Layout
from jokkerit_plugin.models import (
    ChainHead,
    Customer,
    KnownIdentifier,
    MarketingEvent,
    OptOutImport,
    Purchase,
    Suppression,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import copies
from jokkerit_plugin.shop.snapshots import Kind as Row
from tests.erasing import erase, take
from tests.opting import AINO, KEY, NEWER, ask, declared_empty, key
from tests.paper_shop import PaperShop, party
from tests.test_marketing_doors import post

EMAIL, PHONE = Channel.EMAIL, Channel.PHONE
SAYS_ALL = {"marketingConsent": "all", "marketingOptOutOffered": "true"}
TABLES = (MarketingEvent, Suppression, ChainHead)


class World:
    """A person, Aino, and all that can happen to what she said.

    `email`, `number`: by which she is reached. `words`: by channel and address when she last spoke
    of it, and whether it was a no; of calls under her e-mail, before there was a number.
    """

    def __init__(self, shop: PaperShop, folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop, self.folder, self.patch = shop, folder, monkeypatch
        self.email, self.number, self.words = AINO, "", {(EMAIL, AINO): (0, False)}
        self.count = 0
        self.now = datetime.now(tz=clock.HELSINKI)
        self.backup = self.dump()

    def tick(self) -> datetime:
        self.count += 1
        self.now += timedelta(minutes=1)
        self.patch.setattr(clock, "now", lambda: self.now)
        return self.now

    def dump(self) -> list[list[tuple[Any, ...]]]:
        with connection.cursor() as cursor:
            found = []
            for model in TABLES:
                cursor.execute(f"SELECT * FROM {model._meta.db_table}")
                found.append(cursor.fetchall())
            return found

    def closed(self) -> list[tuple[Channel, str]]:
        """Return the addresses that must be closed: her last word was no, to it or to another one
        that the register knows as the same customer's.
        """
        found = []
        for (channel, address), mine in self.words.items():
            if (channel is EMAIL) is not ("@" in address):
                continue
            whose = KnownIdentifier.objects.filter(value=address).values("customer")
            known = KnownIdentifier.objects.filter(customer__in=whose).exclude(kind="name")
            theirs = [
                self.words.get((channel, one), (0, False))
                for one in known.values_list("value", flat=True)
            ]
            if mine[1] or max([mine, *theirs])[1]:
                found.append((channel, address))
        return found

    def customer(self) -> int | None:
        """Return whom the register knows by the address in use."""
        known = KnownIdentifier.objects.filter(value=self.email)
        return known.values_list("customer", flat=True).order_by("customer").last()

    def token(self) -> str:
        [*_, found] = contact_keys.keys(EMAIL, self.email)
        return links.token(found, EMAIL, customer=self.customer())

    # Her own words.
    def objects_by_link(self) -> None:
        assert post(f"unsubscribe/{self.token()}/").status_code == 200
        self.says_no()

    def stops_everything(self) -> None:
        assert post(f"preferences/{self.token()}/", "nothing=yes").status_code == 200
        self.says_no()
        self.words[PHONE, self.email] = self.count, True

    def objects_to_calls(self) -> None:
        if customer := Customer.objects.filter(pk=self.customer() or 0).first():
            choices.choose(
                reach.of_customer(customer), {PHONE: False}, source="staff:telephone",
                customer=customer.pk,
            )  # fmt: skip
            copied.write()
            numbers = customer.identifiers.filter(kind="phone").values_list("value", flat=True)
            for one in [*numbers] or [self.email]:
                self.words[PHONE, one] = self.count, True

    def objects_by_staff(self) -> None:
        customer = Customer.objects.filter(saleor_user=5).values_list("pk", flat=True).first()
        ledger.record(
            Kind.OBJECTION, EMAIL, self.email, source="staff:telephone", customer=customer
        )
        self.says_no()

    def objects_in_a_checkout(self) -> None:
        self.shop.checkout(
            str(self.count), email=self.email, shipping=None, changed_at=self.now.isoformat(),
            marketing={"marketingOptOut": "email"},
        )  # fmt: skip
        take(self.shop)
        soft_opt_in.keep()
        self.says_no()

    def says_no(self) -> None:
        copied.write()
        self.words[EMAIL, self.email] = self.count, True

    def consents(self) -> None:
        ledger.record(Kind.RECONSENT, EMAIL, self.email, source="staff:telephone")
        copied.write()
        self.words[EMAIL, self.email] = self.count, False

    # Whatever others do.
    def imports_a_file(self) -> None:
        path = self.folder / "file.csv"
        path.write_text(
            "email,tapa\neino@example.com,declared\n"
            + "".join(f"{one},bounce\n" for where, one in self.closed() if where is EMAIL)
        )
        layout = Layout(("email",), EMAIL, kind_column="tapa")
        imports.take_in(path, layout, actor=Actor("command:test", frozenset()))

    def orders(self) -> None:
        at = (self.now - timedelta(seconds=1)).astimezone(UTC)
        who = party(phone=self.number)
        self.shop.order(
            str(self.count), billing=who, shipping=who, marketing=SAYS_ALL,
            placed_at=at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            email=self.email, user=5 if (Row.CUSTOMER, "5") in self.shop.rows else None,
        )  # fmt: skip
        take(self.shop)
        soft_opt_in.keep()

    def opens_an_account(self) -> None:
        at = (self.now - timedelta(seconds=1)).isoformat()
        self.shop.account(5, email=self.email, marketing=SAYS_ALL | {"marketingAt": at})
        for kind, name in list(self.shop.rows):
            if kind == "order":
                self.shop.put(kind, name, self.shop.rows[kind, name] | {"user": 5})
        take(self.shop)
        soft_opt_in.keep()

    def gets_a_number(self) -> None:
        self.number = f"+35840123{self.count:04}"
        self.words[PHONE, self.number] = 0, False
        self.orders()

    def changes_her_address(self) -> None:
        """Only an account has several: a guest with another address is another guest."""
        if (Row.CUSTOMER, "5") not in self.shop.rows:
            self.orders()
            self.opens_an_account()
        former, self.email = self.email, f"aino{self.count}@example.com"
        self.words[EMAIL, self.email] = 0, False
        emails = self.shop.rows[Row.CUSTOMER, "5"]["former_emails"]
        self.shop.account(5, email=self.email, former_emails=[*emails, former])
        take(self.shop)
        soft_opt_in.keep()

    def is_erased(self) -> None:
        # Whose they were is forgotten, and what was closed is not.
        for one in self.closed():
            self.words[one] = self.words[one][0], True
        erase(Part.CONTACT, Customer.objects.values_list("pk", flat=True))
        copied.write()
        Purchase.objects.update(unheard=True)
        soft_opt_in.keep()

    def an_app_consents(self) -> None:
        for source in ("api", "staff"):
            with pytest.raises(words.NotTheirs):
                ledger.record(Kind.CONSENT, EMAIL, self.email, source=source)

    def is_backed_up(self) -> None:
        self.backup = self.dump()

    def is_restored(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jokkerit.retention = 'on'; SET LOCAL jokkerit.rekey = 'on'")
            for model, rows in zip(TABLES, self.backup, strict=True):
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
                for row in rows:
                    marks = ", ".join(["%s"] * len(row))
                    cursor.execute(f"INSERT INTO {model._meta.db_table} VALUES ({marks})", row)
            cursor.execute("SET LOCAL jokkerit.retention = 'off'; SET LOCAL jokkerit.rekey = 'off'")

    def gets_a_new_key(self) -> None:
        key(self.patch, NEWER, KEY)

    def years_pass(self) -> None:
        self.now += timedelta(days=1200)

    def jobs_run(self) -> None:
        upkeep.carry(seconds=5)
        upkeep.walk(seconds=5)
        terms.prune()


ACTS = [
    World.objects_by_link, World.objects_by_staff, World.consents, World.imports_a_file,
    World.orders, World.opens_an_account, World.is_erased, World.an_app_consents,
    World.is_backed_up, World.is_restored, World.gets_a_new_key, World.jobs_run,
    World.changes_her_address, World.changes_her_address, World.stops_everything,
    World.objects_to_calls, World.gets_a_number, World.years_pass, World.objects_in_a_checkout,
]  # fmt: skip


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.django_db
# A restored backup has forgotten the no that its copies know.
@example(
    acts=[
        World.objects_by_link, World.changes_her_address, World.is_restored, World.is_erased,
    ]
)  # fmt: skip
@example(
    acts=[
        World.objects_by_link, World.is_restored, World.changes_her_address, World.is_erased,
    ]
)  # fmt: skip
# No number yet; proof that is over.
@example(acts=[World.orders, World.objects_to_calls, World.is_erased, World.gets_a_number])
@example(
    acts=[
        World.orders, World.stops_everything, World.years_pass, World.jobs_run,
        World.changes_her_address, World.gets_a_number,
    ]
)  # fmt: skip
@given(acts=st.lists(st.sampled_from(ACTS), min_size=2, max_size=12))
@settings(max_examples=60)
def test_no_sequence_of_acts_brings_back_who_said_no(acts, tmp_path_factory):
    from jokkerit_plugin.shop import port

    before, folder = port._port, tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        shop = PaperShop.at(folder)
        shop.port.settings = replace(
            shop.port.settings, soft_opt_in_from=clock.now().date() - timedelta(days=9),
            marketing_double_opt_in=False,
        )  # fmt: skip
        port.install(shop.port)
        patch.setenv(copies.VARIABLE, str(folder / "ledger"))
        key(patch, KEY)
        declared_empty()
        world = World(shop, folder, patch)
        for act in acts:
            world.tick()
            act(world)
            for channel, address in world.closed():
                assert not ask(address, channel).allowed, [one.__name__ for one in acts]
        world.tick()
        world.jobs_run()
        for channel, address in world.closed():
            assert ask(address, channel).reason in {"opted_out", "bounced"}
        assert OptOutImport.objects.exists()
        transaction.set_rollback(True)
    port.install(before)
