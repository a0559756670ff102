"""What the description says, before it is put into words: policy, settings, companies.

The documents are written from this alone, so whatever makes a published text untrue is a
difference between two sets of facts; a better wording is none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .. import clock
from ..config import Config
from ..models import Recipient
from ..policy import recipients, roles
from ..policy.categories import Category
from ..policy.languages import Language
from ..policy.purposes import GROUNDS, Purpose
from ..policy.schedule import Rule, in_force
from ..register import approval
from ..shop import erasers
from ..shop.port import shop


@dataclass(frozen=True, slots=True, order=True)
class Company:
    """Somebody who gets data, or works with it: `kind` as `Recipient.Kind`."""

    kind: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a description is written from."""

    config: Config
    companies: tuple[Company, ...] = ()
    #: What is due is erased at night, and in the shop's own tables: the controller has approved
    #: it under these settings, and nothing is in its way.
    erases: bool = False
    erases_in_shop: bool = False

    def told(self) -> dict[str, str]:
        """Return fact by fact what the documents say."""
        config = self.config
        return {
            **{name: getattr(config, name) for name in SETTINGS},
            "categories": _join(Category),
            **{f"purpose {one}": _purpose(one) for one in Purpose},
            **{f"access {one}": _access(one) for one in roles.Role},
            **{
                f"disclosure {kind}": _join((purpose, *sorted(categories)))
                for kind, (purpose, categories) in recipients.DISCLOSURES.items()
            },
            **{
                f"company {one.kind} {one.name} ({one.country})": _yes(True)
                for one in self.companies
            },
            "transfer": _join(recipients.TransferGround),
            **{
                f"retention {rule.name}": _keep(rule, config)
                for rule in in_force(clock.today()).values()
            },
            "erased by itself": _yes(self.erases),
            "erased in the shop": _yes(self.erases_in_shop),
        }


#: Settings that the documents quote as they stand.
SETTINGS = (
    "controller_name", "business_id", "controller_address", "controller_contact",
    "privacy_contact", "data_protection_officer", "hosting_country",
)  # fmt: skip


def present() -> Facts:
    """Return the facts of this moment (2 queries, the settings' and the eraser's)."""
    rows = Recipient.objects.filter(ended_at=None).values_list("kind", "name", "country")
    config, eraser = shop().config(), erasers.eraser()
    erases = config.active and config.retention and approval.standing(config)
    in_shop = erases and config.erase_in_shop and eraser is not None and not eraser.refusal()
    companies = tuple(sorted(Company(*row) for row in set(rows)))
    return Facts(config, companies, erases=erases, erases_in_shop=in_shop)


def missing(config: Config) -> list[tuple[str, str]]:
    """Return what a description cannot be published without: the setting, and a sentence."""
    wanted = {
        "controller_name": "Name the controller.",
        "business_id": "Give the controller's business ID.",
        "controller_address": "Give the controller's address.",
        "controller_contact": "Give the controller's e-mail address and phone number.",
        "privacy_contact": "Name the person whom customers can ask about the register.",
        "hosting_country": "Say in which country the shop's servers stand.",
    }
    empty = [(name, why) for name, why in wanted.items() if not getattr(config, name)]
    if config.controller_contact and not _reachable(config.controller_contact):
        empty.append(("controller_contact", wanted["controller_contact"]))
    return empty


def _reachable(contact: str) -> bool:
    """Tell whether a text holds an e-mail address and a phone number."""
    mails = [one for one in contact.split() if re.search(r"[^@]@[^@]+\.", one)]
    rest = " ".join(one for one in contact.split() if one not in mails)
    return bool(mails) and len(re.findall(r"\d", rest)) >= 5


def _purpose(purpose: Purpose) -> str:
    ground = GROUNDS[purpose]
    return _join(filter(None, (ground.basis, ground.interest, ground.source)))


def _access(role: roles.Role) -> str:
    return _join(
        f"{purpose}: {', '.join(sorted(categories))}"
        for purpose, categories in roles.ALLOWED[role].items()
    )


def _keep(rule: Rule, config: Config) -> str:
    term = rule.term(config)
    length = term.words(Language.EN) if term else ""
    most = "at most" if rule.varies(config) else ""
    parts = ", ".join(sorted(rule.parts))
    return _join(filter(None, (rule.purpose, parts, most, length, rule.clock)))


def _join(values: Iterable[object]) -> str:
    return "; ".join(str(one) for one in values)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
