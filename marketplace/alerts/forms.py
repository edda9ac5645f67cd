"""What a saved search is called until its owner says otherwise."""

from flask_babel import gettext as _

from marketplace.listings.queries import Conditions
from marketplace.pages import name_of

#: facet → the code list that names its values
LISTS = {"band": "budget", "league": "region"}
LIBRARY_NAMES = {"need": lambda: _("全部需求"), "result": lambda: _("全部成果")}


def name_of_conditions(conditions: Conditions) -> str:
    """The words and the chosen values, in the order of the page."""
    values = [
        name_of(LISTS.get(facet, facet), value)
        for facet, chosen in conditions.chosen.items()
        for value in chosen
    ]
    parts = [" ".join(conditions.text.split()), *values]
    return " · ".join(filter(None, parts)) or LIBRARY_NAMES[conditions.kind]()
