"""Advisory locks: no two of our jobs take the same one."""

import re
from collections import Counter
from pathlib import Path

import jokkerit_plugin


def test_every_number_of_an_advisory_lock_is_one_job_s():
    sources = Path(jokkerit_plugin.__file__).parent.rglob("*.py")
    text = "".join(source.read_text() for source in sources)
    found = Counter(re.findall(r"0x4A52[0-9A-F_]+", text))
    assert len(found) > 8
    assert [number for number, times in found.items() if times > 1] == []
