from django.db import migrations

# An address of post is looked for by its code and street, folded as a contact key has it
# (`marketing/contact_keys.py`); what Python folds otherwise is found all the same, since both sides
# go through here.
FOLDED = """
CREATE FUNCTION jokkerit_folded(told text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(replace(replace(lower(normalize(told, NFKD)), 'ß', 'ss'), 'ς', 'σ'),
        '[^[:alnum:]]', '', 'g')
$$;
CREATE INDEX jokkerit_address_place ON jokkerit_plugin_postaladdress (
    jokkerit_folded(postal_code || street_1));
"""
NOT_FOLDED = """
DROP INDEX jokkerit_address_place;
DROP FUNCTION jokkerit_folded(text);
"""


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0005_events_kept")]

    operations = [migrations.RunSQL(FOLDED, NOT_FOLDED)]
