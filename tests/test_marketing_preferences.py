"""The page of preferences and the double opt-in: what people choose holds, and nothing else."""

import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache

from jokkerit_plugin import clock, keys, tasks
from jokkerit_plugin.marketing import (
    choices,
    confirmations,
    contact_keys,
    contacts,
    ledger,
    reach,
    upkeep,
)
from jokkerit_plugin.marketing.choices import ChoiceError
from jokkerit_plugin.models import Confirmation, Customer, MarketingEvent, Suppression, Sweep
from jokkerit_plugin.policy.marketing import Channel, Ground, Kind, Source, Text
from jokkerit_plugin.shop.port import AddressDeferred, AddressRefused, MailError
from tests.bookkeeping import follow
from tests.opting import declared_empty
from tests.test_marketing_doors import get, post, token_of

pytestmark = pytest.mark.django_db

AINO, PHONE = "aino@example.com", "+358401234567"
TEXT = Text.of("1", "Saa lähettää.")


@pytest.fixture(autouse=True)
def keyed(shop, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    cache.clear()
    shop.port.settings = replace(shop.port.settings, controller_name="Kauppa Oy")
    declared_empty()
    return shop


def standing(address: str = AINO, channel: Channel = Channel.EMAIL):
    return ledger.standing(contact_keys.keys(channel, address))[channel]


def page(token: str, body: str | None = None, lang: str = "fi") -> str:
    path = f"preferences/{token}/?lang={lang}"
    response = get(path) if body is None else post(path, body)
    assert response.status_code == 200
    return str(response.content.decode())


def chosen(html: str) -> dict[str, str]:
    found = re.findall(r'type="radio" name="(\w+)" value="(\w+)" checked', html)
    return dict(found)


def consents(address: str = AINO, **given) -> MarketingEvent:
    common = {"source": Source.STOREFRONT, "language": "sv", "text": TEXT} | given
    return ledger.record(Kind.CONSENT, Channel.EMAIL, address, **common)


def test_a_yes_is_a_consent_with_the_words_that_were_read():
    html = page(token_of())
    assert chosen(html) == {"email": "no", "profile": "yes"}
    saved = page(token_of(), "email=yes&profile=yes")
    assert "Valintasi on tallennettu." in saved
    assert chosen(saved) == chosen(page(token_of())) == {"email": "yes", "profile": "yes"}
    found = MarketingEvent.objects.get()
    assert (found.kind, found.source, found.language) == ("consent", "link", "fi")
    [words] = re.findall(r"<span>(Kyllä\. Suostun [^<]+)</span>", html)
    assert "Kauppa Oy" in words
    assert bytes(found.text_digest) == Text.of("", words).digest
    assert found.text_version == "page-2026-11"
    # By e-mail it waits for the link of a mail: who has this one may have it from somebody else.
    assert standing().ground is Ground.UNCONFIRMED
    assert "odottaa vahvistusta" in saved
    assert "odottaa vahvistusta" not in html


def test_saving_the_page_as_it_is_changes_nothing():
    page(token_of(), "email=yes&profile=no")
    before = MarketingEvent.objects.count()
    page(token_of(), "email=yes&profile=no")
    assert MarketingEvent.objects.count() == before
    assert choices.is_profiled(contact_keys.keys(Channel.EMAIL, AINO), Channel.EMAIL) is False


def test_a_no_holds_and_a_yes_by_the_same_link_is_confirmed_first(shop, aino):
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK, customer=aino.pk)
    assert chosen(page(token_of(), "email=no"))["email"] == "no"
    assert standing().ground is Ground.OPTED_OUT
    assert Suppression.objects.filter(lifted_at=None).count() == 1
    html = page(token_of(), "email=yes")
    assert chosen(html)["email"] == "yes"
    assert standing().ground is Ground.OPTED_OUT
    tasks.confirm_opt_ins()
    [(_, text, to)] = mails(shop)
    assert to == [AINO]
    assert post(link_in(text), "confirm=yes").status_code == 200
    assert standing().ground is Ground.CONSENT
    assert Suppression.objects.filter(lifted_at=None).count() == 0
    said = MarketingEvent.objects.get(kind="confirmed")
    assert (said.text_version, said.language) == ("page-2026-11", "fi")
    shown = get(link_in(text)).content.decode()
    [words] = re.findall(r"<p>(Kauppa Oy on saanut suostumuksen[^<]+)</p>", shown)
    assert bytes(said.text_digest) == Text.of("", words).digest


def test_who_pressed_yes_and_then_no_is_out(shop, aino):
    ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source=Source.LINK, customer=aino.pk)
    page(token_of(), "email=yes")
    page(token_of(), "email=no")
    tasks.confirm_opt_ins()
    assert mails(shop) == []
    assert standing().ground is Ground.OPTED_OUT


@pytest.mark.parametrize("source", [Source.ORDER, Source.ACCOUNT])
def test_whoever_is_out_gets_no_mail_by_what_a_form_says(shop, aino, source):
    ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source=Source.LINK, customer=aino.pk)
    consents(customer=aino.pk, source=source)
    tasks.confirm_opt_ins()
    assert mails(shop) == []
    # With their own token they ask for it.
    consents(customer=aino.pk)
    tasks.confirm_opt_ins()
    assert len(mails(shop)) == 1


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_nobody_is_asked_to_confirm_while_nobody_may_be_contacted(shop, aino, monkeypatch):
    ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source=Source.LINK)
    monkeypatch.setenv(keys.VARIABLE, "2027:" + "cd" * 32)
    consents(customer=aino.pk, source=Source.ORDER)
    tasks.confirm_opt_ins()
    assert mails(shop) == []


def test_a_number_is_opened_by_a_fresh_link_alone(monkeypatch):
    token = token_of(PHONE, Channel.SMS)
    page(token, "sms=no")
    page(token, "sms=yes")
    assert standing(PHONE, Channel.SMS).ground is Ground.CONSENT
    page(token, "sms=no&profile=no")
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    html = page(token)
    assert 'name="sms" value="yes"' not in html
    assert html.count("koska se on vanha") == 2
    page(token, "sms=yes&profile=yes")
    assert standing(PHONE, Channel.SMS).ground is Ground.OPTED_OUT
    assert not choices.is_profiled(contact_keys.keys(Channel.SMS, PHONE), Channel.SMS)
    # A no by the same link holds, however old it is.
    assert standing(PHONE, Channel.PHONE).allowed
    page(token, "phone=no")
    assert standing(PHONE, Channel.PHONE).ground is Ground.OPTED_OUT
    # A new message has a new link.
    page(token_of(PHONE, Channel.SMS), "sms=yes")
    assert standing(PHONE, Channel.SMS).allowed


def test_without_double_opt_in_an_old_link_opens_no_mailbox(shop, monkeypatch):
    shop.port.settings = replace(shop.port.settings, marketing_double_opt_in=False)
    token = token_of()
    page(token, "email=no")
    later = clock.now() + timedelta(days=8)
    with monkeypatch.context() as then:
        then.setattr(clock, "now", lambda: later)
        page(token, "email=yes")
        assert standing().ground is Ground.OPTED_OUT
    page(token_of(), "email=yes")
    assert standing().allowed


def test_an_old_link_shows_and_closes_what_moved_to_a_new_key_since(shop, aino, monkeypatch):
    old = token_of()
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK)
    for newest in ("2027:" + "cd" * 32, "2028:" + "ef" * 32):
        monkeypatch.setenv(keys.VARIABLE, f"{newest},{os.environ[keys.VARIABLE]}")
        Sweep.objects.filter(name="marketing").delete()
        upkeep.walk(seconds=5)
    assert set(MarketingEvent.objects.values_list("key_version", flat=True)) == {"2028"}
    assert chosen(page(old))["email"] == "yes"
    page(old, "email=no")
    assert Suppression.objects.get().key_version == "2028"
    assert chosen(page(old))["email"] == "no"
    assert standing().ground is Ground.OPTED_OUT
    post(f"unsubscribe/{old}/", "List-Unsubscribe=One-Click")
    assert Suppression.objects.count() == 1


def test_profiling_ends_alone_and_begins_again():
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK)
    page(token_of(), "email=yes&profile=no")
    assert (standing().allowed, standing().profiling) == (True, False)
    assert chosen(page(token_of(), "profile=yes")) == {"email": "yes", "profile": "yes"}
    assert standing().profiling


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize("known", [True, False])
def test_a_no_to_profiles_is_the_person_s_on_every_channel(shop, request, known):
    aino = request.getfixturevalue("aino") if known else None
    page(token_of(), "profile=no")
    before = MarketingEvent.objects.count()
    page(token_of(), "profile=no")
    assert MarketingEvent.objects.count() == before
    # Who was a stranger comes with a number later.
    aino = aino or request.getfixturevalue("aino")
    post_address = contact_keys.normalise(Channel.POST, "Aino Mäkelä|Kaskitie 1|51900|FI")
    ledger.record(Kind.RECONSENT, Channel.SMS, PHONE, source=Source.LINK, customer=aino.pk)
    for one in contacts.permissions([(Channel.SMS, PHONE), (Channel.POST, post_address)]):
        assert (one.allowed, one.profiling) == (True, False)


def test_a_link_in_a_text_message_is_about_messages_and_calls():
    token = token_of(PHONE, Channel.SMS)
    assert set(chosen(page(token))) == {"sms", "phone", "profile"}
    page(token, "sms=no&phone=no")
    assert standing(PHONE, Channel.SMS).ground is Ground.OPTED_OUT
    assert standing(PHONE, Channel.PHONE).ground is Ground.OPTED_OUT
    # What is not the address's own cannot be chosen with it.
    assert post(f"preferences/{token}/", "email=yes").status_code == 400


@pytest.mark.parametrize("body", ["", "email=maybe", "email=YES", "post=yes", "nothing=no", "x=1"])
def test_a_form_that_says_neither_yes_nor_no_changes_nothing(body):
    assert post(f"preferences/{token_of()}/", body).status_code == 400
    assert MarketingEvent.objects.count() == 0


def test_nothing_closes_all_that_the_register_knows_of_the_person(shop):
    shop.account(7, email=AINO, former_emails=["vanha@example.com"])
    shop.order("one", user=7, email=AINO)
    follow(shop)
    consents(customer=Customer.objects.get().pk)
    page(token_of(), "nothing=yes")
    for address in (AINO, "vanha@example.com", "AINO@EXAMPLE.COM"):
        assert standing(address).ground is Ground.OPTED_OUT
    for channel in (Channel.SMS, Channel.PHONE):
        assert standing(PHONE, channel).ground is Ground.OPTED_OUT
    post_address = contact_keys.Postal("Aino Mäkelä", "Kaskitie 1", "51900", "FI")
    assert standing(post_address, Channel.POST).ground is Ground.OPTED_OUT


def test_nothing_closes_the_address_of_a_stranger_too():
    page(token_of("nobody@example.com"), "nothing=yes")
    assert standing("nobody@example.com").ground is Ground.OPTED_OUT


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_form_is_usable_without_script_and_by_ear(lang):
    html = page(token_of(), lang=lang)
    radios = html.count('type="radio"')
    assert radios == html.count("<label>") == 4
    assert html.count("<fieldset>") == html.count("<legend>") == 2
    assert html.count("<h1>") == 1
    assert f'<html lang="{lang}">' in html
    assert 'name="viewport"' in html


# The mail of a double opt-in.


def mails(shop):
    return shop.port.outbox()


def link_in(text: str) -> str:
    [found] = re.findall(r"https://\S+/(confirm/\S+/)\n", text)
    return str(found)


@pytest.fixture
def aino(shop) -> Customer:
    shop.order("one", email=AINO)
    follow(shop)
    return Customer.objects.get()


def test_a_consent_by_mail_counts_once_its_link_was_pressed(shop, aino):
    consents(customer=aino.pk)
    assert standing().ground is Ground.UNCONFIRMED
    tasks.confirm_opt_ins()
    tasks.confirm_opt_ins()
    [(subject, text, to)] = mails(shop)
    assert (subject, to) == ("Bekräfta ditt samtycke till marknadsföring", [AINO])
    assert "Kauppa Oy" in text
    path = link_in(text)
    assert AINO not in path
    # Scanners open it.
    for method in ("get", "head"):
        assert get(path, method=method).status_code == 200
    assert standing().ground is Ground.UNCONFIRMED
    assert post(path, "confirm=no").status_code == 400
    response = post(path, "confirm=yes")
    assert (response.status_code, response.cookies) == (200, {})
    assert standing().ground is Ground.CONSENT
    again = post(path, "confirm=yes")
    assert again.status_code == 200
    assert MarketingEvent.objects.filter(kind="confirmed").count() == 1


def test_after_seven_days_the_link_and_the_consent_are_over(shop, aino, monkeypatch):
    consents(customer=aino.pk)
    tasks.confirm_opt_ins()
    path = link_in(mails(shop)[0][1])
    later = clock.now() + timedelta(days=7, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    for response in (get(path), post(path, "confirm=yes")):
        assert response.status_code == 410
        assert "vanhentunut" in response.content.decode()
    assert not standing().allowed
    tasks.confirm_opt_ins()
    assert (len(mails(shop)), Confirmation.objects.count()) == (1, 0)


def test_what_was_opposed_after_the_mail_is_not_confirmed(shop, aino):
    consents(customer=aino.pk)
    tasks.confirm_opt_ins()
    post(f"unsubscribe/{token_of()}/")
    assert post(link_in(mails(shop)[0][1]), "confirm=yes").status_code == 410
    assert standing().ground is Ground.OPTED_OUT


def test_what_was_opposed_before_the_mail_is_not_written_to(shop, aino):
    consents(customer=aino.pk)
    ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source=Source.STOREFRONT)
    tasks.confirm_opt_ins()
    assert mails(shop) == []


def test_a_stranger_who_types_an_address_again_and_again_sends_one_mail_a_day(
    shop, aino, monkeypatch
):
    for _ in range(3):
        consents(customer=aino.pk)
    tasks.confirm_opt_ins()
    tasks.confirm_opt_ins()
    assert len(mails(shop)) == 1
    later = clock.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    tasks.confirm_opt_ins()
    tasks.confirm_opt_ins()
    assert len(mails(shop)) == 2


def test_a_mail_that_was_not_sent_is_sent_later(shop, aino, monkeypatch):
    consents(customer=aino.pk)

    def fail(*_args):
        raise MailError("away")

    with monkeypatch.context() as broken:
        broken.setattr(shop.port, "mail", fail)
        with pytest.raises(MailError):
            tasks.confirm_opt_ins()
    assert Confirmation.objects.count() == 0
    tasks.confirm_opt_ins()
    assert len(mails(shop)) == 1


@pytest.mark.parametrize(
    ("error", "later"),
    [(AddressRefused("gone"), []), (AddressDeferred("full"), [AINO])],
)
def test_an_address_that_takes_no_mail_holds_up_no_other(shop, aino, monkeypatch, error, later):
    shop.order("two", email="eino@example.com")
    follow(shop)
    consents(customer=aino.pk)
    consents("eino@example.com", customer=Customer.objects.exclude(pk=aino.pk).get().pk)
    mail = shop.port.mail

    def picky(subject, text, to):
        if AINO in to:
            raise error
        mail(subject, text, to)

    with monkeypatch.context() as broken:
        broken.setattr(shop.port, "mail", picky)
        tasks.confirm_opt_ins()
    assert [to for *_, to in mails(shop)] == [["eino@example.com"]]
    tasks.confirm_opt_ins()
    assert [to for *_, to in mails(shop)][1:] == [[one] for one in later]


def test_a_server_that_takes_none_for_anybody_is_an_error(shop, aino, monkeypatch):
    consents(customer=aino.pk)

    def full(*_args):
        raise AddressDeferred("full")

    monkeypatch.setattr(shop.port, "mail", full)
    with pytest.raises(MailError):
        tasks.confirm_opt_ins()
    assert Confirmation.objects.count() == 0


def test_nobody_is_written_to_whose_address_it_is_no_longer(shop, aino):
    consents("someone@example.com", customer=aino.pk)
    tasks.confirm_opt_ins()
    assert mails(shop) == []


def test_without_double_opt_in_there_is_no_mail(shop, aino):
    shop.port.settings = replace(shop.port.settings, marketing_double_opt_in=False)
    consents(customer=aino.pk)
    tasks.confirm_opt_ins()
    assert mails(shop) == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_mail_says_when_and_by_whom_in_each_language(shop, language):
    event = consents(language=language)
    key = contact_keys.keys(Channel.EMAIL, AINO)[0]
    config = replace(shop.port.settings, controller_contact="apu@kauppa.fi")
    subject, text = confirmations.write(config, event, key)
    assert "\n" not in subject
    assert "Kauppa Oy" in text
    assert text.rstrip().endswith("apu@kauppa.fi")
    assert "{" not in text
    assert get(link_in(text)).status_code == 200


# Choices over all addresses.


def test_a_no_covers_former_addresses_and_a_yes_the_one_in_use(shop):
    shop.account(7, email=AINO, former_emails=["vanha@example.com"])
    shop.order("one", user=7, email=AINO)
    follow(shop)
    reached = reach.of_customer(Customer.objects.get())
    assert reached[Channel.EMAIL] == [AINO, "vanha@example.com"]
    choices.choose(reached, {Channel.EMAIL: False}, source="staff:telephone")
    assert standing("vanha@example.com").ground is Ground.OPTED_OUT
    choices.choose(reached, {Channel.SMS: True}, source="staff:telephone", text=TEXT)
    assert standing(PHONE, Channel.SMS).allowed
    assert not standing().allowed


def test_a_yes_without_an_address_is_refused(shop):
    nobody = {channel: [] for channel in Channel}
    assert choices.choose(nobody, {Channel.SMS: False}, source="staff:letter") == []
    with pytest.raises(ChoiceError):
        choices.choose(nobody, {Channel.SMS: True}, source="staff:letter")
