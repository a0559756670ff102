"""Search: who is found by what, kept by the intake, answered from an index."""

import re

import pytest
from django.db import connection, transaction

from jokkerit_plugin.models import Customer, SearchWords, Sweep
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.register import intake, search, sweep
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, party
from tests.standing import standing

pytestmark = pytest.mark.django_db

EVERYTHING = frozenset(Category)


def take(shop: PaperShop) -> None:
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=shop.port.config())


def found(query: str, allowed=EVERYTHING) -> set[str]:
    return set(
        Customer.objects.filter(search.matching(query, allowed)).values_list("email", flat=True)
    )


def furnished(shop, monkeypatch):
    def buys(name: str, first: str, last: str, **changes: str) -> None:
        buyer = party(first, last, **{"phone": ""} | changes)
        shop.order(name, email=f"{name}@example.com", billing=buyer, shipping=None)

    buys("aino", "Aino", "Mäkelä", phone="+358401234567")
    buys("eino", "Eino Ilmari", "Makela", phone="+358501111111")
    buys("mother", "Äiti", "Virtanen")
    buys("cafe", "", "", company_name="Café Ångström Oy")
    buys("anna", "Anna-Liisa", "O’Brien")
    buys("ossi.o_brien+shop", "Ossi", "Ø")
    take(shop)
    return shop


people = standing(__name__, furnished)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ÄITI", {"mother"}),
        ("äiti", {"mother"}),
        ("aiti", set()),
        ("cafe", {"cafe"}),
        ("CAFÉ ångs", {"cafe"}),
        ("angstrom", set()),
        ("mäkelä", {"aino"}),
        ("makela", {"eino"}),
        ("mäk ain", {"aino"}),
        ("aino mäkelä", {"aino"}),
        ("ilmari eino", {"eino"}),
        ("ino", set()),
        ("aino virtanen", set()),
        ("liisa", {"anna"}),
        ("anna liisa", {"anna"}),
        ("Anna-Liisa", {"anna"}),
        ("annaliisa", {"anna"}),
        ("o'brien", {"anna"}),
        ("obrien", {"anna"}),
        ("o brien", {"anna"}),
        ("ö", {"ossi.o_brien+shop"}),
        ("a", set()),
        ("AINO@example.com", {"aino"}),
        ("aino@", {"aino"}),
        ("ossi.o_b", {"ossi.o_brien+shop"}),
        ("ossi.o_brien+shop@example.com", {"ossi.o_brien+shop"}),
        ("@example.com", set()),
        ("+358 40 123 4567", {"aino"}),
        ("040-1234567", {"aino"}),
        ("050 111", {"eino"}),
        ("mäkelä 0401234567", {"aino"}),
        ("virtanen 0401234567", set()),
        ("#1", {"aino"}),
        ("1", {"aino"}),
        ("4", {"cafe"}),
        ("#40", set()),
        ("", set()),
        ("   ", set()),
        ("-", set()),
        ("!!! ???", set()),
        ("' OR 1=1 --", set()),
        ("\\' & !aino | 'a", set()),
        ("aino:*", {"aino"}),
        ("\0", set()),
    ],
)
def test_who_is_found(people, query, expected):
    assert found(query) == {f"{name}@example.com" for name in expected}


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("aino@example.com", {Category.EMAIL}),
        ("040 123", {Category.PHONE, Category.PURCHASE}),
        ("#12", {Category.PURCHASE}),
        ("aino", {Category.NAME, Category.EMAIL}),
        ("aino 040 123", {Category.NAME, Category.EMAIL, Category.PHONE}),
        ("mäkelä aino@example.com", {Category.NAME, Category.EMAIL}),
    ],
)
def test_what_a_query_can_find_by(query, kinds):
    assert search.kinds(query) == kinds


@pytest.mark.parametrize("query", ["aino@example.com", "040 123 4567", "ossi.o_brien+", "aino@"])
def test_what_may_not_be_seen_is_not_searched(people, query):
    assert found(query)
    assert found(query, {Category.NAME, Category.PURCHASE}) == set()


def test_an_order_number_alone_can_be_searched(people):
    assert found("1", {Category.NAME, Category.PURCHASE}) == {"aino@example.com"}
    assert found("1", {Category.NAME}) == set()


def test_former_e_mails_and_phones_find_too(shop):
    book = [{"key": 1, "party": party(phone="+358405555555"), "default_billing": True,
             "default_shipping": True}]  # fmt: skip
    shop.account(5, email="old@example.com", addresses=book)
    shop.order("one", user=5, email="other@example.com", billing=None, shipping=None)
    take(shop)
    shop.account(5, email="new@example.com", addresses=[])
    take(shop)
    for query in ("old@example.com", "new@example.com", "other@example.com", "040 5555555"):
        assert found(query) == {"new@example.com"}


def test_a_changed_name_replaces_the_old_one(shop):
    shop.account(5, last_name="Mäkelä")
    shop.order("one", user=5)
    take(shop)
    shop.account(5, last_name="Virtanen")
    take(shop)
    assert (found("mäkelä"), found("virtanen")) == (set(), {"user5@example.com"})
    assert Customer.objects.get().sort_name == "virtanen aino"


def test_traces_are_in_no_search(shop):
    shop.account(5, email="trace@example.com", first_name="Trace")
    take(shop)
    assert found("trace") == found("trace@example.com") == set()


def test_a_merged_guest_is_found_as_the_account(shop):
    shop.order("one", email="guest@example.com")
    take(shop)
    shop.account(5, email="account@example.com")
    shop.order("one", user=5, email="guest@example.com")
    take(shop)
    assert found("guest@example.com") == {"account@example.com"}


def test_what_was_an_order_s_is_not_found_when_the_order_goes_to_another(shop):
    shop.account(5, first_name="", last_name="")
    shop.account(6)
    shop.order("one", user=5, billing=party("Wrong", "Person"))
    take(shop)
    shop.order("one", user=6)
    take(shop)
    assert found("wrong") == set()


def test_the_intake_writes_nothing_where_nothing_changed(people):
    before = set(SearchWords.objects.values_list("customer__email", "words", "version"))
    with transaction.atomic(), connection.cursor() as cursor:
        search.write(list(Customer.objects.values_list("pk", flat=True)))
        for model in (Customer, SearchWords):
            cursor.execute(
                f"SELECT count(*) FROM {model._meta.db_table}"
                " WHERE xmin = pg_current_xact_id()::xid"
            )
            assert cursor.fetchone() == (0,)
    assert set(SearchWords.objects.values_list("customer__email", "words", "version")) == before


def test_a_batch_costs_two_statements(people, django_assert_num_queries):
    keys = list(Customer.objects.values_list("pk", flat=True))
    with django_assert_num_queries(2):
        search.write(keys)


@pytest.mark.parametrize("left", [None, search.VERSION - 1])
def test_rows_without_words_or_with_old_ones_are_filled_by_the_next_walk(people, left):
    if left is None:
        SearchWords.objects.all().delete()
    SearchWords.objects.update(words="", version=left)
    Customer.objects.update(sort_name="")
    assert found("aino") == set()
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert found("aino") == {"aino@example.com"}
    assert set(SearchWords.objects.values_list("version", flat=True)) == {search.VERSION}
    assert not Customer.objects.filter(sort_name="").exists()
    assert search.refill() == 0


def test_refilling_goes_on_in_small_transactions(people):
    SearchWords.objects.all().delete()
    assert [search.refill(limit=4) for _ in range(3)] == [4, 2, 0]


def test_a_plugin_that_rests_refills_nothing(people):
    SearchWords.objects.all().delete()
    walk = sweep.start(Sweep.Name.RECONCILE)
    people.port.settings = people.port.config().__class__(active=False)
    sweep.run(walk)
    assert not SearchWords.objects.exists()


def test_very_long_and_very_many_identifiers_do_not_stop_the_intake(shop, monkeypatch):
    monkeypatch.setattr(search, "IDENTIFIERS", 3)
    shop.order("long", email=f"{'ä' * 3000}@example.com", billing=party("Ä" * 3000, "x" * 3000))
    for number in range(6):
        shop.order(f"many {number}", email="many@example.com",
                   billing=party(phone=f"+35840123456{number}"), shipping=None)  # fmt: skip
    take(shop)
    assert found("many@example.com") == {"many@example.com"}
    assert len(found("ä" * 3000)) == 1
    words = SearchWords.objects.get(customer__email="many@example.com").words
    assert len(re.findall("'p35840123456", words)) == 2


def test_words_hold_quotes_and_backslashes(shop):
    shop.order("odd", email="o'b\\x'@example.com", billing=party("", ""), shipping=None)
    take(shop)
    assert found("o'b\\x'@example.com") == {"o'b\\x'@example.com"}
    assert found("o'b\\") == {"o'b\\x'@example.com"}


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("mäkelä", "jokkerit_search_words"),
        ("mäk ain", "jokkerit_search_words"),
        ("aino@example.com", "jokkerit_search_words"),
        ("040 123 4567", "jokkerit_search_words"),
        # Either holds the id; of a handful of rows the one is as cheap as the other.
        ("#1", "jokkerit_plugin_customer_pkey|jokkerit_customer_entered"),
    ],
)
def test_a_search_is_answered_from_an_index(people, query, index):
    rows = Customer.objects.filter(search.matching(query, EVERYTHING)).order_by("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        # Of a handful of rows a walk along the key is as cheap, with the statistics of the moment.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        assert re.search(index, rows.explain())
        assert "Seq Scan" not in rows.explain()


def test_the_first_names_in_order_are_read_from_an_index(people):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = Customer.objects.order_by("sort_name", "pk")[:10].explain()
        assert "jokkerit_customer_sort_name" in plan


def test_a_customer_that_is_erased_is_found_no_more(people):
    people.remove(Kind.ORDER, next(iter(people.rows))[1])
    customer = Customer.objects.get(email="aino@example.com")
    customer.purchases.all().delete()
    customer.delete()
    assert found("aino") == found("#1") == set()
