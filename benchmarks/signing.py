"""Runs inside Saleor: `python -m benchmarks.signing`. All of the staff sign the agreement."""

from __future__ import annotations

import sys

import django

django.setup()

from saleor.account.models import User  # noqa: E402

from jokkerit_plugin.access import agreements  # noqa: E402
from jokkerit_plugin.access.actor import Actor  # noqa: E402
from jokkerit_plugin.policy.permissions import Permission  # noqa: E402
from jokkerit_plugin.shop.port import shop  # noqa: E402

with shop().writer():
    version = agreements.in_force().version
    for pk in User.objects.filter(is_staff=True).values_list("pk", flat=True):
        actor = Actor(f"user:{pk}", frozenset({Permission.MANAGE_PRIVACY}))
        agreements.sign(actor, version=version, language="fi")
sys.stdout.write("{}\n")
