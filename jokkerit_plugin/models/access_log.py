"""Who looked at which customers, when and why."""

from typing import Any

from django.contrib.postgres.indexes import GistIndex
from django.db import models

from .chain import ChainLink


class SubjectSet(models.Field):  # type: ignore[type-arg]
    """An exact set of customer ids as PostgreSQL's `int8multirange`.

    A million neighbouring ids are one range; whether one id is in the set is answered by a GiST
    index. In Python it is the multirange's text, for example `{[4,5),[7,9)}`.
    """

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's
        """Return PostgreSQL's name of the type."""
        return "int8multirange"

    def select_format(
        self,
        compiler: object,  # noqa: ARG002 - Django's
        sql: str,
        params: Any,
    ) -> tuple[str, Any]:
        """Return what reads it, as text."""
        return f"{sql}::text", params


@SubjectSet.register_lookup
class Overlaps(models.Lookup):
    """`subjects__overlaps=<a multirange's text>`, answered by the GiST index."""

    lookup_name = "overlaps"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition and its parameters."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} && {right}::int8multirange", (*left_params, *right_params)


class AccessEntry(ChainLink):
    """One use of customers' data, or one refusal; holds keys only."""

    class Outcome(models.TextChoices):
        GRANTED = "granted"
        REFUSED = "refused"

    at = models.DateTimeField()
    #: `user:<id>` or `app:<id>` of the shop, or the name of a command.
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=16, blank=True)
    purpose = models.CharField(max_length=16, blank=True)
    #: Sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80, blank=True)
    #: What was done: the field, page or command.
    act = models.CharField(max_length=80)
    subjects = SubjectSet()
    count = models.BigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    #: Code of the refusal, empty when granted.
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["at"], name="jokkerit_access_at"),
            GistIndex(fields=["subjects"], name="jokkerit_access_subjects"),
            models.Index(fields=["actor", "at"], name="jokkerit_access_actor"),
        ]

    def __str__(self) -> str:
        return f"access {self.seq}"
