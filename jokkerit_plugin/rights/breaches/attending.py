"""What goes on by itself: who is affected is computed, letters go out, the controller is reminded.

All that it knows is in rows: what a killed worker left, the next call on any worker goes on with.
"""

from django.db import transaction
from django.db.models import Q, QuerySet

from ... import clock
from ...config import Config
from ...models import Affected, Breach, BreachEvent
from ...policy import breaches as policy
from ...policy.breaches import BreachState, Risk
from ...policy.holds import add_years
from ...policy.retention import BREACH_YEARS
from ...register import believed
from ...register.rows import execute, table
from ...shop.port import ShopPort, shop
from .. import minders
from . import affected, letters, store

#: Rows of one transaction when a breach's time is over.
BATCH = 5000
_SUBJECT = "Tietoturvaloukkaus {number} / Personuppgiftsincident {number} / Breach {number}: {due}"
_TEXT = """\
Henkilötietojen tietoturvaloukkaus, numero {number}: siitä on ilmoitettava tietosuojavaltuutetulle viimeistään {due} (Helsingin aikaa), tai kirjattava, miksi riskiä ei ole (tietosuoja-asetuksen 33 artikla). Kun tunnit ovat ohi, ilmoitus tehdään viipymättä ja viivästyksen syyt kerrotaan.

Personuppgiftsincident nummer {number}: den ska anmälas till dataombudsmannen senast {due} (Helsingforstid), eller så antecknas varför det inte finns någon risk (artikel 33 i dataskyddsförordningen). När timmarna har gått görs anmälan utan dröjsmål, och orsakerna till dröjsmålet anges.

Personal data breach number {number}: it is to be notified to the Data Protection Ombudsman by {due} (Helsinki time), or it is written down why there is no risk (General Data Protection Regulation, Article 33). When the hours are over it is notified without delay, with the reasons for the delay.
"""  # noqa: E501 - paragraphs of a mail


def attend() -> None:
    """Do all of it once. Celery's beat calls it every minute."""
    port = shop()
    with port.writer():
        config = port.config()
        # First, and while the plugin is deactivated: the law's hours go on.
        remind(config, port)
        if not config.active:
            return
        letters.send_waiting(config, port)
        affected.compute()
        while not believed.doubt() and forget():
            pass


def remind(config: Config, port: ShopPort) -> int:
    """Mail the controller of clocks that run; return how many mails."""
    sent = 0
    for pk in list(running().order_by("due_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = running().filter(pk=pk).select_for_update(skip_locked=True, no_key=True).first()
            stage = policy.stage(row.due_at - clock.now()) if row else None
            if row is None or stage is None or (row.reminded is not None and row.reminded <= stage):
                continue
            due = f"{row.due_at.astimezone(clock.HELSINKI):%d.%m.%Y %H:%M}"
            words = {"number": row.pk, "due": due}
            if not minders.tell(_SUBJECT.format(**words), _TEXT.format(**words), config, port):
                return sent
            row.reminded = stage
            row.save(update_fields=["reminded"])
            store.note(row, BreachEvent.What.REMINDED, store.SHOP, stage=stage)
            sent += 1
    return sent


def running() -> QuerySet[Breach]:
    """Return the breaches whose clock runs (`policy.breaches.runs`)."""
    rows = Breach.objects.filter(notified_at=None)
    return rows.exclude(Q(state=BreachState.CLOSED) | Q(risk=Risk.NONE))


def forget() -> int:
    """Delete a part of what ended long enough ago, people first; return how many rows."""
    today = clock.now().astimezone(clock.HELSINKI)
    day = add_years(today.date(), -BREACH_YEARS)
    before = today.replace(year=day.year, month=day.month, day=day.day)
    with transaction.atomic():
        over = Breach.objects.filter(state=BreachState.CLOSED, closed_at__lt=before).order_by("pk")
        row = over.select_for_update(skip_locked=True).first()
        if row is None:
            return 0
        execute("SET LOCAL jokkerit.retention = 'on'", [])
        gone = execute(
            f"DELETE FROM {table(Affected)} WHERE id IN"
            f" (SELECT id FROM {table(Affected)} WHERE breach_id = %s LIMIT %s)",
            [row.pk, BATCH],
        )
        if gone < BATCH:
            gone += row.delete()[0]
        execute("SET LOCAL jokkerit.retention = 'off'", [])
    return gone
