from django.db import migrations

# What happened to a request or a breach is proof, and so is a breach itself and who was told: the
# database keeps them. What the law no longer keeps is erased by who says so in that transaction:
# SET LOCAL jokkerit.retention = 'on'.
KEPT = """
CREATE FUNCTION jokkerit_event_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('jokkerit.retention', true), '') = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is not changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER jokkerit_requestevent_kept BEFORE UPDATE OR DELETE ON jokkerit_plugin_requestevent
    FOR EACH ROW EXECUTE FUNCTION jokkerit_event_kept();
CREATE TRIGGER jokkerit_breachevent_kept BEFORE UPDATE OR DELETE ON jokkerit_plugin_breachevent
    FOR EACH ROW EXECUTE FUNCTION jokkerit_event_kept();
CREATE TRIGGER jokkerit_breach_kept BEFORE DELETE ON jokkerit_plugin_breach
    FOR EACH ROW EXECUTE FUNCTION jokkerit_event_kept();
CREATE TRIGGER jokkerit_affected_kept BEFORE UPDATE OR DELETE ON jokkerit_plugin_affected
    FOR EACH ROW WHEN (OLD.state IN ('mailed', 'posted', 'otherwise'))
    EXECUTE FUNCTION jokkerit_event_kept();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_affected_kept ON jokkerit_plugin_affected;
DROP TRIGGER jokkerit_breach_kept ON jokkerit_plugin_breach;
DROP TRIGGER jokkerit_breachevent_kept ON jokkerit_plugin_breachevent;
DROP TRIGGER jokkerit_requestevent_kept ON jokkerit_plugin_requestevent;
DROP FUNCTION jokkerit_event_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0004_marketing_kept")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
