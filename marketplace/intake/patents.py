"""Patents by their numbers, those of one record joined to families.

An application number (ZL/CN, twelve digits, a point and a check digit) and a publication number
(CN, seven to nine digits and a letter) of one record are one family where they stand in one sentence
or where the record has one of each.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.listings.rights import KIND_DIGITS, check_digit

_APPLICATION = re.compile(
    r"(?<![\dA-Za-z])(?:(ZL|CN)\s*)?((?:19|20)\d{2}\s?[12389]\s?\d{3}\s?\d{4})\s*[.．·]?\s*([\dXx])(?![\dA-Za-z.])"
)
_PUBLICATION = re.compile(
    r"(?<![A-Za-z])CN\s?(\d{3}\s?\d{3}\s?\d{0,3})\s?([ABCUSY])\s?(\d?)(?![\dA-Za-z])"
)
#: Thirteen bare digits are a patent's number only where the words before say so.
_SAYS_PATENT = re.compile(r"(?:专利|申请号|授权号|发明|实用新型)[^。；;\n]{0,24}$")
_SENTENCE = re.compile(r"[^。；;\n]+")


@dataclass(frozen=True)
class Family:
    """Numbers of one right; the first is the one it is known by. ``doubtful``: a wrong check digit."""

    numbers: tuple[str, ...]
    kind: str
    doubtful: bool = False

    @property
    def key(self) -> str:
        """The number by which two records are told to hold the same right."""
        return self.numbers[0].removeprefix("ZL").removeprefix("CN")


def families_in(text: str) -> tuple[Family, ...]:
    """The families named in a record, in the order of their first number, each once."""
    plain = unicodedata.normalize("NFKC", text)
    groups = [_numbers(found.group()) for found in _SENTENCE.finditer(plain)]
    whole = list(dict.fromkeys(number for group in groups for number in group))
    joined = _pair(whole) or next((pair for group in groups if (pair := _pair(group))), None)
    families: list[Family] = []
    for number in whole:
        numbers = joined if joined and number in joined else (number,)
        family = Family(tuple(numbers), _kind_of(numbers), not _is_right(numbers[0]))
        if family not in families:
            families.append(family)
    return tuple(families)


def _numbers(sentence: str) -> list[str]:
    found = []
    for match in _APPLICATION.finditer(sentence):
        pointed = re.search(r"[.．·]", match.group())
        if match[1] or pointed or _SAYS_PATENT.search(sentence[: match.start()]):
            digits = re.sub(r"\s", "", match[2])
            found.append((match.start(), f"ZL{digits}.{match[3].upper()}"))
    for match in _PUBLICATION.finditer(sentence):
        digits = re.sub(r"\s", "", match[1])
        found.append((match.start(), f"CN{digits}{match[2]}{match[3]}"))
    return list(dict.fromkeys(number for _at, number in sorted(found)))


def _pair(numbers: Sequence[str]) -> tuple[str, ...] | None:
    """One application and its publications, if these numbers can be such; the application first."""
    applications = [number for number in numbers if number.startswith("ZL")]
    publications = [number for number in numbers if number.startswith("CN")]
    bodies = {re.sub(r"[ABCUSY]\d?$", "", number) for number in publications}
    if len(applications) == 1 and len(bodies) == 1:
        return (applications[0], *publications)
    return None


def _kind_of(numbers: Sequence[str]) -> str:
    digits = numbers[0].removeprefix("ZL")
    if numbers[0].startswith("ZL"):
        return KIND_DIGITS.get(digits[4], "invention")
    return {"U": "utility", "Y": "utility", "S": "design"}.get(
        numbers[0].rstrip("0123456789")[-1], "invention"
    )


def _is_right(number: str) -> bool:
    if not number.startswith("ZL"):
        return True
    digits, digit = number.removeprefix("ZL").split(".")
    return check_digit(digits) == digit
