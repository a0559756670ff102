"""Old opt-outs from files: they add, never remove, and say which lines they did not take."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from jokkerit_plugin import clock
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.marketing import contact_keys, contacts, imports, ledger, opt_out_rows
from jokkerit_plugin.marketing.opt_out_files import BadFile, Layout
from jokkerit_plugin.models import MarketingEvent, OptOutImport, Suppression
from jokkerit_plugin.policy.marketing import Channel, Kind
from tests.opting import AINO, KEY, NEWER, ask, key, read_whole
from tests.people import CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db
EMAIL, SMS, PHONE, POST = Channel


@pytest.fixture(autouse=True)
def marketing(shop, monkeypatch):
    key(monkeypatch, KEY)
    read_whole()
    sign(CONTROLLER)


def bring(folder: Path, text: str | bytes, **layout) -> OptOutImport:
    dry_run = layout.pop("dry_run", False)
    path = folder / "file.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    layout = {"address": ("email",), "channel": EMAIL} | layout
    return imports.take_in(path, Layout(**layout), actor=CONTROLLER, dry_run=dry_run)


def figures(done: OptOutImport) -> tuple[int, int, int, int, int]:
    return done.lines, done.added, done.known, done.older, done.rejected


@pytest.mark.promise("P-USE-MARKETING")
def test_until_an_import_has_ended_nobody_may_be_contacted(tmp_path):
    assert ask().reason == "opt_outs_missing"
    bring(tmp_path, "email\nlempi@example.com\n", dry_run=True)
    assert ask().reason == "opt_outs_missing"
    bring(tmp_path, "email\nlempi@example.com\n")
    assert ask().reason == "no_consent"
    assert ask("lempi@example.com").reason == "opted_out"


def test_declaring_that_there_are_none_opens(tmp_path):
    imports.declare_none(CONTROLLER)
    assert ask().reason == "no_consent"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_of_who_is_out_already_ends_the_consent_that_waits(shop, tmp_path):
    bring(tmp_path, "email\naino@example.com\n")
    consent = ledger.record(Kind.CONSENT, EMAIL, AINO, source="storefront")
    found = contact_keys.keys(EMAIL, AINO)
    assert ledger.standing(found)[EMAIL].waits
    assert figures(bring(tmp_path, "email\naino@example.com\n")) == (1, 1, 0, 0, 0)
    assert figures(bring(tmp_path, "email\naino@example.com\n")) == (1, 0, 1, 0, 0)
    assert not ledger.standing(found)[EMAIL].waits
    assert not ledger.confirm(found[0].digest, found[0].version, EMAIL, at=consent.at).allowed


def test_a_line_that_matches_nobody_is_rejected(tmp_path):
    bad = ["aino\u200b@example.com", "aino@exam\x07ple.com", "mailto:aino@example.com"]
    assert figures(bring(tmp_path, "\n".join(["email", *bad]))) == (3, 0, 0, 0, 3)
    post = {"address": ("n", "s", "p", "c"), "channel": POST}
    lines = ["n;s;p;c", "Mäkelä, Aino;Kaskitie 1;51900;FI", "Eino Niemi;Tie 1;51900;Suomi"]
    done = bring(tmp_path, "\n".join(lines), delimiter=";", **post)
    assert figures(done) == (2, 1, 0, 0, 1)
    assert ask("Aino Mäkelä|Kaskitie 1|51900|FI", POST).reason == "opted_out"


@pytest.mark.parametrize("channel", [SMS, PHONE])
def test_what_can_be_no_number_is_rejected(tmp_path, channel):
    done = bring(tmp_path, "email\n1\n1001\n2026\nAino 123\n0401234567\n", channel=channel)
    assert figures(done) == (5, 1, 0, 0, 4)


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize(("bad", "opens"), [(2, False), (1, True)])
def test_a_file_of_which_most_lines_were_rejected_opens_nothing(tmp_path, bad, opens):
    bring(tmp_path, "email\nlempi@example.com\n" + "x\n" * bad)
    assert (contacts.closed() is None) is opens
    # What was read of it counts.
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("act", ["take_in", "declare"])
def test_only_the_controller_brings_or_declares(tmp_path, act):
    path = tmp_path / "file.csv"
    path.write_text("email\n")
    acts = {
        "declare": lambda: imports.declare_none(STAFF),
        "take_in": lambda: imports.take_in(path, Layout(("email",), EMAIL), actor=STAFF),
    }
    with pytest.raises(ControllersOnly):
        acts[act]()
    assert not OptOutImport.objects.exists()


def test_rejected_lines_are_named_by_number_and_reason_never_by_content(tmp_path, caplog):
    done = bring(
        tmp_path,
        "email;tapa;kanava;pvm\n"
        "aino@example.com;declared;email;2026-01-01\n"
        "\n"
        "ei-osoite;declared;email;\n"
        "eino@example.com;vihje;email;\n"
        "eino@example.com;consent;email;\n"
        "eino@example.com;declared;kirjekyyhky;\n"
        "eino@example.com;declared;email;eilen\n"
        "eino@example.com;declared;email;2126-01-01\n"
        "0401234567;complaint;sms;\n"
        "lempi@example.com\n",
        delimiter=";", kind_column="tapa", channel=None, channel_column="kanava", date="pvm",
    )  # fmt: skip
    told = b"".join(imports.rejected(done.pk)).decode()
    assert told.split() == [
        "line,reason", "4,bad_address", "5,bad_kind", "6,bad_kind", "7,bad_channel", "8,bad_date",
        "9,future_date", "11,bad_channel",
    ]  # fmt: skip
    assert figures(done) == (9, 2, 0, 0, 7)
    imports.declare_none(CONTROLLER)
    assert ask("0401234567", SMS).reason == "opted_out"
    assert ask("eino@example.com").reason == "no_consent"
    assert "example" not in told + caplog.text


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_file_adds_and_never_removes(tmp_path):
    imports.declare_none(CONTROLLER)
    ledger.record(Kind.OBJECTION, EMAIL, AINO, source="link")
    before = Suppression.objects.get()
    done = bring(tmp_path, f"email,tapa\n{AINO},bounce\n{AINO},declared\n", kind_column="tapa")
    assert figures(done)[1:3] == (0, 2)
    after = Suppression.objects.get()
    assert (after.since, after.reason, after.lifted_at) == (before.since, before.reason, None)
    assert MarketingEvent.objects.count() == 1


def test_the_same_file_twice_adds_nothing(tmp_path):
    text = "email\n" + "".join(f"a{n}@example.com\n" for n in range(5)) + "A1@example.com \n"
    assert figures(bring(tmp_path, text)) == (6, 5, 1, 0, 0)
    assert figures(bring(tmp_path, text)) == (6, 0, 6, 0, 0)
    assert Suppression.objects.count() == MarketingEvent.objects.count() == 5


def test_a_line_older_than_the_persons_own_consent_changes_nothing(tmp_path):
    imports.declare_none(CONTROLLER)
    bring(tmp_path, f"email\n{AINO}\n")
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    day = (clock.now() - timedelta(days=30)).date().isoformat()
    done = bring(tmp_path, f"email,pvm\n{AINO},{day}\n", date="pvm")
    assert figures(done) == (1, 0, 0, 1, 0)
    assert ask().allowed
    bring(tmp_path, f"email\n{AINO}\n")
    assert not ask().allowed


def test_a_complaint_comes_on_top_of_a_bounce(tmp_path):
    bring(tmp_path, f"email\n{AINO}\n", kind=Kind.BOUNCE)
    assert ask().reason == "bounced"
    bring(tmp_path, f"email\n{AINO}\n", kind=Kind.COMPLAINT)
    assert ask().reason == "opted_out"
    assert Suppression.objects.count() == 1


def test_what_is_out_under_an_older_key_is_known(tmp_path, monkeypatch):
    bring(tmp_path, f"email\n{AINO}\n")
    key(monkeypatch, NEWER, KEY)
    assert figures(bring(tmp_path, f"email\n{AINO}\n")) == (1, 0, 1, 0, 0)
    assert figures(bring(tmp_path, "email\neino@example.com\n"))[1] == 1
    assert Suppression.objects.get(key_version="2027")


def test_post_and_files_without_a_heading(tmp_path):
    bring(
        tmp_path, "Aino Mäkelä;Kaskitie 1;51900;FI\n", address=("1", "2", "3", "4"), channel=POST,
        heading=False, delimiter=";",
    )  # fmt: skip
    assert ask("aino makela|KASKITIE 1|51900|fi", POST).reason == "opted_out"


@pytest.mark.parametrize(
    ("text", "told", "in_"),
    [
        # The quote of a note eats who comes after it; the line that it is in is one of hers.
        ('email,note\naino@example.com,"gone\nlempi@example.com,\n\neino@example.com,\n',
         ["3,in_quotes", "5,in_quotes"], ["aino@example.com"]),
        # Two stray quotes: what stands between them.
        ('email,note\n"aino@example.com,\nlempi@example.com,"\neino@example.com,\n',
         ["2,in_quotes", "3,in_quotes"], ["eino@example.com"]),
        # The heading's.
        ('email,"note\naino@example.com,\n"\neino@example.com,\n',
         ["2,in_quotes"], ["eino@example.com"]),
        # A quote that is closed on its line is none of this, nor one within a word.
        ('email,note\n"aino@example.com","a ""word"", of hers"\nlempi@example.com,5" wide\n', [],
         ["aino@example.com", "lempi@example.com"]),
    ],
)  # fmt: skip
def test_who_stands_within_a_quote_without_an_end_is_told(tmp_path, text, told, in_):
    done = bring(tmp_path, text)
    assert b"".join(imports.rejected(done.pk)).decode().split()[1:] == told
    assert (done.added, done.rejected, done.lines) == (len(in_), len(told), len(in_) + len(told))
    imports.declare_none(CONTROLLER)
    assert {ask(one).reason for one in in_} == {"opted_out"}


def test_a_postal_address_that_holds_others_lines_is_none(tmp_path):
    done = bring(
        tmp_path, 'Aino;Kaskitie 1;51900;"FI\nEino;Tie 2;51900;FI\n', address=(1, 2, 3, 4),
        channel=POST, heading=False, delimiter=";",
    )  # fmt: skip
    assert b"".join(imports.rejected(done.pk)).split()[1:] == [b"1,in_quotes", b"2,in_quotes"]
    assert not Suppression.objects.exists()


def test_what_comes_before_a_line_that_cannot_be_read_counts(tmp_path):
    text = f"email\n{AINO}\neino@example.com\n" + '"' + "a" * 200_000
    with pytest.raises(BadFile, match="from line 4 on: does a quote there have no end"):
        bring(tmp_path, text)
    assert ask().reason == "opt_outs_missing"
    assert (OptOutImport.objects.get().lines, Suppression.objects.count()) == (2, 2)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_columns_by_number_are_those_whatever_the_first_line_calls_them(tmp_path, mark):
    text = f"{mark}Email,,Email\nx,2024-03-01,{AINO}\n".encode()
    bring(tmp_path, text, address=(3,), date=2, encoding="utf-8")
    assert Suppression.objects.get().since.year == 2024
    assert ask().reason == "opted_out"


def test_a_mark_of_the_encoding_is_no_part_of_an_address(tmp_path):
    bring(tmp_path, f"\ufeff{AINO}\n", address=("1",), heading=False, encoding="utf-8")
    assert ask().reason == "opted_out"


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("email,email\n", {}), ("email\n", {"address": (2,)}), ("email\n", {"address": (0,)}),
        ("email\n", {"date": 2}), ("a@example.com\n", {"heading": False, "address": ("2",)}),
        ("", {"heading": False, "address": (1,)}),
        ("email\n", {"address": ("osoite",)}), ("email\n", {"address": ()}),
        ("email\n", {"channel": None}), ("email\n", {"delimiter": ""}),
        ("email\n", {"encoding": "klingon"}),
        ("email\n", {"heading": False, "address": ("email",)}),
        ("email\n", {"heading": False, "address": ("0",)}),
        ("email\naino@example.com\näää@example.com\n".encode("latin-1"), {}),
        ('email\n"' + "a" * 200_000 + '"\n', {}),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_opens_nothing(tmp_path, text, layout):
    with pytest.raises(BadFile) as refused:
        bring(tmp_path, text, **layout)
    assert "example" not in str(refused.value)
    assert contacts.closed()


def test_other_encodings(tmp_path):
    bring(tmp_path, "email\nä@example.com\n".encode("iso-8859-15"), encoding="iso-8859-15")
    assert ask("Ä@example.com").reason == "opted_out"


def test_several_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 3)
    seen = []
    path = tmp_path / "file.csv"
    path.write_text("email\n" + "".join(f"a{n}@example.com\n" for n in range(8)))
    done = imports.take_in(
        path, Layout(("email",), EMAIL), actor=CONTROLLER,
        report=lambda one, place: seen.append((one.lines, place)),
    )  # fmt: skip
    assert [lines for lines, _ in seen] == [3, 6, 8]
    assert seen[-1][1] == path.stat().st_size
    assert done.added == 8


def test_of_one_address_a_later_bounce_hides_no_no(tmp_path):
    lines = ("email,kind,at", f"{AINO},objection,2024-03-01", f"{AINO},bounce,2025-01-01")
    bring(tmp_path, "\n".join(lines), kind_column="kind", date="at")
    assert MarketingEvent.objects.get().kind == Kind.OBJECTION.value


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "0001-01-01T00:00:00+14:00"])
def test_an_empty_date_of_another_program_is_rejected(tmp_path, day):
    done = bring(tmp_path, f"email,at\nlempi@example.com,{day}\n", date="at")
    assert figures(done)[4] == 1
    assert not MarketingEvent.objects.exists()


@pytest.mark.parametrize("encoding", ["hex", "rot13", "undefined", "nothing"])
def test_what_is_no_encoding_of_text_is_refused(tmp_path, encoding):
    with pytest.raises(BadFile):
        bring(tmp_path, "email\nlempi@example.com\n", encoding=encoding)


@pytest.mark.django_db(transaction=True)
def test_a_second_file_before_the_database_has_counted_compares_no_line_with_all(tmp_path):
    def plan(execute, sql, params, many, context):
        if sql == opt_out_rows._COUNT:
            execute(f"EXPLAIN {sql}", params, many, context)
            plans.append("".join(line for (line,) in context["cursor"].fetchall()))
        return execute(sql, params, many, context)

    plans = []
    with connection.execute_wrapper(plan):
        for turn in range(2):
            lines = (f"{turn}.{number}@example.com\n" for number in range(2000))
            bring(tmp_path, "email\n" + "".join(lines))
    assert len(plans) == 2
    assert "Join Filter" not in plans[1]


def test_the_command(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Email address\naino@example.com\nx\n")

    def run(*options: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("register_import_optouts", *options, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    options = (str(path), "--address", "email address", "--channel", "email")
    out, err = run(*options, "--dry-run")
    assert "1 opt-outs would be added" in out
    assert err == "line 3: bad_address\n"
    assert not Suppression.objects.exists()
    assert "1 opt-outs added" in run(*options)[0]
    assert "no old opt-outs" in run("--none")[0]
    for wrong in ((), (str(path), "--none"), (str(tmp_path / "no"), "--channel", "email")):
        with pytest.raises(CommandError):
            run(*wrong)


def test_every_rejected_line_is_told_and_none_for_good(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "PAGE", 700)
    done = bring(tmp_path, "email\n" + "x\n" * 2500)
    told = b"".join(imports.rejected(done.pk)).decode().split()
    assert told[1:] == [f"{line},bad_address" for line in range(2, 2502)]
    # Nothing was brought, so the old opt-outs are still to come.
    assert contacts.closed() is not None
    later = clock.now() + timedelta(days=91)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert imports.forget() == 2500
    assert list(imports.rejected(done.pk)) == [b"line,reason\r\n"]
    assert OptOutImport.objects.get().rejected == 2500


@pytest.mark.parametrize(
    ("kind", "source", "channel", "outcome"),
    [
        (Kind.RECONSENT, "link", EMAIL, "older"), (Kind.CONSENT, "staff:telephone", SMS, "older"),
        # Neither waits for a mail nor a form is the person's own consent yet.
        (Kind.CONSENT, "staff:telephone", EMAIL, "added"), (Kind.CONSENT, "order", SMS, "added"),
    ],
)  # fmt: skip
def test_a_line_dated_before_a_first_consent_changes_nothing(
    tmp_path, kind, source, channel, outcome
):
    address = "0401234567" if channel is SMS else AINO
    ledger.record(kind, channel, address, source=source)
    day = (clock.now() - timedelta(days=30)).date()
    text = f"address;day\n{address};{day}\n"
    given = {"address": ("address",), "date": "day", "delimiter": ";", "channel": channel}
    done = bring(tmp_path, text, **given)
    assert {"older": done.older, "added": done.added}[outcome] == 1
    assert (ask(address, channel).reason == "opted_out") is (outcome == "added")
    # Without its date it counts from now.
    assert bring(tmp_path, f"address\n{address}\n", address=("address",), channel=channel).lines
    assert ask(address, channel).reason == "opted_out"
