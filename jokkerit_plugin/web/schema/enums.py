"""Enumerations of the schema: what each value means; and the types that every noun uses."""

from collections.abc import Iterable
from enum import Enum
from inspect import cleandoc
from typing import Any

import graphene
from django.utils.text import capfirst
from graphql.language.ast import IntValue

from ...policy.categories import TITLES, Category
from ...policy.languages import Language
from ...policy.purposes import GROUNDS, Purpose
from ...policy.roles import Role

#: Whole numbers up to here are exact in JSON, whoever reads it.
_LARGEST = 2**53 - 1


class BigInt(graphene.Scalar):
    """A whole number that may outgrow the 32 bits of `Int`: in JSON a number, exact to 2^53."""

    serialize = int

    @staticmethod
    def parse_value(value: Any) -> int | None:
        """Return what a variable gives; None, which GraphQL refuses, for anything else."""
        good = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
        return value if good else None

    @staticmethod
    def parse_literal(node: Any) -> int | None:
        """Return what a document says; None, which GraphQL refuses, for anything else."""
        return BigInt.parse_value(int(node.value)) if isinstance(node, IntValue) else None


def enumeration(
    members: type[Enum] | Iterable[tuple[str, str]], name: str = "", about: str = "", **words: str
) -> Any:
    """Return the type of an enumeration; `words` say of each value what it means.

    `members`: an enum, whose docstring says what it is if `about` does not, or pairs of name and
    value. A value without words is a KeyError, at once.
    """
    if isinstance(members, type):
        name, about = name or members.__name__, about or cleandoc(members.__doc__ or "")
        members = [(one.name, one.value) for one in members]
    # graphene asks with None what the type is.
    return graphene.Enum(
        name, list(members), description=lambda one: words[one.name] if one else about
    )


def sentence(words: str) -> str:
    """Return words of the policy as a description has them."""
    return f"{capfirst(words)}."


def _ground(purpose: Purpose) -> str:
    found = GROUNDS[purpose]
    why = ", ".join(one for one in (found.interest, found.source) if one)
    return f"GDPR {found.basis}: {why}."


PurposeEnum = enumeration(
    Purpose, about="For what personal data is used; each with its legal basis.",
    **{one.name: _ground(one) for one in Purpose},
)  # fmt: skip
CategoryEnum = enumeration(
    Category, about="The six kinds of personal data that the register description names.",
    **{one.name: sentence(TITLES[one][2]) for one in Category},
)  # fmt: skip
LanguageEnum = enumeration(
    ((one.name, one.code) for one in Language), "Language", "A language of the register.",
    FI="Finnish.", SV="Swedish.", EN="English.",
)  # fmt: skip
RoleEnum = enumeration(
    Role, about="What somebody is in the register, by permission; docs/access.md.",
    STAFF="Sees customers: JOKKERIT_VIEW_REGISTER; or changes them: JOKKERIT_MANAGE_REGISTER.",
    ACCOUNTING="Sees vouchers and VAT: JOKKERIT_VIEW_ACCOUNTING and a membership.",
    MAINTAINER="Sees the site log: JOKKERIT_VIEW_SITE_LOG; a customer's data by a grant alone.",
    CONTROLLER="Answers for the register: JOKKERIT_MANAGE_PRIVACY; people, never an app.",
)  # fmt: skip

#: The argument of what shows customers.
PURPOSE = PurposeEnum(
    description="For what it is used, as the log says; left out: the usual one of who asks"
    " (`SERVICE`; `BOOKKEEPING` of the accounting firm, `ERROR_FIXING` of maintainers).",
)  # fmt: skip
