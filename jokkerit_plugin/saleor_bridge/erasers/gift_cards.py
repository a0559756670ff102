"""Gift cards: code, currency and balance stay, for they are a liability; whose they are goes."""

from collections import Counter
from collections.abc import Mapping

from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from .events import only
from .sheet import NO_JSON, OF_KEYS, OF_ORDERS, Sheet, blank, empty

_VECTOR = "setweight(to_tsvector('simple', t.code), 'A')"
#: Saleor makes the vector anew of what is dirty, with the tags and the product.
_ALSO = {"search_vector": _VECTOR, "search_index_dirty": "true"}
_TEXTS = blank("metadata private_metadata", NO_JSON)

# The cards that the buyer of one of these orders used in it or bought with it.
_OF_BUYER = f"""t.id IN (SELECT c.id FROM order_order o
    JOIN LATERAL (SELECT gift_card_id AS id FROM giftcard_giftcardevent WHERE order_id = o.id
        UNION SELECT giftcard_id FROM order_order_gift_cards WHERE order_id = o.id) used ON true
    JOIN giftcard_giftcard c ON c.id = used.id
    WHERE o.id {OF_KEYS} AND {{0}})"""
_MATCHES = "(c.{0}_id = o.user_id OR lower(c.{0}_email) = lower(nullif(o.user_email, '')))"

_EVENT = only("balance expiry_date old_expiry_date is_active")


def _mine(who: str) -> Sheet:
    return Sheet(
        ShopPart.ORDER_DETAIL,
        "giftcard_giftcard",
        _OF_BUYER.format(_MATCHES.format(who)),
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


def _of_person(who: str) -> str:
    return f"(t.{who}_id = ANY(%(users)s::int[]) OR lower(t.{who}_email) = ANY(%(emails)s::text[]))"


_PEOPLE = [
    *(
        Sheet(
            ShopPart.ACCOUNT,
            "giftcard_giftcard",
            _of_person(who),
            {**blank(f"{who}_id {who}_email", "NULL"), **_TEXTS},
            _ALSO,
        )
        for who in ("used_by", "created_by")
    ),
    # A card restricted to one person is of no use to others: Saleor too switches it off.
    Sheet(
        ShopPart.ACCOUNT,
        "giftcard_giftcard",
        _of_person("assigned_to"),
        {
            **blank("assigned_to_id assigned_to_email", "NULL"),
            "is_active": "false",
            **_TEXTS,
        },
        _ALSO,
    ),
    Sheet(
        ShopPart.ACCOUNT,
        "giftcard_giftcardevent",
        "(t.gift_card_id = ANY(%(cards)s::int[])"
        " OR lower(t.parameters ->> 'email') = ANY(%(texts)s::text[])"
        " OR lower(t.parameters ->> 'assigned_to_email') = ANY(%(texts)s::text[])"
        " OR lower(t.parameters ->> 'previous_assigned_to_email') = ANY(%(texts)s::text[]))",
        {"parameters": _EVENT},
    ),
]
CLAIMED = [*SHEETS, *_PEOPLE]


def release(
    users: list[str], emails: list[str], texts: list[str], known: Mapping[str, set[str]]
) -> Counter[str]:
    """Take people off their cards, and their names and addresses off cards' events and tags."""
    people = {"users": users, "emails": emails}
    there = [who for who in ("used_by", "created_by", "assigned_to")
             if f"{who}_email" in known["giftcard_giftcard"]]  # fmt: skip
    cards = fetch(
        f"SELECT t.id FROM giftcard_giftcard t WHERE {' OR '.join(map(_of_person, there))}"
        " ORDER BY t.id FOR NO KEY UPDATE",
        people,
    )
    usable = [one for one in _PEOPLE if "assigned_to" in there or "assigned_to_id" not in one.rows]
    done = empty(usable, known, {**people, "texts": texts, "cards": [key for (key,) in cards]})
    named = "SELECT id FROM giftcard_giftcardtag WHERE lower(name) = ANY(%s::text[])"
    execute(f"DELETE FROM giftcard_giftcard_tags WHERE giftcardtag_id IN ({named})", [texts])
    done["giftcard_giftcardtag"] += execute(
        "DELETE FROM giftcard_giftcardtag WHERE lower(name) = ANY(%s::text[])", [texts]
    )
    return done
