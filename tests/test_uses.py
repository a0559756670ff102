"""The described uses of the data: staff have each, others are refused, and there are no more."""

import json

import pytest

from jokkerit_plugin.models import AccessEntry
from tests.buyers import bought
from tests.graphql import House
from tests.standing import standing
from tests.uses import NAMES, QUERY, uses

pytestmark = pytest.mark.django_db


def furnished(shop, monkeypatch):
    bought(shop, "aino")
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def log() -> list[tuple[str, ...]]:
    return list(
        AccessEntry.objects.order_by("seq").values_list("role", "purpose", "outcome", "reason")
    )


@pytest.mark.promise("P-PURPOSE-BOUND")
@pytest.mark.parametrize("purpose", uses(breaks=False))
def test_staff_use_the_data_for_it_and_the_log_says_so(house, purpose):
    answer = house.ask(QUERY % purpose)
    assert "errors" not in answer
    assert [one for one in NAMES if one not in json.dumps(answer, ensure_ascii=False)] == []
    named = "debt_collection" if purpose == "COLLECTION" else purpose.lower()
    assert log() == [("staff", named, "granted", "")]
    assert AccessEntry.objects.get().categories == "email name phone postal_address purchase"


@pytest.mark.promise("P-PURPOSE-BOUND", breaks=True)
@pytest.mark.parametrize("caller", ["accountant", "maintainer", "granted", "app"])
@pytest.mark.parametrize("purpose", uses(breaks=True))
def test_who_is_there_for_something_else_is_refused_and_the_log_says_so(house, purpose, caller):
    answer = house.ask(QUERY % purpose, caller)
    shown = json.dumps(answer["data"], ensure_ascii=False)
    if purpose == "INVOICING" and caller in {"accountant", "app"}:
        # Vouchers are the firm's work; beyond them it sees nothing.
        assert [one for one in NAMES if one in shown] == ["Mäkelä", "JUVA"]
    else:
        assert answer["data"] == {"purchases": None}
    refused = [reason for _, _, outcome, reason in log() if outcome == "refused"]
    assert refused
    assert set(refused) == {"PURPOSE_REFUSED"}


@pytest.mark.promise("P-PURPOSE-BOUND", "P-LAWFUL", breaks=True)
@pytest.mark.parametrize("purpose", ["PROFILING", "RESALE", '"SERVICE"'])
def test_a_use_that_is_not_described_is_none(house, purpose):
    response = house.post({"query": QUERY % purpose}, "superuser")
    assert response.status_code == 400
    assert "data" not in json.loads(response.content)
    assert log() == []
