"""A test's database is emptied while a request of that test may still be answered."""

import pytest
from django.db import transaction

from jokkerit_plugin.access import chain
from jokkerit_plugin.models import AccessEntry, ChainHead
from tests import emptying
from tests.races import overtaken
from tests.test_chain import entry

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_still_writes_is_waited_for_and_leaves_no_half_of_a_chain():
    def late() -> None:
        with transaction.atomic():
            chain.append(AccessEntry, entry())

    chain.append(AccessEntry, entry())
    # The link is written and not yet committed: unseen by what deletes the links.
    outcomes = overtaken(late, lambda: emptying.empty(None), after=(chain, "append"))
    assert outcomes == (None, None)
    assert AccessEntry.objects.count() == 0
    assert ChainHead.objects.count() == 0
