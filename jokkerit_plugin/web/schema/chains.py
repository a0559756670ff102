"""Proving the hash-chained logs link by link, in steps that are short enough for a page."""

from typing import Any

import graphene

from ... import models
from ...access import chain, checkpoints, office
from ...policy.permissions import Permission
from .enums import enumeration

_MODELS = {
    "ACCESS_LOG": models.AccessEntry,
    "DISCLOSURES": models.Disclosure,
    "ERASURES": models.Erasure,
}
#: Links of one step: some two seconds.
STEP = 20_000

ChainName = enumeration(
    ((one, one) for one in _MODELS), "ChainName", "A log that is hash-chained.",
    ACCESS_LOG="Who looked: `accessLog`.", DISCLOSURES="What went to third parties: `disclosures`.",
    ERASURES="What was erased: `erasures`.",
)  # fmt: skip


class ChainFault(graphene.ObjectType):
    """Where a log was changed."""

    seq = graphene.ID(required=True, description="At which link.")
    what = graphene.String(
        required=True, description="What is wrong there: `missing`, or a few words in English."
    )


class ChainProof(graphene.ObjectType):
    """One step of proving a log."""

    last_link = graphene.Int(required=True, description="Of the log; 0: it has none.")
    checked_to = graphene.Int(required=True, description="What the next step takes as `after`.")
    is_done = graphene.Boolean(required=True, description="To the end, and its checkpoints hold.")
    faults = graphene.List(
        graphene.NonNull(ChainFault), required=True, description="The first hundred of this step."
    )


class Query(graphene.ObjectType):
    """Proving."""

    chain_proof = graphene.Field(
        ChainProof, chain=ChainName(required=True, description="Which log."),
        after=graphene.Int(description="The `checkedTo` of the step before; left out: 0."),
        description=f"Verify the next {STEP:,} links after `after` (0: from the beginning).",
    )  # fmt: skip

    @staticmethod
    def resolve_chain_proof(_root: Any, info: Any, chain: str, after: int = 0) -> ChainProof:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return _prove(chain, max(after, 0))


def _prove(name: str, after: int) -> ChainProof:
    model = _MODELS[name]
    with chain.snapshot():
        head = models.ChainHead.objects.filter(name=chain.chain_name(model)).first()
        reached, faults = chain.walk(model, after=after, size=STEP)
        last = head.seq if head else 0
        done = reached >= last and not faults
        if done:
            faults = checkpoints.check(model, {})
    return ChainProof(
        last_link=last, checked_to=reached, is_done=done,
        faults=[ChainFault(one.seq, one.what) for one in faults[:100]],
    )  # fmt: skip
