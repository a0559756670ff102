from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0002_kept")]

    operations = [
        migrations.AddField(
            model_name="purchase",
            name="book_error",
            field=models.CharField(blank=True, db_default="", max_length=200),
        )
    ]
