"""A purchase, its lines, and what was handed over."""

from typing import Any

from django.db import models
from django.db.models import Q

from ..shop.snapshots import OPEN_STATUSES
from .address import PostalAddress
from .customer import Customer


def amount() -> "models.DecimalField[Any, Any]":
    """Return a field of Saleor's own width: three decimals, amounts below 10**17."""
    return models.DecimalField(max_digits=20, decimal_places=3)


class BuyerFields(models.Model):
    """The buyer, as on a voucher."""

    party_first_name = models.TextField(blank=True, default="")
    party_last_name = models.TextField(blank=True, default="")
    party_company_name = models.TextField(blank=True, default="")
    party_street_1 = models.TextField(blank=True, default="")
    party_street_2 = models.TextField(blank=True, default="")
    party_postal_code = models.TextField(blank=True, default="")
    party_city = models.TextField(blank=True, default="")
    party_city_area = models.TextField(blank=True, default="")
    party_country_area = models.TextField(blank=True, default="")
    party_country = models.CharField(max_length=2, blank=True, default="")

    class Meta:
        abstract = True


class Purchase(BuyerFields):
    """An order that was placed, as the shop last held it.

    Lines and shipping together are `gross + gift_card_amount`. The voucher party is the billing
    name and address as they stood; it is kept for bookkeeping, apart from contact data.
    """

    saleor_order = models.UUIDField(unique=True)
    #: Null: the order has neither an account nor an e-mail, or the customer was erased.
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="purchases")
    number = models.CharField(max_length=64)
    status = models.CharField(max_length=32)
    origin = models.CharField(max_length=32)
    channel = models.CharField(max_length=250)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=35, blank=True, default="")
    email = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    net = amount()
    gross = amount()
    shipping_net = amount()
    shipping_gross = amount()
    shipping_tax_rate = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    shipping_tax_class = models.CharField(max_length=255, blank=True, default="")
    gift_card_amount = amount()
    tax_country = models.CharField(max_length=2, blank=True, default="")
    tax_exempt = models.BooleanField(default=False)
    #: Once the identity is erased, what is left of it (`policy.vat.remains`).
    vat_id = models.TextField(blank=True, default="")
    is_test = models.BooleanField(default=False)
    checkout_token = models.CharField(max_length=36, blank=True, default="")
    billing_address = models.ForeignKey(
        PostalAddress, models.SET_NULL, null=True, related_name="billed_purchases"
    )
    shipping_address = models.ForeignKey(
        PostalAddress, models.SET_NULL, null=True, related_name="shipped_purchases"
    )
    #: Of every payment and transaction, also those that moved no money.
    gateways = models.JSONField(default=list, db_default=[])
    #: Columns outside the register description which the shop has filled for this order.
    outside = models.JSONField(default=list)
    digest = models.CharField(max_length=32)
    #: Since when the order is no longer found in the shop, or its channel is excluded.
    absent_since = models.DateTimeField(null=True)
    #: When it lost its customer, what is on no voucher, and the buyer on the voucher: for good.
    contact_erased_at = models.DateTimeField(null=True)
    detail_erased_at = models.DateTimeField(null=True)
    identity_erased_at = models.DateTimeField(null=True)
    #: When its buyer's objection was granted: the voucher tells the buyer as long as the law says.
    objected_at = models.DateTimeField(null=True)
    #: Written since the books last took it in: `accounting/books.py` looks at it soon.
    unbooked = models.BooleanField(db_default=True)
    #: Its own data says something of marketing that `marketing/soft_opt_in.py` has not taken in.
    unheard = models.BooleanField(db_default=False)
    #: The settings under which it was booked (`accounting.facts.Rules.token`).
    book_rules = models.CharField(max_length=24, blank=True, db_default="")
    #: Why it could not be booked; empty: it was, or nobody tried.
    book_error = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["customer", "placed_at"], name="jokkerit_purchase_customer"),
            models.Index(fields=["placed_at"], name="jokkerit_purchase_placed"),
            models.Index(fields=["number"], name="jokkerit_purchase_number"),
            models.Index(
                fields=["checkout_token"],
                condition=~Q(checkout_token=""),
                name="jokkerit_purchase_checkout",
            ),
            models.Index(
                fields=["id"], condition=Q(unbooked=True), name="jokkerit_purchase_unbooked"
            ),
            models.Index(
                # Of orders that are not done (`retention/rules.py`): of 2,000,000 purchases the
                # status counted the old ones among them by reading all.
                fields=["placed_at"],
                condition=Q(cancelled_at=None)
                & (Q(status__in=OPEN_STATUSES) | Q(paid_at=None) | Q(status="partially_returned")),
                name="jokkerit_purchase_open",
            ),
            models.Index(
                fields=["id"], condition=Q(unheard=True), name="jokkerit_purchase_unheard"
            ),
        ]

    def __str__(self) -> str:
        return f"purchase {self.pk}"


class PurchaseLine(models.Model):
    """A line; `net` and `gross` are totals of the line as stored, never unit times quantity."""

    saleor_line = models.UUIDField(unique=True)
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="lines")
    name = models.TextField()
    variant = models.TextField(blank=True, default="")
    sku = models.TextField(blank=True, default="")
    #: Slug in the shop; empty: the shop no longer knows it. Warranty and recall go by it.
    product_type = models.TextField(blank=True, db_default="")
    quantity = models.IntegerField()
    net = amount()
    gross = amount()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    tax_class = models.CharField(max_length=255, blank=True, default="")
    is_gift_card = models.BooleanField(default=False)
    #: When it was added to an order that had been placed; null: it came with it.
    added_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"purchase line {self.pk}"


class Delivery(models.Model):
    """Goods that went out or came back: one line of a fulfilment of the shop."""

    saleor_fulfillment_line = models.BigIntegerField(unique=True)
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="deliveries")
    saleor_line = models.UUIDField()
    status = models.CharField(max_length=32)
    quantity = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=0), name="jokkerit_delivery_quantity_positive"
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
