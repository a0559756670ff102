"""Whom a key of a customer means: a guest goes up in an account, and leaves the key behind."""

from ..models import Customer, FormerCustomer


def here(customer: int) -> int | None:
    """Return the customer's key, of a guest who went up in another the heir's; None: nobody's.

    Locked until the transaction ends: what is laid on them now goes with them wherever they go.
    """
    key: int | None = customer
    while key is not None:
        locked = Customer.objects.select_for_update(no_key=True).filter(pk=key)
        if locked.values_list("pk", flat=True).first():
            return key
        heirs = FormerCustomer.objects.filter(pk=key).values_list("customer", flat=True)
        key = heirs.first()
    return None
