"""Advisory locks: no two of our jobs take the same one."""

from pathlib import Path

import jokkerit_plugin
from jokkerit_plugin.register.locks import Lock


def test_every_advisory_lock_is_taken_where_each_job_has_a_number_of_its_own():
    package = Path(jokkerit_plugin.__file__).parent
    found = {
        source.relative_to(package).as_posix()
        for source in package.rglob("*.py")
        if "advisory_xact_lock" in source.read_text() or "0x4A52" in source.read_text()
    }
    assert found == {"register/locks.py"}
    assert len(Lock) == len(Lock.__members__) > 8
