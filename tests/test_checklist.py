"""The first hour: every step is open in an empty register, and done by what it is about."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command

from jokkerit_plugin import checklist
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.marketing import imports
from jokkerit_plugin.models import Recipient, SetupStep, Sweep
from jokkerit_plugin.overview import overview
from jokkerit_plugin.register import sweep
from jokkerit_plugin.register.steps import StepName
from jokkerit_plugin.retention import status
from jokkerit_plugin.shop.flows import Flow, FlowKind
from jokkerit_plugin.shop.people import Holder
from jokkerit_plugin.shop.port import MailError
from tests.buyers import company
from tests.forgetting import approved
from tests.people import CONTROLLER, STAFF, sign
from tests.published import described, published

pytestmark = pytest.mark.django_db

S = StepName


def steps(shop):
    return {one.name: one for one in checklist.steps(shop.port.config())}


def done(shop):
    return {name for name, one in steps(shop).items() if one.done}


def test_an_empty_register_has_every_step_before_it(shop):
    assert list(steps(shop)) == list(StepName)
    assert done(shop) == {S.FINANCIAL_YEARS}
    assert "controller_name" in steps(shop)[S.CONTROLLER].what


def test_all_steps_are_done_by_what_they_are_about(shop):
    shop.port.holders = [Holder("user:1", CONTROLLER.permissions, superuser=False, active=True)]
    described(shop)
    assert done(shop) == {S.FINANCIAL_YEARS, S.CONTROLLER, S.REGISTER_NAME, S.HOSTING_COUNTRY}
    sign(STAFF)
    assert S.AGREEMENT not in done(shop)
    sign(CONTROLLER)
    assert S.AGREEMENT in done(shop)
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert S.BACKFILL in done(shop)
    company("processor", "Toinen", actor=CONTROLLER)
    assert S.RECIPIENTS in done(shop)
    imports.declare_none(CONTROLLER)
    assert S.OPT_OUTS in done(shop)
    approved(shop)
    assert S.DRY_RUN in done(shop)
    published(shop)
    assert S.DESCRIPTION in done(shop)
    assert set(StepName) - done(shop) == {S.MAIL}
    checklist.test_mail("jouko@example.com", language="fi", actor=CONTROLLER)
    assert done(shop) == set(StepName)


def test_a_backfill_that_runs_is_not_done_and_tells_how_far_it_is(shop):
    row = sweep.start(Sweep.Name.BACKFILL)
    Sweep.objects.filter(pk=row.pk).update(seen=7)
    step = steps(shop)[S.BACKFILL]
    assert (step.done, step.what) == (False, ("7",))


def test_what_was_done_is_undone_by_what_makes_it_untrue(shop):
    published(shop)
    approved(shop)
    company("processor", "Toinen", actor=CONTROLLER)
    shop.port.settings = replace(shop.port.settings, detail_years=2, hosting_country="US")
    shop.port.ways_out = [Flow(FlowKind.MAIL, "EMAIL_URL", "mail.example")]
    assert done(shop).isdisjoint({S.DESCRIPTION, S.DRY_RUN, S.HOSTING_COUNTRY, S.RECIPIENTS})
    assert "hosting_country" in steps(shop)[S.DESCRIPTION].what
    assert len(steps(shop)[S.RECIPIENTS].what) == 1


def test_a_recipient_that_has_ended_is_none(shop):
    company("processor", "Toinen", actor=CONTROLLER)
    Recipient.objects.update(ended_at="2026-01-01T00:00:00Z", ended_by="user:1")
    assert S.RECIPIENTS not in done(shop)


def test_with_retention_off_no_dry_run_helps(shop):
    approved(shop)
    shop.port.settings = replace(shop.port.settings, retention=False)
    assert (steps(shop)[S.DRY_RUN].done, steps(shop)[S.DRY_RUN].what) == (False, ("retention",))


def test_unusable_financial_years_are_named(shop):
    bad = (("financial_year_end", "Give the last day."),)
    shop.port.settings = replace(shop.port.settings, unusable=bad)
    assert steps(shop)[S.FINANCIAL_YEARS].what == ("financial_year_end",)


def test_a_financial_year_that_nobody_has_said_is_a_step_before_the_controller(shop):
    shop.port.settings = replace(shop.port.settings, financial_year_said=False)
    assert S.FINANCIAL_YEARS not in done(shop)
    assert steps(shop)[S.FINANCIAL_YEARS].what == ("financial_year_end",)
    said = " ".join(status.problems(replace(shop.port.config(), active=True)))
    assert "Nobody has said when the financial year ends" in said


def test_financial_years_follow_each_other(shop):
    before, this, after = checklist.financial_years(shop.port.config())
    assert before[1] < this[0] <= this[1] < after[0]
    assert (this[0] - before[1]).days == (after[0] - this[1]).days == 1


def test_a_test_mail_says_whose_register_it_is_and_is_noted(shop):
    described(shop)
    checklist.test_mail("jouko@example.com", language="sv", actor=CONTROLLER)
    [(subject, text, to)] = shop.port.outbox()
    assert (to, subject) == (["jouko@example.com"], "Provmeddelande från kundregistret")
    assert "Jokkerit Trading Oy" in text
    assert steps(shop)[S.MAIL].at is not None


@pytest.mark.parametrize(
    ("to", "language"), [("x", "fi"), ("a@b.fi,c@d.fi", "fi"), ("a@b.fi", "de")]
)
def test_a_test_mail_goes_to_one_address_in_a_language_that_we_speak(shop, to, language):
    with pytest.raises(checklist.MailTestError):
        checklist.test_mail(to, language=language, actor=CONTROLLER)
    assert shop.port.outbox() == []


def test_a_test_mail_that_was_not_sent_proves_nothing(shop, monkeypatch):
    def refuse(*_):
        raise MailError("The mail could not be sent.")

    monkeypatch.setattr(shop.port, "mail", refuse)
    with pytest.raises(MailError):
        checklist.test_mail("jouko@example.com", language="fi", actor=CONTROLLER)
    assert not SetupStep.objects.exists()


def test_only_the_controller_sends_one(shop):
    with pytest.raises(ControllersOnly):
        checklist.test_mail("jouko@example.com", language="fi", actor=STAFF)


def test_the_command_and_the_status_show_the_same_steps(shop):
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("register_status", stdout=out)
    lines = [line for line in out.getvalue().splitlines() if line.startswith("[")]
    assert len(lines) == len(StepName) == len(overview().checklist)
    assert lines[0].startswith("[ ] The controller is named: controller_name, ")
    assert lines[2] == "[x] The end of the financial year is said, and can be used"
