"""What is answered below /plugins/jokkerit.register/."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import view

#: Path to who answers; each looks after its own methods and tokens.
ROUTES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"graphql": view.answer}


def serve(request: HttpRequest, path: str, *, active: bool) -> HttpResponse:
    """Answer a request; `path` is what follows the plugin's own address.

    Saleor asks an inactive plugin too: then there is nothing here.
    """
    answer = ROUTES.get(path.strip("/"))
    if answer is None or not active:
        return HttpResponse(
            "There is no page at this address.\n",
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    return answer(request)
