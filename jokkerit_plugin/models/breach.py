"""Personal data breaches: what is documented of each (GDPR art. 33(5)), and who is affected."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from ..policy.breaches import BreachState, Exemption, Found, Risk, Told
from .acts import Event, Sending

_RISKS = [(one, one) for one in Risk]


class Breach(models.Model):
    """One breach, as far as it is known. The words are the controller's, and name nobody.

    What it was before stands in its events.
    """

    state = models.CharField(max_length=8, choices=[(one, one) for one in BreachState])
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    happened = models.TextField()
    #: Null: not known yet; of the end also: it goes on.
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    #: When the controller became aware: the law's hours run from here.
    aware_at = models.DateTimeField()
    due_at = models.DateTimeField()
    #: Sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80, blank=True, db_default="")
    #: Whose: customers, staff ...
    who = models.TextField(blank=True, db_default="")
    #: About how many; null: not known yet.
    people = models.BigIntegerField(null=True)
    records = models.BigIntegerField(null=True)
    consequences = models.TextField(blank=True, db_default="")
    measures = models.TextField(blank=True, db_default="")
    risk = models.CharField(max_length=4, choices=_RISKS, blank=True, db_default="")
    risk_reasons = models.TextField(blank=True, db_default="")
    assessed_at = models.DateTimeField(null=True)
    assessed_by = models.CharField(max_length=64, blank=True, db_default="")
    #: When the authority was first notified, and when it had been told everything.
    notified_at = models.DateTimeField(null=True)
    complete_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=64, blank=True, db_default="")
    late_reasons = models.TextField(blank=True, db_default="")
    exempt = models.CharField(
        max_length=16, choices=[(one, one) for one in Exemption], blank=True, db_default=""
    )
    exempt_reasons = models.TextField(blank=True, db_default="")
    #: When letters to those who are affected were ordered, and their words by language.
    letters_at = models.DateTimeField(null=True)
    letter = models.JSONField(null=True)
    #: The last reminder (`policy.breaches.stage`).
    reminded = models.IntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(happened__regex=r"\S"), name="jokkerit_breach_happened"
            ),
            models.CheckConstraint(
                condition=Q(began_at=None) | Q(began_at__lte=F("aware_at")),
                name="jokkerit_breach_aware_after",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(began_at=None) | Q(began_at__lte=F("ended_at")),
                name="jokkerit_breach_ended_after",
            ),
            # A decision not to notify has its reason, and so has every other.
            models.CheckConstraint(
                condition=Q(risk="", assessed_at=None, state="open")
                | ~Q(risk="") & ~Q(state="open") & Q(
                    assessed_at__isnull=False, risk_reasons__regex=r"\S"
                ),
                name="jokkerit_breach_assessed",
            ),
            models.CheckConstraint(
                condition=Q(notified_at=None) | Q(notified_at__lte=F("due_at"))
                | Q(late_reasons__regex=r"\S"),
                name="jokkerit_breach_late",
            ),
            models.CheckConstraint(
                condition=Q(complete_at=None) | Q(notified_at__isnull=False),
                name="jokkerit_breach_complete",
            ),
            models.CheckConstraint(
                condition=Q(exempt="") | Q(exempt_reasons__regex=r"\S"),
                name="jokkerit_breach_exempt",
            ),
            models.CheckConstraint(
                condition=Q(letters_at=None, letter=None)
                | Q(letters_at__isnull=False, letter__isnull=False),
                name="jokkerit_breach_letter",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(closed_by="")
                | ~Q(state="closed") & Q(closed_at=None, closed_by=""),
                name="jokkerit_breach_closed",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"breach {self.pk}"


class BreachEvent(Event):
    """One thing that happened to a breach, with what was written; never changed."""

    class What(models.TextChoices):
        RECORDED = "recorded"
        AMENDED = "amended"
        ASSESSED = "assessed"
        NOTIFIED = "notified"
        FOUND = "found"
        DISCARDED = "discarded"
        EXEMPTED = "exempted"
        LETTERS = "letters"
        TOLD = "told"
        REMINDED = "reminded"
        CLOSED = "closed"

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, choices=What)
    #: Field to what it became.
    values = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.what} of breach {self.breach_id}"


class BreachSearch(models.Model):
    """One answer to who is affected: computed by a worker, `done_at` null until then."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="searches")
    kind = models.CharField(max_length=10, choices=[(one, one) for one in Found])
    #: Of looks: whose; as in the log.
    actor = models.CharField(max_length=64, blank=True, db_default="")
    #: From, and to before: of looks, or of the purchases of those meant. Null: open.
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    #: Key of the export, or number of the disclosure.
    key = models.BigIntegerField(null=True)
    #: Of `held`: sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80, blank=True, db_default="")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    done_at = models.DateTimeField(null=True)
    #: How many it found.
    count = models.BigIntegerField(null=True)
    #: Of `held`: about how many more are in traces, who are no customers.
    strangers = models.BigIntegerField(null=True)
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="looks", key=None, start__isnull=False, end__isnull=False)
                & ~Q(actor="")
                | Q(kind__in=["export", "disclosure"], key__isnull=False)
                | Q(kind="held", key=None) & ~Q(categories=""),
                name="jokkerit_breach_search_whole",
            )
        ]

    def __str__(self) -> str:
        return f"search {self.pk} of breach {self.breach_id}"


class Affected(Sending):
    """Somebody whose data was breached, by key, and whether they have been told."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="affected")
    #: Key of the `Customer` as it was then: they may have gone up in another, or be erased.
    customer = models.BigIntegerField()
    #: Sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80)
    state = models.CharField(
        max_length=10, choices=[(one, one) for one in Told], default=Told.WAITING
    )
    #: When it became so; of `sending`, when a worker took it.
    at = models.DateTimeField(db_default=Now())
    #: `shop`, or who told them in another way.
    told_by = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["breach", "customer"], name="jokkerit_affected_once"),
        ]
        indexes = [
            models.Index(fields=["customer"], name="jokkerit_affected_customer"),
            models.Index(
                fields=["breach", "next_at", "id"], condition=Q(state="waiting"),
                name="jokkerit_affected_waiting",
            ),
            models.Index(fields=["breach", "state", "id"], name="jokkerit_affected_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"affected {self.pk} of breach {self.breach_id}"
