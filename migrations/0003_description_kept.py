from django.db import migrations

# Consents and agreements point to what people were told: a published version is never changed.
KEPT = """
CREATE FUNCTION jokkerit_description_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published description is never changed'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER jokkerit_description_kept BEFORE UPDATE OR DELETE
    ON jokkerit_plugin_description
    FOR EACH ROW EXECUTE FUNCTION jokkerit_description_kept();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_description_kept ON jokkerit_plugin_description;
DROP FUNCTION jokkerit_description_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0002_kept")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
