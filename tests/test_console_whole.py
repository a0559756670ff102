"""The API beside the console: what the one can do and tells, a person can do and read in the other.

Read from the schema, the pages' documents and their templates. What has no place there stands here
with its reason; a reason that is none any more fails.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from graphql import GraphQLObjectType, get_named_type, visit
from graphql.language import ast
from graphql.language.visitor import TypeInfoVisitor, Visitor
from graphql.utils.type_info import TypeInfo

from jokkerit_plugin.web.console import answering, documents, pages, rendering
from jokkerit_plugin.web.schema import SCHEMA
from tests.hostile import leaves

_TEMPLATES = resources.files("jokkerit_plugin") / "templates" / "console"
_NAMES = (*pages.PAGES, "me")

#: Fields of the schema that no person needs a page for.
NOT_HERE = {
    "audience": "a newsletter program's, page by page; people get the count and the file",
    "mayContact": "a program's, before each message; people see it on the customer's card",
    "descriptionDrift": "what the draft's changes say, for a monitor",
    "optOutImport": "one of those that the list shows, for a program that waits",
    "receipts": "the month's report has them",
    "ownMarketing": "the storefront's, with the customer's own token",
    "ownMarketingUpdate": "the storefront's, with the customer's own token",
    "ownRequests": "the storefront's, with the customer's own token",
    "ownRequestOpen": "the storefront's, with the customer's own token",
}
#: Arguments of every field that pages give as they need them, or leave to what is usual.
_USUAL = {"first", "after", "last", "before", "purpose"}
#: Arguments and fields of inputs that no page gives, by why.
NOT_GIVEN = {
    "people look for them by other terms, and programs by these": """
        accessLog(filter.act) accessLog(filter.at.gte) accessLog(filter.at.lte)
        accessLog(filter.purpose) accessLog(filter.role) agreements(filter.signer) breaches(state)
        breaches(sortBy.direction) breaches(sortBy.field) certificates(filter.customer)
        correctionTasks(filter.field) corrections(filter.field) customers(sortBy.direction)
        customers(sortBy.field) disclosures(filter.at.gte) disclosures(filter.at.lte)
        disclosures(filter.purpose) grants(filter.holder) grants(filter.isInForce)
        holds(filter.ground) outwardFlows(hasProblem) recipients(filter.kind)
        registeredFlows(filter.kind) requests(filter.state) siteErrors(filter.on.gte)
        siteErrors(filter.on.lte) siteLogIns(filter.on.gte) siteLogIns(filter.on.lte)
        siteUsage(customer) siteUsageByDay(customer) tellings(filter.customer)
        tellings(filter.recipient) transferRequests(filter.isRevoked)
        transferRequests(filter.recipient) vouchers(filter.isVoided)
        vouchers(filter.period.financialYear) vouchers(filter.period.month)
        vouchers(filter.period.quarter)""",
    "a customer's stand on the card, and an order's number is searched for": """
        purchases(filter.channels) purchases(filter.currency) purchases(filter.isTest)
        purchases(filter.numbers) purchases(filter.placedAt.gte) purchases(filter.placedAt.lte)
        purchases(filter.placedOn.gte) purchases(filter.placedOn.lte) purchases(filter.status)""",
    "a journal is made by a worker (exportStart)": """
        exportCreate(input.currency) exportCreate(input.isRounded)
        exportCreate(input.period.financialYear) exportCreate(input.period.from)
        exportCreate(input.period.month) exportCreate(input.period.quarter)
        exportCreate(input.period.to)""",
    "an invoice is made at once (exportCreate)": """
        exportStart(input.isCorrected) exportStart(input.voucher)""",
    "a longer time is given by its days": """
        exportStart(input.period.financialYear) exportStart(input.period.quarter)""",
    "the Dashboard's, by its own address": "customerOf(saleorOrder) customerOf(saleorUser)",
    "every page's: whom it names": "personNames(keys)",
}
#: Fields that no page shows, by why.
NOT_SHOWN = {
    "keys and digests, by which programs find and compare": """
        AccessEntry.subjects Agreement.digest AgreementText.digest Certificate.customer
        Certificate.plan Certificate.purchase Closing.figures DataHolder.recipient Description.id
        Disclosure.sha256 Disclosure.subjects Erasure.plan Erasure.rows Erasure.subjects
        Export.sha256 ExportJob.export MemberEnd.holders OptOutImport.report OptOutImport.sha256
        OutwardFlow.host Purchase.saleorOrder RecipientEnd.holders StaleOrder.saleorOrder
        Telling.source TransferRequest.digest TransferText.digest Voucher.id""",
    "a link is followed at once": """
        AudienceLink.seconds Export.url ExportLink.seconds OptOutReportLink.seconds
        RequestCopyLink.seconds SiteLogLink.seconds""",
    "the page's list is of those alone of whom it is so, or whom it is about": """
        AffectedPerson.told CorrectionTask.closedAt CorrectionTask.closedBy CorrectionTask.outcome
        RegisteredFlow.endedAt RegisteredFlow.endedBy Restriction.customer Restriction.liftedAt
        Restriction.liftedBy SiteUsage.month Telling.customer Telling.toldAt Telling.toldBy""",
    "the page's list of what happened has it": """
        Breach.assessedAt Breach.assessedBy Breach.closedBy Breach.recordedAt Breach.recordedBy
        BreachSearch.askedBy BreachSearch.discardedBy RequestLetter.madeAt""",
    "another moment or sum beside it says as much": """
        Address.firstUsedAt Certificate.columns Certificate.hits Certificate.size
        Correction.carriedAt ErasurePlan.approvedAt ErasurePlan.finishedAt ErasurePlan.madeAt
        ExportJob.askedAt ExportJob.askedBy Hold.interruptedOn KnownIdentifier.firstAt
        Member.endedBy OptOutFile.uploadedAt OptOutImport.finishedAt Recipient.registeredBy
        StaleOrderLetGo.letGoOn TieOutDifference.booksNet TieOutDifference.shopNet
        TransferRequest.recordedAt Voucher.yearEnd""",
    "the ground follows from the rule or the purpose, which stands there": """
        Disclosure.ground Export.purpose CertificateFinding.ground""",
    "kept as it came from the shop, for programs that book": """
        Address.isInAddressBook Purchase.language Purchase.origin Purchase.shippingTaxClass
        Purchase.taxCountry PurchaseLine.isGiftCard PurchaseLine.taxClass PurchaseParty.cityArea""",
    "which version it was under: the version itself is shown": """
        Agreement.description Export.accountMap MarketingEvent.description
        MarketingEvent.language""",
    "who may do what stands on a page of its own, by role": """
        Me.uses PermittedUse.categories PermittedUse.purpose PermittedUse.role""",
    "the settings name the controller, and the accounting firm is the only one who gets files": """
        Export.recipient MarketingState.controller ControllerDeclaration.at
        ControllerDeclaration.businessId ControllerDeclaration.by ControllerDeclaration.name
        ControllerDeclaration.since""",
    "the settings' values are shown, usual or not": "Setting.isUsual",
}


@cache
def _source(name: str) -> str:
    """Return a template with all that it includes."""
    found: dict[str, str] = {}
    waiting = [f"{name}.html"]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = (_TEMPLATES / one).read_text(encoding="utf-8")
            waiting += re.findall(r'{% (?:include|extends) "([\w.]+)"', found[one])
    return "".join(found.values())


@cache
def _linked() -> dict[str, set[str]]:
    """Return by page what links of any page's say in its address."""
    found: dict[str, set[str]] = {}
    for name in pages.PAGES:
        source = _source(name)
        for target, asked in re.findall(r'(?:{{ console }}(\w+)/|{{ here }})\?([^"]*)"', source):
            said = re.findall(r"(?:^|[&;])([\w.]+)=", asked)
            found.setdefault(target or name, set()).update(said)
    return found


@cache
def _fields(name: str) -> re.Pattern[str]:
    """Return what the fields of a page's forms are called; what the template fills in is open."""
    source = _source(name) + "".join(
        _source(one) for one in pages.PAGES if f'action="{{{{ console }}}}{name}/' in _source(one)
    )
    named = re.findall(r'name="((?:{[{%].*?[%}]}|[^"{])+)"', source)
    named += [f"{one}{{{{}}}}" for one in re.findall(r'="([\w.]+\.)"\|add_text:', source)]
    named += [*_linked().get(name, ()), *pages.PAGES[name].usual]
    alike = {re.sub(r"{[{%].*?[%}]}", "\0", one) for one in named} - {"\0"}
    return re.compile("|".join(re.escape(one).replace("\0", ".+") for one in sorted(alike)))


def _given() -> Iterator[tuple[str, str]]:
    """Yield (field of Query or Mutation, part of an argument) for all that some page gives."""
    for name in pages.PAGES:
        for operation in documents.operations(name).values():
            kind = SCHEMA.get_type(operation.operation.title())
            for one in operation.selection_set.selections:
                for argument in one.arguments:
                    taken = kind.fields[one.name.value].args[argument.name.value].type
                    for part in _parts(name, argument.value, taken, argument.name.value):
                        yield one.name.value, part


def _parts(page: str, value: ast.Node, kind: Any, name: str) -> Iterator[str]:
    if isinstance(value, ast.Variable):
        variable = value.name.value
        for part in leaves(variable, kind):
            if variable in {"controller", "changer"} or _fields(page).fullmatch(part):
                yield name + part.removeprefix(variable)
    elif isinstance(value, ast.ObjectValue):
        for field in value.fields:
            inner = get_named_type(kind).fields[field.name.value].type
            yield from _parts(page, field.value, inner, f"{name}.{field.name.value}")
    else:
        yield name


def _takes() -> Iterator[tuple[str, str]]:
    """Yield (field of Query or Mutation, part of an argument) for all that the schema takes."""
    for kind in (SCHEMA.get_query_type(), SCHEMA.get_mutation_type()):
        for field, one in kind.fields.items():
            for argument, taken in one.args.items():
                if field not in NOT_HERE and argument not in _USUAL:
                    for part in leaves(argument, taken.type):
                        yield field, part


def _shown() -> set[tuple[str, str]]:
    """Return (type, field) for all that a page asks for, and its template or a filter uses."""
    filters = " ".join(
        Path(str(import_module(one).__file__)).read_text(encoding="utf-8")
        for one in (*rendering._TAGS, answering.__name__, pages.__name__)
    )
    found = set()
    for name in _NAMES:
        used = {*re.findall(r"\w+", filters), *re.findall(r"\w+", _source_or_nothing(name))}
        info = TypeInfo(SCHEMA)

        class Asked(Visitor):
            def enter_Field(self, node, *_, info=info, used=used):  # noqa: N802 - the visitor's
                if (node.alias or node.name).value in used:
                    found.add((info.get_parent_type().name, node.name.value))

        visit(documents.document(name), TypeInfoVisitor(info, Asked()))
    return found


def _source_or_nothing(name: str) -> str:
    return _source(name) if name in pages.PAGES else ""


def _told() -> set[tuple[str, str]]:
    """Return (type, field) for all that the schema tells, but for cursors and what lists count.

    Of a payload's rows none: the page is shown anew after a button.
    """
    found, waiting, seen = set(), [SCHEMA.get_query_type(), SCHEMA.get_mutation_type()], set()
    payloads = {get_named_type(one.type).name for one in SCHEMA.get_mutation_type().fields.values()}
    while waiting:
        kind = waiting.pop()
        seen.add(kind.name)
        for name, one in kind.fields.items():
            bare = get_named_type(one.type)
            if kind.name in {"Query", "Mutation"} and name in NOT_HERE:
                continue
            is_row = isinstance(bare, GraphQLObjectType)
            if is_row and bare.name not in seen:
                waiting.append(bare)
            is_place = name in {"cursor", "pageInfo", "totalCount"}
            if not is_place and not (kind.name in {*payloads, "Query", "Mutation"} and is_row):
                found.add((kind.name, name))
    return found


def test_all_that_the_api_can_do_a_person_can_do_here():
    used = {
        field.name.value
        for name in _NAMES
        for operation in documents.operations(name).values()
        for field in operation.selection_set.selections
    }
    known = {*SCHEMA.get_query_type().fields, *SCHEMA.get_mutation_type().fields}
    assert known - used == set(NOT_HERE)


def _excused(table: dict[str, str]) -> set[str]:
    return {one for names in table.values() for one in names.split()}


def test_all_that_the_api_takes_can_be_given_on_some_page():
    missing = {f"{field}({part})" for field, part in {*_takes()} - {*_given()}}
    assert sorted(missing - _excused(NOT_GIVEN)) == []
    assert sorted(_excused(NOT_GIVEN) - missing) == []


def test_all_that_the_api_tells_is_read_on_some_page():
    missing = {f"{kind}.{name}" for kind, name in _told() - _shown()}
    assert sorted(missing - _excused(NOT_SHOWN)) == []
    assert sorted(_excused(NOT_SHOWN) - missing) == []
