"""What the first shop's published register description promises, sentence by sentence.

Restated in our own words. `sentence` counts the sentences of the published Finnish text in its
order, headings left out; a sentence that lists several things is several promises. Tests carry
`@pytest.mark.promise(id)` where they show that a promise holds, and
`@pytest.mark.promise(id, breaks=True)` where they break it and see the refusal or the alarm.
The report of a test run names the promises that no test covers yet.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise; `sentence` is its place in the published text, `kept` the code that keeps it."""

    id: str
    sentence: int
    en: str
    fi: str

    @property
    def kept(self) -> tuple[str, ...]:
        """The modules of the package that keep it, as paths."""
        return tuple(KEPT[self.id].split())


PROMISES = (
    Promise(
        "P-LAW",
        1,
        "A description of the register is published, as the data protection law in force wants it.",
        "Rekisteristä on julkaistu seloste, sellainen kuin voimassa oleva laki vaatii.",
    ),
    Promise(
        "P-CONTROLLER",
        2,
        "The description names the controller with business id, address, e-mail and phone.",
        "Seloste nimeää rekisterinpitäjän, Y-tunnuksen, osoitteen, sähköpostin ja puhelimen.",
    ),
    Promise(
        "P-CONTACT",
        3,
        "The description names the person who looks after the register.",
        "Seloste nimeää henkilön, joka vastaa rekisteriasioista.",
    ),
    Promise(
        "P-NAME",
        4,
        "The register has a name, and it is the web shop's customer register.",
        "Rekisterillä on nimi, ja se on verkkokaupan asiakasrekisteri.",
    ),
    Promise(
        "P-GROUND-ORDER",
        5,
        "Only those are in the register who ordered in the shop, so that a contract was made.",
        "Rekisterissä ovat vain ne, jotka ovat tilanneet kaupasta, jolloin syntyi sopimus.",
    ),
    Promise(
        "P-PURPOSE-REGISTER",
        6,
        "The register is kept to maintain the customer register itself.",
        "Rekisteriä pidetään, jotta asiakasrekisteri pysyy ajan tasalla.",
    ),
    Promise(
        "P-PURPOSE-ORDERS",
        6,
        "The register archives and handles the customers' orders.",
        "Rekisteriin arkistoidaan asiakkaiden tilaukset ja niitä käsitellään siinä.",
    ),
    Promise(
        "P-PURPOSE-RELATION",
        6,
        "The register serves the relationship with the customer.",
        "Rekisterillä hoidetaan asiakassuhdetta.",
    ),
    Promise(
        "P-LAWFUL",
        7,
        "Personal data is handled only as far as the law allows and requires.",
        "Henkilötietoja käsitellään vain lain sallimissa ja vaatimissa rajoissa.",
    ),
    Promise("P-DATA-NAME", 8, "The register holds the customer's name.", "Asiakkaan nimi."),
    Promise("P-DATA-POSTAL", 9, "The register holds the postal address.", "Postiosoite."),
    Promise("P-DATA-EMAIL", 10, "The register holds the e-mail address.", "Sähköpostiosoite."),
    Promise("P-DATA-PHONE", 11, "The register holds the phone number.", "Puhelinnumero."),
    Promise("P-DATA-LOG", 12, "The register holds the sites' log data.", "Sivustojen lokit."),
    Promise("P-DATA-PURCHASE", 13, "The register holds purchase data.", "Ostojen tiedot."),
    Promise(
        "P-RELEVANT",
        14,
        "Everything in the register matters for selling the products and services.",
        "Kaikella rekisterissä olevalla on merkitystä tuotteiden ja palvelujen myynnille.",
    ),
    Promise(
        "P-NOTHING-ELSE",
        15,
        "Nothing is collected without a direct link to providing the service.",
        "Mitään ei kerätä, ellei se liity suoraan palvelun tuottamiseen.",
    ),
    Promise(
        "P-USE-DELIVERY",
        16,
        "The data is used first of all to deliver orders and provide the services.",
        "Tietoja käytetään ennen kaikkea tilausten toimittamiseen ja palvelujen tuottamiseen.",
    ),
    Promise(
        "P-USE-SALE",
        17,
        "The data is used to sell and deliver products and services.",
        "Tietoja käytetään tuotteiden ja palvelujen myyntiin ja toimitukseen.",
    ),
    Promise(
        "P-USE-CONTACT",
        18,
        "The data is used to inform about products and services and otherwise to keep in touch"
        " about the service.",
        "Tiedoilla tiedotetaan tuotteista ja palveluista ja pidetään palvelun vuoksi yhteyttä.",
    ),
    Promise(
        "P-USE-INVOICING",
        19,
        "The data is used for invoicing.",
        "Tietoja käytetään laskutukseen.",
    ),
    Promise(
        "P-USE-COLLECTION",
        19,
        "The data is used to collect debts where that is needed.",
        "Tietoja käytetään tarvittaessa perintään.",
    ),
    Promise(
        "P-USE-MARKETING",
        20,
        "The data may be used for marketing.",
        "Tietoja saa käyttää myös markkinointiin.",
    ),
    Promise(
        "P-LOG-PURPOSES",
        21,
        "Log data is used for information security, for mending errors and for billing, and for"
        " nothing else.",
        "Lokitietoja käytetään tietoturvaan, virheiden korjaamiseen ja laskutukseen, ei muuhun.",
    ),
    Promise(
        "P-ACCESS-STAFF",
        22,
        "The company's own staff has access.",
        "Yrityksen omalla henkilökunnalla on pääsy rekisteriin.",
    ),
    Promise(
        "P-ACCESS-ACCOUNTING",
        22,
        "The accounting firm has access, with credentials of its own.",
        "Tilitoimistolla on pääsy rekisteriin omilla tunnuksillaan.",
    ),
    Promise(
        "P-AGREEMENT",
        23,
        "Everyone with access has signed a confidentiality agreement.",
        "Jokainen, jolla on pääsy, on allekirjoittanut salassapitositoumuksen.",
    ),
    Promise(
        "P-PURPOSE-BOUND",
        23,
        "Those with access use the data only for the purposes described.",
        "Tietoihin pääsevät käyttävät niitä vain kuvattuihin tarkoituksiin.",
    ),
    Promise(
        "P-ACCESS-MAINTAINERS",
        24,
        "The developers and maintainers of the register's software have access.",
        "Rekisteriohjelmiston kehittäjillä ja ylläpitäjillä on pääsy rekisteriin.",
    ),
    Promise(
        "P-PROTECTED",
        25,
        "The register stands on protected servers.",
        "Rekisteri on suojatuilla palvelimilla.",
    ),
    Promise(
        "P-ENCRYPTED",
        26,
        "Connections to the servers are strongly encrypted.",
        "Yhteydet palvelimiin on vahvasti salattu.",
    ),
    Promise(
        "P-NO-DISCLOSURE",
        27,
        "The data is for the controller alone and goes to no third party, except to its providers"
        " of bookkeeping, invoicing and debt collection for their work.",
        "Tiedot ovat vain rekisterinpitäjän; ulos niitä saavat ainoastaan sen kirjanpidon,"
        " laskutuksen ja perinnän hoitajat työtään varten.",
    ),
    Promise(
        "P-EU",
        28,
        "No transfer outside the European Union, except at the customer's explicit request or"
        " where the customer is outside it.",
        "Tietoja ei siirretä Euroopan unionin ulkopuolelle, ellei asiakas sitä nimenomaan pyydä"
        " tai ole itse sen ulkopuolella.",
    ),
    Promise(
        "P-KEEP-PURPOSE",
        29,
        "Data is kept only as long as the purpose and the service to the customer require.",
        "Tietoja säilytetään vain niin kauan kuin käyttötarkoitus ja palvelu sitä vaativat.",
    ),
    Promise(
        "P-KEEP-BOOKKEEPING",
        30,
        "What bookkeeping needs is kept for at least ten years.",
        "Kirjanpidon tarvitsemat tiedot säilytetään vähintään kymmenen vuotta.",
    ),
    Promise(
        "P-RECTIFY-REQUEST",
        31,
        "Data is corrected without delay when the customer asks.",
        "Tiedot korjataan viipymättä, kun asiakas pyytää.",
    ),
    Promise(
        "P-RECTIFY-NOTICED",
        31,
        "Data is corrected when an error is noticed in any other way.",
        "Tiedot korjataan, kun virhe huomataan muuten.",
    ),
)

#: Where in `jokkerit_plugin/` each is kept first of all.
KEPT = {
    "P-LAW": "description/notice.py description/versions.py",
    "P-CONTROLLER": "description/facts.py description/sentences.py",
    "P-CONTACT": "description/facts.py description/sentences.py",
    "P-NAME": "description/sentences.py policy/wording.py",
    "P-GROUND-ORDER": "register/intake.py register/traces.py",
    "P-PURPOSE-REGISTER": "register/intake.py register/sweep.py",
    "P-PURPOSE-ORDERS": "register/orders.py register/purchases.py",
    "P-PURPOSE-RELATION": "policy/purposes.py policy/roles.py access/guard.py",
    "P-LAWFUL": "policy/purposes.py policy/laws.py access/guard.py",
    "P-DATA-NAME": "policy/categories.py policy/claims/people.py register/customers.py",
    "P-DATA-POSTAL": "policy/categories.py policy/claims/people.py register/addresses.py",
    "P-DATA-EMAIL": "policy/categories.py policy/claims/people.py register/customers.py",
    "P-DATA-PHONE": "policy/categories.py policy/claims/people.py register/customers.py",
    "P-DATA-LOG": "policy/site_log.py sitelog/minimised.py",
    "P-DATA-PURCHASE": "policy/claims/purchases.py register/purchases.py",
    "P-RELEVANT": "policy/categories.py policy/fields.py",
    "P-NOTHING-ELSE": "policy/fields.py saleor_bridge/documents/order_outside.py",
    "P-USE-DELIVERY": "policy/purposes.py policy/roles.py access/guard.py",
    "P-USE-SALE": "policy/purposes.py policy/roles.py access/guard.py",
    "P-USE-CONTACT": "policy/purposes.py policy/roles.py access/guard.py",
    "P-USE-INVOICING": "policy/purposes.py policy/roles.py accounting/exports/invoices.py",
    "P-USE-COLLECTION": "disclosure/collection.py disclosure/holds.py",
    "P-USE-MARKETING": "policy/marketing_rule.py marketing/contacts.py marketing/ledger.py",
    "P-LOG-PURPOSES": "policy/log_uses.py sitelog/search.py",
    "P-ACCESS-STAFF": "policy/roles.py access/admission.py",
    "P-ACCESS-ACCOUNTING": "access/members.py access/recipients.py",
    "P-AGREEMENT": "access/agreements.py access/doors.py saleor_bridge/backend.py",
    "P-PURPOSE-BOUND": "policy/roles.py access/guard.py access/log.py",
    "P-ACCESS-MAINTAINERS": "policy/roles.py access/grants.py",
    "P-PROTECTED": "description/protection.py saleor_bridge/connections.py",
    "P-ENCRYPTED": "description/protection.py description/https.py saleor_bridge/connections.py",
    "P-NO-DISCLOSURE": "disclosure/ledger.py disclosure/terms.py disclosure/flows.py",
    "P-EU": "disclosure/transfers.py disclosure/flows.py policy/recipients.py",
    "P-KEEP-PURPOSE": "policy/schedule.py retention/keeps.py retention/proof/search.py",
    "P-KEEP-BOOKKEEPING": "policy/schedule.py policy/financial_years.py retention/rules.py",
    "P-RECTIFY-REQUEST": "rights/requests.py rights/rectification.py",
    "P-RECTIFY-NOTICED": "rights/signs.py rights/corrections_noticed.py",
}
