"""The manifest of the app by which the register's pages stand in the Dashboard."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from ..shop.people import Administered
from ..shop.port import shop
from . import pages
from .plain import plain


def answer(request: HttpRequest) -> HttpResponse:
    """Answer with the manifest, in the language asked for; it holds no data."""
    if request.method not in {"GET", "HEAD"}:
        refusal = plain("Use GET.", status=405)
        refusal["Allow"] = "GET, HEAD"
        return refusal
    port = shop()
    if not isinstance(port, Administered):
        return plain("This shop has no Dashboard.", status=404)
    response = JsonResponse(port.manifest(pages.language(request)))
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Language"
    response["X-Content-Type-Options"] = "nosniff"
    return response
