"""What people ask of the register: by which right, when, and what became of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.requests import ACTIVE, Proof, RefusalGround, RequestKind, RequestState
from .acts import Event, Sending

_UNDECIDED = Q(state__in=["unconfirmed", "asks", "open"])


class Request(models.Model):
    """A request, or a question to staff whether one was made.

    Keys, dates and codes: it outlives the customer. What the person wrote, and the address that
    the answer goes to, are encrypted (`rights/content.py`).
    """

    class Origin(models.TextChoices):
        #: The customer deleted the account in the shop, confirming it by mail.
        ACCOUNT_DELETED = "account_deleted"
        #: Staff deleted it there, or it was found gone.
        CUSTOMER_DELETED = "customer_deleted"
        #: Staff, on the customer's behalf.
        STAFF = "staff"
        #: The page for everybody, confirmed by mail.
        FORM = "form"
        #: The customer's own token of the shop.
        ACCOUNT = "account"

    Kind = RequestKind
    State = RequestState

    #: Key of the `Customer`; there may be none any more. Null: not known yet, or nobody's.
    customer = models.BigIntegerField(null=True)
    #: The shop's account, where the register has no customer of it: who never bought.
    account = models.BigIntegerField(null=True)
    kind = models.CharField(
        max_length=16, choices=[(one, one) for one in RequestKind], default=RequestKind.ERASURE
    )
    origin = models.CharField(max_length=16, choices=Origin)
    state = models.CharField(max_length=12, choices=[(one, one) for one in RequestState])
    #: When it was received: the law's time runs from here.
    opened_at = models.DateTimeField()
    #: Last day for the answer, or for what staff decide where nobody asked; in Helsinki.
    due_on = models.DateField(null=True)
    proof = models.CharField(
        max_length=8, choices=[(one, one) for one in Proof], blank=True, db_default=""
    )
    #: Of `staff`: how; about the way, not the person.
    proof_note = models.TextField(blank=True, db_default="")
    proved_by = models.CharField(max_length=64, blank=True, db_default="")
    #: Purchases that the proof reaches; null: all of the customer's.
    purchases = models.JSONField(null=True)
    language = models.CharField(max_length=2, blank=True, db_default="")
    #: Of an objection: to direct marketing, which is granted at once.
    marketing = models.BooleanField(db_default=False)
    extended_at = models.DateTimeField(null=True)
    extended_by = models.CharField(max_length=64, blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)
    #: `user:<id>` of the shop, or `shop` where what the customer did there decided it. Who buys
    #: after an erasure was granted (`decided_at`) is not erased by it.
    decided_by = models.CharField(max_length=64, blank=True, default="")
    ground = models.CharField(
        max_length=20, choices=[(one, one) for one in RefusalGround], blank=True, db_default=""
    )
    #: A sentence of the controller's about the decision, for the letters that tell of it.
    reason = models.TextField(blank=True, db_default="")
    done_at = models.DateTimeField(null=True)
    #: Days before `due_on` that the controller was last reminded of.
    reminded = models.IntegerField(null=True)
    key_version = models.CharField(max_length=16, blank=True, db_default="")
    sealed = models.BinaryField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=_UNDECIDED & Q(decided_at=None, decided_by="", ground="")
                | ~_UNDECIDED & Q(decided_at__isnull=False) & ~Q(decided_by=""),
                name="jokkerit_request_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | ~Q(state="done") & Q(done_at=None),
                name="jokkerit_request_done",
            ),
            models.CheckConstraint(
                condition=Q(ground="") | Q(state="refused"), name="jokkerit_request_ground"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["asks", "open"]) | Q(due_on__isnull=False),
                name="jokkerit_request_due",
            ),
            models.CheckConstraint(
                condition=~Q(proof="staff") | Q(proof_note__regex=r"\S") & ~Q(proved_by=""),
                name="jokkerit_request_proved_how",
            ),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(state__in=sorted(ACTIVE), marketing=False),
                name="jokkerit_request_once",
            ),
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(state__in=sorted(ACTIVE), account__isnull=False),
                name="jokkerit_request_once_account",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="jokkerit_request_customer"),
            models.Index(
                fields=["due_on"], condition=Q(state__in=sorted(ACTIVE)),
                name="jokkerit_request_due_on",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} request {self.pk}"


class RequestLetter(Sending):
    """A letter to the one who asked; while `sent_at` is null, they have not been told."""

    class What(models.TextChoices):
        CONFIRM = "confirm"
        RECEIVED = "received"
        PROOF = "proof"
        EXTENDED = "extended"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        ARCHIVE = "archive"
        DONE = "done"
        #: A restriction will be lifted.
        LIFTING = "lifting"

    request = models.ForeignKey(Request, models.CASCADE, related_name="letters")
    what = models.CharField(max_length=10, choices=What)
    made_at = models.DateTimeField(db_default=Now())
    #: A sentence of the controller's for the letter; of a granted erasure, what it leaves.
    reason = models.TextField(blank=True, db_default="")
    sent_at = models.DateTimeField(null=True)
    #: `shop`, or who told the person in another way.
    sent_by = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request", "what"], condition=Q(sent_at=None), name="jokkerit_letter_once"
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by="") | Q(sent_at__isnull=False) & ~Q(sent_by=""),
                name="jokkerit_letter_sent_by",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(sent_at=None), name="jokkerit_letter_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} letter of request {self.request_id}"


class RequestEvent(Event):
    """One thing that happened to a request; never changed."""

    class What(models.TextChoices):
        RECEIVED = "received"
        CONFIRMED = "confirmed"
        PROVED = "proved"
        READ = "read"
        EXTENDED = "extended"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        DONE = "done"
        REMINDED = "reminded"
        FETCHED = "fetched"
        #: The link to the copy opens no more: the controller said so.
        ENDED = "ended"
        #: The controller gave the person the copy: `policy.requests.Handed`, and the day.
        HANDED = "handed"
        CORRECTED = "corrected"
        ANNOUNCED = "announced"
        #: The proof that it was granted on reaches nothing any more.
        REOPENED = "reopened"

    request = models.ForeignKey(Request, models.CASCADE, related_name="events")
    what = models.CharField(max_length=12, choices=What)
    #: A code, never somebody's words.
    code = models.CharField(max_length=32, blank=True, db_default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.what} of request {self.request_id}"
