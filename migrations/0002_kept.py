from django.db import migrations

# What stands on closed days, and the numbers of vouchers, the
# database itself keeps: a bug or a hand with SQL cannot change them in passing. Who erases what
# the law no longer keeps says so in that transaction: SET LOCAL jokkerit.retention = 'on'.
KEPT = """
CREATE FUNCTION jokkerit_posting_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'postings are not updated' USING ERRCODE = 'restrict_violation';
    END IF;
    IF coalesce(current_setting('jokkerit.retention', true), '') <> 'on' AND EXISTS (
        SELECT 1 FROM changed
        WHERE day <= (SELECT max(last) FROM jokkerit_plugin_closing)
    ) THEN
        RAISE EXCEPTION 'the day is closed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jokkerit_posting_inserted AFTER INSERT ON jokkerit_plugin_posting
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION jokkerit_posting_kept();
CREATE TRIGGER jokkerit_posting_deleted AFTER DELETE ON jokkerit_plugin_posting
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION jokkerit_posting_kept();
CREATE TRIGGER jokkerit_posting_updated BEFORE UPDATE ON jokkerit_plugin_posting
    FOR EACH ROW EXECUTE FUNCTION jokkerit_posting_kept();

CREATE FUNCTION jokkerit_voucher_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('jokkerit.retention', true), '') = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.voided_at IS NOT NULL
        OR to_jsonb(NEW) - 'voided_at' <> to_jsonb(OLD) - 'voided_at' THEN
        RAISE EXCEPTION 'a voucher is voided, never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jokkerit_voucher_kept BEFORE UPDATE OR DELETE ON jokkerit_plugin_voucher
    FOR EACH ROW EXECUTE FUNCTION jokkerit_voucher_kept();
"""
NOT_KEPT = """
DROP TRIGGER jokkerit_voucher_kept ON jokkerit_plugin_voucher;
DROP FUNCTION jokkerit_voucher_kept();
DROP TRIGGER jokkerit_posting_inserted ON jokkerit_plugin_posting;
DROP TRIGGER jokkerit_posting_deleted ON jokkerit_plugin_posting;
DROP TRIGGER jokkerit_posting_updated ON jokkerit_plugin_posting;
DROP FUNCTION jokkerit_posting_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0001_initial")]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT)]
