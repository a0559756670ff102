from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jokkerit_plugin", "0003_accessguard"),
        ("jokkerit_plugin", "0003_permissions"),
        ("jokkerit_plugin", "0003_search"),
    ]
