"""Lengths of time as people read them."""

from dataclasses import dataclass, replace

from .languages import Language, Texts

#: One and several.
_UNITS: dict[str, tuple[Texts, Texts]] = {
    "years": (("vuosi", "år", "year"), ("vuotta", "år", "years")),
    "months": (("kuukausi", "månad", "month"), ("kuukautta", "månader", "months")),
    "days": (("päivä", "dag", "day"), ("päivää", "dagar", "days")),
}
_AND: Texts = ("ja", "och", "and")


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a law or a setting gives it."""

    years: int = 0
    months: int = 0
    days: int = 0

    def of(self, number: int) -> "Period":
        """Return as many of its own unit."""
        (unit,) = (name for name in _UNITS if getattr(self, name))
        return replace(self, **{unit: number})

    def words(self, language: Language) -> str:
        """Return it as text: `10 vuotta`, `1 år`, `36 months`."""
        found = [
            f"{number} {units[number != 1][language]}"
            for name, units in _UNITS.items()
            if (number := getattr(self, name))
        ]
        return f" {_AND[language]} ".join(found) or f"0 {_UNITS['days'][1][language]}"
