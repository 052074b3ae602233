"""The fragments of an address: districts of a province, communes of a district."""

from flask import Blueprint, Response, make_response, render_template, request

from app.core.access import access
from app.shipping import forms, rates

bp = Blueprint("shipping", __name__)
HOUR = "private, max-age=3600"


@bp.get("/shipping/districts")
@access("public")
def districts() -> Response:
    found = rates.districts(request.args.get("province", "")[:10])
    return region("shipping/_districts.html", forms.of(found, []))


@bp.get("/shipping/communes")
@access("public")
def communes() -> Response:
    found = rates.communes(request.args.get("district", "")[:10])
    return region("shipping/_commune.html", forms.of([], found))


def region(template: str, form: forms.PlaceForm) -> Response:
    """The fields alone; places hardly change, so a browser may keep them for an hour."""
    response = make_response(render_template(template, form=form))
    response.headers["Cache-Control"] = HOUR
    return response
