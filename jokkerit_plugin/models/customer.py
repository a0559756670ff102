"""A person or organisation that bought: the data subject of the register."""

from django.db import models
from django.db.models import F, JSONField, Q, Value
from django.db.models.functions import Now


class Customer(models.Model):
    """One customer: an account of the shop, or a guest known by the normalised e-mail.

    A guest whose orders Saleor attaches to an account is absorbed by the account's customer;
    two accounts never become one. Name, e-mail, phone and language are the current ones.
    """

    #: Saleor's user id; stays when the account is deleted there (`account_gone_at`).
    saleor_user = models.BigIntegerField(null=True, unique=True)
    guest_email = models.TextField(null=True)  # noqa: DJ001 - unique, so not empty
    email = models.TextField(blank=True, db_default="")
    first_name = models.TextField(blank=True, db_default="")
    last_name = models.TextField(blank=True, db_default="")
    company_name = models.TextField(blank=True, db_default="")
    phone = models.TextField(blank=True, db_default="")
    language = models.CharField(max_length=35, blank=True, db_default="")
    vat_id = models.TextField(blank=True, db_default="")
    is_staff = models.BooleanField(db_default=False)
    entered_at = models.DateTimeField(db_default=Now())
    account_gone_at = models.DateTimeField(null=True)
    account_digest = models.CharField(max_length=32, blank=True, db_default="")
    #: Columns outside the register description which the shop has filled for this account.
    outside = models.JSONField(db_default=Value([], JSONField()))
    #: Digest of what the account says of marketing, and of the addresses that it says it of (empty:
    #: nothing); and of what `marketing/accounts.py` has taken in.
    said = models.CharField(max_length=32, blank=True, db_default="")
    heard = models.CharField(max_length=32, blank=True, db_default="")
    #: What customers stand in order by; made with the `SearchWords`.
    sort_name = models.TextField(blank=True, db_default="", db_collation="C")

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["sort_name", "id"], name="jokkerit_customer_sort_name"),
            models.Index(fields=["entered_at", "id"], name="jokkerit_customer_entered"),
            models.Index(
                fields=["id"], condition=~Q(said=F("heard")), name="jokkerit_customer_unheard"
            ),
        ]
        constraints = [
            # `unique=True` on a text makes a second index, for LIKE.
            models.UniqueConstraint(fields=["guest_email"], name="jokkerit_customer_guest_once"),
            models.CheckConstraint(
                condition=Q(saleor_user__isnull=False) ^ Q(guest_email__isnull=False),
                name="jokkerit_customer_account_or_guest",
            ),
            models.CheckConstraint(
                condition=~Q(guest_email=""), name="jokkerit_customer_guest_email_filled"
            ),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"


class FormerCustomer(models.Model):
    """An id that a customer had as a guest, before being absorbed; the access log keeps it."""

    id = models.BigIntegerField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="former")
    absorbed_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"former customer {self.pk}"


class KnownIdentifier(models.Model):
    """An e-mail or phone that led to the customer, now or formerly: to find and erase by.

    Of names those that the account had before: staff's events in the shop name them still.
    """

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"
        #: First and last name, a line each.
        NAME = "name"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=5, choices=Kind)
    value = models.TextField()
    #: The shop's times of first and last use; `last_at` null: in use by the account now.
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    #: Since when it is known to be wrong: it finds nobody, but is still erased by.
    wrong_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "value"], name="jokkerit_identifier_once"
            )
        ]
        indexes = [models.Index(fields=["kind", "value"], name="jokkerit_identifier_value")]

    def __str__(self) -> str:
        return f"identifier {self.pk}"
