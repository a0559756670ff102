"""Letters and pages in three languages: texts of `data/`, dates as people write them."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from ..config import Config

_MONTHS = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}


@cache
def texts(name: str, language: str) -> dict[str, dict[str, Any]]:
    """Return the texts of `data/<name>.<language>.toml`."""
    file = resources.files("jokkerit_plugin") / "data" / f"{name}.{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def written(day: date, language: str) -> str:
    """Return a day as it is written in running text."""
    if language == "fi":
        return f"{day.day}.{day.month}.{day.year}"
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"


def contact(config: Config) -> str:
    """Return who answers, as the settings have it: lines."""
    lines = (
        config.controller_name, config.controller_address, config.controller_contact,
        config.privacy_contact,
    )  # fmt: skip
    return "\n".join(line for line in lines if line)
