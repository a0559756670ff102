"""Files made by a worker: for whom asked, once, telling how far they are, and why there is none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.guard import Refused
from jokkerit_plugin.accounting import periods
from jokkerit_plugin.accounting.exports import jobs, make
from jokkerit_plugin.accounting.exports.files import ExportError
from jokkerit_plugin.models import Disclosure, Export, ExportJob
from tests.console_books import firm, kept

pytestmark = pytest.mark.django_db(transaction=True)

MARCH = periods.month("2026-03")


@pytest.fixture
def house(shop, monkeypatch):
    return kept(shop, monkeypatch)


def ask(house, token="accountant", **more) -> ExportJob:
    actor = Actor.of(house.people[token])
    return jobs.ask("xlsx", MARCH, language="fi", recipient=firm(), actor=actor, **more)


def test_a_job_is_done_once_and_disclosed(house):
    job = ask(house)
    assert (job.state, job.total) == ("waiting", None)
    tasks.make_files()
    tasks.make_files()
    job.refresh_from_db()
    assert (job.state, job.export) == ("done", Export.objects.get().pk)
    assert job.entries == job.total > 0
    assert Disclosure.objects.count() == 1


def test_nothing_is_made_while_the_plugin_is_deactivated(house):
    job, port = ask(house), house.shop.port
    port.settings = replace(port.settings, active=False)
    tasks.make_files()
    job.refresh_from_db()
    assert job.state == "waiting"
    port.settings = replace(port.settings, active=True)
    tasks.make_files()
    job.refresh_from_db()
    assert job.state == "done"


def test_how_far_it_is_can_be_seen_while_it_is_made(house, monkeypatch):
    monkeypatch.setattr(jobs, "EVERY", 1)
    seen = []
    lines = make.lines

    def watched(entries, *rest, **more):
        for entry in lines(entries, *rest, **more):
            seen.append(ExportJob.objects.get().entries)
            yield entry

    monkeypatch.setattr(make, "lines", watched)
    ask(house)
    tasks.make_files()
    assert seen == sorted(seen)
    assert seen[-1] > 0


def test_a_job_of_a_killed_worker_is_taken_again_when_it_is_silent(house):
    job = ask(house)
    ExportJob.objects.update(claimed_at=clock.now(), tries=1)
    tasks.make_files()
    job.refresh_from_db()
    assert job.state == "running"
    ExportJob.objects.update(claimed_at=clock.now() - jobs.STALE - timedelta(seconds=1))
    tasks.make_files()
    job.refresh_from_db()
    assert (job.state, job.tries) == ("done", 2)


def test_what_ends_every_worker_ends_itself(house):
    job = ask(house)
    ExportJob.objects.update(tries=jobs.TRIES)
    tasks.make_files()
    job.refresh_from_db()
    assert (job.state, job.code) == ("failed", "EXPORT")
    assert not Export.objects.exists()


def test_who_lost_the_permission_meanwhile_gets_nothing(house):
    job = ask(house)
    del house.people["accountant"]
    tasks.make_files()
    job.refresh_from_db()
    assert (job.state, job.code) == ("failed", "NO_PERMISSION")
    assert not Export.objects.exists()


def test_a_fault_of_ours_is_told_without_what_it_said(house, monkeypatch, caplog):
    def broken(*_given, **_more):
        raise ValueError("aino@example.com")

    monkeypatch.setattr(make, "lines", broken)
    job = ask(house)
    tasks.make_files()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "aino" not in job.problem + caplog.text
    assert "ValueError" in caplog.text


@pytest.mark.parametrize("token", ["staff", "firmless", "lapsed"])
def test_who_may_not_have_files_asks_for_none(house, token):
    with pytest.raises(Refused):
        ask(house, token)
    assert not ExportJob.objects.exists()


def test_a_period_across_the_year_s_end_is_refused_at_once(house):
    actor = Actor.of(house.people["accountant"])
    days = periods.days("2025-12-01", "2026-01-31")
    with pytest.raises(periods.PeriodError):
        jobs.ask("xlsx", days, language="fi", recipient=firm(), actor=actor)
    with pytest.raises(ExportError):
        jobs.ask("docx", MARCH, language="fi", recipient=firm(), actor=actor)
    assert not ExportJob.objects.exists()


def test_jobs_are_forgotten_after_a_month(house):
    ask(house)
    tasks.make_files()
    ExportJob.objects.update(finished_at=clock.now() - jobs.KEPT - timedelta(days=1))
    job = ask(house)
    assert ExportJob.objects.get() == job
