"""The GraphQL schema, one noun a module. A new noun adds its Query and Mutation here."""

import graphene

from . import (
    access_log,
    accounts,
    agreements,
    audience,
    certificates,
    closing,
    customers,
    descriptions,
    disclosures,
    exports,
    flows,
    grants,
    holds,
    keeps,
    marketing,
    me,
    opt_outs,
    own_marketing,
    purchases,
    recipients,
    requests,
    restrictions,
    retention,
    transfers,
    vat,
    vouchers,
)


class Query(
    customers.Query,
    purchases.Query,
    me.Query,
    agreements.Query,
    access_log.Query,
    grants.Query,
    recipients.Query,
    restrictions.Query,
    disclosures.Query,
    holds.Query,
    certificates.Query,
    transfers.Query,
    flows.Query,
    vat.Query,
    closing.Query,
    vouchers.Query,
    accounts.Query,
    exports.Query,
    retention.Query,
    keeps.Query,
    descriptions.Query,
    requests.Query,
    own_marketing.Query,
    audience.Query,
    opt_outs.Query,
    graphene.ObjectType,
):
    """Reading the register. What shows customers takes a purpose, and is logged."""


class Mutation(
    agreements.Mutation,
    grants.Mutation,
    recipients.Mutation,
    restrictions.Mutation,
    holds.Mutation,
    certificates.Mutation,
    transfers.Mutation,
    flows.Mutation,
    closing.Mutation,
    accounts.Mutation,
    exports.Mutation,
    retention.Mutation,
    descriptions.Mutation,
    requests.Mutation,
    marketing.Mutation,
    own_marketing.Mutation,
    opt_outs.Mutation,
    graphene.ObjectType,
):
    """Changing the register's own books."""


SCHEMA = graphene.Schema(query=Query, mutation=Mutation)
