"""Our permissions among Saleor's.

Saleor keeps its permissions twice: as rows, and as the enums of `saleor.permission.enums`. A row
in a group without its enum member breaks `permissionGroups`, `me` and the Dashboard's lists, and
counts as not granted. `PermissionEnum` of the GraphQL schema is built from the list of enums while
the apps get ready, so ours must be in it before: as our models are imported.
"""

import sys
from enum import Enum
from typing import Any

from ..logs import logger_of
from ..policy.permissions import Permission

logger = logger_of(__name__)

APP_LABEL = "jokkerit_plugin"
#: Saleor's name of each permission (JOKKERIT_VIEW_REGISTER) and its value (label.code name).
MEMBERS = {f"JOKKERIT_{one.name}": f"{APP_LABEL}.{one.value}" for one in Permission}


def register() -> None:
    """Add the five to Saleor's enums, once; for `AppConfig.import_models()`."""
    from saleor.permission import enums

    if not MEMBERS.keys() & enums.get_permissions_enum_dict().keys():
        # Functional: BasePermissionEnum is known at run time only.
        enums.PERMISSIONS_ENUMS.append(enums.BasePermissionEnum("RegisterPermissions", MEMBERS))


def ensure() -> None:
    """Renew the schema's enum where it was built before `register`; for `AppConfig.ready()`.

    Does nothing in Saleor's own order of imports. Where another app has built the whole schema
    already it is too late: the shop runs, `known()` is false, and setting up refuses.
    """
    built = sys.modules.get("saleor.graphql.core.enums")
    if built is None or known():
        return
    if "saleor.graphql.api" in sys.modules:
        logger.error("An app before ours has built Saleor's schema: our permissions are unknown.")
        return
    from saleor.permission.enums import get_permissions_enum_list

    kind: Any = built.PermissionEnum
    members = Enum(kind._meta.name, get_permissions_enum_list())  # type: ignore[misc]
    # The options object is frozen.
    object.__setattr__(kind._meta, "enum", members)
    for member in members:
        setattr(kind, member.name, member)


def known() -> bool:
    """Tell whether Saleor's schema in this process has our permissions, or will have them."""
    from saleor.permission import enums

    built = sys.modules.get("saleor.graphql.core.enums")
    in_schema = built.PermissionEnum._meta.enum.__members__ if built else MEMBERS
    everywhere = enums.get_permissions_enum_dict().keys() & in_schema.keys()
    return bool(everywhere >= MEMBERS.keys())
