"""What the gate of the documents sees; that they are what the code gives, it proves itself."""

import graphene

from dev.docs import links, promises, topics
from jokkerit_plugin.web.schema import SCHEMA

TEXT = """\
# Top, and *more*

[here](#below-the-line) [there](docs/other.md#other) [gone](docs/gone.md) [file](docs/other.md#gone)
[out](../elsewhere.md) [web](https://example.com/gone#x) `[code](gone.md)` [wrong](#below)

## Below the line

```
# no heading [no link](gone.md)
```
"""
MARKED = """
import pytest

TABLE = {"A": ("P-EU",)}


def rows(*, breaks):
    return [pytest.param(k, marks=pytest.mark.promise(*p, breaks=breaks)) for k, p in TABLE.items()]


@pytest.mark.promise("P-LAW", "P-NAME")
@pytest.mark.promise("P-NAME", breaks=True)
def test_both(): ...


@pytest.mark.parametrize("row", rows(breaks=True))
def test_tabled(row): ...


def helper(): ...
"""


def test_links_to_files_and_headings_that_are_not_there_are_named(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(TEXT)
    (tmp_path / "docs" / "other.md").write_text("# Other\n[back](../README.md#top-and-more)\n")

    assert links.broken(tmp_path) == [
        "README.md: docs/gone.md: there is no such file",
        "README.md: docs/other.md#gone: there is no such heading",
        "README.md: ../elsewhere.md: there is no such file",
        "README.md: #below: there is no such heading",
    ]


def test_headings_alike_are_counted(tmp_path):
    (tmp_path / "a.md").write_text("# One `two`\n## [Linked](x.md)\n# One two\n")

    assert links.anchors(tmp_path / "a.md") == {"one-two", "linked", "one-two-1"}


def test_the_marks_of_tests_are_read_also_from_tables(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(MARKED)

    both = "tests/test_one.py::test_both"
    assert promises.read(folder) == {
        "P-LAW": ([both], []),
        "P-NAME": ([both], [both]),
        "P-EU": ([], ["tests/test_one.py::test_tabled"]),
    }


class _Mute(graphene.ObjectType):
    told = graphene.Int(description="Told.", more=graphene.Int())
    untold = graphene.Enum("Untold", [("ONE", 1)])()


def test_what_says_nothing_of_itself_in_a_schema_is_named():
    assert topics.undescribed(graphene.Schema(query=_Mute).get_type_map()) == [
        "Untold", "Untold.ONE", "_Mute", "_Mute.told(more)", "_Mute.untold",
    ]  # fmt: skip


def test_every_type_field_argument_and_value_of_the_schema_says_what_it_is():
    assert topics.undescribed(SCHEMA.get_type_map()) == []
