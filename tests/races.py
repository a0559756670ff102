"""Two acts at once, on two connections, in the one order that would go wrong."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

_WAITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock')"
)


def overtaken(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    after: tuple[Any, str],
) -> tuple[Any, Any]:
    """Stop `first` when it has called a function (module, name), and let `second` come in between.

    `second` runs until it ends, or waits for a lock of the database; then `first` goes on.
    Returns what each returned or raised.
    """
    module, name = after
    stopped, go_on = threading.Event(), threading.Event()
    outcomes: dict[str, Any] = {}

    def run(who: str, act: Callable[[], object]) -> None:
        try:
            outcomes[who] = act()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            outcomes[who] = error
        finally:
            stopped.set()
            connections.close_all()

    one = threading.Thread(target=run, args=("first", first))
    two = threading.Thread(target=run, args=("second", second))
    real = getattr(module, name)

    def stopping(*args: Any, **given: Any) -> Any:
        found = real(*args, **given)
        if threading.current_thread() is one and not stopped.is_set():
            stopped.set()
            go_on.wait()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, stopping)
        one.start()
        stopped.wait()
        assert one.is_alive(), f"{name} was never called: {outcomes}"
        two.start()
        while two.is_alive() and not _somebody_waits():
            two.join(0.01)
        go_on.set()
        one.join()
        two.join()
    return outcomes["first"], outcomes["second"]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return bool(cursor.fetchone()[0])
