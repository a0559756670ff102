from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0002_kept")]

    operations = [
        migrations.RemoveConstraint("handover", "jokkerit_handover_quantity_positive"),
        migrations.RenameModel("Handover", "Delivery"),
        migrations.AlterField(
            "delivery",
            "purchase",
            models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="deliveries",
                to="jokkerit_plugin.purchase",
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(("quantity__gte", 0)), name="jokkerit_delivery_quantity_positive"
            ),
        ),
    ]
