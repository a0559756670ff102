import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import jokkerit_plugin.models.access_log
import jokkerit_plugin.models.search_words
import jokkerit_plugin.policy.breaches
import jokkerit_plugin.policy.corrections
import jokkerit_plugin.policy.holds
import jokkerit_plugin.policy.purposes
import jokkerit_plugin.policy.recipients
import jokkerit_plugin.policy.requests
import jokkerit_plugin.policy.site_log
import jokkerit_plugin.shop.flows
import jokkerit_plugin.shop.snapshots
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AccessEntry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=64)),
                ("role", models.CharField(blank=True, max_length=16)),
                ("purpose", models.CharField(blank=True, max_length=16)),
                ("categories", models.CharField(blank=True, max_length=80)),
                ("act", models.CharField(max_length=80)),
                ("subjects", jokkerit_plugin.models.access_log.SubjectSet()),
                ("count", models.BigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("granted", "Granted"), ("refused", "Refused")], max_length=8
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["at"], name="jokkerit_access_at"),
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["subjects"], name="jokkerit_access_subjects"
                    ),
                    models.Index(fields=["actor", "at"], name="jokkerit_access_actor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountMap",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("rules", models.JSONField()),
                (
                    "edited_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("edited_by", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AddressMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("noted_at", models.DateTimeField()),
                ("last", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["-noted_at"], name="jokkerit_address_mark")],
            },
        ),
        migrations.CreateModel(
            name="Breach",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.breaches.BreachState["OPEN"],
                                jokkerit_plugin.policy.breaches.BreachState["OPEN"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.BreachState["ASSESSED"],
                                jokkerit_plugin.policy.breaches.BreachState["ASSESSED"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.BreachState["CLOSED"],
                                jokkerit_plugin.policy.breaches.BreachState["CLOSED"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("happened", models.TextField()),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("aware_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("categories", models.CharField(blank=True, db_default="", max_length=80)),
                ("who", models.TextField(blank=True, db_default="")),
                ("people", models.BigIntegerField(null=True)),
                ("records", models.BigIntegerField(null=True)),
                ("consequences", models.TextField(blank=True, db_default="")),
                ("measures", models.TextField(blank=True, db_default="")),
                (
                    "risk",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.breaches.Risk["NONE"],
                                jokkerit_plugin.policy.breaches.Risk["NONE"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Risk["RISK"],
                                jokkerit_plugin.policy.breaches.Risk["RISK"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Risk["HIGH"],
                                jokkerit_plugin.policy.breaches.Risk["HIGH"],
                            ),
                        ],
                        db_default="",
                        max_length=4,
                    ),
                ),
                ("risk_reasons", models.TextField(blank=True, db_default="")),
                ("assessed_at", models.DateTimeField(null=True)),
                ("assessed_by", models.CharField(blank=True, db_default="", max_length=64)),
                ("notified_at", models.DateTimeField(null=True)),
                ("complete_at", models.DateTimeField(null=True)),
                ("reference", models.CharField(blank=True, db_default="", max_length=64)),
                ("late_reasons", models.TextField(blank=True, db_default="")),
                (
                    "exempt",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.breaches.Exemption["PROTECTED"],
                                jokkerit_plugin.policy.breaches.Exemption["PROTECTED"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Exemption["AVERTED"],
                                jokkerit_plugin.policy.breaches.Exemption["AVERTED"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Exemption["PUBLIC_NOTICE"],
                                jokkerit_plugin.policy.breaches.Exemption["PUBLIC_NOTICE"],
                            ),
                        ],
                        db_default="",
                        max_length=16,
                    ),
                ),
                ("exempt_reasons", models.TextField(blank=True, db_default="")),
                ("letters_at", models.DateTimeField(null=True)),
                ("letter", models.JSONField(null=True)),
                ("reminded", models.IntegerField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, db_default="", max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("happened__regex", "\\S")),
                        name="jokkerit_breach_happened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("began_at", None),
                            ("began_at__lte", models.F("aware_at")),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_aware_after",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            ("began_at", None),
                            ("began_at__lte", models.F("ended_at")),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_ended_after",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assessed_at", None), ("risk", ""), ("state", "open")),
                            models.Q(
                                models.Q(("risk", ""), _negated=True),
                                models.Q(("state", "open"), _negated=True),
                                ("assessed_at__isnull", False),
                                ("risk_reasons__regex", "\\S"),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_assessed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("notified_at", None),
                            ("notified_at__lte", models.F("due_at")),
                            ("late_reasons__regex", "\\S"),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_late",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("complete_at", None), ("notified_at__isnull", False), _connector="OR"
                        ),
                        name="jokkerit_breach_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("exempt", ""), ("exempt_reasons__regex", "\\S"), _connector="OR"
                        ),
                        name="jokkerit_breach_exempt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("letter", None), ("letters_at", None)),
                            models.Q(("letter__isnull", False), ("letters_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_letter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                                models.Q(("closed_by", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at", None),
                                ("closed_by", ""),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_closed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Affected",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempts", models.IntegerField(db_default=0)),
                (
                    "next_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("error", models.CharField(blank=True, db_default="", max_length=200)),
                ("customer", models.BigIntegerField()),
                ("categories", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.breaches.Told["WAITING"],
                                jokkerit_plugin.policy.breaches.Told["WAITING"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["SENDING"],
                                jokkerit_plugin.policy.breaches.Told["SENDING"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["MAILED"],
                                jokkerit_plugin.policy.breaches.Told["MAILED"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["POSTED"],
                                jokkerit_plugin.policy.breaches.Told["POSTED"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["OTHERWISE"],
                                jokkerit_plugin.policy.breaches.Told["OTHERWISE"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["NO_ADDRESS"],
                                jokkerit_plugin.policy.breaches.Told["NO_ADDRESS"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["GONE"],
                                jokkerit_plugin.policy.breaches.Told["GONE"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Told["SAME"],
                                jokkerit_plugin.policy.breaches.Told["SAME"],
                            ),
                        ],
                        default=jokkerit_plugin.policy.breaches.Told["WAITING"],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("told_by", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="affected",
                        to="jokkerit_plugin.breach",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["customer"], name="jokkerit_affected_customer"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["breach", "next_at", "id"],
                        name="jokkerit_affected_waiting",
                    ),
                    models.Index(fields=["breach", "state", "id"], name="jokkerit_affected_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("breach", "customer"), name="jokkerit_affected_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementText",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("fi", models.TextField()),
                ("sv", models.TextField()),
                ("en", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "published_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("valid_days", models.PositiveIntegerField(default=1096)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("customer", models.BigIntegerField(null=True)),
                ("account", models.BigIntegerField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.requests.RequestKind["ACCESS"],
                                jokkerit_plugin.policy.requests.RequestKind["ACCESS"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestKind["RECTIFICATION"],
                                jokkerit_plugin.policy.requests.RequestKind["RECTIFICATION"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestKind["ERASURE"],
                                jokkerit_plugin.policy.requests.RequestKind["ERASURE"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestKind["RESTRICTION"],
                                jokkerit_plugin.policy.requests.RequestKind["RESTRICTION"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestKind["PORTABILITY"],
                                jokkerit_plugin.policy.requests.RequestKind["PORTABILITY"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestKind["OBJECTION"],
                                jokkerit_plugin.policy.requests.RequestKind["OBJECTION"],
                            ),
                        ],
                        default=jokkerit_plugin.policy.requests.RequestKind["ERASURE"],
                        max_length=16,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("account_deleted", "Account Deleted"),
                            ("customer_deleted", "Customer Deleted"),
                            ("staff", "Staff"),
                            ("form", "Form"),
                            ("account", "Account"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.requests.RequestState["UNCONFIRMED"],
                                jokkerit_plugin.policy.requests.RequestState["UNCONFIRMED"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestState["ASKS"],
                                jokkerit_plugin.policy.requests.RequestState["ASKS"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestState["OPEN"],
                                jokkerit_plugin.policy.requests.RequestState["OPEN"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestState["ACCEPTED"],
                                jokkerit_plugin.policy.requests.RequestState["ACCEPTED"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestState["REFUSED"],
                                jokkerit_plugin.policy.requests.RequestState["REFUSED"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestState["WITHDRAWN"],
                                jokkerit_plugin.policy.requests.RequestState["WITHDRAWN"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RequestState["DONE"],
                                jokkerit_plugin.policy.requests.RequestState["DONE"],
                            ),
                        ],
                        max_length=12,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("due_on", models.DateField(null=True)),
                (
                    "proof",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.requests.Proof["NONE"],
                                jokkerit_plugin.policy.requests.Proof["NONE"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.Proof["MAILBOX"],
                                jokkerit_plugin.policy.requests.Proof["MAILBOX"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.Proof["MATCHED"],
                                jokkerit_plugin.policy.requests.Proof["MATCHED"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.Proof["ACCOUNT"],
                                jokkerit_plugin.policy.requests.Proof["ACCOUNT"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.Proof["STAFF"],
                                jokkerit_plugin.policy.requests.Proof["STAFF"],
                            ),
                        ],
                        db_default="",
                        max_length=8,
                    ),
                ),
                ("proof_note", models.TextField(blank=True, db_default="")),
                ("proved_by", models.CharField(blank=True, db_default="", max_length=64)),
                ("purchases", models.JSONField(null=True)),
                ("language", models.CharField(blank=True, db_default="", max_length=2)),
                ("marketing", models.BooleanField(db_default=False)),
                ("extended_at", models.DateTimeField(null=True)),
                ("extended_by", models.CharField(blank=True, db_default="", max_length=64)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["NOT_IDENTIFIED"],
                                jokkerit_plugin.policy.requests.RefusalGround["NOT_IDENTIFIED"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["EXCESSIVE"],
                                jokkerit_plugin.policy.requests.RefusalGround["EXCESSIVE"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["NOTHING_HELD"],
                                jokkerit_plugin.policy.requests.RefusalGround["NOTHING_HELD"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["OTHERS_RIGHTS"],
                                jokkerit_plugin.policy.requests.RefusalGround["OTHERS_RIGHTS"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["ACCURATE"],
                                jokkerit_plugin.policy.requests.RefusalGround["ACCURATE"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["LEGAL_OBLIGATION"],
                                jokkerit_plugin.policy.requests.RefusalGround["LEGAL_OBLIGATION"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["LEGAL_CLAIMS"],
                                jokkerit_plugin.policy.requests.RefusalGround["LEGAL_CLAIMS"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["STILL_NEEDED"],
                                jokkerit_plugin.policy.requests.RefusalGround["STILL_NEEDED"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["BOUGHT_AGAIN"],
                                jokkerit_plugin.policy.requests.RefusalGround["BOUGHT_AGAIN"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["NO_GROUND"],
                                jokkerit_plugin.policy.requests.RefusalGround["NO_GROUND"],
                            ),
                            (
                                jokkerit_plugin.policy.requests.RefusalGround["COMPELLING"],
                                jokkerit_plugin.policy.requests.RefusalGround["COMPELLING"],
                            ),
                        ],
                        db_default="",
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(blank=True, db_default="")),
                ("done_at", models.DateTimeField(null=True)),
                ("reminded", models.IntegerField(null=True)),
                ("key_version", models.CharField(blank=True, db_default="", max_length=16)),
                ("sealed", models.BinaryField(null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["customer"], name="jokkerit_request_customer"),
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    jokkerit_plugin.policy.requests.RequestState["ACCEPTED"],
                                    jokkerit_plugin.policy.requests.RequestState["ASKS"],
                                    jokkerit_plugin.policy.requests.RequestState["OPEN"],
                                ],
                            )
                        ),
                        fields=["due_on"],
                        name="jokkerit_request_due_on",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["unconfirmed", "asks", "open"]),
                                ("decided_at", None),
                                ("decided_by", ""),
                                ("ground", ""),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["unconfirmed", "asks", "open"]), _negated=True
                                ),
                                ("decided_at__isnull", False),
                                models.Q(("decided_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_request_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("done_at", None)),
                            _connector="OR",
                        ),
                        name="jokkerit_request_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ground", ""), ("state", "refused"), _connector="OR"),
                        name="jokkerit_request_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["asks", "open"]), _negated=True),
                            ("due_on__isnull", False),
                            _connector="OR",
                        ),
                        name="jokkerit_request_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proof", "staff"), _negated=True),
                            models.Q(
                                ("proof_note__regex", "\\S"),
                                models.Q(("proved_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_request_proved_how",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("marketing", False),
                            (
                                "state__in",
                                [
                                    jokkerit_plugin.policy.requests.RequestState["ACCEPTED"],
                                    jokkerit_plugin.policy.requests.RequestState["ASKS"],
                                    jokkerit_plugin.policy.requests.RequestState["OPEN"],
                                ],
                            ),
                        ),
                        fields=("customer", "kind"),
                        name="jokkerit_request_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("account__isnull", False),
                            (
                                "state__in",
                                [
                                    jokkerit_plugin.policy.requests.RequestState["ACCEPTED"],
                                    jokkerit_plugin.policy.requests.RequestState["ASKS"],
                                    jokkerit_plugin.policy.requests.RequestState["OPEN"],
                                ],
                            ),
                        ),
                        fields=("account", "kind"),
                        name="jokkerit_request_once_account",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Archive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("fetched_at", models.DateTimeField(null=True)),
                ("fetches", models.IntegerField(db_default=0)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="archive",
                        to="jokkerit_plugin.request",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="jokkerit_archive_digest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchiveChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("key_version", models.CharField(max_length=16)),
                ("sealed", models.BinaryField()),
                (
                    "archive",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="jokkerit_plugin.archive",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("archive", "number"), name="jokkerit_archive_chunk"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("saleor_user", models.BigIntegerField(null=True, unique=True)),
                ("guest_email", models.TextField(null=True)),
                ("email", models.TextField(blank=True, db_default="")),
                ("first_name", models.TextField(blank=True, db_default="")),
                ("last_name", models.TextField(blank=True, db_default="")),
                ("company_name", models.TextField(blank=True, db_default="")),
                ("phone", models.TextField(blank=True, db_default="")),
                ("language", models.CharField(blank=True, db_default="", max_length=35)),
                ("vat_id", models.TextField(blank=True, db_default="")),
                ("is_staff", models.BooleanField(db_default=False)),
                (
                    "entered_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("account_gone_at", models.DateTimeField(null=True)),
                ("account_digest", models.CharField(blank=True, db_default="", max_length=32)),
                ("outside", models.JSONField(db_default=models.Value([], models.JSONField()))),
                ("said", models.CharField(blank=True, db_default="", max_length=32)),
                ("heard", models.CharField(blank=True, db_default="", max_length=32)),
                ("sort_name", models.TextField(blank=True, db_collation="C", db_default="")),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["sort_name", "id"], name="jokkerit_customer_sort_name"),
                    models.Index(fields=["entered_at", "id"], name="jokkerit_customer_entered"),
                    models.Index(
                        condition=models.Q(("said", models.F("heard")), _negated=True),
                        fields=["id"],
                        name="jokkerit_customer_unheard",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("guest_email",), name="jokkerit_customer_guest_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("saleor_user__isnull", False),
                            ("guest_email__isnull", False),
                            _connector="XOR",
                        ),
                        name="jokkerit_customer_account_or_guest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("guest_email", ""), _negated=True),
                        name="jokkerit_customer_guest_email_filled",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostalAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.TextField(blank=True, default="")),
                ("last_name", models.TextField(blank=True, default="")),
                ("company_name", models.TextField(blank=True, default="")),
                ("street_1", models.TextField(blank=True, default="")),
                ("street_2", models.TextField(blank=True, default="")),
                ("postal_code", models.TextField(blank=True, default="")),
                ("city", models.TextField(blank=True, default="")),
                ("city_area", models.TextField(blank=True, default="")),
                ("country_area", models.TextField(blank=True, default="")),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("phone", models.TextField(blank=True, default="")),
                ("fingerprint", models.CharField(max_length=32)),
                ("in_book", models.BooleanField(default=False)),
                ("default_billing", models.BooleanField(default=False)),
                ("default_shipping", models.BooleanField(default=False)),
                ("first_used_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "fingerprint"), name="jokkerit_address_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Purchase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("saleor_order", models.UUIDField(unique=True)),
                ("number", models.CharField(max_length=64)),
                ("status", models.CharField(max_length=32)),
                ("origin", models.CharField(max_length=32)),
                ("channel", models.CharField(max_length=250)),
                ("currency", models.CharField(max_length=3)),
                ("language", models.CharField(blank=True, default="", max_length=35)),
                ("email", models.TextField(blank=True, default="")),
                ("placed_at", models.DateTimeField()),
                ("paid_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("net", models.DecimalField(decimal_places=3, max_digits=20)),
                ("gross", models.DecimalField(decimal_places=3, max_digits=20)),
                ("shipping_net", models.DecimalField(decimal_places=3, max_digits=20)),
                ("shipping_gross", models.DecimalField(decimal_places=3, max_digits=20)),
                (
                    "shipping_tax_rate",
                    models.DecimalField(decimal_places=4, max_digits=5, null=True),
                ),
                ("shipping_tax_class", models.CharField(blank=True, default="", max_length=255)),
                ("gift_card_amount", models.DecimalField(decimal_places=3, max_digits=20)),
                ("tax_country", models.CharField(blank=True, default="", max_length=2)),
                ("tax_exempt", models.BooleanField(default=False)),
                ("vat_id", models.TextField(blank=True, default="")),
                ("is_test", models.BooleanField(default=False)),
                ("checkout_token", models.CharField(blank=True, default="", max_length=36)),
                ("party_first_name", models.TextField(blank=True, default="")),
                ("party_last_name", models.TextField(blank=True, default="")),
                ("party_company_name", models.TextField(blank=True, default="")),
                ("party_street_1", models.TextField(blank=True, default="")),
                ("party_street_2", models.TextField(blank=True, default="")),
                ("party_postal_code", models.TextField(blank=True, default="")),
                ("party_city", models.TextField(blank=True, default="")),
                ("party_city_area", models.TextField(blank=True, default="")),
                ("party_country_area", models.TextField(blank=True, default="")),
                ("party_country", models.CharField(blank=True, default="", max_length=2)),
                ("gateways", models.JSONField(db_default=[], default=list)),
                ("outside", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=32)),
                ("absent_since", models.DateTimeField(null=True)),
                ("contact_erased_at", models.DateTimeField(null=True)),
                ("detail_erased_at", models.DateTimeField(null=True)),
                ("identity_erased_at", models.DateTimeField(null=True)),
                ("objected_at", models.DateTimeField(null=True)),
                ("unbooked", models.BooleanField(db_default=True)),
                ("unheard", models.BooleanField(db_default=False)),
                ("book_rules", models.CharField(blank=True, db_default="", max_length=24)),
                ("book_error", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "billing_address",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="billed_purchases",
                        to="jokkerit_plugin.postaladdress",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchases",
                        to="jokkerit_plugin.customer",
                    ),
                ),
                (
                    "shipping_address",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="shipped_purchases",
                        to="jokkerit_plugin.postaladdress",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["customer", "placed_at"], name="jokkerit_purchase_customer"
                    ),
                    models.Index(fields=["placed_at"], name="jokkerit_purchase_placed"),
                    models.Index(fields=["number"], name="jokkerit_purchase_number"),
                    models.Index(
                        condition=models.Q(("checkout_token", ""), _negated=True),
                        fields=["checkout_token"],
                        name="jokkerit_purchase_checkout",
                    ),
                    models.Index(
                        condition=models.Q(("unbooked", True)),
                        fields=["id"],
                        name="jokkerit_purchase_unbooked",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("cancelled_at", None),
                            models.Q(
                                (
                                    "status__in",
                                    ("unconfirmed", "unfulfilled", "partially fulfilled"),
                                ),
                                ("paid_at", None),
                                ("status", "partially_returned"),
                                _connector="OR",
                            ),
                        ),
                        fields=["placed_at"],
                        name="jokkerit_purchase_open",
                    ),
                    models.Index(
                        condition=models.Q(("unheard", True)),
                        fields=["id"],
                        name="jokkerit_purchase_unheard",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(max_length=6)),
                ("year_end", models.DateField()),
                ("number", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=32)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sale", "Sale"),
                            ("credit", "Credit"),
                            ("correction", "Correction"),
                        ],
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=40)),
                ("day", models.DateField()),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("voided_at", models.DateTimeField(null=True)),
                (
                    "original",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="jokkerit_plugin.voucher",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="jokkerit_voucher_code"),
                    models.UniqueConstraint(
                        fields=("prefix", "year_end", "number"), name="jokkerit_voucher_number"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at", None)),
                        fields=("purchase", "kind", "source", "year_end"),
                        name="jokkerit_voucher_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", 0)), name="jokkerit_voucher_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BilledLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("method", models.CharField(max_length=7)),
                ("path", models.TextField()),
                ("status", models.SmallIntegerField()),
                ("size", models.BigIntegerField(null=True)),
                ("duration", models.IntegerField(null=True)),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="billed_lines",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billed_lines",
                        to="jokkerit_plugin.voucher",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("voucher", "line"), name="jokkerit_billed_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BooksArchive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("books", models.JSONField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="jokkerit_books_archive_digest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BreachEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.CharField(max_length=64)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("recorded", "Recorded"),
                            ("amended", "Amended"),
                            ("assessed", "Assessed"),
                            ("notified", "Notified"),
                            ("found", "Found"),
                            ("discarded", "Discarded"),
                            ("exempted", "Exempted"),
                            ("letters", "Letters"),
                            ("told", "Told"),
                            ("reminded", "Reminded"),
                            ("closed", "Closed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("values", models.JSONField(default=dict)),
                (
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="jokkerit_plugin.breach",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BreachSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.breaches.Found["LOOKS"],
                                jokkerit_plugin.policy.breaches.Found["LOOKS"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Found["EXPORT"],
                                jokkerit_plugin.policy.breaches.Found["EXPORT"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Found["DISCLOSURE"],
                                jokkerit_plugin.policy.breaches.Found["DISCLOSURE"],
                            ),
                            (
                                jokkerit_plugin.policy.breaches.Found["HELD"],
                                jokkerit_plugin.policy.breaches.Found["HELD"],
                            ),
                        ],
                        max_length=10,
                    ),
                ),
                ("actor", models.CharField(blank=True, db_default="", max_length=64)),
                ("start", models.DateTimeField(null=True)),
                ("end", models.DateTimeField(null=True)),
                ("key", models.BigIntegerField(null=True)),
                ("categories", models.CharField(blank=True, db_default="", max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=64)),
                ("done_at", models.DateTimeField(null=True)),
                ("count", models.BigIntegerField(null=True)),
                ("strangers", models.BigIntegerField(null=True)),
                ("discarded_at", models.DateTimeField(null=True)),
                ("discarded_by", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="searches",
                        to="jokkerit_plugin.breach",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("end__isnull", False),
                                ("key", None),
                                ("kind", "looks"),
                                ("start__isnull", False),
                                models.Q(("actor", ""), _negated=True),
                            ),
                            models.Q(
                                ("key__isnull", False), ("kind__in", ["export", "disclosure"])
                            ),
                            models.Q(
                                ("key", None),
                                ("kind", "held"),
                                models.Q(("categories", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_breach_search_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("request", "Request"),
                            ("sample", "Sample"),
                            ("by_hand", "By Hand"),
                        ],
                        max_length=8,
                    ),
                ),
                ("plan", models.BigIntegerField(null=True)),
                ("customer", models.BigIntegerField(null=True)),
                ("purchase", models.BigIntegerField(null=True)),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("clean", "Clean"),
                            ("kept", "Kept"),
                            ("leftover", "Leftover"),
                            ("missed", "Missed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("tables", models.IntegerField(db_default=0)),
                ("columns", models.IntegerField(db_default=0)),
                ("rows", models.BigIntegerField(db_default=0)),
                ("size", models.BigIntegerField(db_default=0)),
                ("files", models.IntegerField(db_default=0)),
                ("opaque_files", models.IntegerField(db_default=0)),
                ("closed", models.JSONField(db_default=models.Value([], models.JSONField()))),
                ("hits", models.IntegerField(db_default=0)),
                ("kept", models.IntegerField(db_default=0)),
                ("left_over", models.IntegerField(db_default=0)),
                ("of_others", models.IntegerField(db_default=0)),
                ("findings", models.JSONField(db_default=models.Value([], models.JSONField()))),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.CharField(blank=True, db_default="", max_length=64)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["customer"], name="jokkerit_certificate_customer"),
                    models.Index(
                        condition=models.Q(
                            ("settled_at", None), ("verdict__in", ["leftover", "missed"])
                        ),
                        fields=["id"],
                        name="jokkerit_certificate_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customer__isnull", False),
                            ("purchase__isnull", False),
                            _connector="XOR",
                        ),
                        name="jokkerit_certificate_customer_or_purchase",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("settled_by", "")),
                            models.Q(
                                ("settled_at__isnull", False),
                                models.Q(("settled_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_certificate_settled_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                ("name", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(db_default=0)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=16)),
                ("seq", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("key_version", models.CharField(max_length=16)),
                ("signature", models.BinaryField(max_length=32)),
                ("pruned", models.BooleanField(db_default=False)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("name", "seq"), name="jokkerit_checkpoint_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.DateField()),
                ("last", models.DateField(unique=True)),
                (
                    "closed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("closed_by", models.CharField(max_length=64)),
                ("figures", models.JSONField()),
                ("entries", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("reduced_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="jokkerit_closing_period",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.BigIntegerField(unique=True)),
                ("user", models.BigIntegerField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ContactAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_version", models.CharField(max_length=16)),
                ("digest", models.BinaryField(max_length=32)),
                ("new_version", models.CharField(max_length=16)),
                ("new_digest", models.BinaryField(max_length=32)),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["new_digest"], name="jokkerit_alias_new")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key_version", "digest"), name="jokkerit_alias_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Controller",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "word",
                    models.CharField(
                        choices=[("first", "First"), ("same", "Same"), ("new", "New")], max_length=5
                    ),
                ),
                ("business_id", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("since", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("word", "first")),
                        fields=("word",),
                        name="jokkerit_controller_first_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("business_id", ""), _negated=True),
                        name="jokkerit_controller_business_id",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("since__isnull", False), ("word", "new")),
                            models.Q(("since", None), ("word__in", ["first", "same"])),
                            _connector="OR",
                        ),
                        name="jokkerit_controller_since",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.TextField(blank=True, default="")),
                ("last_name", models.TextField(blank=True, default="")),
                ("company_name", models.TextField(blank=True, default="")),
                ("street_1", models.TextField(blank=True, default="")),
                ("street_2", models.TextField(blank=True, default="")),
                ("postal_code", models.TextField(blank=True, default="")),
                ("city", models.TextField(blank=True, default="")),
                ("city_area", models.TextField(blank=True, default="")),
                ("country_area", models.TextField(blank=True, default="")),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("phone", models.TextField(blank=True, default="")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.corrections.Field["FIRST_NAME"],
                                jokkerit_plugin.policy.corrections.Field["FIRST_NAME"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Field["LAST_NAME"],
                                jokkerit_plugin.policy.corrections.Field["LAST_NAME"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Field["COMPANY_NAME"],
                                jokkerit_plugin.policy.corrections.Field["COMPANY_NAME"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Field["EMAIL"],
                                jokkerit_plugin.policy.corrections.Field["EMAIL"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Field["PHONE"],
                                jokkerit_plugin.policy.corrections.Field["PHONE"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Field["ADDRESS"],
                                jokkerit_plugin.policy.corrections.Field["ADDRESS"],
                            ),
                        ],
                        max_length=12,
                    ),
                ),
                ("email", models.TextField(blank=True, db_default="")),
                ("wrong", models.CharField(blank=True, db_default="", max_length=32)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.CharField(max_length=64)),
                ("key_version", models.CharField(blank=True, db_default="", max_length=16)),
                ("sealed", models.BinaryField(null=True)),
                ("request", models.BigIntegerField(null=True)),
                (
                    "carried",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.corrections.Carried["WAITING"],
                                jokkerit_plugin.policy.corrections.Carried["WAITING"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Carried["DONE"],
                                jokkerit_plugin.policy.corrections.Carried["DONE"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Carried["HELD"],
                                jokkerit_plugin.policy.corrections.Carried["HELD"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Carried["LEFT"],
                                jokkerit_plugin.policy.corrections.Carried["LEFT"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                ("carried_at", models.DateTimeField(null=True)),
                ("attempts", models.IntegerField(db_default=0)),
                (
                    "next_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("error", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("carried", "waiting")),
                        fields=["next_at"],
                        name="jokkerit_correction_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("sealed__isnull", False)),
                        fields=["at"],
                        name="jokkerit_correction_sealed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("by", ""), _negated=True), name="jokkerit_correction_by"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("field", "address"), models.Q(("wrong", ""), _negated=True)),
                            models.Q(
                                (
                                    "field__in",
                                    [
                                        jokkerit_plugin.policy.corrections.Field["COMPANY_NAME"],
                                        jokkerit_plugin.policy.corrections.Field["EMAIL"],
                                        jokkerit_plugin.policy.corrections.Field["FIRST_NAME"],
                                        jokkerit_plugin.policy.corrections.Field["LAST_NAME"],
                                        jokkerit_plugin.policy.corrections.Field["PHONE"],
                                    ],
                                ),
                                ("wrong", ""),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_correction_wrong",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("carried", "waiting"), ("carried_at", None)),
                            models.Q(
                                models.Q(("carried", "waiting"), _negated=True),
                                ("carried_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_correction_carried",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CorrectionTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.corrections.Noticed["EMAIL"],
                                jokkerit_plugin.policy.corrections.Noticed["EMAIL"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Noticed["PHONE"],
                                jokkerit_plugin.policy.corrections.Noticed["PHONE"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Noticed["ADDRESS"],
                                jokkerit_plugin.policy.corrections.Noticed["ADDRESS"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Noticed["VAT_ID"],
                                jokkerit_plugin.policy.corrections.Noticed["VAT_ID"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "sign",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.corrections.Sign["BOUNCE"],
                                jokkerit_plugin.policy.corrections.Sign["BOUNCE"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Sign["LETTER"],
                                jokkerit_plugin.policy.corrections.Sign["LETTER"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Sign["RETURNED"],
                                jokkerit_plugin.policy.corrections.Sign["RETURNED"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Sign["CHECK"],
                                jokkerit_plugin.policy.corrections.Sign["CHECK"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Sign["STAFF"],
                                jokkerit_plugin.policy.corrections.Sign["STAFF"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                ("evidence", models.CharField(max_length=64)),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("opened_by", models.CharField(max_length=64)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.corrections.Closed["CORRECTED"],
                                jokkerit_plugin.policy.corrections.Closed["CORRECTED"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Closed["RIGHT"],
                                jokkerit_plugin.policy.corrections.Closed["RIGHT"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Closed["GIVEN_UP"],
                                jokkerit_plugin.policy.corrections.Closed["GIVEN_UP"],
                            ),
                        ],
                        db_default="",
                        max_length=9,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="correction_tasks",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["opened_at"],
                        name="jokkerit_correctiontask_age",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("customer", "field"),
                        name="jokkerit_correctiontask_open",
                    ),
                    models.UniqueConstraint(
                        fields=("customer", "field", "sign", "evidence"),
                        name="jokkerit_correctiontask_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", ""), ("outcome", "")),
                            models.Q(
                                ("closed_at__isnull", False),
                                models.Q(("closed_by", ""), _negated=True),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_correctiontask_closed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("saleor_fulfillment_line", models.BigIntegerField(unique=True)),
                ("saleor_line", models.UUIDField()),
                ("status", models.CharField(max_length=32)),
                ("quantity", models.IntegerField()),
                ("at", models.DateTimeField()),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 0)),
                        name="jokkerit_delivery_quantity_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Description",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("documents", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("facts", models.JSONField(default=dict)),
                ("changes", models.JSONField(default=list)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "published_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("published_by", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="jokkerit_description_digest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bookkeeping", "Bookkeeping"),
                            ("invoicing", "Invoicing"),
                            ("debt_collection", "Collection"),
                            ("processor", "Processor"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("business_id", models.CharField(blank=True, default="", max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("agreement_signed_on", models.DateField(null=True)),
                ("confidentiality_signed_on", models.DateField(null=True)),
                ("email", models.CharField(blank=True, db_default="", max_length=254)),
                ("language", models.CharField(blank=True, db_default="fi", max_length=2)),
                (
                    "registered_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("registered_by", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "data_outcome",
                    models.CharField(
                        blank=True,
                        choices=[("returned", "Returned"), ("deleted", "Deleted")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("data_outcome_on", models.DateField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="jokkerit_recipient_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")),
                        name="jokkerit_recipient_country",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("data_outcome", ""), ("data_outcome_on", None)),
                            models.Q(
                                models.Q(("data_outcome", ""), _negated=True),
                                ("data_outcome_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_recipient_outcome_dated",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at", None), models.Q(("business_id", ""), _negated=True)
                        ),
                        fields=("kind", "business_id"),
                        name="jokkerit_recipient_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=64)),
                ("purpose", models.CharField(max_length=16)),
                ("categories", models.CharField(max_length=80)),
                ("subjects", jokkerit_plugin.models.access_log.SubjectSet()),
                ("count", models.BigIntegerField()),
                ("what", models.CharField(max_length=80)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.recipients.TransferGround[
                                    "CUSTOMER_REQUEST"
                                ],
                                jokkerit_plugin.policy.recipients.TransferGround[
                                    "CUSTOMER_REQUEST"
                                ],
                            ),
                            (
                                jokkerit_plugin.policy.recipients.TransferGround[
                                    "CUSTOMER_LOCATED_OUTSIDE"
                                ],
                                jokkerit_plugin.policy.recipients.TransferGround[
                                    "CUSTOMER_LOCATED_OUTSIDE"
                                ],
                            ),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "Done"), ("refused", "Refused")], max_length=8
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["at"], name="jokkerit_disclosure_at"),
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["subjects"], name="jokkerit_disclosure_subjects"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "done"), ("reason", ""), ("recipient__isnull", False)
                            ),
                            models.Q(
                                ("ground", ""),
                                ("outcome", "refused"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_disclosure_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^([0-9a-f]{64})?$")),
                        name="jokkerit_disclosure_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("format", models.CharField(max_length=16)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("filename", models.CharField(max_length=100)),
                ("account_map", models.PositiveIntegerField(default=0)),
                ("purpose", models.CharField(max_length=16)),
                ("categories", models.CharField(max_length=80)),
                ("subjects", jokkerit_plugin.models.access_log.SubjectSet()),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("created_by", models.CharField(max_length=64)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["-created_at"], name="jokkerit_export_newest"),
                    models.Index(
                        condition=models.Q(("format", "finvoice")),
                        fields=["filename"],
                        name="jokkerit_export_invoice",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="jokkerit_export_digest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)), name="jokkerit_export_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="jokkerit_export_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DownloadLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.CharField(blank=True, default="", max_length=40)),
                ("asked", models.JSONField(null=True)),
                ("holder", models.CharField(max_length=64)),
                ("permissions", models.CharField(max_length=200)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "export",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="jokkerit_plugin.export",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("asked__isnull", False),
                                ("export__isnull", True),
                                models.Q(("file", ""), _negated=True),
                            ),
                            models.Q(
                                ("asked__isnull", True), ("export__isnull", False), ("file", "")
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_link_one_file",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.shop.snapshots.Kind["ORDER"],
                                jokkerit_plugin.shop.snapshots.Kind["ORDER"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["CUSTOMER"],
                                jokkerit_plugin.shop.snapshots.Kind["CUSTOMER"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["CHECKOUT"],
                                jokkerit_plugin.shop.snapshots.Kind["CHECKOUT"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["ADDRESS"],
                                jokkerit_plugin.shop.snapshots.Kind["ADDRESS"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["LEFT"],
                                jokkerit_plugin.shop.snapshots.Kind["LEFT"],
                            ),
                            ("refused", "refused"),
                            ("terms", "terms"),
                        ],
                        max_length=8,
                    ),
                ),
                ("key", models.CharField(max_length=36)),
                ("erased_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="jokkerit_erased_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("plan", models.BigIntegerField()),
                ("part", models.CharField(max_length=16)),
                ("subjects", jokkerit_plugin.models.access_log.SubjectSet()),
                (
                    "shop_keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), size=None
                    ),
                ),
                ("count", models.BigIntegerField()),
                ("rows", models.TextField()),
                ("in_shop", models.BooleanField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["at"], name="jokkerit_erasure_at"),
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["subjects"], name="jokkerit_erasure_subjects"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="jokkerit_plugin.export",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("export", "number"), name="jokkerit_chunk_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=64)),
                ("permissions", models.CharField(max_length=200)),
                ("format", models.CharField(max_length=16)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("currency", models.CharField(blank=True, db_default="", max_length=3)),
                ("rounded", models.BooleanField(db_default=False)),
                ("language", models.CharField(max_length=2)),
                ("total", models.BigIntegerField(null=True)),
                ("entries", models.BigIntegerField(db_default=0)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("tries", models.IntegerField(db_default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("export", models.BigIntegerField(null=True)),
                ("code", models.CharField(blank=True, db_default="", max_length=64)),
                ("problem", models.TextField(blank=True, db_default="")),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)),
                        fields=["id"],
                        name="jokkerit_export_job_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), ("export", None), ("finished_at", None)),
                            models.Q(
                                ("code", ""),
                                ("export__isnull", False),
                                ("finished_at__isnull", False),
                            ),
                            models.Q(
                                ("export", None),
                                ("finished_at__isnull", False),
                                models.Q(("code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_export_job_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="jokkerit_export_job_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerCustomer",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "absorbed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                ("granted_by", models.CharField(max_length=64)),
                (
                    "granted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["holder", "expires_at"], name="jokkerit_grant_holder")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="jokkerit_grant_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("granted_at"))),
                        name="jokkerit_grant_expires_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("categories", models.CharField(max_length=80)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.holds.HoldGround["COLLECTION"],
                                jokkerit_plugin.policy.holds.HoldGround["COLLECTION"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.HoldGround["DISPUTE"],
                                jokkerit_plugin.policy.holds.HoldGround["DISPUTE"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.HoldGround["CLAIM"],
                                jokkerit_plugin.policy.holds.HoldGround["CLAIM"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.HoldGround["AUTHORITY"],
                                jokkerit_plugin.policy.holds.HoldGround["AUTHORITY"],
                            ),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "placed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("placed_by", models.CharField(max_length=64)),
                ("review_on", models.DateField()),
                ("due_on", models.DateField(null=True)),
                ("interrupted_on", models.DateField(null=True)),
                ("lapses_on", models.DateField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("released_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "released_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                jokkerit_plugin.policy.holds.Release["PAID"],
                                jokkerit_plugin.policy.holds.Release["PAID"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.Release["WRITTEN_OFF"],
                                jokkerit_plugin.policy.holds.Release["WRITTEN_OFF"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.Release["WITHDRAWN"],
                                jokkerit_plugin.policy.holds.Release["WITHDRAWN"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.Release["LAPSED"],
                                jokkerit_plugin.policy.holds.Release["LAPSED"],
                            ),
                            (
                                jokkerit_plugin.policy.holds.Release["SETTLED"],
                                jokkerit_plugin.policy.holds.Release["SETTLED"],
                            ),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="jokkerit_plugin.customer",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["customer"],
                        name="jokkerit_hold_customer",
                    ),
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["purchase"],
                        name="jokkerit_hold_purchase",
                    ),
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["review_on"],
                        name="jokkerit_hold_review",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customer__isnull", False),
                            ("purchase__isnull", False),
                            _connector="XOR",
                        ),
                        name="jokkerit_hold_customer_or_purchase",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "\\S")),
                        name="jokkerit_hold_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("categories", ""), _negated=True),
                        name="jokkerit_hold_keeps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("released_at", None), ("released_by", ""), ("released_why", "")
                            ),
                            models.Q(
                                ("released_at__isnull", False),
                                models.Q(("released_by", ""), _negated=True),
                                models.Q(("released_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_hold_released_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ground", jokkerit_plugin.policy.holds.HoldGround["COLLECTION"]),
                                _negated=True,
                            ),
                            models.Q(
                                ("due_on__isnull", False),
                                ("lapses_on__isnull", False),
                                ("purchase__isnull", False),
                                ("recipient__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_hold_collection_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("released_at", None),
                            ("ground", jokkerit_plugin.policy.holds.HoldGround["COLLECTION"]),
                        ),
                        fields=("purchase",),
                        name="jokkerit_hold_collected_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InboxEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.shop.snapshots.Kind["ORDER"],
                                jokkerit_plugin.shop.snapshots.Kind["ORDER"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["CUSTOMER"],
                                jokkerit_plugin.shop.snapshots.Kind["CUSTOMER"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["CHECKOUT"],
                                jokkerit_plugin.shop.snapshots.Kind["CHECKOUT"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["ADDRESS"],
                                jokkerit_plugin.shop.snapshots.Kind["ADDRESS"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["LEFT"],
                                jokkerit_plugin.shop.snapshots.Kind["LEFT"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                ("key", models.CharField(max_length=36)),
                (
                    "noted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.purposes.Purpose["DELIVERY"],
                                jokkerit_plugin.policy.purposes.Purpose["DELIVERY"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["SERVICE"],
                                jokkerit_plugin.policy.purposes.Purpose["SERVICE"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["COMMUNICATION"],
                                jokkerit_plugin.policy.purposes.Purpose["COMMUNICATION"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["INVOICING"],
                                jokkerit_plugin.policy.purposes.Purpose["INVOICING"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["COLLECTION"],
                                jokkerit_plugin.policy.purposes.Purpose["COLLECTION"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["CLAIMS"],
                                jokkerit_plugin.policy.purposes.Purpose["CLAIMS"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["MARKETING"],
                                jokkerit_plugin.policy.purposes.Purpose["MARKETING"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["SECURITY"],
                                jokkerit_plugin.policy.purposes.Purpose["SECURITY"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["ERROR_FIXING"],
                                jokkerit_plugin.policy.purposes.Purpose["ERROR_FIXING"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["LOG_BILLING"],
                                jokkerit_plugin.policy.purposes.Purpose["LOG_BILLING"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["BOOKKEEPING"],
                                jokkerit_plugin.policy.purposes.Purpose["BOOKKEEPING"],
                            ),
                            (
                                jokkerit_plugin.policy.purposes.Purpose["RIGHTS"],
                                jokkerit_plugin.policy.purposes.Purpose["RIGHTS"],
                            ),
                        ],
                        max_length=15,
                    ),
                ),
                ("reason", models.TextField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("customer", models.BigIntegerField(null=True)),
                ("path", models.TextField(blank=True, default="")),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("opened_by", models.CharField(max_length=64)),
                ("review_on", models.DateField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "purpose__in",
                                [
                                    jokkerit_plugin.policy.purposes.Purpose["SECURITY"],
                                    jokkerit_plugin.policy.purposes.Purpose["ERROR_FIXING"],
                                ],
                            )
                        ),
                        name="jokkerit_incident_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose", jokkerit_plugin.policy.purposes.Purpose["SECURITY"]),
                            ("address", None),
                            _connector="OR",
                        ),
                        name="jokkerit_incident_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("since__lt", models.F("until"))),
                        name="jokkerit_incident_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "\\S")),
                        name="jokkerit_incident_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("agent", models.TextField()),
                ("method", models.CharField(max_length=7)),
                ("path", models.TextField()),
                ("status", models.SmallIntegerField()),
                ("size", models.BigIntegerField(null=True)),
                ("duration", models.IntegerField(null=True)),
                ("referer", models.TextField()),
                ("saleor_user", models.BigIntegerField(null=True)),
                ("checkout", models.CharField(max_length=36, null=True)),
                ("customer", models.BigIntegerField(null=True)),
                ("line", models.BigIntegerField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="jokkerit_plugin.incident",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("customer__isnull", False)),
                        fields=["customer"],
                        name="jokkerit_incident_customer",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "line"), name="jokkerit_incident_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("saleor_invoice", models.BigIntegerField(unique=True)),
                ("number", models.CharField(blank=True, default="", max_length=255)),
                ("created_at", models.DateTimeField()),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invoices",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="KeyCheck",
            fields=[
                ("version", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("value", models.BinaryField(max_length=32)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="KnownIdentifier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "Email"), ("phone", "Phone"), ("name", "Name")],
                        max_length=5,
                    ),
                ),
                ("value", models.TextField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(null=True)),
                ("wrong_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identifiers",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["kind", "value"], name="jokkerit_identifier_value")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "kind", "value"), name="jokkerit_identifier_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ledger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rules", models.CharField(max_length=80)),
                ("marked_to", models.BigIntegerField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LetGo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.CharField(max_length=64)),
                (
                    "purchase",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="let_go",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("head", models.CharField(max_length=64)),
                ("tail", models.CharField(max_length=64)),
                ("inode", models.CharField(max_length=41)),
                ("position", models.BigIntegerField()),
                ("inside", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["name", "head"], name="jokkerit_log_file_head")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position__gt", 0)), name="jokkerit_log_file_read"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MarketingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_version", models.CharField(max_length=16)),
                ("digest", models.BinaryField(max_length=32)),
                ("channel", models.CharField(max_length=5)),
                ("kind", models.CharField(max_length=11)),
                ("at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("source", models.CharField(max_length=16)),
                ("actor", models.CharField(blank=True, db_default="", max_length=64)),
                ("language", models.CharField(blank=True, db_default="", max_length=35)),
                ("text_version", models.CharField(blank=True, db_default="", max_length=32)),
                ("text_digest", models.BinaryField(max_length=32, null=True)),
                ("customer", models.BigIntegerField(null=True)),
                ("saleor_order", models.UUIDField(null=True)),
                ("copied", models.BooleanField(db_default=False)),
                (
                    "description",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jokkerit_plugin.description",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["key_version", "digest"], name="jokkerit_marketing_contact"
                    ),
                    models.Index(
                        condition=models.Q(("customer__isnull", False)),
                        fields=["customer"],
                        name="jokkerit_marketing_customer",
                    ),
                    models.Index(fields=["at"], name="jokkerit_marketing_at"),
                    models.Index(
                        condition=models.Q(
                            ("copied", False), ("kind__in", ["profile", "no_profile"])
                        ),
                        fields=["id"],
                        name="jokkerit_marketing_copy",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("saleor_order", "channel", "kind"),
                        name="jokkerit_marketing_order_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(max_length=64)),
                ("responsible", models.CharField(blank=True, default="", max_length=64)),
                (
                    "added_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("added_by", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=64)),
                ("shut_out_at", models.DateTimeField(null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("holder",),
                        name="jokkerit_member_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("holder__startswith", "user:"),
                            models.Q(("responsible", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="jokkerit_member_app_has_a_responsible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.shop.snapshots.MovementKind["PAYMENT"],
                                jokkerit_plugin.shop.snapshots.MovementKind["PAYMENT"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.MovementKind["REFUND"],
                                jokkerit_plugin.shop.snapshots.MovementKind["REFUND"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.MovementKind["REFUND_REVERSED"],
                                jokkerit_plugin.shop.snapshots.MovementKind["REFUND_REVERSED"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.MovementKind["CHARGEBACK"],
                                jokkerit_plugin.shop.snapshots.MovementKind["CHARGEBACK"],
                            ),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=3, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("at", models.DateTimeField()),
                ("gateway", models.TextField(blank=True, default="")),
                ("reference", models.TextField(blank=True, default="")),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movements",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source",), name="jokkerit_movement_source_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", models.BigIntegerField(null=True)),
                ("term", models.DateField()),
                ("told_at", models.DateTimeField()),
                ("language", models.CharField(max_length=2)),
                ("refused", models.BooleanField(db_default=False, default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "term"), name="jokkerit_notice_once"
                    ),
                    models.UniqueConstraint(
                        fields=("user", "term"), name="jokkerit_notice_user_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customer__isnull", False), ("user__isnull", False), _connector="XOR"
                        ),
                        name="jokkerit_notice_customer_or_user",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OptOutFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uploaded_at", models.DateTimeField()),
                ("uploaded_by", models.CharField(max_length=64)),
                ("size", models.BigIntegerField(db_default=0)),
                ("sha256", models.CharField(blank=True, db_default="", max_length=64)),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["uploaded_at"], name="jokkerit_opt_out_file_age")],
            },
        ),
        migrations.CreateModel(
            name="OptOutChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("key_version", models.CharField(max_length=16)),
                ("sealed", models.BinaryField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="jokkerit_plugin.optoutfile",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("file", "number"), name="jokkerit_opt_out_chunk"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OptOutImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("started_by", models.CharField(max_length=64)),
                ("finished_at", models.DateTimeField(null=True)),
                ("declared", models.BooleanField(db_default=False)),
                ("dry_run", models.BooleanField(db_default=False)),
                ("sha256", models.CharField(blank=True, db_default="", max_length=64)),
                ("size", models.BigIntegerField(db_default=0)),
                ("lines", models.BigIntegerField(db_default=0)),
                ("added", models.BigIntegerField(db_default=0)),
                ("known", models.BigIntegerField(db_default=0)),
                ("older", models.BigIntegerField(db_default=0)),
                ("rejected", models.BigIntegerField(db_default=0)),
                ("layout", models.JSONField(null=True)),
                ("read", models.BigIntegerField(db_default=0)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="imports",
                        to="jokkerit_plugin.optoutfile",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("dry_run", False), ("finished_at__isnull", False)),
                        fields=["finished_at"],
                        name="jokkerit_opt_outs_taken_in",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("finished_at", None), ("layout__isnull", False), ("problem", "")
                        ),
                        fields=["id"],
                        name="jokkerit_opt_outs_waiting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Owed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=255)),
                ("since", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("what", "key"), name="jokkerit_owed_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Parting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("known", models.JSONField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("approved", "Approved"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("left", "Left"),
                        ],
                        db_default="waiting",
                        max_length=8,
                    ),
                ),
                ("settings", models.CharField(max_length=16)),
                ("counts", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                ("digest", models.CharField(blank=True, db_default="", max_length=64)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approved_by", models.CharField(blank=True, db_default="", max_length=64)),
                ("night", models.DateField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, db_default="", max_length=300)),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["night"], name="jokkerit_plan_night")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "left"]),
                            ("approved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="jokkerit_plan_approved_before_run",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at", None), ("approved_by", "")),
                            models.Q(
                                ("approved_at__isnull", False),
                                models.Q(("approved_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_plan_approved_by",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "approved", "running"])),
                        fields=("state",),
                        name="jokkerit_plan_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("part", models.CharField(max_length=16)),
                ("subjects", jokkerit_plugin.models.access_log.SubjectSet()),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                ("upto", models.BigIntegerField()),
                ("done_at", models.DateTimeField(null=True)),
                ("erased", models.IntegerField(db_default=0)),
                ("left_over", models.IntegerField(db_default=0)),
                ("attempts", models.SmallIntegerField(db_default=0)),
                ("error", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="jokkerit_plugin.plan",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["plan", "number"],
                        name="jokkerit_plan_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "number"), name="jokkerit_plan_batch_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=16)),
                ("treatment", models.CharField(max_length=16)),
                ("currency", models.CharField(max_length=3)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("rate", models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                ("net", models.DecimalField(decimal_places=3, max_digits=20)),
                ("gross", models.DecimalField(decimal_places=3, max_digits=20)),
                ("gateway", models.TextField(blank=True)),
                ("corrects", models.DateField(null=True)),
                ("cause", models.CharField(blank=True, max_length=80)),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="jokkerit_plugin.voucher",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["day"], name="jokkerit_posting_day"),
                    models.Index(
                        condition=models.Q(("cause", ""), _negated=True),
                        fields=["day"],
                        name="jokkerit_posting_cause",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProofTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("request", "Request"),
                            ("sample", "Sample"),
                            ("by_hand", "By Hand"),
                        ],
                        max_length=8,
                    ),
                ),
                ("plan", models.BigIntegerField(null=True)),
                ("customer", models.BigIntegerField(null=True)),
                ("purchase", models.BigIntegerField(null=True)),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("key_version", models.CharField(max_length=16)),
                ("sealed", models.BinaryField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customer__isnull", False),
                            ("purchase__isnull", False),
                            _connector="XOR",
                        ),
                        name="jokkerit_ticket_customer_or_purchase",
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "customer"), name="jokkerit_ticket_customer_once"
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "purchase"), name="jokkerit_ticket_purchase_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("saleor_line", models.UUIDField(unique=True)),
                ("name", models.TextField()),
                ("variant", models.TextField(blank=True, default="")),
                ("sku", models.TextField(blank=True, default="")),
                ("product_type", models.TextField(blank=True, db_default="")),
                ("quantity", models.IntegerField()),
                ("net", models.DecimalField(decimal_places=3, max_digits=20)),
                ("gross", models.DecimalField(decimal_places=3, max_digits=20)),
                ("tax_rate", models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                ("tax_class", models.CharField(blank=True, default="", max_length=255)),
                ("is_gift_card", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField(null=True)),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RefusedLines",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.site_log.Refusal["MALFORMED"],
                                jokkerit_plugin.policy.site_log.Refusal["MALFORMED"],
                            ),
                            (
                                jokkerit_plugin.policy.site_log.Refusal["BINARY"],
                                jokkerit_plugin.policy.site_log.Refusal["BINARY"],
                            ),
                            (
                                jokkerit_plugin.policy.site_log.Refusal["ENORMOUS"],
                                jokkerit_plugin.policy.site_log.Refusal["ENORMOUS"],
                            ),
                            (
                                jokkerit_plugin.policy.site_log.Refusal["OUT_OF_TIME"],
                                jokkerit_plugin.policy.site_log.Refusal["OUT_OF_TIME"],
                            ),
                            (
                                jokkerit_plugin.policy.site_log.Refusal["DAMAGED"],
                                jokkerit_plugin.policy.site_log.Refusal["DAMAGED"],
                            ),
                            (
                                jokkerit_plugin.policy.site_log.Refusal["UNREADABLE"],
                                jokkerit_plugin.policy.site_log.Refusal["UNREADABLE"],
                            ),
                        ],
                        max_length=11,
                    ),
                ),
                ("count", models.BigIntegerField()),
                ("example", models.TextField(blank=True, default="")),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "reason"), name="jokkerit_refused_lines_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisteredFlow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.shop.flows.FlowKind["WEBHOOK"],
                                jokkerit_plugin.shop.flows.FlowKind["WEBHOOK"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["APP"],
                                jokkerit_plugin.shop.flows.FlowKind["APP"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["PAYMENT"],
                                jokkerit_plugin.shop.flows.FlowKind["PAYMENT"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["PLUGIN"],
                                jokkerit_plugin.shop.flows.FlowKind["PLUGIN"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["MAIL"],
                                jokkerit_plugin.shop.flows.FlowKind["MAIL"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["STORAGE"],
                                jokkerit_plugin.shop.flows.FlowKind["STORAGE"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["ERRORS"],
                                jokkerit_plugin.shop.flows.FlowKind["ERRORS"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["TELEMETRY"],
                                jokkerit_plugin.shop.flows.FlowKind["TELEMETRY"],
                            ),
                            (
                                jokkerit_plugin.shop.flows.FlowKind["HOSTING"],
                                jokkerit_plugin.shop.flows.FlowKind["HOSTING"],
                            ),
                        ],
                        max_length=16,
                    ),
                ),
                ("target", models.CharField(max_length=255)),
                (
                    "registered_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("registered_by", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flows",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("target", ""), _negated=True),
                        name="jokkerit_flow_has_a_target",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("kind", "target"),
                        name="jokkerit_flow_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.BigIntegerField()),
                ("reason", models.CharField(max_length=16)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejections",
                        to="jokkerit_plugin.optoutimport",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "line"), name="jokkerit_rejected_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(unique=True)),
                (
                    "told_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RequestEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.CharField(max_length=64)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("confirmed", "Confirmed"),
                            ("proved", "Proved"),
                            ("read", "Read"),
                            ("extended", "Extended"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("done", "Done"),
                            ("reminded", "Reminded"),
                            ("fetched", "Fetched"),
                            ("ended", "Ended"),
                            ("handed", "Handed"),
                            ("corrected", "Corrected"),
                            ("announced", "Announced"),
                            ("reopened", "Reopened"),
                        ],
                        max_length=12,
                    ),
                ),
                ("code", models.CharField(blank=True, db_default="", max_length=32)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="jokkerit_plugin.request",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RequestLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempts", models.IntegerField(db_default=0)),
                (
                    "next_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("error", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("confirm", "Confirm"),
                            ("received", "Received"),
                            ("proof", "Proof"),
                            ("extended", "Extended"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("archive", "Archive"),
                            ("done", "Done"),
                            ("lifting", "Lifting"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("reason", models.TextField(blank=True, db_default="")),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_by", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="jokkerit_plugin.request",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at", None)),
                        fields=["next_at"],
                        name="jokkerit_letter_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("sent_at", None)),
                        fields=("request", "what"),
                        name="jokkerit_letter_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at", None), ("sent_by", "")),
                            models.Q(
                                ("sent_at__isnull", False), models.Q(("sent_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_letter_sent_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("accuracy_contested", "ACCURACY"),
                            ("unlawful_not_erased", "UNLAWFUL"),
                            ("needed_for_claims", "CLAIMS"),
                            ("objection_pending", "OBJECTION"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("restricted_by", models.CharField(max_length=64)),
                ("told_on", models.DateField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="restrictions",
                        to="jokkerit_plugin.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_at", None), ("told_on__isnull", False), _connector="OR"
                        ),
                        name="jokkerit_restriction_told_before_lifted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWords",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_words",
                        serialize=False,
                        to="jokkerit_plugin.customer",
                    ),
                ),
                ("words", jokkerit_plugin.models.search_words.Words()),
                ("version", models.SmallIntegerField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="jokkerit_search_words"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SeenHttps",
            fields=[
                ("host", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("hsts", models.BigIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.shop.snapshots.Kind["ORDER"],
                                jokkerit_plugin.shop.snapshots.Kind["ORDER"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["CUSTOMER"],
                                jokkerit_plugin.shop.snapshots.Kind["CUSTOMER"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["CHECKOUT"],
                                jokkerit_plugin.shop.snapshots.Kind["CHECKOUT"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["ADDRESS"],
                                jokkerit_plugin.shop.snapshots.Kind["ADDRESS"],
                            ),
                            (
                                jokkerit_plugin.shop.snapshots.Kind["LEFT"],
                                jokkerit_plugin.shop.snapshots.Kind["LEFT"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                ("key", models.CharField(max_length=36)),
                ("attempts", models.PositiveIntegerField(default=1)),
                ("reason", models.CharField(max_length=200)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(db_index=True, null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="jokkerit_set_aside_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SetupStep",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                (
                    "done_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "permissions": [
                    ("jokkerit_view_register", "Jokkerit Register: see customers and purchases."),
                    (
                        "jokkerit_manage_register",
                        "Jokkerit Register: correct and manage customers.",
                    ),
                    (
                        "jokkerit_view_accounting",
                        "Jokkerit Register: see purchase and VAT data (accounting firm).",
                    ),
                    (
                        "jokkerit_view_site_log",
                        "Jokkerit Register: see the site log (maintainers).",
                    ),
                    (
                        "jokkerit_manage_privacy",
                        "Jokkerit Register: agreements, retention, disclosures.",
                    ),
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ShopFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(blank=True, default="", max_length=100)),
                ("name", models.CharField(max_length=1000)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signer", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=2)),
                ("digest", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("recorded_by", models.CharField(blank=True, default="", max_length=64)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, default="", max_length=64)),
                ("readmitted_at", models.DateTimeField(null=True)),
                (
                    "readmitted_by",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
                (
                    "description",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jokkerit_plugin.description",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="jokkerit_plugin.agreementtext",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["signer", "-signed_at"], name="jokkerit_signature_latest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("signed_at"))),
                        name="jokkerit_signature_expires_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signer__startswith", "user:"),
                            models.Q(("recorded_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="jokkerit_signature_in_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedCall",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("who", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["who", "at"], name="jokkerit_signed_who"),
                    models.Index(fields=["at"], name="jokkerit_signed_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SiteLine",
            fields=[
                ("at", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("agent", models.TextField()),
                ("method", models.CharField(max_length=7)),
                ("path", models.TextField()),
                ("status", models.SmallIntegerField()),
                ("size", models.BigIntegerField(null=True)),
                ("duration", models.IntegerField(null=True)),
                ("referer", models.TextField()),
                ("saleor_user", models.BigIntegerField(null=True)),
                ("checkout", models.CharField(max_length=36, null=True)),
                ("customer", models.BigIntegerField(null=True)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "jokkerit_plugin_siteline",
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_version", models.CharField(max_length=16)),
                ("digest", models.BinaryField(max_length=32)),
                ("channel", models.CharField(max_length=5)),
                ("since", models.DateTimeField()),
                ("reason", models.CharField(max_length=11)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("carried_at", models.DateTimeField(null=True)),
                ("copied", models.BooleanField(db_default=False)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("carried_at", None)),
                        fields=["id"],
                        name="jokkerit_suppression_carry",
                    ),
                    models.Index(
                        condition=models.Q(("copied", False)),
                        fields=["id"],
                        name="jokkerit_suppression_copy",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key_version", "digest", "channel"),
                        name="jokkerit_suppression_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_at", None),
                            ("lifted_at__gt", models.F("since")),
                            _connector="OR",
                        ),
                        name="jokkerit_suppression_lifted_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("backfill", "Backfill"),
                            ("reconcile", "Reconcile"),
                            ("by_hand", "By Hand"),
                            ("marketing", "Marketing"),
                            ("checks", "Checks"),
                            ("strangers", "Strangers"),
                        ],
                        max_length=9,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("kind", models.CharField(max_length=8)),
                ("cursor", models.CharField(blank=True, default="", max_length=36)),
                ("missing", models.BigIntegerField(default=0)),
                ("outdated", models.BigIntegerField(default=0)),
                ("vanished", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("seen", models.BigIntegerField(default=0)),
                ("reach", models.CharField(blank=True, default="", max_length=16)),
                ("valid", models.BooleanField(default=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["name", "-started_at"], name="jokkerit_sweep_latest")
                ],
            },
        ),
        migrations.CreateModel(
            name="Telling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempts", models.IntegerField(db_default=0)),
                (
                    "next_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("error", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            (
                                jokkerit_plugin.policy.corrections.Told["RECTIFICATION"],
                                jokkerit_plugin.policy.corrections.Told["RECTIFICATION"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Told["ERASURE"],
                                jokkerit_plugin.policy.corrections.Told["ERASURE"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Told["RESTRICTION"],
                                jokkerit_plugin.policy.corrections.Told["RESTRICTION"],
                            ),
                            (
                                jokkerit_plugin.policy.corrections.Told["LIFTED"],
                                jokkerit_plugin.policy.corrections.Told["LIFTED"],
                            ),
                        ],
                        max_length=13,
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("customer", models.BigIntegerField()),
                ("request", models.BigIntegerField(null=True)),
                ("categories", models.CharField(max_length=80)),
                ("orders", models.JSONField()),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("ready_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("told_by", models.CharField(blank=True, db_default="", max_length=64)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tellings",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at", None)),
                        fields=["next_at"],
                        name="jokkerit_telling_waiting",
                    ),
                    models.Index(fields=["customer"], name="jokkerit_telling_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recipient", "source"), name="jokkerit_telling_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("told_at", None), ("told_by", "")),
                            models.Q(
                                ("told_at__isnull", False), models.Q(("told_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="jokkerit_telling_told_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.TextField(blank=True, default="")),
                ("last_name", models.TextField(blank=True, default="")),
                ("company_name", models.TextField(blank=True, default="")),
                ("street_1", models.TextField(blank=True, default="")),
                ("street_2", models.TextField(blank=True, default="")),
                ("postal_code", models.TextField(blank=True, default="")),
                ("city", models.TextField(blank=True, default="")),
                ("city_area", models.TextField(blank=True, default="")),
                ("country_area", models.TextField(blank=True, default="")),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("phone", models.TextField(blank=True, default="")),
                (
                    "kind",
                    models.CharField(
                        choices=[("customer", "Account"), ("checkout", "Checkout")], max_length=8
                    ),
                ),
                ("key", models.CharField(max_length=36)),
                ("saleor_user", models.BigIntegerField(null=True)),
                ("email", models.TextField(blank=True, default="")),
                ("language", models.CharField(blank=True, default="", max_length=35)),
                ("changed_at", models.DateTimeField(db_index=True)),
                ("outside", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=32)),
                ("said", models.CharField(blank=True, db_default="", max_length=32)),
                ("heard", models.CharField(blank=True, db_default="", max_length=32)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("saleor_user__isnull", False)),
                        fields=["saleor_user"],
                        name="jokkerit_trace_user",
                    ),
                    models.Index(
                        condition=models.Q(("said", models.F("heard")), _negated=True),
                        fields=["id"],
                        name="jokkerit_trace_unheard",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="jokkerit_trace_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferText",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("fi", models.TextField()),
                ("sv", models.TextField()),
                ("en", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "published_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TransferRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("digest", models.CharField(max_length=64)),
                ("risks_told", models.BooleanField()),
                ("requested_at", models.DateTimeField()),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("letter", "Letter"),
                            ("form", "Form"),
                            ("in_person", "In Person"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("recorded_by", models.CharField(max_length=64)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_requests",
                        to="jokkerit_plugin.customer",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_requests",
                        to="jokkerit_plugin.recipient",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="jokkerit_plugin.transfertext",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("revoked_at", None)),
                        fields=["customer", "recipient"],
                        name="jokkerit_transfer_in_force",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("risks_told", True)),
                        name="jokkerit_transfer_risks_told",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_at", None),
                            ("revoked_at__gte", models.F("requested_at")),
                            _connector="OR",
                        ),
                        name="jokkerit_transfer_revoked_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VoucherNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("party_first_name", models.TextField(blank=True, default="")),
                ("party_last_name", models.TextField(blank=True, default="")),
                ("party_company_name", models.TextField(blank=True, default="")),
                ("party_street_1", models.TextField(blank=True, default="")),
                ("party_street_2", models.TextField(blank=True, default="")),
                ("party_postal_code", models.TextField(blank=True, default="")),
                ("party_city", models.TextField(blank=True, default="")),
                ("party_city_area", models.TextField(blank=True, default="")),
                ("party_country_area", models.TextField(blank=True, default="")),
                ("party_country", models.CharField(blank=True, default="", max_length=2)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.CharField(max_length=64)),
                ("request", models.BigIntegerField(null=True)),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="voucher_notes",
                        to="jokkerit_plugin.purchase",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("by", ""), _negated=True),
                        name="jokkerit_vouchernote_by",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VoucherSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(max_length=6)),
                ("year_end", models.DateField()),
                ("label", models.CharField(max_length=12)),
                ("last", models.PositiveIntegerField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("prefix", "year_end"), name="jokkerit_series_year"
                    ),
                    models.UniqueConstraint(
                        fields=("prefix", "label"), name="jokkerit_series_label"
                    ),
                ],
            },
        ),
    ]
