from django.db import migrations

# What an invoice rests on stays as it was when it was held, or goes.
KEPT = """
CREATE FUNCTION jokkerit_billed_line_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what an invoice rests on is not changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER jokkerit_billed_line_kept BEFORE UPDATE ON jokkerit_plugin_billedline
    FOR EACH ROW EXECUTE FUNCTION jokkerit_billed_line_kept();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_billed_line_kept ON jokkerit_plugin_billedline;
DROP FUNCTION jokkerit_billed_line_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0007_site_log_kept")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
