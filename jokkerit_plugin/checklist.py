"""The first hour: what is done once before the register keeps its promise, and is it done?

One source for the console's page, `register_status` and the Dashboard.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from . import clock
from .access import agreements, controllers
from .access.actor import Actor
from .access.controllers import controller_only
from .config import Config
from .description import facts, versions
from .disclosure import flows
from .errors import RegisterError
from .models import OptOutImport, Plan, Recipient, SetupStep, Signature
from .policy.financial_years import year_of
from .policy.languages import Language, Texts
from .policy.recipients import in_eu
from .register import approval
from .register.proof import proving
from .register.steps import Step, StepName
from .shop.port import shop

_MAIL = "mail"

_SUBJECT: Texts = (
    "Asiakasrekisterin koeviesti", "Provmeddelande från kundregistret",
    "A test mail of the customer register",
)  # fmt: skip
_TEXT: Texts = (
    (
        "Hei!\n\nTämä viesti kokeilee, lähteekö asiakasrekisterin posti. Jos luet tätä, se lähtee."
        " Sinun ei tarvitse tehdä mitään.\n"
    ),
    (
        "Hej!\n\nMed det här meddelandet provar vi om kundregistrets e-post går fram. Om du läser"
        " det gör den det. Du behöver inte göra något.\n"
    ),
    (
        "Hello,\n\nThis mail tries whether the customer register's mail is sent. If you read this,"
        " it is. There is nothing that you need to do.\n"
    ),
)


class MailTestError(RegisterError):
    """No test mail can be sent as asked."""

    code = "MAIL_TEST"


def steps(config: Config) -> tuple[Step, ...]:
    """Return every step, in order; some fifteen queries. Raises `DatabaseError`."""
    return tuple(_steps(config))


def financial_years(config: Config) -> list[tuple[date, date]]:
    """Return first and last day of the last financial year, this one and the next."""
    first, last = year_of(clock.today(), config)
    day = timedelta(days=1)
    return [year_of(first - day, config), (first, last), year_of(last + day, config)]


def test_mail(to: str, *, language: str, actor: Actor) -> SetupStep:
    """Send a mail that says that mail works, and note that it left.

    Raises `MailTestError`, or `MailError` if it was not sent.
    """
    controller_only(actor, "test mail")
    if len(to) > 254 or not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", to):
        raise MailTestError("This is no e-mail address.", field="to")
    if language.upper() not in Language.__members__:
        raise MailTestError("Choose fi, sv or en.", field="language")
    spoken, config = Language.of(language), shop().config()
    shop().mail(_SUBJECT[spoken], f"{_TEXT[spoken]}\n{config.contact}\n", [to])
    done, _ = SetupStep.objects.update_or_create(name=_MAIL, defaults={"done_at": clock.now()})
    return done


def _steps(config: Config) -> Iterator[Step]:
    empty = [name for name, _ in facts.missing(config)]
    controller = tuple(dict.fromkeys(name for name in empty if name != "hosting_country"))
    yield Step(StepName.CONTROLLER, not controller, what=controller)
    named = bool(config.controller_name)
    yield Step(StepName.REGISTER_NAME, named, what=() if named else ("controller_name",))
    unusable = {name for name, _ in config.unusable}
    years = tuple(sorted(unusable & {"financial_year_end", "financial_year_changes"}))
    if not config.financial_year_said:
        years = years or ("financial_year_end",)
    yield Step(StepName.FINANCIAL_YEARS, not years, what=years)
    country = config.hosting_country
    yield Step(StepName.HOSTING_COUNTRY, in_eu(country), what=(country,) if country else ())
    yield _agreement()
    yield _backfill(config)
    mail = SetupStep.objects.filter(name=_MAIL).first()
    yield Step(StepName.MAIL, mail is not None, mail.done_at if mail else None)
    ways = tuple(map(str, flows.alarms()))
    known = Recipient.objects.filter(ended_at=None).exists()
    yield Step(StepName.RECIPIENTS, known and not ways, what=ways)
    brought = OptOutImport.objects.filter(finished_at__isnull=False, dry_run=False)
    first = brought.order_by("finished_at").values_list("finished_at", flat=True).first()
    yield Step(StepName.OPT_OUTS, first is not None, first)
    # It decides what the description may say.
    yield _dry_run(config)
    yield _description()


def _agreement() -> Step:
    signed = agreements.signed(controllers.permitted(shop().people()))
    rows = Signature.objects.filter(signer__in=signed).order_by("signed_at")
    return Step(
        StepName.AGREEMENT, bool(signed), rows.values_list("signed_at", flat=True).first()
    )  # fmt: skip


def _backfill(config: Config) -> Step:
    ended = proving(config.reach).exclude(finished_at=None).order_by("-started_at").first()
    if ended:
        return Step(StepName.BACKFILL, True, ended.finished_at)
    now = proving(config.reach).filter(finished_at=None).order_by("-started_at").first()
    return Step(StepName.BACKFILL, False, what=(str(now.seen),) if now else ())


def _description() -> Step:
    published = versions.in_force()
    if published is None:
        return Step(StepName.DESCRIPTION, False)
    untrue = tuple(one.fact for one in versions.compare(published, facts.present()))
    return Step(StepName.DESCRIPTION, not untrue, published.published_at, untrue)


def _dry_run(config: Config) -> Step:
    approved = Plan.objects.exclude(approved_at=None).exclude(approved_by=approval.SCHEDULE)
    last = approved.order_by("-approved_at").values_list("approved_at", flat=True).first()
    done = config.retention and approval.standing(config)
    return Step(StepName.DRY_RUN, done, last, () if config.retention else ("retention",))
