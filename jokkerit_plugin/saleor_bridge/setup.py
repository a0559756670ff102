"""Set up once after installing, and take down before uninstalling: ours in Saleor's tables."""

from django.db import transaction
from django_celery_beat.models import PeriodicTask
from saleor.account.models import Group
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.permission.models import Permission

from ..errors import RegisterError
from ..models import SetupStep
from ..policy.permissions import Permission as Ours
from . import PLUGIN_ID, beat, permissions
from .holders import OURS

ACCOUNTING_GROUP = "Tilitoimisto / Accounting firm"
_GROUP_STEP = "accounting group"


class SetUpError(RegisterError):
    """The shop is not ready to be set up."""

    code = "SET_UP"


def set_up() -> list[str]:
    """Grant the five to those who manage staff, and make the accounting firm's group once.

    Only whoever holds a permission can hand it on in Saleor, superusers apart. Raises `SetUpError`.
    """
    if not permissions.known():
        raise SetUpError("Saleor does not know our permissions: see the log of this start.")
    with allow_writer(), transaction.atomic():
        rows = Permission.objects.filter(
            codename__in=OURS, content_type__app_label=permissions.APP_LABEL
        )
        if len(rows) != len(OURS):
            raise SetUpError("The permissions are not in the database: run migrate first.")
        return [*_grant(list(rows)), _accounting_group(list(rows))]


def _grant(rows: list[Permission]) -> list[str]:
    through = Group.permissions.through
    managing = Group.objects.filter(
        permissions__codename="manage_staff", permissions__content_type__app_label="account"
    ).order_by("pk")
    if not managing:
        return ["No group manages staff: only superusers can hand the permissions on."]
    said = []
    for group in managing.prefetch_related("permissions"):
        held = {one.pk for one in group.permissions.all()}
        missing = [row for row in rows if row.pk not in held]
        through.objects.bulk_create(
            [through(group_id=group.pk, permission_id=row.pk) for row in missing],
            ignore_conflicts=True,
        )
        did = f"granted {len(missing)} permissions" if missing else "has the permissions already"
        said.append(f"Group {group.pk}, which manages staff: {did}.")
    return said


def _accounting_group(rows: list[Permission]) -> str:
    # Of two at once the second waits here for the first one's commit.
    _, first = SetupStep.objects.get_or_create(name=_GROUP_STEP)
    if Group.objects.filter(name=ACCOUNTING_GROUP).exists():
        return f'The group "{ACCOUNTING_GROUP}" is there: left as it is.'
    if not first:
        return f'The group "{ACCOUNTING_GROUP}" was made before and is gone: not made again.'
    # Of no channel: whoever gives the group an order permission opens no orders by it.
    group = Group.objects.create(name=ACCOUNTING_GROUP, restricted_access_to_channels=True)
    group.permissions.add(*(row for row in rows if row.codename == Ours.VIEW_ACCOUNTING))
    return f'The group "{ACCOUNTING_GROUP}" is made.'


def take_down(*, really: bool) -> list[str]:
    """Remove our permissions with every grant, our periodic tasks and app; or only count."""
    with allow_writer(), transaction.atomic():
        rows = Permission.objects.filter(codename__in=OURS)
        tasks = PeriodicTask.objects.filter(name__in=beat.SCHEDULE) | PeriodicTask.objects.filter(
            task__startswith=f"{permissions.APP_LABEL}."
        )
        said = [f"Permissions, with every grant of them: {rows.count()}"]
        apps = App.objects.filter(identifier=PLUGIN_ID)
        said += [f"Periodic tasks: {tasks.count()}", f"App in the Dashboard: {apps.count()}"]
        if really:
            rows.delete()
            tasks.delete()
            apps.delete()
    return said
