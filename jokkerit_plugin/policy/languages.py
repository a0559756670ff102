"""The languages in which people are written to: Finnish, Swedish, English."""

LANGUAGES = ("fi", "sv", "en")


def language_of(code: str) -> str:
    """Return fi, sv or en, for a language as the shop writes it (`sv-fi`, `EN_US`)."""
    short = code.lower().replace("_", "-").partition("-")[0]
    return short if short in LANGUAGES else "fi" if not short else "en"
