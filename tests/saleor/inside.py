"""What a test with Saleor in its own process does around the code it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def committing() -> Iterator[list[Any]]:
    """Runs at the block's end what waits for the commit; yields those callbacks."""
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True) as callbacks:
        yield callbacks


@contextmanager
def strict_writer() -> Iterator[None]:
    """Saleor's rule that nothing touches the default connection without being allowed to."""
    from django.db import connection
    from saleor.core.db.connection import restrict_writer

    with connection.execute_wrapper(restrict_writer):
        yield


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yields what is sent to the database in the block, one text per round trip."""
    from django.db import connection

    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent
