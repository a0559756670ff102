"""The sentences of the public notice: Finnish, Swedish, English.

Short and true: what depends on policy or settings is filled in by `notice.py`. To the customer;
"we" are the controller.
"""

from ..policy.languages import Texts

ABOUT: Texts = (
    "Tietosuojaseloste asiakkaillemme. EU:n yleinen tietosuoja-asetus (2016/679), 13 ja 14"
    " artikla.",
    "Dataskyddsbeskrivning för våra kunder. EU:s allmänna dataskyddsförordning (2016/679),"
    " artiklarna 13 och 14.",
    "Privacy notice for our customers. General Data Protection Regulation (EU) 2016/679,"
    " articles 13 and 14.",
)
SOON: Texts = (
    "Tätä rekisteriselostetta ei ole vielä julkaistu tässä. Kysy tiedoistasi meiltä.",
    "Registerbeskrivningen har ännu inte publicerats här. Fråga oss om dina uppgifter.",
    "This register description has not been published here yet. Ask us about your data.",
)

NAME: Texts = (
    "{controller} verkkokauppa-asiakasrekisteri",
    "{controller}, webbutikens kundregister",
    "{controller}, customer register of the web shop",
)
WHO: Texts = (
    "Rekisterissä ovat asiakkaamme: ne, jotka ovat tilanneet verkkokaupastamme. Tilauksesta syntyy"
    " sopimus sinun ja meidän välillemme. Jos tilaus toimitetaan jollekulle muulle, rekisterissä on"
    " myös hänen nimensä, osoitteensa ja puhelinnumeronsa.",
    "I registret finns våra kunder: de som har beställt i vår webbutik. Av beställningen uppstår"
    " ett avtal mellan dig och oss. Om en beställning levereras till någon annan finns också den"
    " personens namn, adress och telefonnummer i registret.",
    "The register holds our customers: those who have ordered in our web shop. An order makes a"
    " contract between you and us. If an order is delivered to somebody else, the register holds"
    " that person's name, address and phone number, too.",
)
PURPOSES: Texts = (
    "Tietoja käytetään ennen kaikkea tilauksesi toimittamiseen. Käsittelemme niitä vain näihin"
    " tarkoituksiin ja vain lain sallimissa rajoissa:",
    "Uppgifterna används framför allt för att leverera din beställning. Vi behandlar dem bara för"
    " dessa ändamål och bara inom lagens gränser:",
    "The data is used first of all to deliver your order. We use it for these purposes only, and"
    " only as the law allows:",
)
ARTICLE: Texts = ("artikla {number}", "artikel {number}", "article {number}")
MARKETING: Texts = (
    "Sähköposti- ja tekstiviestimarkkinointiin tarvitsemme suostumuksesi, ellet ole antanut"
    " osoitettasi ostaessasi meiltä samanlaisia tuotteita. Voit kieltää markkinoinnin milloin"
    " tahansa, maksutta ja perustelematta.",
    "För marknadsföring per e-post och sms behöver vi ditt samtycke, om du inte har gett oss din"
    " adress när du köpt liknande produkter av oss. Du kan när som helst förbjuda marknadsföring,"
    " gratis och utan motivering.",
    "For marketing by e-mail and text message we need your consent, unless you gave us your address"
    " when you bought similar products from us. You can say no to marketing at any time, free of"
    " charge and without giving a reason.",
)
DATA: Texts = (
    "Emme kerää mitään, mikä ei liity suoraan palveluun. Rekisterissä on vain:",
    "Vi samlar inte in något som inte har direkt med tjänsten att göra. Registret innehåller bara:",
    "We collect nothing without a direct link to the service. The register holds only:",
)
LOG: Texts = (
    "Sivustojen lokitietoja käytetään vain näihin: {purposes}.",
    "Webbplatsernas logguppgifter används bara för detta: {purposes}.",
    "Site log data is used only for: {purposes}.",
)
NEEDED: Texts = (
    "Nimi, osoite ja yhteystiedot ovat välttämättömiä sopimuksen tekemiseen ja ostotiedot laki"
    " velvoittaa säilyttämään. Ilman niitä emme voi ottaa tilausta vastaan. Emme tallenna"
    " henkilötunnuksia emmekä maksukorttien numeroita.",
    "Namn, adress och kontaktuppgifter behövs för att ingå avtalet, och inköpsuppgifterna är vi"
    " skyldiga att spara enligt lag. Utan dem kan vi inte ta emot beställningen. Vi sparar varken"
    " personbeteckningar eller betalkortsnummer.",
    "Name, address and contact details are needed to make the contract, and the law obliges us to"
    " keep purchase data. Without them we cannot take your order. We store neither personal"
    " identity codes nor numbers of payment cards.",
)
SOURCES: Texts = (
    "Saamme tiedot sinulta itseltäsi, kun tilaat tai muutat tietojasi, ja ostotiedot kaupasta ja"
    " maksupalvelulta, kun maksat. Jos joku tilaa sinulle toimitettavaksi, saamme nimesi,"
    " osoitteesi ja puhelinnumerosi häneltä. Lokitiedot syntyvät, kun käytät sivustojamme."
    " Markkinointikieltoja otamme vastaan myös kieltorekistereistä, ja sähköpostimme välittäjä"
    " kertoo viesteistä, jotka eivät menneet perille tai joista valitettiin. Muualta tietoja ei"
    " haeta.",
    "Vi får uppgifterna av dig själv när du beställer eller ändrar dina uppgifter, och"
    " inköpsuppgifterna av butiken och betaltjänsten när du betalar. Om någon beställer till dig"
    " får vi ditt namn, din adress och ditt telefonnummer av den personen. Logguppgifter uppstår"
    " när du använder våra webbplatser. Marknadsföringsförbud tar vi emot också från spärregister,"
    " och vår e-postförmedlare berättar om meddelanden som inte kom fram eller som någon klagade"
    " på. Vi hämtar inga uppgifter någon annanstans.",
    "We get the data from yourself, when you order or change your details, and purchase data from"
    " the shop and the payment service, when you pay. If somebody orders for delivery to you, we"
    " get your name, address and phone number from them. Log data comes about when you use our"
    " sites. We take in opt-outs of marketing from public opt-out lists, too, and our mail provider"
    " tells us of messages that did not arrive or that somebody complained about. No data is"
    " fetched from anywhere else.",
)
ACCESS: Texts = (
    "Rekisteriin pääsevät vain:",
    "Bara dessa kommer åt registret:",
    "Only these have access to the register:",
)
AGREEMENT: Texts = (
    "Jokainen heistä on allekirjoittanut salassapitositoumuksen ja käyttää tietoja vain tässä"
    " kuvattuihin tarkoituksiin. Jokaisesta katselusta jää merkintä lokiin, ja voit kysyä meiltä,"
    " milloin ja miksi tietojasi on katsottu.",
    "Var och en av dem har undertecknat en sekretessförbindelse och använder uppgifterna bara för"
    " de ändamål som beskrivs här. Varje läsning antecknas i en logg, och du kan fråga oss när och"
    " varför dina uppgifter har lästs.",
    "Each of them has signed a confidentiality agreement and uses the data only for the purposes"
    " described here. Every look is written into a log, and you can ask us when and why your data"
    " was looked at.",
)
DISCLOSURE: Texts = (
    "Tiedot ovat vain meidän käytössämme. Sivullisille niitä annetaan ainoastaan siltä osin kuin"
    " palveluntarjoajamme hoitaa näitä tehtäviä:",
    "Uppgifterna används bara av oss. Till utomstående lämnas de endast i den mån som våra"
    " tjänsteleverantörer sköter dessa uppgifter:",
    "The data is for our use only. Third parties are given it only as far as our providers do this"
    " work for us:",
)
NOBODY: Texts = ("ei kukaan tällä hetkellä", "ingen för närvarande", "nobody at present")
PROCESSORS: Texts = (
    "Lisäksi nämä yritykset käsittelevät tietoja puolestamme ja ohjeidemme mukaan ({what}):",
    "Dessutom behandlar dessa företag uppgifter för vår räkning och enligt våra anvisningar"
    " ({what}):",
    "These companies process data on our behalf and on our instructions ({what}):",
)
TRANSFER: Texts = (
    "Tietoja ei siirretä Euroopan unionin ulkopuolelle muuten kuin jos",
    "Uppgifter överförs inte utanför Europeiska unionen annat än om",
    "Data is not transferred outside the European Union, except if",
)
TRANSFER_RISK: Texts = (
    "Silloin vastaanottajan maassa ei välttämättä ole samaa tietosuojaa kuin EU:ssa. Saat meiltä"
    " tekstin, jossa riskit kerrotaan.",
    "Då är dataskyddet i mottagarens land inte nödvändigtvis detsamma som i EU. Du får av oss den"
    " text där riskerna beskrivs.",
    "The recipient's country may then not protect data as the EU does. We give you the text that"
    " tells of the risks.",
)
RETENTION: Texts = (
    "Tietoja säilytetään vain niin kauan kuin tarkoitus vaatii. Kirjanpidon tarvitsemat tiedot"
    " säilytetään vähintään {years} vuotta. Tieto poistetaan, kun mikään näistä ei enää säilytä"
    " sitä:",
    "Uppgifterna sparas bara så länge som ändamålet kräver. Det som bokföringen behöver sparas i"
    " minst {years} år. En uppgift raderas när inget av följande längre bevarar den:",
    "The data is kept only as long as its purpose requires. What bookkeeping needs is kept for at"
    " least {years} years. Data is erased when none of these keeps it any longer:",
)
WHOLE: Texts = (
    "kaikki ostoksen tiedot", "alla uppgifter om köpet", "all data of the purchase",
)  # fmt: skip
ALL: Texts = ("kaikki, joita se koskee", "alla som det gäller", "all that it concerns")
LONGEST: Texts = ("enintään {term}", "högst {term}", "at most {term}")
BY_ITSELF: Texts = (
    "Ohjelma poistaa tiedot itse joka yö.",
    "Programmet raderar uppgifterna självt varje natt.",
    "The software erases the data by itself every night.",
)
IN_SHOP: Texts = (
    "Samat tiedot poistetaan myös verkkokaupan omista tauluista.",
    "Samma uppgifter raderas också ur webbutikens egna tabeller.",
    "The same data is erased from the web shop's own tables, too.",
)
IDENTITY: Texts = (
    "Nimesi ja osoitteesi säilyvät tositteilla kuusi vuotta kirjanpitolain velvoittamina ja sen"
    " jälkeen oikeutetun etumme perusteella, jotta kirjanpitomme on eheä; jälkimmäistä voit"
    " vastustaa.",
    "Ditt namn och din adress bevaras på verifikaten i sex år enligt bokföringslagen och därefter"
    " med stöd av vårt berättigade intresse av en hel bokföring; det senare kan du invända mot.",
    "Your name and address stay on vouchers for six years because the Accounting Act demands it,"
    " and after that for our legitimate interest in books that are whole; to the latter you can"
    " object.",
)
PROTECTION: Texts = (
    "Rekisteri on suojatuilla palvelimilla, jotka ovat tässä maassa: {country}. Kaikki yhteydet"
    " palvelimiin on vahvasti salattu ja vastapuoli varmennettu. Varmuuskopiot on salattu. Suojaus"
    " tarkistetaan joka päivä.",
    "Registret finns på skyddade servrar i detta land: {country}. Alla förbindelser till"
    " servrarna är starkt krypterade och motparten verifierad. Säkerhetskopiorna är krypterade."
    " Skyddet kontrolleras varje dag.",
    "The register stands on protected servers in this country: {country}. All connections to the"
    " servers are strongly encrypted, and who is at the other end is verified. Backups are"
    " encrypted. The protection is checked every day.",
)
RIGHTS: Texts = (
    "Lähetä lomake, joka on verkossa tämän selosteen yhteydessä, tai ota yhteyttä meihin; vastaamme"
    " kuukauden kuluessa, maksutta. Jos emme voi varmistua siitä, kuka olet, pyydämme lisätietoja."
    " Sinulla on oikeus:",
    "Skicka formuläret som finns på webben vid denna beskrivning, eller kontakta oss; vi svarar"
    " inom en månad, gratis. Om vi inte kan försäkra oss om vem du är ber vi om mer uppgifter. Du"
    " har rätt att:",
    "Send the form that is beside this notice on the web, or get in touch with us; we answer within"
    " a month, free of charge. If we cannot be sure who you are, we ask for more. You have the"
    " right to:",
)
RIGHT_ITEMS: tuple[Texts, ...] = (
    ("saada tietää, mitä tietoja sinusta on, ja saada niistä jäljennös (15 artikla)",
     "få veta vilka uppgifter vi har om dig och få en kopia av dem (artikel 15)",
     "know what data we hold about you, and get a copy of it (article 15)"),
    ("saada väärät tiedot oikaistuksi viipymättä (16 artikla); korjaamme ne myös, kun huomaamme"
     " virheen itse",
     "få felaktiga uppgifter rättade utan dröjsmål (artikel 16); vi rättar dem också när vi själva"
     " märker ett fel",
     "have wrong data corrected without delay (article 16); we correct it also when we notice an"
     " error ourselves"),
    ("saada tietosi poistetuksi, ellei laki velvoita meitä säilyttämään niitä (17 artikla)",
     "få dina uppgifter raderade, om inte lagen ålägger oss att spara dem (artikel 17)",
     "have your data erased, unless the law obliges us to keep it (article 17)"),
    ("saada käsittely rajoitetuksi (18 artikla)",
     "få behandlingen begränsad (artikel 18)",
     "have the processing restricted (article 18)"),
    ("saada antamasi tiedot koneluettavina itsellesi tai toiselle (20 artikla)",
     "få de uppgifter du gett oss i maskinläsbar form, för dig själv eller någon annan (artikel"
     " 20)",
     "get the data that you gave us in machine-readable form, for yourself or another (article"
     " 20)"),
    ("vastustaa käsittelyä, jonka peruste on oikeutettu etu, ja aina suoramarkkinointia (21"
     " artikla)",
     "invända mot behandling som grundar sig på berättigat intresse, och alltid mot"
     " direktmarknadsföring (artikel 21)",
     "object to processing that rests on a legitimate interest, and always to direct marketing"
     " (article 21)"),
    ("peruuttaa suostumuksesi milloin tahansa (7 artikla); se, mitä sitä ennen on tehty, on yhä"
     " laillista",
     "när som helst återkalla ditt samtycke (artikel 7); det som gjorts innan dess är fortfarande"
     " lagligt",
     "withdraw your consent at any time (article 7); what was done before stays lawful"),
)  # fmt: skip
COMPLAINT: Texts = (
    "Jos katsot, että käsittelemme tietojasi lainvastaisesti, voit valittaa tietosuojavaltuutetulle"
    " (tietosuoja.fi) tai sen EU-maan viranomaiselle, jossa asut tai työskentelet.",
    "Om du anser att vi behandlar dina uppgifter i strid med lagen kan du klaga hos"
    " dataombudsmannen (tietosuoja.fi) eller hos myndigheten i det EU-land där du bor eller"
    " arbetar.",
    "If you think that we handle your data against the law, you can complain to the Finnish Data"
    " Protection Ombudsman (tietosuoja.fi), or to the authority of the EU country where you live or"
    " work.",
)
AUTOMATED: Texts = (
    "Rekisteri ei tee sinua koskevia automaattisia päätöksiä (22 artikla). Markkinointia voidaan"
    " valita ostostesi perusteella, mikä on profilointia; voit kieltää sen milloin tahansa.",
    "Registret fattar inga automatiserade beslut om dig (artikel 22). Marknadsföring kan väljas"
    " utifrån dina köp, vilket är profilering; du kan när som helst förbjuda det.",
    "The register makes no automated decisions about you (article 22). Marketing may be chosen by"
    " what you have bought, which is profiling; you can refuse that at any time.",
)
