"""What the pages of the two libraries send, and what they show again."""

from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from marketplace.codes import current_codes
from marketplace.listings import columns
from marketplace.listings.columns import COLUMNS
from marketplace.listings.indicators import PARTS
from marketplace.listings.models import Listing
from marketplace.listings.queries import CONCEPT, FACETS, Conditions

ORDERS = ("relevance", "newest", "amount")
TEXT_LIMIT = 200
MOST_CONCEPTS = 10


def conditions_of(kind: str, args: MultiDict[str, str]) -> Conditions:
    """The conditions of an address; what no list knows is left out.

    Which concepts there are is the index's to say, so names of these pass as they are.
    """
    chosen = {facet: _known(facet, args.getlist(facet)) for facet in FACETS[kind]}
    chosen[CONCEPT] = tuple(dict.fromkeys(args.getlist(CONCEPT)))[:MOST_CONCEPTS]
    return Conditions(
        kind,
        text=args.get("q", "").strip()[:TEXT_LIMIT],
        chosen={facet: values for facet, values in chosen.items() if values},
        order=args["order"] if args.get("order") in ORDERS else ORDERS[0],
        page=args.get("page", 1, type=int),
    )


def checked(kind: str, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """``(facts, errors)`` of what was typed; words beside a day or a sum are asked about."""
    return columns.checked(kind, values, keep_remarks=False)


def labels(kind: str) -> dict[str, str]:
    """What each field is called on the page, in the reader's language; the pages have these words."""
    return {column.name: _(column.heading) for column in COLUMNS[kind]}


def values_of(kind: str, form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, field by field, ready to be checked and to be shown again."""
    values: dict[str, Any] = {column.name: form.get(column.name, "") for column in COLUMNS[kind]}
    del values["source_key"]  # the importer's, not the typist's
    values["modes"] = form.getlist("modes")
    cells = [form.getlist(f"indicator_{part}") for part in PARTS]
    values["indicators"] = [
        row
        for parts in zip(*cells, strict=False)
        if any((row := dict(zip(PARTS, parts, strict=True))).values())
    ]
    return values


def written(listing: Listing) -> dict[str, Any]:
    """The values of a stored listing as :func:`values_of` would give them."""
    values: dict[str, Any] = {
        column.name: column.write(listing) for column in COLUMNS[listing.kind]
    }
    for column in COLUMNS[listing.kind]:
        if column.code_list and not column.several:
            values[column.name] = str(getattr(listing, column.name) or "")
    values["region"] = listing.region
    values["modes"] = [row.mode for row in listing.mode_rows]
    values["indicators"] = listing.indicators
    return values


def _known(facet: str, values: list[str]) -> tuple[str, ...]:
    codes = current_codes()
    lists = {"league": codes.leagues, "band": codes.lists["budget"]}
    names = lists[facet] if facet in lists else codes.lists[facet]
    return tuple(value for value in dict.fromkeys(values) if value in names)
