"""Third parties that may get data, and who acts for them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Recipient(models.Model):
    """A registered third party: one of the description's three kinds, or a processor.

    A processor works for the controller (hosting, mail, payment service): nothing is disclosed
    to it, but a flow of data that exists anyway must lead to a registered one.
    """

    class Kind(models.TextChoices):
        BOOKKEEPING = "bookkeeping"
        INVOICING = "invoicing"
        COLLECTION = "debt_collection"
        PROCESSOR = "processor"

    class Outcome(models.TextChoices):
        RETURNED = "returned"
        DELETED = "deleted"

    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    #: Finnish business id or, of a company from elsewhere, its VAT id or nothing; checked.
    business_id = models.CharField(max_length=20, blank=True, default="")
    #: ISO 3166-1 alpha-2: where the data goes.
    country = models.CharField(max_length=2)
    #: Data-processing agreement, GDPR article 28.
    agreement_signed_on = models.DateField(null=True)
    confidentiality_signed_on = models.DateField(null=True)
    #: Where it is told of corrections (article 19), and in which language; empty: in another way.
    email = models.CharField(max_length=254, blank=True, db_default="")
    language = models.CharField(max_length=2, blank=True, db_default="fi")
    registered_at = models.DateTimeField(db_default=Now())
    registered_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")
    #: What became of the data that it held, once it ended (GDPR article 28(3)(g)).
    data_outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    data_outcome_on = models.DateField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="jokkerit_recipient_has_a_name"),
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"), name="jokkerit_recipient_country"
            ),
            models.CheckConstraint(
                condition=Q(data_outcome="", data_outcome_on=None)
                | (~Q(data_outcome="") & Q(data_outcome_on__isnull=False)),
                name="jokkerit_recipient_outcome_dated",
            ),
            models.UniqueConstraint(
                fields=["kind", "business_id"],
                condition=Q(ended_at=None) & ~Q(business_id=""),
                name="jokkerit_recipient_once",
            ),
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class Member(models.Model):
    """A user or app of the shop that acts for a recipient; each acts for one at a time."""

    #: `user:<id>` or `app:<id>`.
    holder = models.CharField(max_length=64)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="members")
    #: Of an app: the signer whose confidentiality agreement answers for it (`user:` or `paper:`).
    responsible = models.CharField(max_length=64, blank=True, default="")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")
    #: When the shop, too, had taken the access away; null: not yet, tried again.
    shut_out_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["holder"], condition=Q(ended_at=None), name="jokkerit_member_of_one"
            ),
            models.CheckConstraint(
                condition=Q(holder__startswith="user:") | ~Q(responsible=""),
                name="jokkerit_member_app_has_a_responsible",
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"
