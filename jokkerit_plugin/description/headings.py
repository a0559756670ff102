"""The public notice's title, headings, labels and heads of tables: Finnish, Swedish, English."""

from ..policy.languages import Texts

TITLE: Texts = ("Rekisteriseloste", "Registerbeskrivning", "Register description")

HEADINGS: dict[str, Texts] = {
    "about": ("", "", ""),
    "controller": ("Rekisterinpitäjä", "Personuppgiftsansvarig", "Controller"),
    "name": ("Rekisterin nimi", "Registrets namn", "Name of the register"),
    "who": ("Kenen tietoja rekisterissä on", "Vems uppgifter som finns i registret",
            "Whose data the register holds"),
    "purposes": ("Mihin tietoja käytetään", "Vad uppgifterna används till",
                 "What the data is used for"),
    "data": ("Mitä tietoja rekisterissä on", "Vilka uppgifter registret innehåller",
             "What data the register holds"),
    "sources": ("Mistä tiedot saadaan", "Var uppgifterna kommer från",
                "Where the data comes from"),
    "access": ("Kuka pääsee tietoihin", "Vem som kommer åt uppgifterna", "Who has access"),
    "disclosure": ("Kenelle tietoja annetaan", "Till vem uppgifter lämnas",
                   "Who is given data"),
    "transfer": ("Siirrot Euroopan unionin ulkopuolelle", "Överföring utanför Europeiska unionen",
                 "Transfers outside the European Union"),
    "retention": ("Kuinka kauan tietoja säilytetään", "Hur länge uppgifterna sparas",
                  "How long the data is kept"),
    "protection": ("Miten tiedot on suojattu", "Hur uppgifterna är skyddade",
                   "How the data is protected"),
    "rights": ("Oikeutesi", "Dina rättigheter", "Your rights"),
    "complaint": ("Valitus", "Klagomål", "Complaints"),
    "automated": ("Automaattiset päätökset", "Automatiserade beslut", "Automated decisions"),
}  # fmt: skip

LABELS: dict[str, Texts] = {
    "controller_name": ("Yritys", "Företag", "Company"),
    "business_id": ("Y-tunnus", "FO-nummer", "Business ID"),
    "controller_address": ("Osoite", "Adress", "Address"),
    "controller_contact": ("Yhteystiedot", "Kontaktuppgifter", "Contact details"),
    "privacy_contact": ("Rekisteriasioita hoitaa", "Registerärenden sköts av",
                        "Contact person for the register"),
    "data_protection_officer": ("Tietosuojavastaava", "Dataskyddsombud",
                                "Data protection officer"),
}  # fmt: skip

PURPOSE_HEAD: tuple[Texts, ...] = (
    ("Tarkoitus", "Ändamål", "Purpose"),
    ("Oikeusperuste", "Rättslig grund", "Legal basis"),
    ("Etumme tai laki", "Vårt intresse eller lagen", "Our interest, or the law"),
)
DISCLOSURE_HEAD: tuple[Texts, ...] = (
    ("Tehtävä", "Uppgift", "Work"),
    ("Tiedot", "Uppgifter", "Data"),
    ("Kuka", "Vem", "Who"),
)
RETENTION_HEAD: tuple[Texts, ...] = (
    ("Miksi", "Varför", "Why"),
    ("Mitkä tiedot", "Vilka uppgifter", "Which data"),
    ("Kuinka kauan", "Hur länge", "How long"),
)
