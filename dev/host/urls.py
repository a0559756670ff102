"""Where the demo's web server answers: as a shop does, the log-in and the plugin's own address."""

from django.urls import path, re_path

from dev.host.staff import sign_in
from jokkerit_plugin.web import routes

urlpatterns = [
    path("graphql/", sign_in),
    re_path(r"^plugins/jokkerit\.register/(?P<path>.*)$", routes.serve, {"active": True}),
]
