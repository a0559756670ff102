"""Rules that every table of the register keeps."""

import pytest
from django.apps import apps
from django.db import models

MODELS = list(apps.get_app_config("jokkerit_plugin").get_models())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_makes_no_permissions_of_its_own_in_the_shop(model):
    assert model._meta.default_permissions == ()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_refers_to_tables_of_the_register_only(model):
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey | models.ManyToManyField):
            assert field.related_model in MODELS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_amount_is_a_float(model):
    assert not [f for f in model._meta.get_fields() if isinstance(f, models.FloatField)]
