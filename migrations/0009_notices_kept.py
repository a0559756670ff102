from django.db import migrations

# Told of another address nobody is: of whoever gets one, whoever writes it, the refusal is void.
KEPT = """
CREATE FUNCTION jokkerit_notice_refused_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM jokkerit_plugin_notice WHERE customer_id = NEW.id AND refused;
    RETURN NULL;
END $$;
CREATE TRIGGER jokkerit_notice_refused_void AFTER UPDATE OF email ON jokkerit_plugin_customer
    FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email)
    EXECUTE FUNCTION jokkerit_notice_refused_void();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_notice_refused_void ON jokkerit_plugin_customer;
DROP FUNCTION jokkerit_notice_refused_void();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0008_billed_kept")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
