"""What customers are found by; made by `register/search.py`."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from .customer import Customer


class Words(models.Field):  # type: ignore[type-arg]
    """Words as PostgreSQL's `tsvector`; in Python its text."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's
        """Return PostgreSQL's name of the type."""
        return "tsvector"


@Words.register_lookup
class Matches(models.Lookup):
    """`words__matches=<text of a tsquery>`, taken as it is: no parser, no dictionary."""

    lookup_name = "matches"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition and its parameters."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", (*left_params, *right_params)


class SearchWords(models.Model):
    """The words of one customer's name, e-mails and phones.

    Not in the customer's own row: each new version of that would write all of them into the
    index again (half of the blocks that an intake read in a shop of 562,000 orders).
    """

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="search_words"
    )
    words = Words()
    #: Of the rule of folding: older ones are made anew.
    version = models.SmallIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [
            # Without a list of pending rows, which every search would have to read as well.
            GinIndex(fields=["words"], name="jokkerit_search_words", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"search words of customer {self.pk}"
