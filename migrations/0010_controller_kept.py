from django.db import migrations

# Whether a consent still counts hangs on who the controller was said to be: it is never unsaid.
KEPT = """
CREATE FUNCTION jokkerit_controller_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said of the controller is never changed'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER jokkerit_controller_kept BEFORE UPDATE OR DELETE ON jokkerit_plugin_controller
    FOR EACH ROW EXECUTE FUNCTION jokkerit_controller_kept();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_controller_kept ON jokkerit_plugin_controller;
DROP FUNCTION jokkerit_controller_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0009_notices_kept")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
