from django.db import migrations

# Lines of site logs, a partition for each day of UTC. There is no default partition: attaching a
# day would scan it under a lock. A day is made as a table of its own and attached, since CREATE
# TABLE ... PARTITION OF locks out everybody who reads or writes the others.
MADE = """
CREATE SEQUENCE jokkerit_plugin_siteline_id_seq;
CREATE TABLE jokkerit_plugin_siteline (
    id bigint NOT NULL DEFAULT nextval('jokkerit_plugin_siteline_id_seq'),
    at timestamptz NOT NULL,
    address inet,
    agent text NOT NULL,
    method varchar(7) NOT NULL,
    path text NOT NULL,
    status smallint NOT NULL CHECK (status BETWEEN 100 AND 599),
    size bigint CHECK (size >= 0),
    duration integer CHECK (duration >= 0),
    referer text NOT NULL,
    saleor_user bigint,
    checkout varchar(36),
    customer bigint,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
ALTER SEQUENCE jokkerit_plugin_siteline_id_seq OWNED BY jokkerit_plugin_siteline.id;
CREATE INDEX jokkerit_line_customer ON jokkerit_plugin_siteline (customer, at)
    WHERE customer IS NOT NULL;
CREATE INDEX jokkerit_line_address ON jokkerit_plugin_siteline (address, at);
CREATE INDEX jokkerit_line_failed ON jokkerit_plugin_siteline (status, at) WHERE status >= 400;
CREATE INDEX jokkerit_line_user ON jokkerit_plugin_siteline (saleor_user)
    WHERE saleor_user IS NOT NULL AND customer IS NULL;
CREATE INDEX jokkerit_line_checkout ON jokkerit_plugin_siteline (checkout)
    WHERE checkout IS NOT NULL AND customer IS NULL;

CREATE FUNCTION jokkerit_siteline_day(day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text := 'jokkerit_plugin_siteline_' || to_char(day, 'YYYYMMDD');
    first timestamptz := day::timestamp AT TIME ZONE 'UTC';
    after timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Of two who miss the same day one makes it.
    PERFORM pg_advisory_xact_lock(hashtext('jokkerit_siteline_day'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE jokkerit_plugin_siteline INCLUDING DEFAULTS INCLUDING CONSTRAINTS,'
        ' CHECK (at >= %L AND at < %L))', name, first, after
    );
    EXECUTE format(
        'ALTER TABLE jokkerit_plugin_siteline ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, first, after
    );
    RETURN true;
END $$;
SELECT jokkerit_siteline_day((now() AT TIME ZONE 'UTC')::date + ahead)
    FROM generate_series(0, 7) AS ahead;
"""
UNMADE = """
DROP FUNCTION jokkerit_siteline_day(date);
DROP TABLE jokkerit_plugin_siteline;
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0006_addresses_kept")]

    operations = [migrations.RunSQL(MADE, UNMADE)]
