"""The ledger of erasures: what was erased when and why, by keys alone."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from .access_log import SubjectSet
from .chain import ChainLink


class Erasure(ChainLink):
    """The receipt of one batch, written in its transaction; never changed, hash-chained.

    It is replayed after a backup was restored, so it holds all the keys that this takes.
    """

    at = models.DateTimeField()
    #: The plan's number; 0: none.
    plan = models.BigIntegerField()
    part = models.CharField(max_length=16)
    #: Customers or purchases whose part was erased.
    subjects = SubjectSet()
    #: Sorted keys of the shop: users of the customers, orders of the purchases, or the shop's own.
    shop_keys = ArrayField(models.CharField(max_length=64))
    count = models.BigIntegerField()
    #: JSON: table to rows, ours and the shop's. As text: jsonb would reorder what was hashed.
    rows = models.TextField()
    #: Whether the shop's own rows were erased with them.
    in_shop = models.BooleanField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["at"], name="jokkerit_erasure_at"),
            GistIndex(fields=["subjects"], name="jokkerit_erasure_subjects"),
        ]

    def __str__(self) -> str:
        return f"erasure {self.seq}"


class Owed(models.Model):
    """What the register has erased and the shop still holds: a key, to go back to."""

    #: A `shop.erasers.ShopPart`; `file`: a stored file that goes once its row is gone; `granted`:
    #: an account that is owed because its owner asked for it.
    what = models.CharField(max_length=16)
    key = models.CharField(max_length=255)
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["what", "key"], name="jokkerit_owed_once")]

    def __str__(self) -> str:
        return f"owed {self.pk}"
