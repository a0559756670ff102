"""The sentences of the record of processing: Finnish, Swedish, English."""

from ..policy.languages import Texts
from .headings import PURPOSE_HEAD as _PURPOSE_HEAD
from .sentences import NOBODY as NOBODY  # noqa: PLC0414 - the same words in both documents

TITLE: Texts = (
    "Seloste käsittelytoimista",
    "Register över behandling",
    "Record of processing activities",
)
ABOUT: Texts = (
    "EU:n yleinen tietosuoja-asetus (2016/679), 30 artiklan 1 kohta. Sisäiseen käyttöön;"
    " valvontaviranomaiselle pyynnöstä.",
    "EU:s allmänna dataskyddsförordning (2016/679), artikel 30.1. För internt bruk; ges till"
    " tillsynsmyndigheten på begäran.",
    "General Data Protection Regulation (EU) 2016/679, article 30(1). For internal use; given to"
    " the supervisory authority when it asks.",
)
HEADINGS: dict[str, Texts] = {
    "about": ("", "", ""),
    "controller": ("Rekisterinpitäjä", "Personuppgiftsansvarig", "Controller"),
    "name": ("Rekisteri", "Register", "Filing system"),
    "purposes": ("Käyttötarkoitukset", "Ändamål", "Purposes"),
    "subjects": ("Rekisteröityjen ryhmät", "Kategorier av registrerade",
                 "Categories of data subjects"),
    "data": ("Henkilötietojen ryhmät", "Kategorier av personuppgifter",
             "Categories of personal data"),
    "access": ("Käyttöoikeudet", "Åtkomsträttigheter", "Access rights"),
    "recipients": ("Vastaanottajat ja käsittelijät", "Mottagare och personuppgiftsbiträden",
                   "Recipients and processors"),
    "transfer": ("Siirrot kolmansiin maihin", "Överföring till tredjeland",
                 "Third-country transfers"),
    "retention": ("Säilytysajat", "Lagringstider", "Retention periods"),
    "measures": ("Suojatoimet (32 artikla)", "Skyddsåtgärder (artikel 32)",
                 "Security measures (article 32)"),
}  # fmt: skip
PURPOSE_HEAD: tuple[Texts, ...] = (*_PURPOSE_HEAD, ("Lähde", "Källa", "Source"))
SUBJECTS: tuple[Texts, ...] = (
    ("asiakkaat, jotka ovat tilanneet verkkokaupasta",
     "kunder som har beställt i webbutiken",
     "customers who ordered in the web shop"),
    ("henkilöt, joille tilaus on toimitettu",
     "personer till vilka en beställning har levererats",
     "persons to whom an order was delivered"),
    ("henkilöt, joiden ostoskori jäi kesken tai jotka avasivat tilin ostamatta: vain lyhyen ajan"
     " eikä haussa",
     "personer vars kundvagn blev oavslutad eller som öppnade ett konto utan att köpa: bara en kort"
     " tid och inte sökbara",
     "persons whose checkout was not finished, or who opened an account and never bought: for a"
     " short time only, and not in searches"),
)  # fmt: skip
DATA_HEAD: tuple[Texts, ...] = (
    ("Ryhmä", "Kategori", "Category"),
    ("Taulut", "Tabeller", "Tables"),
)
NOWHERE: Texts = ("ei vielä missään taulussa", "ännu inte i någon tabell", "in no table yet")
ACCESS_HEAD: tuple[Texts, ...] = (
    ("Rooli", "Roll", "Role"),
    ("Käyttötarkoitus", "Ändamål", "Purpose"),
    ("Tiedot", "Uppgifter", "Data"),
)
GRANTS: Texts = (
    "Ylläpitäjä näkee asiakkaan tietoja vain rekisterinpitäjän perustellulla luvalla, enintään"
    " {days} päivää kerrallaan. Mikä ei ole taulukossa, on kielletty.",
    "En administratör ser en kunds uppgifter bara med den personuppgiftsansvariges motiverade"
    " tillstånd, högst {days} dagar åt gången. Det som inte finns i tabellen är förbjudet.",
    "A maintainer sees a customer's data only with a reasoned grant of the controller, for"
    " {days} days at most. What is not in the table is refused.",
)
RECIPIENT_HEAD: tuple[Texts, ...] = (
    ("Tehtävä", "Uppgift", "Work"),
    ("Tiedot", "Uppgifter", "Data"),
    ("Vastaanottaja", "Mottagare", "Recipient"),
)
PROCESSORS: Texts = (
    "Henkilötietojen käsittelijät ({what}): {who}.",
    "Personuppgiftsbiträden ({what}): {who}.",
    "Processors ({what}): {who}.",
)
TRANSFER: Texts = (
    "Vain 49 artiklan 1 kohdan perusteella, yksittäistapauksissa; palvelimet ja käsittelijät ovat"
    " unionissa. Tieto siirretään, jos asiakkaalle voidaan sanoa:",
    "Bara enligt artikel 49.1, i enskilda fall; servrar och personuppgiftsbiträden finns i unionen."
    " Uppgifter överförs om det till kunden kan sägas:",
    "Only under article 49(1), case by case; servers and processors are in the Union. Data is"
    " transferred if it can be said to the customer:",
)
GROUND_HEAD: tuple[Texts, ...] = (
    ("Säilytyssääntö", "Lagringsregel", "Retention rule"),
    ("Peruste", "Grund", "Ground"),
)
MEASURES: tuple[Texts, ...] = (
    ("Jokainen luku kulkee yhden vartijan kautta: rooli, käyttötarkoitus, tietoryhmä ja voimassa"
     " oleva salassapitositoumus.",
     "Varje läsning går genom en enda vakt: roll, ändamål, kategori och en gällande"
     " sekretessförbindelse.",
     "Every read goes through one guard: role, purpose, category, and a confidentiality agreement"
     " in force."),
    ("Jokaisesta katselusta ja kieltäytymisestä jää rivi hajautusketjuun, jonka kärki"
     " allekirjoitetaan tietokannan ulkopuolisella avaimella.",
     "Varje läsning och avslag antecknas i en hashkedja vars slut signeras med en nyckel utanför"
     " databasen.",
     "Every look and refusal is a row of a hash chain whose end is signed with a key from outside"
     " the database."),
    ("Luovutukset kulkevat yhden hajautusketjutetun luettelon kautta, vain rekisteröidyille"
     " vastaanottajille.",
     "Utlämnanden går genom en hashkedjad förteckning, bara till registrerade mottagare.",
     "Disclosures go through one hash-chained ledger, to registered recipients only."),
    ("Poistot tehdään yöllä pienissä erissä, jokaisesta jää kuitti, ja ne toistetaan, jos"
     " varmuuskopio palautetaan.",
     "Raderingar görs om natten i små satser, med kvitto på varje, och upprepas om en"
     " säkerhetskopia återställs.",
     "Erasures run at night in small batches, with a receipt of each, and are repeated after a"
     " backup is restored."),
    ("Yhteydet: vain HTTPS ja HSTS; varmennettu TLS tietokantaan, viestinvälittäjään,"
     " sähköpostiin ja vastaanottajille, ellei yhteys pysy samassa koneessa. Tarkistetaan"
     " käynnistyksessä ja joka yö.",
     "Förbindelser: endast HTTPS och HSTS; verifierad TLS till databasen, meddelandeförmedlaren,"
     " e-posten och mottagarna, om förbindelsen inte stannar i samma maskin. Kontrolleras vid start"
     " och varje natt.",
     "Connections: HTTPS only, with HSTS; verified TLS to the database, the broker, mail and"
     " recipients, unless they stay on the same machine. Checked at start and every night."),
    ("Varmuuskopiot on salattu; rekisterinpitäjä vakuuttaa sen vuosittain.",
     "Säkerhetskopiorna är krypterade; den personuppgiftsansvarige försäkrar det årligen.",
     "Backups are encrypted; the controller declares it every year."),
    ("Ohjelman lokeihin, virheilmoituksiin ja kuitteihin ei kirjoiteta henkilötietoja, vain"
     " avaimia.",
     "I programmets loggar, felmeddelanden och kvitton skrivs inga personuppgifter, bara nycklar.",
     "Logs, error messages and receipts of the software hold no personal data, only keys."),
)  # fmt: skip
HOSTING: Texts = (
    "Palvelinten maa: {country}.",
    "Servrarnas land: {country}.",
    "Country of the servers: {country}.",
)
