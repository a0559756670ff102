"""That a key of JOKKERIT_KEYS is still the one under which opt-outs were written.

With another secret under the same version no address would find its opt-out, and everybody could
be written to. So what each key makes of a fixed text stands in the database, and is compared before
anything is looked up or written.
"""

import hmac

from .. import keys
from ..keys import NoKey
from ..models import KeyCheck
from . import contact_keys


class WrongKey(NoKey):
    """Another secret stands under the version of a key that was used."""

    code = "WRONG_KEY"


def check() -> None:
    """Raise `NoKey` without a key, `WrongKey` with another secret than was written with."""
    made = contact_keys.checks()
    kept = KeyCheck.objects.filter(version__in=made).values_list("version", "value")
    wrong = sorted(
        version for version, value in kept if not hmac.compare_digest(bytes(value), made[version])
    )
    if wrong:
        raise WrongKey(
            f"The key {', '.join(wrong)} in {keys.VARIABLE} is not the one under which opt-outs"
            " were written, so they cannot be found: put the right one back. A new key needs a"
            " version of its own."
        )


def hold() -> None:
    """Remember the keys with which something is about to be written. Raises as `check` does."""
    made = contact_keys.checks()
    if KeyCheck.objects.filter(version__in=made).count() < len(made):
        KeyCheck.objects.bulk_create(
            [KeyCheck(version=version, value=value) for version, value in sorted(made.items())],
            ignore_conflicts=True,
        )
    check()
