"""All journeys, each with how often it comes in a hundred or so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.journeys import membership, service, shopping
from demo.stage import Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JOURNEYS", "Journey", "Outcome", "Stage"]


@dataclass(frozen=True)
class Journey:
    play: Callable[[Stage], Outcome]
    weight: int

    @property
    def name(self) -> str:
        return self.play.__name__


JOURNEYS = {
    journey.name: journey
    for journey in (
        Journey(shopping.guest_order, 14),
        Journey(shopping.account_order, 8),
        Journey(shopping.returning_guest, 3),
        Journey(shopping.guest_then_account, 3),
        Journey(shopping.logged_in_midway, 2),
        Journey(shopping.changed_mind, 3),
        Journey(shopping.voucher_order, 4),
        Journey(shopping.gift_card_partly, 3),
        Journey(shopping.gift_card_whole, 2),
        Journey(shopping.gift_card_bought, 2),
        Journey(shopping.download, 3),
        Journey(shopping.reserved_then_captured, 2),
        Journey(shopping.authorized_then_charged, 3),
        Journey(shopping.paid_later, 3),
        Journey(shopping.charged_quietly, 1),
        Journey(shopping.collected, 2),
        Journey(shopping.bought_again, 1),
        Journey(shopping.present, 2),
        Journey(shopping.company_order, 2),
        Journey(shopping.abandoned, 4),
        Journey(shopping.staff_purchase, 1),
        Journey(service.sent_in_parts, 3),
        Journey(service.sent_in_part_only, 2),
        Journey(service.parcel_cancelled, 1),
        Journey(service.returned, 3),
        Journey(service.returned_and_granted, 3),
        Journey(service.refunded_and_kept, 2),
        Journey(service.refunded_in_part, 3),
        Journey(service.replaced, 1),
        Journey(service.charged_back, 2),
        Journey(service.cancelled, 3),
        Journey(service.cancelled_unpaid, 1),
        Journey(service.reserved_and_voided, 1),
        Journey(service.corrected, 2),
        Journey(service.lines_changed, 1),
        Journey(service.annotated, 2),
        Journey(service.invoiced, 3),
        Journey(service.draft_for_guest, 3),
        Journey(service.draft_for_account, 2),
        Journey(service.draft_for_company, 2),
        Journey(service.draft_for_nobody, 2),
        Journey(service.draft_deleted, 1),
        Journey(service.imported, 1),
        Journey(membership.profile_changed, 2),
        Journey(membership.email_changed, 2),
        Journey(membership.email_changed_by_staff, 1),
        Journey(membership.known_by_staff, 1),
        Journey(membership.second_account, 1),
        Journey(membership.never_bought, 1),
        Journey(membership.deleted_by_self, 2),
        Journey(membership.deleted_by_staff, 1),
        Journey(membership.put_aside, 1),
    )
}
