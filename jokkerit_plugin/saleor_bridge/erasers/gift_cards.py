"""Gift cards: code, currency and balance stay, for they are a liability; whose they are goes."""

from collections import Counter
from collections.abc import Collection, Mapping

from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from .events import only
from .sheet import NO_JSON, OF_KEYS, OF_ORDERS, Sheet, blank, empty

_VECTOR = "setweight(to_tsvector('simple', t.code), 'A')"
#: Saleor makes the vector anew of what is dirty, with the tags and the product.
_ALSO = {"search_vector": _VECTOR, "search_index_dirty": "true"}
_TEXTS = blank("metadata private_metadata", NO_JSON)

_USED = """SELECT {0} AS id FROM giftcard_giftcardevent WHERE {1}
    UNION SELECT {2} FROM order_order_gift_cards WHERE {3}"""
_USED_IN = _USED.format("gift_card_id", "order_id = o.id", "giftcard_id", "order_id = o.id")
# By the card and not by the e-mail: of that Saleor has no index in small letters. IS TRUE keeps
# PostgreSQL from reading every younger order by the index of their days.
_ITS_ORDERS = _USED.format("order_id", "gift_card_id = c.id", "order_id", "giftcard_id = c.id")
# The cards that the buyer of one of these orders used in it or bought with it, without an account:
# an account's are the account's, and go with it, and by e-mail nobody is taken off one, since an
# order's may be anybody's. Whoever used it in a younger order has it still.
_OF_BUYER = f"""t.id IN (SELECT c.id FROM order_order o
    JOIN LATERAL ({_USED_IN}) used ON true
    JOIN giftcard_giftcard c ON c.id = used.id
    WHERE o.id {OF_KEYS} AND c.{{0}}_id IS NULL
        AND lower(c.{{0}}_email) = lower(nullif(o.user_email, ''))
        AND NOT EXISTS (SELECT FROM ({_ITS_ORDERS}) its JOIN order_order y ON y.id = its.id
            WHERE (y.created_at > o.created_at) IS TRUE
                AND lower(y.user_email) = lower(o.user_email)))"""

_EVENT = only("balance expiry_date old_expiry_date is_active")


def _mine(who: str) -> Sheet:
    return Sheet(
        ShopPart.ORDER_DETAIL,
        "giftcard_giftcard",
        _OF_BUYER.format(who),
        {**blank(f"{who}_id {who}_email", "NULL"), **_TEXTS},
        _ALSO,
    )


#: Before the orders' own: they are matched by the e-mail that these lose.
SHEETS = [
    _mine("used_by"),
    _mine("created_by"),
    Sheet(
        ShopPart.ORDER_DETAIL,
        "giftcard_giftcardevent",
        OF_ORDERS,
        {"parameters": _EVENT},
    ),
]


#: Who may stand on a card; Saleor 3.23 restricts cards to one account.
CARDS = ("used_by", "created_by", "assigned_to")


def _of_person(who: str) -> str:
    return (
        f"(t.{who}_id = ANY(%(users)s::int[])"
        f" OR t.{who}_id IS NULL AND lower(t.{who}_email) = ANY(%(mails)s::text[]))"
    )


def _state(who: str) -> str:
    """Return the SQL of what a card's key says beside its id: another's use gives another key."""
    used = "coalesce(extract(epoch FROM t.last_used_on)::bigint, 0)" if who == "used_by" else "0"
    return f"t.id || ':' || coalesce(t.{who}_id, 0) || ':' || {used}"


def _person(who: str, **more: str) -> Sheet:
    return Sheet(
        ShopPart.ACCOUNT,
        "giftcard_giftcard",
        f"t.id = ANY(%(cards)s::int[]) AND {_state(who)} = ANY(%({who})s::text[])",
        {**blank(f"{who}_id {who}_email", "NULL"), **more, **_TEXTS},
        _ALSO,
    )


_PEOPLE = {
    "used_by": _person("used_by"),
    "created_by": _person("created_by"),
    # A card restricted to one person is of no use to others: Saleor too switches it off.
    "assigned_to": _person("assigned_to", is_active="false"),
    "card_event": Sheet(
        ShopPart.ACCOUNT,
        "giftcard_giftcardevent",
        "t.id = ANY(%(card_event)s::int[])",
        {"parameters": _EVENT},
    ),
}
CLAIMED = [*SHEETS, *_PEOPLE.values()]

_FIND = """
    SELECT who, key FROM mine
    UNION ALL SELECT 'card_event', t.id::text FROM giftcard_giftcardevent t
        WHERE t.gift_card_id IN (SELECT id FROM mine)
            OR lower(t.parameters ->> 'email') = ANY(%(mails)s::text[])
            OR lower(t.parameters ->> 'assigned_to_email') = ANY(%(mails)s::text[])
            OR lower(t.parameters ->> 'previous_assigned_to_email') = ANY(%(mails)s::text[])
            OR t.parameters ->> 'assigned_to_id' = ANY(%(users)s::int[]::text[])
            OR t.parameters ->> 'previous_assigned_to_id' = ANY(%(users)s::int[]::text[])
    UNION ALL SELECT 'card_tag', l.id::text FROM giftcard_giftcard_tags l
        JOIN giftcard_giftcardtag n ON n.id = l.giftcardtag_id
        WHERE l.giftcard_id IN (SELECT id FROM mine) AND lower(n.name) = ANY(%(names)s::text[])
    UNION ALL SELECT 'tag', n.id::text FROM giftcard_giftcardtag n
        WHERE lower(n.name) = ANY(%(mails)s::text[])"""


def find(known: Mapping[str, set[str]]) -> str:
    """Return the SELECT of kind and key of cards, events and tags that name people.

    A tag that is an e-mail address is found; one that is a name only on these people's cards: the
    shop's own tags may be called so.
    """
    mine = " UNION ALL ".join(
        f"SELECT t.id, '{who}' AS who, {_state(who)} AS key FROM giftcard_giftcard t"
        f" WHERE {_of_person(who)}"
        for who in CARDS
        if f"{who}_email" in known["giftcard_giftcard"]
    )
    return f"WITH mine AS MATERIALIZED ({mine}) {_FIND}"


def cards_of(kinds: Mapping[str, Collection[str]]) -> list[int]:
    """Return the ids of the cards among keys by kind, sorted."""
    return sorted({int(key.partition(":")[0]) for who in CARDS for key in kinds.get(who, ())})


def taken(kinds: Mapping[str, Collection[str]]) -> set[int]:
    """Lock the cards in the order of their keys; return those that somebody else has locked."""
    ids = cards_of(kinds)
    sql = "SELECT id FROM giftcard_giftcard WHERE id = ANY(%s::int[])"
    locked = fetch(f"{sql} ORDER BY id FOR NO KEY UPDATE SKIP LOCKED", [ids])
    return {key for (key,) in fetch(sql, [ids])} - {key for (key,) in locked}


def release(kinds: Mapping[str, Collection[str]], known: Mapping[str, set[str]]) -> Counter[str]:
    """Take people off their cards, and their names and addresses off cards' events and tags."""
    cards = cards_of(kinds)
    execute(
        "SELECT FROM giftcard_giftcard WHERE id = ANY(%s::int[]) ORDER BY id FOR NO KEY UPDATE",
        [cards],
    )
    sheets = [one for kind, one in _PEOPLE.items() if kind not in CARDS or kinds.get(kind)]
    given = {kind: list(kinds.get(kind, ())) for kind in _PEOPLE}
    done = empty(sheets, known, {**given, "cards": cards})
    links = fetch(
        "DELETE FROM giftcard_giftcard_tags"
        " WHERE id = ANY(%s::int[]) OR giftcardtag_id = ANY(%s::int[]) RETURNING giftcardtag_id",
        [list(kinds.get("card_tag", ())), list(kinds.get("tag", ()))],
    )
    tags = {key for (key,) in links} | {int(key) for key in kinds.get("tag", ())}
    done["giftcard_giftcardtag"] += execute(
        "DELETE FROM giftcard_giftcardtag n WHERE id = ANY(%s::int[])"
        " AND NOT EXISTS (SELECT FROM giftcard_giftcard_tags l WHERE l.giftcardtag_id = n.id)",
        [sorted(tags)],
    )
    return done
