"""Where a customer's goods and bills go."""

from django.db import models

from .customer import Customer


class PartyFields(models.Model):
    """A name and postal address as the shop wrote them."""

    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    company_name = models.TextField(blank=True, default="")
    street_1 = models.TextField(blank=True, default="")
    street_2 = models.TextField(blank=True, default="")
    postal_code = models.TextField(blank=True, default="")
    city = models.TextField(blank=True, default="")
    city_area = models.TextField(blank=True, default="")
    country_area = models.TextField(blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    phone = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


class PostalAddress(PartyFields):
    """One address of one customer, once however often it is used.

    The purchases point to it as billing or shipping address; `in_book` and the defaults say
    what the account's address book holds.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
    #: Of the party's fields, so that the same address is one row (see `register/addresses.py`).
    fingerprint = models.CharField(max_length=32)
    in_book = models.BooleanField(default=False)
    default_billing = models.BooleanField(default=False)
    default_shipping = models.BooleanField(default=False)
    #: When the first and last purchase that used it was placed; null: only in the book.
    first_used_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "fingerprint"], name="jokkerit_address_once"
            )
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"
