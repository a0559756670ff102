"""Amounts of money exactly as a currency counts them, and as files write them."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

from ..errors import RegisterError


class AmountError(RegisterError):
    """An amount or currency that a file cannot hold exactly."""

    code = "AMOUNT"


@lru_cache(maxsize=256)
def unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency, for example 0.01; Saleor rounds to the same."""
    if currency not in list_currencies():
        raise AmountError(f"There is no currency {currency!r}.", field="currency")
    return Decimal(1).scaleb(-get_currency_precision(currency))


def exact(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the currency's decimals; refuse to round."""
    found = amount.quantize(unit(currency))
    if found != amount:
        raise AmountError(f"{amount:f} {currency} cannot be written exactly.", field="amount")
    return found


def nearest(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the currency's decimals, rounded half up."""
    return amount.quantize(unit(currency), ROUND_HALF_UP)


def comma(amount: Decimal) -> str:
    """Write an amount with a decimal comma and no thousands separator."""
    return f"{amount:f}".replace(".", ",")


def percent(rate: Decimal | None) -> str:
    """Write a rate (0.255) as a percentage with a decimal comma (25,5); None: nothing."""
    return "" if rate is None else comma((rate * 100).normalize())
