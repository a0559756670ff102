"""Journeys of accounts: how people come, change and go. Each has bought before it changes."""

from __future__ import annotations

from demo import accounts, orders, records
from demo.stage import Outcome, Stage, moved, outcome


def profile_changed(stage: Stage) -> Outcome:
    """Names, language, metadata, and every act on addresses, by the person."""
    account = stage.account()
    order = stage.buy("suomi", account.person, client=account.acting())
    accounts.update(account, lastName="Ångström-Väyrynen", languageCode="SV")
    address = accounts.add_address(account, moved(account.person, "Muuttajankatu 1"))
    accounts.change_address(account, address, moved(account.person, "Muuttajankatu 11"))
    accounts.set_default_address(account, address, "BILLING")
    second = accounts.add_address(account, moved(account.person, "Mökkitie 5"), "BILLING")
    accounts.delete_address(account, second)
    orders.set_metadata(account.acting(), account.id, {"kengännumero": "43"})
    return outcome(order, accounts=(account,))


def email_changed(stage: Stage) -> Outcome:
    """The person's own change by the posted link, with an order before and one after."""
    account = stage.account()
    first = stage.buy("suomi", account.person, client=account.acting())
    moved_to = accounts.change_email(stage.shop, account, f"uusi.{account.email}")
    second = stage.buy("suomi", moved_to.person, client=moved_to.acting())
    return Outcome((first, second), (moved_to,), (account.email, moved_to.email))


def email_changed_by_staff(stage: Stage) -> Outcome:
    account = stage.account()
    order = stage.buy("suomi", account.person, client=account.acting())
    new = accounts.update_by_staff(stage.shop, account, email=f"toinen.{account.email}")
    return outcome(order, accounts=(new,), also=(account.email,))


def known_by_staff(stage: Stage) -> Outcome:
    """Staff writes down more than it should: a note, a reference, an address."""
    account = accounts.create_by_staff(stage.shop, stage.person("suomi"), note="Tuttu asiakas")
    account = accounts.update_by_staff(
        stage.shop, account, firstName="Märtha", externalReference=stage.reference()
    )
    accounts.add_address_by_staff(stage.shop, account, moved(account.person, "Sivukatu 4"))
    return Outcome(accounts=(account,), emails=(account.email,))


def second_account(stage: Stage) -> Outcome:
    """One human being, two accounts: they never merge."""
    account = stage.account()
    first = stage.buy("suomi", account.person, client=account.acting())
    other_self = account.person.with_email(f"tyo.{account.email}")
    other = accounts.register(stage.shop, other_self)
    second = stage.buy("suomi", other_self, client=other.acting())
    return Outcome((first, second), (account, other), (account.email, other.email))


def never_bought(stage: Stage) -> Outcome:
    """An account alone, and one whose link was never followed."""
    account = stage.account()
    shy = accounts.register(stage.shop, stage.person("suomi"), confirm=False)
    return Outcome(accounts=(account, shy), emails=(account.email, shy.email))


def deleted_by_self(stage: Stage) -> Outcome:
    account = stage.account()
    order = stage.buy("suomi", account.person, client=account.acting())
    accounts.delete_self(stage.shop, account)
    order = records.look(stage.staff, order.id)
    return Outcome((order,), emails=(account.email,), gone=(account.id,))


def deleted_by_staff(stage: Stage) -> Outcome:
    account = stage.account()
    order = stage.buy("suomi", account.person, client=account.acting())
    accounts.delete_by_staff(stage.shop, account)
    order = records.look(stage.staff, order.id)
    return Outcome((order,), emails=(account.email,), gone=(account.id,))


def put_aside(stage: Stage) -> Outcome:
    """Deactivated in bulk, which tells nobody; one of the two is then deleted in bulk."""
    people = [stage.person("suomi") for _ in range(2)]
    made = [accounts.create_by_staff(stage.shop, person) for person in people]
    accounts.set_active(stage.shop, made, active=False)
    accounts.delete_many_by_staff(stage.shop, made[1:])
    emails = tuple(account.email for account in made)
    return Outcome(accounts=(made[0],), emails=emails, gone=(made[1].id,))
