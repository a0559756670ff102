"""What an archive says of itself to whoever opens it years later."""

from collections.abc import Sequence
from datetime import datetime
from importlib import metadata, resources

from .. import clock
from ..config import Config
from ..description import notice
from ..models import Posting, Purchase
from ..policy.archive import FILES
from ..policy.financial_years import identity_until, kept_until, steps
from ..policy.languages import Language, Texts
from ..register.rows import fetch, table
from .folder import Written

_DATA = resources.files("jokkerit_plugin") / "data" / "archive"
_KEPT: Texts = (
    "{day} asti kirjattu: säilytä {until} asti; ostajien nimet tositteilla {identity} asti",
    "Bokfört till och med {day}: bevara till {until}; köparnas namn på verifikat till {identity}",
    "Booked until {day}: keep until {until}; buyers' names on vouchers until {identity}",
)
_NOTHING: Texts = ("Ei mitään.", "Ingenting.", "Nothing.")


def program() -> str:
    """Return the program that proves the chains, for Python alone."""
    return (_DATA / "verify.txt").read_text(encoding="utf-8")


def version() -> str:
    """Return the plugin's version."""
    return metadata.version("jokkerit-plugin")


def terms(config: Config) -> list[dict[str, str]]:
    """Return until when books are kept: {booked_to, kept_until, identity_until}, oldest first."""
    ((first, last),) = fetch(
        f"SELECT min(day), max(day) FROM (SELECT day FROM {table(Posting)} UNION ALL"
        " SELECT (placed_at AT TIME ZONE 'Europe/Helsinki')::date"
        f" FROM {table(Purchase)}) AS days",
        [],
    )
    if first is None:
        return []
    return [
        {
            "booked_to": str(day),
            "kept_until": str(kept_until(day, config, years=config.bookkeeping_years)),
            "identity_until": str(identity_until(day, config)),
        }
        for day in steps(first, last, config)
    ]


def write(
    language: Language, config: Config, *, as_of: datetime, by: str, files: Sequence[Written],
    kept: Sequence[dict[str, str]], problems: Sequence[str],
) -> str:  # fmt: skip
    """Return the text in a language."""
    says = {one.path: one.says[language] for one in FILES}
    listed = [
        f"{one.path:<30}{one.rows:>10}  {says[one.path]}"
        for one in files if one.path in says
    ]  # fmt: skip
    rows = [
        _KEPT[language].format(
            day=one["booked_to"], until=one["kept_until"], identity=one["identity_until"]
        )
        for one in kept
    ]
    template = (_DATA / f"readme.{language.code}.txt").read_text(encoding="utf-8")
    return template.format(
        register=notice.name(config, language),
        controller=f"{config.controller_name}, {config.business_id}",
        as_of=f"{as_of.astimezone(clock.HELSINKI):%Y-%m-%d %H:%M}",
        made_by=by, version=version(), files="\n".join(listed),
        kept="\n".join(rows) or _NOTHING[language],
        problems="\n".join(problems) or _NOTHING[language],
    )  # fmt: skip
