"""Invented customers. Nobody here exists: mail domains are reserved ones, and the phone
numbers, though valid in form, come from blocks that are kept free or for fiction."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stdnum.eu import vat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.client import Json

PASSWORD = "Kesäyö-1809-metsä"
VAT_ID_KEY = "vat_id"


@dataclass(frozen=True)
class Place:
    """What is typical of one country: where people live and which number they answer."""

    country: str
    language: str
    phone: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]  # postal code, city, area


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    language: str
    address: Json
    password: str = PASSWORD

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def country(self) -> str:
        return str(self.address["country"])

    def at(self, **changes: str) -> Json:
        """The person's address with some of its fields changed."""
        return {**self.address, **changes}

    def with_email(self, email: str) -> Person:
        return replace(self, email=email)


# fmt: off
PLACES = {
    place.country: place
    for place in (
        Place(
            "FI", "FI", "+35850000{:04d}",
            ("Aino", "Väinö", "Päivi", "Yrjö", "Sisko", "Jyrki", "Äänikki", "Onni"),
            ("Mäkelä", "Hämäläinen", "Sjöberg", "Räsänen", "Öhman", "Korhonen", "af Björkesten"),
            ("Mannerheimintie", "Hämeentie", "Pyynikintori", "Käsityöläiskatu"),
            (("00100", "Helsinki", ""), ("33230", "Tampere", ""), ("20100", "Turku", ""),
             ("90100", "Oulu", ""), ("99830", "Saariselkä", "")),
        ),
        Place(
            "AX", "SV", "+35850001{:04d}",
            ("Märta", "Åke", "Solveig"), ("Häggblom", "Åkerblom", "Söderlund"),
            ("Torggatan", "Östra Esplanadgatan"),
            (("22100", "Mariehamn", ""), ("22270", "Eckerö", "")),
        ),
        Place(
            "SE", "SV", "+467017406{:02d}",
            ("Åsa", "Björn", "Göran", "Märit"), ("Ångström", "Sjögren", "Nyström", "Öberg"),
            ("Drottninggatan", "Östra Hamngatan", "Järntorget"),
            (("111 51", "Stockholm", ""), ("211 20", "Malmö", ""), ("903 26", "Umeå", "")),
        ),
        Place(
            "NO", "NB", "+474600{:04d}",
            ("Bjørg", "Håvard", "Sølvi"), ("Ødegård", "Bjørnstad", "Kjærstad"),
            ("Storgata", "Sjøgata"), (("9008", "Tromsø", ""), ("0155", "Oslo", "")),
        ),
        Place(
            "DE", "DE", "+4917139200{:02d}",
            ("Jürgen", "Käthe", "René", "Zoë"), ("Groß", "Müller", "Weiß", "Schröder"),
            ("Hauptstraße", "Königsallee"), (("50667", "Köln", ""), ("80331", "München", "")),
        ),
        Place(
            "EE", "ET", "+3725000{:04d}",
            ("Õnne", "Jüri", "Ülle"), ("Põld", "Mägi", "Kõiv"),
            ("Pikk tänav", "Ülikooli"), (("10123", "Tallinn", ""), ("51003", "Tartu", "")),
        ),
        Place(
            "JP", "JA", "+8131234{:04d}",
            ("花子", "太郎", "Aiko"), ("田中", "鈴木", "O'Neill"),
            ("銀座 1-2-", "渋谷 3-4-"), (("104-0061", "", "東京都"), ("530-0001", "", "大阪府")),
        ),
        Place(
            "KW", "AR", "+9655000{:04d}",
            ("فاطمة", "Yūsuf", "Maryam"), ("الصباح", "Al-Khalīl", "Haddād"),
            ("Salem Street", "Gulf Road"), (("13001", "Kuwait City", ""), ("20001", "Hawalli", "")),
        ),
    )
}
# fmt: on

DOMAINS = ("example.com", "example.org", "example.net", "posti.example", "blåbär.example")
COMPANIES = ("Metsälä Oy", "Sjöberg & Söner Ab", "Räätäli Groß GmbH", "Kivi ja Kanto Ky")
#: What VAT ids begin with, how many digits come then, and how they end.
VAT_IDS = {
    "FI": ("FI", 8, ""),
    "AX": ("FI", 8, ""),
    "SE": ("SE", 10, "01"),
    "DE": ("DE", 9, ""),
    "EE": ("EE", 9, ""),
}


class People:
    """An endless row of people, the same for the same seed. `tag` keeps two rows apart."""

    def __init__(self, seed: int | str, tag: str = "") -> None:
        self._random = random.Random(f"people {seed}")
        self._tag = tag
        self._number = 0

    def next(self, country: str = "FI") -> Person:
        pick = self._random
        place = PLACES[country]
        self._number += 1
        first, last = pick.choice(place.given), pick.choice(place.family)
        phone = place.phone.format(pick.randrange(10, 10 ** (2 if "02d" in place.phone else 4)))
        return Person(
            first_name=first,
            last_name=last,
            email=self._email(first, last),
            phone=phone,
            language=place.language,
            address=_address(pick, place, first, last, phone),
        )

    def company(self, country: str = "FI") -> tuple[Person, str]:
        """A person who buys for a company, and its VAT id: invented, with right digits."""
        person = self.next(country)
        name = self._random.choice(COMPANIES)
        prefix, count, end = VAT_IDS[country]
        vat_id = ""
        while not vat.is_valid(vat_id):
            vat_id = f"{prefix}{self._random.randrange(10 ** (count - 1), 10**count)}{end}"
        return replace(person, address=person.at(companyName=name)), vat_id

    def __iter__(self) -> Iterator[Person]:
        while True:
            yield self.next()

    def _email(self, first: str, last: str) -> str:
        local = ".".join(filter(None, (plain(first), plain(last)))) or "asiakas"
        domain = self._random.choice(DOMAINS)
        return f"{local}.{self._tag}{self._number}@{domain}"


def plain(text: str) -> str:
    """Letters of ASCII only, as people spell their names in an e-mail address."""
    text = text.lower().translate({ord("ø"): "o", ord("ß"): "ss", ord("æ"): "ae"})
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in bare if letter.isalnum())


def _address(pick: random.Random, place: Place, first: str, last: str, phone: str) -> Json:
    postal_code, city, area = pick.choice(place.towns)
    return {
        "firstName": first,
        "lastName": last,
        "companyName": "",
        "streetAddress1": f"{pick.choice(place.streets)} {pick.randrange(1, 99)}",
        "streetAddress2": pick.choice(("", "", "A 12", "c/o Mäki")),
        "city": city,
        "postalCode": postal_code,
        "country": place.country,
        "countryArea": area,
        "phone": phone,
    }
