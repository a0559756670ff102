"""Tells by mail, once, that a month can be closed."""

from .. import clock
from ..models import Reminder
from ..shop.port import shop
from . import close
from .periods import Period, day_of

_SUBJECT = "Kuukausi {month} on valmis suljettavaksi / Månaden kan stängas / Ready to close"
_TEXT = """\
Verkkokaupan kuukausi {month} on valmis suljettavaksi: asiakasrekisterissä ovat kaikki sen ostot \
ja maksut viimeiseen sekuntiin asti. Tarkista arvonlisäveroraportti ja sulje kuukausi.

Nätbutikens månad {month} kan stängas: i kundregistret finns alla dess köp och betalningar till \
sista sekunden. Granska momsrapporten och stäng månaden.

The shop's month {month} can be closed: the customer register holds all of its purchases and \
payments to the last second. Look at the VAT report and close the month.
"""


def remind() -> Period | None:
    """Mail that the next month can be closed, if it can and nobody was told; return the month.

    Raises `MailError`; then nobody counts as told, and the next call tries again.
    """
    port = shop()
    with port.writer():
        config = port.config()
        if not config.active or not config.accounting_emails:
            return None
        month = close.next_month(day_of(clock.now()))
        if month is None or Reminder.objects.filter(month=month.first).exists():
            return None
        if close.obstacles(month):
            return None
        name = f"{month.first:%Y-%m}"
        port.mail(_SUBJECT.format(month=name), _TEXT.format(month=name), config.accounting_emails)
        Reminder.objects.get_or_create(month=month.first)
    return month
