"""Customers' accounts: what people do themselves, and what staff does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from demo.letterbox import CHANGE_EMAIL, CONFIRM, DELETE
from demo.records import pk
from demo.shopfloor import STOREFRONT, Shop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.client import Client, Json
    from demo.people import Person


@dataclass(frozen=True)
class Account:
    """`client` is logged in as the person; None for an account made by staff, which has no
    password."""

    id: str
    email: str
    person: Person
    client: Client | None

    @property
    def key(self) -> str:
        return pk(self.id)

    def acting(self) -> Client:
        if self.client is None:
            raise ValueError("nobody can log in to this account")
        return self.client


KNOWN = "query user($email: String) { user(email: $email) { id } }"


def register(shop: Shop, person: Person, market: str = "suomi", *, confirm: bool = True) -> Account:
    """Opens an account, follows the confirming link unless told not to, and logs in.

    With the link the guest orders of the same address join the account.
    """
    if shop.staff.call(KNOWN, {"email": person.email})["user"]:
        return log_in(shop, person)
    settings = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "password": person.password,
        "languageCode": person.language,
        "channel": market,
        "redirectUrl": f"{STOREFRONT}/vahvista",
    }
    shop.guest().mutate("accountRegister", input=("AccountRegisterInput!", settings))
    if confirm:
        confirm_account(shop, person)
    return log_in(shop, person)


def confirm_account(shop: Shop, person: Person) -> None:
    shop.guest().mutate(
        "confirmAccount",
        email=("String!", person.email),
        token=("String!", shop.letterbox.token(person.email, CONFIRM)),
        password=("String", person.password),
    )


def log_in(shop: Shop, person: Person) -> Account:
    client = shop.guest().as_person(person.email, person.password)
    return Account(client.call("{ me { id } }")["me"]["id"], person.email, person, client)


def update(account: Account, **fields: object) -> None:
    """Changes one's own names, language, default addresses or metadata (AccountInput)."""
    account.acting().mutate("accountUpdate", input=("AccountInput!", fields))


def add_address(account: Account, address: Json, use: str = "SHIPPING") -> str:
    made = account.acting().mutate(
        "accountAddressCreate",
        "address { id }",
        input=("AddressInput!", address),
        type=("AddressTypeEnum", use),
    )
    return str(made["address"]["id"])


def change_address(account: Account, address: str, values: Json) -> None:
    given = ("AddressInput!", values)
    account.acting().mutate("accountAddressUpdate", id=("ID!", address), input=given)


def delete_address(account: Account, address: str) -> None:
    account.acting().mutate("accountAddressDelete", id=("ID!", address))


def set_default_address(account: Account, address: str, use: str) -> None:
    kind = ("AddressTypeEnum!", use)
    account.acting().mutate("accountSetDefaultAddress", id=("ID!", address), type=kind)


def change_email(shop: Shop, account: Account, email: str, market: str = "suomi") -> Account:
    """The person's own way, with the link that Saleor posts to the new address."""
    client = account.acting()
    client.mutate(
        "requestEmailChange",
        newEmail=("String!", email),
        password=("String!", account.person.password),
        redirectUrl=("String!", f"{STOREFRONT}/osoite"),
        channel=("String", market),
    )
    token = shop.letterbox.token(account.email, CHANGE_EMAIL)
    client.mutate("confirmEmailChange", token=("String!", token), channel=("String", market))
    person = account.person.with_email(email)
    return replace(log_in(shop, person), person=person)


def delete_self(shop: Shop, account: Account, market: str = "suomi") -> None:
    """The person's own way, with the link that Saleor posts (fires account_deleted)."""
    client = account.acting()
    client.mutate(
        "accountRequestDeletion",
        redirectUrl=("String!", f"{STOREFRONT}/poista"),
        channel=("String", market),
    )
    token = shop.letterbox.token(account.email, DELETE)
    client.mutate("accountDelete", token=("String!", token))


def change_password(account: Account, password: str) -> Account:
    person = replace(account.person, password=password)
    account.acting().mutate(
        "passwordChange",
        oldPassword=("String", account.person.password),
        newPassword=("String!", password),
    )
    client = account.acting().as_person(account.email, password)
    return replace(account, person=person, client=client)


def create_by_staff(shop: Shop, person: Person, **fields: object) -> Account:
    """An account without a password, made at the counter or on the telephone."""
    settings = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "languageCode": person.language,
        "defaultBillingAddress": person.address,
        **fields,
    }
    made = shop.staff.mutate("customerCreate", "user { id }", input=("UserCreateInput!", settings))
    return Account(made["user"]["id"], person.email, person, None)


def update_by_staff(shop: Shop, account: Account, **fields: object) -> Account:
    """Names, e-mail, note, `isActive`, external reference... (CustomerInput)."""
    changed = shop.staff.mutate(
        "customerUpdate",
        "user { email }",
        id=("ID", account.id),
        input=("CustomerInput!", fields),
    )
    email = changed["user"]["email"]
    return replace(account, email=email, person=account.person.with_email(email))


def set_active(shop: Shop, accounts: list[Account], *, active: bool) -> None:
    """In bulk: nothing fires for it."""
    keys = ("[ID!]!", [account.id for account in accounts])
    shop.staff.mutate("userBulkSetActive", ids=keys, isActive=("Boolean!", active))


def add_address_by_staff(shop: Shop, account: Account, address: Json) -> str:
    made = shop.staff.mutate(
        "addressCreate",
        "address { id }",
        userId=("ID!", account.id),
        input=("AddressInput!", address),
    )
    return str(made["address"]["id"])


def exempt_from_tax(staff: Client, order_or_checkout: str, *, exempt: bool = True) -> None:
    """Reverse charge: the buyer accounts for the tax. Not possible for a finished order."""
    staff.mutate(
        "taxExemptionManage", id=("ID!", order_or_checkout), taxExemption=("Boolean!", exempt)
    )


def delete_by_staff(shop: Shop, account: Account) -> None:
    shop.staff.mutate("customerDelete", id=("ID", account.id))


def delete_many_by_staff(shop: Shop, accounts: list[Account]) -> None:
    shop.staff.mutate("customerBulkDelete", ids=("[ID!]!", [account.id for account in accounts]))


def orders_of(account: Account) -> Mapping[str, str]:
    """Order number: id, as the person sees them in the account."""
    query = "{ me { orders(first: 100) { edges { node { id number } } } } }"
    edges = account.acting().call(query)["me"]["orders"]["edges"]
    return {edge["node"]["number"]: edge["node"]["id"] for edge in edges}
