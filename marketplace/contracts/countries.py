"""Countries and regions by the three digits of GB/T 2659 (ISO 3166-1), with their Chinese names."""

from functools import cache

from babel import Locale
from babel.core import get_global

CHINA = "156"
#: 香港, 澳门, 台湾: neither domestic nor foreign in the statistics of technology trade.
HMT = ("344", "446", "158")


@cache
def countries() -> dict[str, str]:
    """Code → name, in the order of the codes."""
    names = Locale("zh").territories
    aliases = get_global("territory_aliases")
    numeric = {code: to[0] for code, to in aliases.items() if code.isdigit() and len(code) == 3}
    return {code: names[to] for code, to in sorted(numeric.items()) if to in names}


def code_of(text: str) -> str | None:
    """The code that ``text`` names by code or by name; ``None`` if neither."""
    if text in countries():
        return text
    return next((code for code, name in countries().items() if name == text), None)
