from django.db import migrations

# What people said about marketing is proof, and an opt-out is for good: the database itself keeps
# both. Of an event only the register's own keys may go, and that it was copied is noted. What the law no longer keeps is erased by
# who says so in that transaction: SET LOCAL jokkerit.retention = 'on'.
KEPT = """
CREATE FUNCTION jokkerit_marketing_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('jokkerit.retention', true), '') = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - '{customer,saleor_order,copied}'::text[]
        <> to_jsonb(OLD) - '{customer,saleor_order,copied}'::text[] THEN
        RAISE EXCEPTION 'marketing events are not changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jokkerit_marketing_kept BEFORE UPDATE OR DELETE ON jokkerit_plugin_marketingevent
    FOR EACH ROW EXECUTE FUNCTION jokkerit_marketing_kept();

CREATE FUNCTION jokkerit_suppression_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of two rows of one contact, under an older key and the newest, the older one goes.
    IF coalesce(current_setting('jokkerit.rekey', true), '') = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an opt-out is lifted, never deleted' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER jokkerit_suppression_kept BEFORE DELETE ON jokkerit_plugin_suppression
    FOR EACH ROW EXECUTE FUNCTION jokkerit_suppression_kept();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_suppression_kept ON jokkerit_plugin_suppression;
DROP FUNCTION jokkerit_suppression_kept();
DROP TRIGGER jokkerit_marketing_kept ON jokkerit_plugin_marketingevent;
DROP FUNCTION jokkerit_marketing_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0003_description_kept")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
