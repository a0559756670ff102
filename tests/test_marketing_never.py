"""Nothing brings back who said no: not imports, orders, merges, erasures, restores, new keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jokkerit_plugin import clock
from jokkerit_plugin.access import copies
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.marketing import (
    choices,
    contact_keys,
    contacts,
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
    Sweep,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop.snapshots import Kind as Row
from tests.chance import tries
from tests.erasing import erase, take
from tests.opting import AINO, KEY, NEWER, declared_empty, key
from tests.paper_shop import PaperShop, party
from tests.test_marketing_doors import post

EMAIL, SMS, PHONE, _ = Channel
EINO = "eino@example.com"
SAYS_ALL = {"marketingConsent": "all", "marketingOptOutOffered": "true"}
TABLES = (MarketingEvent, Suppression, ChainHead)


class World:
    """A person, Aino, and all that can happen to what she said.

    `email`, `number`: by which she is reached. `words`: by channel and address when she last spoke
    of it, and whether it was a no; of a number under her e-mail, before there was one. `his`: when
    Eino said yes to a number of both. `plain`: where she wants no profile. `user`: her account.
    """

    def __init__(self, shop: PaperShop, folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop, self.folder, self.patch = shop, folder, monkeypatch
        self.email, self.number, self.words = AINO, "", {(EMAIL, AINO): (0, False)}
        self.his: dict[tuple[Channel, str], int] = {}
        self.plain: set[tuple[Channel, str]] = set()
        self.user = 5
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
        for (channel, address), theirs in self.hers().items():
            last = max(self.words.get((channel, one), (0, False)) for one in theirs)
            his = self.his.get((channel, address), 0)
            if any(no and at >= his for at, no in (self.words[channel, address], last)):
                found.append((channel, address))
        return found

    def profiled(self) -> list[tuple[Channel, str]]:
        """Return where what she bought must not choose what she is sent."""
        return [
            (channel, address) for (channel, address), theirs in self.hers().items()
            if any((channel, one) in self.plain for one in theirs)
        ]  # fmt: skip

    def hers(self) -> dict[tuple[Channel, str], set[str]]:
        """Return all at which she can be reached, with what the register knows as the same
        customer's.
        """
        rows = KnownIdentifier.objects.exclude(kind="name").values_list("customer", "value")
        people: dict[int, set[str]] = {}
        for customer, value in rows:
            people.setdefault(customer, set()).add(value)
        known = [some for some in people.values() if EINO not in some]
        return {
            (channel, address): {address}.union(*(some for some in known if address in some))
            for channel, address in self.words if (channel is EMAIL) is ("@" in address)
        }  # fmt: skip

    def check(self) -> None:
        """Nobody who must not be is written to, or profiled."""
        pairs = [(address, channel) for channel, address in self.closed()]
        assert [one for one in contacts.may_contact(pairs) if one.allowed] == []
        if not contacts.closed():
            found = contacts.permissions(self.profiled())
            assert [one for one in found if one.profiling] == []

    def customer(self) -> int | None:
        """Return whom the register knows by the address in use."""
        known = KnownIdentifier.objects.filter(value=self.email)
        return known.values_list("customer", flat=True).order_by("customer").last()

    def account(self) -> dict[str, Any]:
        return self.shop.rows.get((Row.CUSTOMER, str(self.user)), {})

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
        self.words[PHONE, self.email] = self.words[SMS, self.email] = self.count, True

    def objects_to_calls(self) -> None:
        if customer := Customer.objects.filter(pk=self.customer() or 0).first():
            choices.choose(
                reach.of_customer(customer), {PHONE: False, SMS: False}, source="staff:telephone",
                customer=customer.pk,
            )  # fmt: skip
            copied.write()
            numbers = customer.identifiers.filter(kind="phone").values_list("value", flat=True)
            for one in [*numbers] or [self.email]:
                self.words[PHONE, one] = self.words[SMS, one] = self.count, True

    def wants_no_profile(self) -> None:
        assert post(f"preferences/{self.token()}/", "profile=no").status_code == 200
        copied.write()
        self.plain |= {(channel, self.email) for channel in Channel}

    def objects_by_staff(self) -> None:
        theirs = Customer.objects.filter(saleor_user=self.user)
        customer = theirs.values_list("pk", flat=True).first()
        ledger.record(
            Kind.OBJECTION, EMAIL, self.email, source="staff:telephone", customer=customer
        )
        self.says_no()

    def objects_in_a_checkout(self) -> None:
        self.shop.checkout(
            str(self.count), email=self.email, shipping=None, changed_at=self.now.isoformat(),
            marketing={"marketingOptOut": "email"},
        )  # fmt: skip
        self.is_read()
        # It is gone when the plugin works again.
        if self.shop.port.settings.active:
            self.says_no()

    def objects_in_an_order(self) -> None:
        self.orders(marketing={"marketingOptOut": "email"})
        self.says_no()

    def objects_in_her_account(self) -> None:
        """Beside what stood there: a consent, and when it was given.

        Once more, or while nobody listens, with the time of the no, as docs/marketing.md asks.
        """
        stood = self.account().get("marketing", {})
        at = self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        says = stood | {"marketingOptOut": "email"}
        settings = self.shop.port.settings
        if says == stood or not (settings.active and settings.fill_orders):
            says["marketingAt"] = at
        self.shop.account(self.user, email=self.email, marketing=says, changed_at=at)
        self.is_read()
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

    def is_read(self) -> None:
        """Hooks and beat: while nothing is filled, or the plugin rests, nobody hears of it."""
        if self.shop.port.settings.active:
            take(self.shop)
        else:
            self.shop.delivered()
        inbox.drain()
        soft_opt_in.keep()

    def fills_nothing(self) -> None:
        self.shop.port.settings = replace(self.shop.port.settings, fill_orders=False)
        inbox.drain()

    def is_deactivated(self) -> None:
        self.shop.port.settings = replace(self.shop.port.settings, active=False)
        inbox.drain()

    def works_again(self) -> None:
        settings = replace(self.shop.port.settings, active=True, fill_orders=True)
        self.shop.port.settings = settings
        sweep.run(sweep.start(Sweep.Name.BY_HAND))
        self.is_read()

    def eino_buys_with_her_number(self) -> None:
        self.shop.order("eino", email=EINO, billing=party("Eino", phone=self.number))
        self.is_read()

    def eino_wants_calls(self) -> None:
        if eino := Customer.objects.filter(email=EINO).first():
            for channel in (PHONE, SMS) if self.number else ():
                ledger.record(
                    Kind.CONSENT, channel, self.number, source="staff:telephone", customer=eino.pk
                )
                self.his[channel, self.number] = self.count
            copied.write()

    def eino_is_erased(self) -> None:
        erase(Part.CONTACT, Customer.objects.filter(email=EINO).values_list("pk", flat=True))
        copied.write()

    def orders(self, marketing: dict[str, str] = SAYS_ALL) -> None:
        at = (self.now - timedelta(seconds=1)).astimezone(UTC)
        who = party(phone=self.number)
        self.shop.order(
            str(self.count), billing=who, shipping=who, marketing=marketing,
            placed_at=at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            email=self.email, user=self.user if self.account() else None,
        )  # fmt: skip
        self.is_read()

    def opens_an_account(self) -> None:
        at = (self.now - timedelta(seconds=1)).isoformat()
        self.shop.account(self.user, email=self.email, marketing=SAYS_ALL | {"marketingAt": at})
        for (kind, name), row in list(self.shop.rows.items()):
            if kind == "order" and row["email"] != EINO:
                self.shop.put(kind, name, row | {"user": self.user})
        self.is_read()

    def gets_a_number(self) -> None:
        self.number = f"+35840123{self.count:04}"
        self.words[PHONE, self.number] = self.words[SMS, self.number] = 0, False
        self.orders()

    def changes_her_address(self) -> None:
        """Only an account has several: a guest with another address is another guest."""
        if not self.account():
            self.orders()
            self.opens_an_account()
        former, self.email = self.email, f"aino{self.count}@example.com"
        self.words[EMAIL, self.email] = 0, False
        emails = self.account()["former_emails"]
        self.shop.account(self.user, email=self.email, former_emails=[*emails, former])
        self.is_read()

    def is_erased(self) -> None:
        # Whose they were is forgotten, and what was closed is not.
        for one in self.closed():
            self.words[one] = self.words[one][0], True
        self.plain |= {*self.profiled()}
        erase(Part.CONTACT, Customer.objects.values_list("pk", flat=True))
        copied.write()
        # With their account, and orders are read again.
        if (Row.CUSTOMER, str(self.user)) in self.shop.rows:
            self.shop.remove(Row.CUSTOMER, self.user)
            self.user += 1
        Purchase.objects.update(unheard=True)
        self.is_read()

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
    World.wants_no_profile, World.objects_in_an_order, World.objects_in_her_account,
    World.fills_nothing, World.is_deactivated, World.works_again, World.eino_buys_with_her_number,
    World.eino_wants_calls, World.eino_is_erased,
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
# What an account says no to beside the time of its yes; orders that nobody reads.
@example(acts=[World.orders, World.opens_an_account, World.consents, World.objects_in_her_account])
@example(acts=[World.orders, World.consents, World.fills_nothing, World.objects_in_an_order])
# The yes of another one at a number of both, of whom nobody knows any more that it was his.
@example(
    acts=[
        World.gets_a_number, World.objects_to_calls, World.eino_buys_with_her_number,
        World.eino_wants_calls, World.gets_a_number, World.eino_is_erased,
    ]
)  # fmt: skip
@example(acts=[World.gets_a_number, World.wants_no_profile, World.is_erased, World.orders])
@example(acts=[World.objects_in_her_account, World.consents, World.objects_in_her_account])
@example(
    acts=[
        World.objects_by_link,
        World.consents,
        World.fills_nothing,
        World.objects_in_her_account,
        World.years_pass,
    ]
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=2, max_size=12))
@settings(max_examples=tries(25))
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
        sweep.run(sweep.start(Sweep.Name.BACKFILL))
        world = World(shop, folder, patch)
        for act in acts:
            world.tick()
            act(world)
            world.check()
        world.tick()
        world.works_again()
        world.jobs_run()
        world.check()
        pairs = [(address, channel) for channel, address in world.closed()]
        assert {one.reason for one in contacts.may_contact(pairs)} <= {"opted_out", "bounced"}
        assert OptOutImport.objects.exists()
        transaction.set_rollback(True)
    port.install(before)
