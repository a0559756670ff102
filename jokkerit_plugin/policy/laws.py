"""On which ground each rule of the schedule keeps what it keeps: in law, or the reason.

Finnish, Swedish, English; by the rule's name in `schedule.py`.
"""

from .languages import Texts

INACTIVE: Texts = (
    "tietosuoja-asetuksen 5 artiklan 1 kohdan e alakohta: ei pidempään kuin asiakassuhde vaatii",
    "artikel 5.1 e i dataskyddsförordningen: inte längre än kundförhållandet kräver",
    "GDPR art. 5(1)(e): no longer than the relationship needs",
)
TELLING: Texts = (
    "tietosuoja-asetuksen 5 artiklan 1 kohdan a alakohta: ketään ei poisteta tietämättään",
    "artikel 5.1 a i dataskyddsförordningen: ingen raderas utan att veta om det",
    "GDPR art. 5(1)(a): nobody is erased unawares",
)
DETAIL: Texts = (
    "laki velan vanhentumisesta 728/2003, 4 §: saatavat vanhentuvat kolmessa vuodessa",
    "lagen om preskription av skulder 728/2003, 4 §: fordringar preskriberas på tre år",
    "Act on Limitation of Debts 728/2003, s. 4: claims lapse in three years",
)
CLAIMS: Texts = (
    "kuluttajansuojalaki 38/1978, 5 luku; tietosuoja-asetuksen 17 artiklan 3 kohdan e alakohta",
    "konsumentskyddslagen 38/1978, 5 kap.; artikel 17.3 e i dataskyddsförordningen",
    "Consumer Protection Act 38/1978, ch. 5; GDPR art. 17(3)(e)",
)
IDENTITY: Texts = (
    (
        "kirjanpitolaki 1336/1997, 2 luku 10 §: tositteet kuusi vuotta; sen jälkeen tämän"
        " rekisterin lupaus säilyttää kirjanpidon tarvitsemat tiedot kymmenen vuotta"
    ),
    (
        "bokföringslagen 1336/1997, 2 kap. 10 §: verifikat sex år; därefter registrets löfte"
        " att bevara det som bokföringen behöver i tio år"
    ),
    (
        "Accounting Act 1336/1997, ch. 2 s. 10: vouchers six years; beyond them the promise of"
        " this register to keep what bookkeeping needs for ten"
    ),
)
BOOKS: Texts = (
    "kirjanpitolaki 1336/1997, 2 luku 10 §",
    "bokföringslagen 1336/1997, 2 kap. 10 §",
    "Accounting Act 1336/1997, ch. 2 s. 10",
)
OPEN_ORDER: Texts = (
    "kauppasopimus: tietosuoja-asetuksen 6 artiklan 1 kohdan b alakohta",
    "köpeavtalet: artikel 6.1 b i dataskyddsförordningen",
    "contract of sale: GDPR art. 6(1)(b)",
)
HOLD: Texts = (
    "tietosuoja-asetuksen 17 artiklan 3 kohdan e alakohta: oikeusvaateet",
    "artikel 17.3 e i dataskyddsförordningen: rättsliga anspråk",
    "GDPR art. 17(3)(e): legal claims",
)
REQUEST: Texts = (
    (
        "tietosuoja-asetuksen 12 artikla: pyynnön kohteena olevat tiedot säilyvät, kunnes"
        " siihen on vastattu"
    ),
    "artikel 12 i dataskyddsförordningen: det som begäran gäller bevaras tills den har besvarats",
    "GDPR art. 12: what was asked about stays until it is answered",
)
RESTRICTION: Texts = (
    "tietosuoja-asetuksen 18 artikla: säilytetään, eikä poisteta",
    "artikel 18 i dataskyddsförordningen: lagras och raderas inte",
    "GDPR art. 18: stored, and not erased",
)
BREACH: Texts = (
    "tietosuoja-asetuksen 34 artikla: niille, joita loukkaus koskee, ilmoitetaan",
    "artikel 34 i dataskyddsförordningen: de som berörs underrättas",
    "GDPR art. 34: who is affected is told",
)
TRACE: Texts = (
    "asiakkaan pyynnöstä tehdyt toimet: tietosuoja-asetuksen 6 artiklan 1 kohdan b alakohta",
    "åtgärder på kundens begäran: artikel 6.1 b i dataskyddsförordningen",
    "steps at the customer's request: GDPR art. 6(1)(b)",
)
ACCESS_LOG: Texts = (
    "tietosuoja-asetuksen 5 artiklan 2 kohta; laki velan vanhentumisesta 728/2003, 7 §",
    "artikel 5.2 i dataskyddsförordningen; lagen om preskription av skulder 728/2003, 7 §",
    "GDPR art. 5(2); Act on Limitation of Debts 728/2003, s. 7",
)
SITE_LOG: Texts = (
    "tietosuoja-asetuksen 5 artiklan 1 kohdan e alakohta ja johdanto-osan 49 kappale",
    "artikel 5.1 e och skäl 49 i dataskyddsförordningen",
    "GDPR art. 5(1)(e) and recital 49",
)
REQUESTS: Texts = (
    (
        "tietosuoja-asetuksen 5 artiklan 2 kohta ja 12 artikla; laki velan vanhentumisesta"
        " 728/2003, 4 §"
    ),
    "artikel 5.2 och 12 i dataskyddsförordningen; lagen om preskription av skulder 728/2003, 4 §",
    "GDPR art. 5(2) and 12; Act on Limitation of Debts 728/2003, s. 4",
)
BREACHES: Texts = (
    "tietosuoja-asetuksen 33 artiklan 5 kohta; laki velan vanhentumisesta 728/2003, 7 §",
    "artikel 33.5 i dataskyddsförordningen; lagen om preskription av skulder 728/2003, 7 §",
    "GDPR art. 33(5); Act on Limitation of Debts 728/2003, s. 7",
)
CORRECTIONS: Texts = (
    (
        "tietosuoja-asetuksen 5 artiklan 2 kohta, 16 ja 19 artikla; laki velan vanhentumisesta"
        " 728/2003, 4 ja 7 §"
    ),
    (
        "artikel 5.2, 16 och 19 i dataskyddsförordningen; lagen om preskription av skulder"
        " 728/2003, 4 och 7 §"
    ),
    "GDPR art. 5(2), 16 and 19; Act on Limitation of Debts 728/2003, s. 4 and 7",
)
CONSENT: Texts = (
    (
        "laki sähköisen viestinnän palveluista 917/2014, 200 §; tietosuoja-asetuksen 5 artiklan"
        " 1 kohdan e alakohta"
    ),
    (
        "lagen om tjänster inom elektronisk kommunikation 917/2014, 200 §; artikel 5.1 e i"
        " dataskyddsförordningen"
    ),
    "Act on Electronic Communications Services 917/2014, s. 200; GDPR art. 5(1)(e)",
)
CONSENT_PROOF: Texts = (
    "tietosuoja-asetuksen 7 artiklan 1 kohta ja 17 artiklan 3 kohdan e alakohta",
    "artikel 7.1 och 17.3 e i dataskyddsförordningen",
    "GDPR art. 7(1) and 17(3)(e)",
)
SUPPRESSION: Texts = (
    "tietosuoja-asetuksen 21 artiklan 3 kohta: joka on kieltänyt, sille ei enää kirjoiteta",
    "artikel 21.3 i dataskyddsförordningen: den som har nekat får inga fler brev",
    "GDPR art. 21(3): whoever objected is not written to again",
)
