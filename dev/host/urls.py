"""Where the demo's web server answers: as a shop does, the log-in and the plugin's own address."""

from django.urls import path

from dev.host.staff import sign_in
from jokkerit_plugin.web import routes

urlpatterns = [
    path("graphql/", sign_in),
    path(
        "plugins/jokkerit.register/",
        lambda request, path="": routes.serve(request, path, active=True),
    ),
    path(
        "plugins/jokkerit.register/<path:path>",
        lambda request, path: routes.serve(request, path, active=True),
    ),
]
