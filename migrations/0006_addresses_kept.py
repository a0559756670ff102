from django.db import migrations

# An address of post is looked for by its code and street, folded as a contact key has it
# (`marketing/contact_keys.py`); what Python folds otherwise is found all the same, since both sides
# go through here.
FOLDED = """
CREATE OR REPLACE FUNCTION jokkerit_folded(told text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(replace(replace(lower(normalize(told, NFKD)), 'ß', 'ss'), 'ς', 'σ'),
        '[^[:alnum:]]', '', 'g')
$$;
"""
NOT_FOLDED = "DROP FUNCTION IF EXISTS jokkerit_folded(text)"
# One that was stopped half-way is left there, of no use.
UNFOUND = "DROP INDEX CONCURRENTLY IF EXISTS jokkerit_address_place"
FOUND = """
CREATE INDEX CONCURRENTLY jokkerit_address_place ON jokkerit_plugin_postaladdress (
    jokkerit_folded(postal_code || street_1))
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0005_events_kept")]

    # Nobody who takes an address in waits for the index.
    atomic = False
    operations = [
        migrations.RunSQL(FOLDED, NOT_FOLDED),
        migrations.RunSQL([UNFOUND, FOUND], UNFOUND),
    ]
