"""What erasing the shop's own tables must remember for a day or a minute."""

from django.db import models


class AddressMark(models.Model):
    """The last key of the shop's addresses at a moment: they have no date of their own."""

    noted_at = models.DateTimeField()
    last = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["-noted_at"], name="jokkerit_address_mark")]

    def __str__(self) -> str:
        return f"address mark {self.pk}"


class ShopFile(models.Model):
    """A file of the shop whose row was erased: removed after the commit, and this row with it."""

    #: `app.Model.field`, whose storage it is in; empty: the default one.
    field = models.CharField(max_length=100, blank=True, default="")
    name = models.CharField(max_length=1000)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"file {self.pk}"
