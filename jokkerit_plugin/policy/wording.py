"""What the policy's words are called where people read them: Finnish, Swedish, English.

The description of the register is written with them, and addresses the customer.
"""

from .languages import Texts
from .purposes import Basis, Purpose
from .recipients import RecipientKind, TransferGround
from .roles import Role

PURPOSES: dict[Purpose, Texts] = {
    Purpose.DELIVERY: (
        "tilausten käsittely ja toimitus",
        "behandling och leverans av beställningar",
        "handling and delivering orders",
    ),
    Purpose.SERVICE: (
        "myynti, asiakassuhteen hoito ja asiakasrekisterin ylläpito",
        "försäljning, vård av kundförhållandet och underhåll av kundregistret",
        "selling, looking after the customer relationship and keeping the customer register",
    ),
    Purpose.COMMUNICATION: (
        "tiedottaminen ja muu yhteydenpito palvelusta",
        "information och annan kontakt om tjänsten",
        "informing you and otherwise keeping in touch about the service",
    ),
    Purpose.INVOICING: ("laskutus", "fakturering", "invoicing"),
    Purpose.COLLECTION: (
        "perintä, jos lasku jää maksamatta",
        "indrivning, om en faktura förblir obetald",
        "debt collection, if an invoice stays unpaid",
    ),
    Purpose.CLAIMS: (
        "virhevastuu, takuu ja takaisinveto",
        "felansvar, garanti och återkallelse",
        "defects, warranty and recall",
    ),
    Purpose.MARKETING: ("markkinointi", "marknadsföring", "marketing"),
    Purpose.SECURITY: ("tietoturva", "informationssäkerhet", "information security"),
    Purpose.ERROR_FIXING: (
        "palvelun virheiden korjaaminen",
        "rättelse av fel i tjänsten",
        "mending errors in the service",
    ),
    Purpose.LOG_BILLING: (
        "palvelun käytön laskuttaminen",
        "fakturering av användningen av tjänsten",
        "billing the use of the service",
    ),
    Purpose.BOOKKEEPING: (
        "kirjanpito ja tilausten arkistointi",
        "bokföring och arkivering av beställningar",
        "bookkeeping and archiving orders",
    ),
    Purpose.RIGHTS: (
        "tietojasi koskeviin pyyntöihisi vastaaminen",
        "besvarande av din begäran om dina uppgifter",
        "answering your requests about your data",
    ),
}

BASES: dict[Basis, Texts] = {
    Basis.CONSENT: ("suostumus", "samtycke", "consent"),
    Basis.CONTRACT: ("sopimus", "avtal", "contract"),
    Basis.LEGAL_OBLIGATION: ("lakisääteinen velvoite", "rättslig förpliktelse", "legal obligation"),
    Basis.LEGITIMATE_INTEREST: ("oikeutettu etu", "berättigat intresse", "legitimate interest"),
}

#: The interest, for the purposes whose basis it is (GDPR article 13(1)(d)).
INTERESTS: dict[Purpose, Texts] = {
    Purpose.COMMUNICATION: (
        "asiakkaamme tietävät, mitä palvelusta on hyvä tietää",
        "våra kunder vet det som är bra att veta om tjänsten",
        "our customers know what is good to know about the service",
    ),
    Purpose.COLLECTION: (
        "saamme maksun siitä, mitä olemme myyneet",
        "vi får betalt för det vi har sålt",
        "we get paid for what we have sold",
    ),
    Purpose.CLAIMS: (
        "vastaamme virheistä ja takuusta ja tavoitamme ostajan, jos tuote on vaarallinen",
        "vi svarar för fel och garanti och når köparen om en produkt är farlig",
        "we answer for defects and warranty, and reach the buyer if a product is dangerous",
    ),
    Purpose.MARKETING: (
        "kerromme omille asiakkaillemme omista tuotteistamme",
        "vi berättar för våra egna kunder om våra egna produkter",
        "we tell our own customers about our own products",
    ),
    Purpose.SECURITY: (
        "palvelu ja sen asiakkaat ovat turvassa",
        "tjänsten och dess kunder är trygga",
        "the service and its customers are safe",
    ),
    Purpose.ERROR_FIXING: ("palvelu toimii", "tjänsten fungerar", "the service works"),
}

#: Whose place in law the source is, where a purpose rests on an obligation.
OBLIGATIONS: dict[Purpose, Texts] = {
    Purpose.BOOKKEEPING: (
        "kirjanpitolaki 1336/1997, 2 luku 10 §",
        "bokföringslagen 1336/1997, 2 kap. 10 §",
        "Accounting Act 1336/1997, chapter 2 section 10",
    ),
    Purpose.RIGHTS: (
        "yleinen tietosuoja-asetus, 12–22 artikla",
        "allmänna dataskyddsförordningen, artiklarna 12–22",
        "General Data Protection Regulation, articles 12–22",
    ),
}

ROLES: dict[Role, Texts] = {
    Role.STAFF: ("henkilökuntamme", "vår personal", "our own staff"),
    Role.ACCOUNTING: (
        "tilitoimistomme, jolla on omat tunnukset",
        "vår bokföringsbyrå, som har egna användarnamn",
        "our accounting firm, with credentials of its own",
    ),
    Role.MAINTAINER: (
        "rekisteriohjelmiston kehittäjät ja ylläpitäjät",
        "registerprogrammets utvecklare och administratörer",
        "the developers and maintainers of the register's software",
    ),
    Role.CONTROLLER: (
        "ne meistä, jotka vastaavat rekisteristä",
        "de av oss som ansvarar för registret",
        "those of us who answer for the register",
    ),
}

RECIPIENTS: dict[RecipientKind, Texts] = {
    RecipientKind.BOOKKEEPING: ("kirjanpito", "bokföring", "bookkeeping"),
    RecipientKind.INVOICING: ("laskutus", "fakturering", "invoicing"),
    RecipientKind.COLLECTION: ("perintä", "indrivning", "debt collection"),
}

#: Companies that get nothing to use, but work for the controller (GDPR article 28).
PROCESSORS: Texts = (
    "palvelimet, posti, maksut ja muut tekniset palvelut",
    "servrar, post, betalningar och andra tekniska tjänster",
    "servers, mail, payments and other technical services",
)

TRANSFERS: dict[TransferGround, Texts] = {
    TransferGround.CUSTOMER_REQUEST: (
        "pyydät sitä nimenomaisesti, kun olemme kertoneet sen riskeistä",
        "du uttryckligen begär det sedan vi har berättat om riskerna",
        "you ask for it explicitly, after we have told you of the risks",
    ),
    TransferGround.CUSTOMER_LOCATED_OUTSIDE: (
        "olet itse Euroopan unionin ulkopuolella ja tilauksesi vaatii sen",
        "du själv är utanför Europeiska unionen och din beställning kräver det",
        "you are outside the European Union yourself and your order needs it",
    ),
}
