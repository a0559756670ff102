"""The demo shop's controller: what Jokkerit Trading Oy's own register description tells of it."""

from datetime import UTC, datetime

SETTINGS = {
    "controller_name": "Jokkerit Trading Oy",
    "business_id": "2368582-3",
    "controller_address": "Kaskitie 7\n51900 Juva",
    "controller_contact": "jouko.paunonen@jokkerit.fi\n+358 500 653 313",
    "privacy_contact": "Jouko Paunonen",
    "hosting_country": "FI",
    "backups_encrypted_on": datetime.now(UTC).date().isoformat(),
}
