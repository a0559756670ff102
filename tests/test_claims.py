"""Every field of the register is claimed by a category, or declared free of personal data."""

import pytest
from django.apps import apps

from jokkerit_plugin.checks import check_claims
from jokkerit_plugin.policy import fields
from jokkerit_plugin.policy.categories import FREE, Category


@pytest.mark.promise("P-NOTHING-ELSE", "P-RELEVANT")
def test_every_field_is_claimed():
    assert check_claims() == []
    claims = [one for claims in fields.CLAIMS.values() for one in claims.values()]
    assert frozenset().union(*claims) <= set(Category)


@pytest.mark.parametrize(
    ("model", "field", "categories"),
    [
        ("SearchWords", "words", {Category.NAME, Category.EMAIL, Category.PHONE}),
        ("Customer", "language", {Category.NAME}),
        ("Purchase", "language", {Category.NAME}),
        ("Trace", "language", {Category.NAME}),
        ("KnownIdentifier", "value", {Category.EMAIL, Category.PHONE, Category.NAME}),
        ("ExportChunk", "data", {Category.NAME, Category.POSTAL, Category.PURCHASE}),
    ],
)
def test_a_field_that_holds_several_kinds_is_claimed_by_all_of_them(model, field, categories):
    assert fields.CLAIMS[model][field] == categories


@pytest.mark.promise("P-NOTHING-ELSE", "P-RELEVANT", breaks=True)
def test_a_field_that_nobody_claims_is_named(monkeypatch):
    claims = {name: dict(found) for name, found in fields.CLAIMS.items()}
    del claims["Customer"]["phone"]
    del claims["Sweep"]
    claims["Trace"]["gone"] = FREE
    claims["Ghost"] = {}
    monkeypatch.setattr(fields, "CLAIMS", claims)
    found = {(one.id, one.msg.split(" is ")[0].split(",")[0]) for one in check_claims()}
    assert ("jokkerit_plugin.W010", "Customer.phone") in found
    assert ("jokkerit_plugin.W010", "Sweep.cursor") in found
    assert ("jokkerit_plugin.W011", "The policy claims Trace.gone") in found
    assert ("jokkerit_plugin.W011", "The policy claims Ghost") in found


def test_every_text_field_that_is_free_is_a_key_a_state_or_a_code():
    """A reminder to look twice: free text is the place where personal data hides."""
    free_text = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("jokkerit_plugin").get_models()
        for field in model._meta.concrete_fields
        if field.get_internal_type() == "TextField"
        and fields.CLAIMS[model.__name__][field.name] == FREE
    }
    # What the shop publishes, and what the controller writes about a maintainer's work or a claim.
    published = ("AgreementText", "TransferText")
    texts = {f"{model}.{language}" for model in published for language in ("fi", "sv", "en")}
    # Of an erasure: table to number of rows, as JSON.
    # Why the controller published a description; how the shop's own address answered.
    texts |= {"Description.note", "SeenHttps.problem"}
    # Why a worker made no file: an error of ours, which names orders and accounts.
    texts |= {"ExportJob.problem"}
    # How staff knew who asked, and the grounds of a refusal; they go with the request.
    texts |= {"Request.proof_note", "Request.reason", "RequestLetter.reason"}
    # The path of a file that is followed; what happened, for the controller.
    texts |= {"LogFile.name", "Incident.reason"}
    # What the controller writes of a breach, for the authority and for all who are affected.
    written = "happened who consequences measures risk_reasons late_reasons exempt_reasons"
    texts |= {f"Breach.{name}" for name in written.split()}
    # The shape of a line, without its letters and digits.
    texts |= {"RefusedLines.example"}
    assert free_text == texts | {"Grant.reason", "Hold.reason", "Erasure.rows"}
