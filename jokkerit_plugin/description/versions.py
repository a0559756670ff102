"""Publishing the description, and what has made the published one untrue."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from .. import clock
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..errors import RegisterError
from ..models import Description
from ..policy.languages import LANGUAGES, Language
from . import document, facts, protection
from .document import Block, Document, Section
from .facts import Facts
from .notice import notice
from .record import record

#: Characters of the shop's earlier text.
LARGEST = 100_000


class DescriptionError(RegisterError):
    """The description cannot be published or stored as asked."""

    code = "DESCRIPTION"


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is another than in the published text; empty: there was, or is, none."""

    fact: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.fact}: {_quoted(self.was)}, now {_quoted(self.now)}"


def draft(found: Facts) -> list[Document]:
    """Write both documents, in every language, from these facts."""
    return [write(found, language) for write in (notice, record) for language in Language]


def digest(found: Facts) -> str:
    """Return the digest that the draft's version would have."""
    return document.digest(document.stored(draft(found)))


def in_force() -> Description | None:
    """Return the newest version that was generated and published; None: there is none yet.

    Its documents are fetched when they are asked for.
    """
    return Description.objects.filter(version__gt=0).order_by("-version").defer("documents").first()


def publish(*, digest: str, note: str, actor: Actor) -> Description:
    """Publish the draft that has this digest: what the controller has read, and nothing else.

    Refused while something is missing, or a protection that the text tells of is.
    """
    if not actor.is_command:
        controller_only(actor, "publish description")
    found = facts.present()
    if empty := facts.missing(found.config):
        raise DescriptionError(empty[0][1], field=empty[0][0])
    if bad := found.config.unusable:
        raise DescriptionError(f"A setting cannot be used. {bad[0][1]}", field=bad[0][0])
    if unsafe := protection.alarms(found.config):
        raise DescriptionError(f"The text would be untrue. {unsafe[0]}")
    documents = document.stored(draft(found))
    if document.digest(documents) != digest:
        message = "The text has changed since you read it: read it again."
        raise DescriptionError(message, field="digest")
    before = in_force()
    if before and before.digest == digest:
        raise DescriptionError("This text is published already.", field="digest")
    changes = compare(before, found) if before else []
    return _store(
        (before.version if before else 0) + 1, documents, actor, note=note, facts=found.told(),
        changes=[[one.fact, one.was, one.now] for one in changes],
    )  # fmt: skip


def store_earlier(text: str, *, language: str, title: str, actor: Actor) -> Description:
    """Store the description that the shop had before, as version 0; it is not shown as ours."""
    text = text.strip()
    if not text or len(text) > LARGEST:
        raise DescriptionError(f"Give a text of {LARGEST:,} characters at most.", field="text")
    if language not in LANGUAGES:
        raise DescriptionError("Choose fi, sv or en.", field="language")
    blocks = tuple(Block(text=part) for part in text.split("\n\n"))
    earlier = Document("notice", language, title, (Section("earlier", "", blocks),))
    return _store(0, document.stored([earlier]), actor, note="", facts={}, changes=[])


def drift(found: Facts) -> list[Change]:
    """Return what has made the published text untrue (1 query); empty while there is none."""
    before = in_force()
    return compare(before, found) if before else []


def compare(before: Description, found: Facts) -> list[Change]:
    """Return the facts that are others than those a version was written from."""
    was, now = before.facts, found.told()
    return [
        Change(name, was.get(name, ""), now.get(name, ""))
        for name in sorted(was.keys() | now.keys())
        if was.get(name, "") != now.get(name, "")
    ]


def _store(
    version: int, documents: dict[str, dict[str, object]], actor: Actor, **values: object
) -> Description:
    try:
        with transaction.atomic():
            return Description.objects.create(
                version=version, documents=documents, digest=document.digest(documents),
                published_at=clock.now(), published_by=actor.key, **values,
            )  # fmt: skip
    except IntegrityError:
        message = "There is such a version by now: read it before you publish yours."
        if not version:
            message = "The shop's earlier text is stored already."
        raise DescriptionError(message) from None


def _quoted(text: str) -> str:
    return f'"{text}"' if text else "nothing"
