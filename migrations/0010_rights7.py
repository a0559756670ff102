from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0009_notices_kept")]

    operations = [
        migrations.RemoveConstraint(model_name="request", name="jokkerit_request_once"),
        migrations.RemoveConstraint(model_name="requestletter", name="jokkerit_letter_once"),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("marketing", False), ("state__in", ["accepted", "asks", "open"])
                ),
                fields=("customer", "kind"),
                name="jokkerit_request_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestletter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sent_at", None)),
                fields=("request", "what"),
                name="jokkerit_letter_once",
            ),
        ),
    ]
