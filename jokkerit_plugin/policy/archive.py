"""What the archive of a shop that closes holds: books and proofs, and nothing else of a customer.

Accounting Act 1336/1997 ch. 2 s. 10: books and vouchers outlive the shop, and have to be readable
without what wrote them. GDPR art. 5(2) and 7(1): so does the proof that data was kept as promised.
"""

from dataclasses import dataclass

from .languages import Texts

_PARTY = (
    "party_first_name party_last_name party_company_name party_street_1 party_street_2"
    " party_postal_code party_city party_city_area party_country_area party_country vat_id"
)


@dataclass(frozen=True, slots=True)
class File:
    """One file: the rows of a table, oldest first, as CSV or a line of JSON each.

    `without`: fields that stay behind. `beside`: fields of the row's purchase that stand in each
    row. `chain`: the lines are links, as they were hashed.
    """

    path: str
    model: str
    says: Texts
    without: str = ""
    beside: str = ""
    chain: bool = False

    @property
    def books(self) -> bool:
        """Tell whether it is bookkeeping data, by which an archive is new or old."""
        return self.path.startswith("books/")


FILES = (
    File("books/purchases.csv", "Purchase", (
        "Ostot: loppusummat, verot ja ostaja sellaisena kuin hän on tositteella",
        "Köp: slutsummor, skatter och köparen som på verifikatet",
        "Purchases: totals, taxes, and the buyer as on the voucher",
    ), without=(
        "customer email language billing_address shipping_address checkout_token gateways outside"
        " digest absent_since contact_erased_at detail_erased_at unbooked unheard book_rules"
        " book_error"
    )),
    File("books/lines.csv", "PurchaseLine", (
        "Ostojen rivit", "Köpens rader", "Lines of the purchases"
    )),
    File("books/deliveries.csv", "Delivery", ("Toimitukset", "Leveranser", "Deliveries")),
    File("books/payments.csv", "Movement", (
        "Maksut, palautukset ja takaisinveloitukset",
        "Betalningar, återbetalningar och återdebiteringar",
        "Payments, refunds and chargebacks",
    ), without="reference"),
    File("books/invoices.csv", "Invoice", (
        "Kaupan laskujen numerot", "Numren på butikens fakturor", "Numbers of the shop's invoices"
    )),
    File("books/vouchers.csv", "Voucher", (
        "Tositteet ja niiden ostajat", "Verifikaten och deras köpare",
        "Vouchers, with their buyers",
    ), beside=f"number placed_at {_PARTY}"),
    File("books/voucher_series.csv", "VoucherSeries", (
        "Tositesarjat ja niiden viimeiset numerot", "Verifikatserierna och deras sista nummer",
        "Series of vouchers, with their last numbers",
    )),
    File("books/voucher_notes.csv", "VoucherNote", (
        "Tositteiden oikaistut ostajatiedot", "Rättade uppgifter om köpare på verifikat",
        "What is right of the buyer on a voucher",
    )),
    File("books/entries.csv", "Posting", (
        "Kirjaukset", "Bokföringsposter", "Entries of the books"
    )),
    File("books/closed_months.jsonl", "Closing", (
        "Suljetut kuukaudet alv-raportteineen sellaisina kuin ne suljettiin",
        "Stängda månader med momsrapport, som de stängdes",
        "Closed months with their VAT reports, as they were closed",
    )),
    File("books/accounts.jsonl", "AccountMap", (
        "Tilit, joille kirjaukset vietiin", "Konton som posterna fördes till",
        "Accounts that entries went to",
    )),
    File("books/exports.csv", "Export", (
        "Kirjanpito-ohjelmaan annetut tiedostot; itse tiedostot ovat kansiossa books/files",
        "Filer som getts till bokföringsprogram; själva filerna finns i mappen books/files",
        "Files given to accounting software; the files themselves are in books/files",
    )),
    File("books/billed_lines.csv", "BilledLine", (
        "Laskutettu käyttö", "Fakturerad användning", "Use of the service that was invoiced"
    )),
    File("proofs/access_log.jsonl", "AccessEntry", (
        "Kuka katsoi kenenkin tietoja, milloin ja miksi (ketju)",
        "Vem som sett vems uppgifter, när och varför (kedja)",
        "Who looked at whose data, when and why (a chain)",
    ), chain=True),
    File("proofs/disclosures.jsonl", "Disclosure", (
        "Mitä luovutettiin, kenelle ja millä perusteella (ketju)",
        "Vad som lämnats ut, till vem och på vilken grund (kedja)",
        "What was disclosed, to whom and on which ground (a chain)",
    ), chain=True),
    File("proofs/erasures.jsonl", "Erasure", (
        "Kuitit poistoista (ketju)", "Kvitton på raderingar (kedja)",
        "Receipts of erasures (a chain)",
    ), chain=True),
    File("proofs/checkpoints.csv", "Checkpoint", (
        "Ketjujen allekirjoitetut kohdat", "Kedjornas signerade punkter",
        "Signed points of the chains",
    )),
    File("proofs/certificates.jsonl", "Certificate", (
        "Todistukset siitä, että poistettu on poissa", "Intyg om att det raderade är borta",
        "Certificates that the erased are gone",
    )),
    File("proofs/recipients.csv", "Recipient", (
        "Vastaanottajat ja käsittelijät", "Mottagare och biträden", "Recipients and processors"
    )),
    File("proofs/members.csv", "Member", (
        "Ketkä toimivat vastaanottajien puolesta", "Vilka som agerat för mottagarna",
        "Who acted for the recipients",
    )),
    File("proofs/transfer_texts.jsonl", "TransferText", (
        "Mitä riskeistä kerrottiin ennen siirtoa EU:n ulkopuolelle",
        "Vad som sagts om riskerna före en överföring utanför EU",
        "What was told of the risks before a transfer outside the EU",
    )),
    File("proofs/transfer_requests.csv", "TransferRequest", (
        "Asiakkaiden pyynnöt siirtää tietonsa EU:n ulkopuolelle",
        "Kunders begäran om överföring utanför EU",
        "Customers' requests for a transfer outside the EU",
    )),
    File("proofs/agreements.jsonl", "AgreementText", (
        "Salassapitositoumusten tekstit", "Sekretessförbindelsernas texter",
        "Texts of the confidentiality agreement",
    )),
    File("proofs/signatures.csv", "Signature", (
        "Allekirjoitetut salassapitositoumukset", "Undertecknade sekretessförbindelser",
        "Signed confidentiality agreements",
    )),
    File("proofs/descriptions.jsonl", "Description", (
        "Julkaistut rekisteriselosteet ja selosteet käsittelytoimista",
        "Publicerade registerbeskrivningar och register över behandling",
        "Published register descriptions and records of processing activities",
    )),
    File("proofs/controllers.csv", "Controller", (
        "Rekisterinpitäjät", "Personuppgiftsansvariga", "Controllers"
    )),
    File("proofs/breaches.jsonl", "Breach", (
        "Tietoturvaloukkaukset", "Personuppgiftsincidenter", "Personal data breaches"
    )),
    File("proofs/breach_events.jsonl", "BreachEvent", (
        "Mitä loukkauksista tehtiin", "Vad som gjorts vid incidenterna",
        "What was done about breaches",
    )),
    File("proofs/affected.csv", "Affected", (
        "Keitä loukkaukset koskivat ja kerrottiinko heille",
        "Vilka incidenterna gällt och om de fått veta det",
        "Whom breaches concerned, and whether they were told",
    )),
    File("proofs/suppressions.csv", "Suppression", (
        "Markkinoinnin estolista: avaimella laskettuja tiivisteitä, ei osoitteita",
        "Marknadsföringens spärrlista: kontrollsummor med nyckel, inga adresser",
        "Suppression list of marketing: keyed digests, no addresses",
    ), without="carried_at copied"),
)  # fmt: skip

#: Tables that stay behind by the reason why: beside the files every table of the register.
LEFT: dict[str, str] = {
    "Contact data, and what else a shop that is closed has no purpose for.": (
        "Customer FormerCustomer KnownIdentifier SearchWords PostalAddress Trace Correction"
        " CorrectionTask SiteLine Incident IncidentLine LogFile RefusedLines LetGo"
    ),
    "A permission to market ends with who had it; the opt-outs are in the archive.": (
        "MarketingEvent ContactAlias Confirmation OptOutImport OptOutFile OptOutChunk RejectedLine"
    ),
    "Answered before a shop closes; by a clock of their own, and with personal data.": (
        "Request RequestEvent RequestLetter Archive ArchiveChunk Telling Notice Restriction Hold"
    ),
    "In the log as they were used.": "Grant RegisteredFlow",
    "Work in progress, and what the register notes for itself.": (
        "ChainHead ErasedKey Owed AddressMark ShopFile Plan PlanBatch ProofTicket BreachSearch"
        " InboxEvent SetAside Sweep KeyCheck SetupStep SeenHttps SignedCall Ledger Reminder"
        " ExportJob DownloadLink BooksArchive Parting"
    ),
    "The bytes of the files in books/files.": "ExportChunk",
}
