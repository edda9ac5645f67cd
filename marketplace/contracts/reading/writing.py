"""A reading as JSON: for programs, for batches, for the page's own form."""

from collections.abc import Iterator
from typing import Any

from marketplace.contracts.reading.kinds import Reason
from marketplace.contracts.reading.parties import Party
from marketplace.contracts.reading.reading import Reading
from marketplace.contracts.reading.sentences import Found


def as_json(reading: Reading) -> dict[str, Any]:
    """Everything: values with sentence and span, reasons for and against, lights.

    Money is integer fen, days are ISO 8601, spans count characters of the text as it was given.
    """
    judgement = reading.judgement
    return {
        "technical": judgement.technical,
        "type": judgement.name,
        "likelihood": {kind.value: round(p, 4) for kind, p in judgement.likelihood.items()},
        "reasons": [_reason(one) for one in judgement.speaks_for],
        "reasons_against": [_reason(one) for one in judgement.speaks_against],
        "fields": fields_of(reading),
        "grounds": [
            {
                "code": light.code,
                "colour": light.colour.name.lower(),
                "message": light.message,
                "evidence": _found(light.evidence),
            }
            for light in reading.lights
        ],
    }


def batch_line(key: Any, reading: Reading) -> dict[str, Any]:
    """One line of a batch: the decision, the reasons, and the fields."""
    judgement = reading.judgement
    reasons = [f"+{one.text}：{_brief(one)}" for one in judgement.speaks_for]
    reasons += [f"-{one.text}：{_brief(one)}" for one in judgement.speaks_against]
    return {
        "id": key,
        "technical": judgement.technical,
        "type": judgement.name,
        "reasons": reasons,
        "fields": fields_of(reading),
    }


def fields_of(reading: Reading) -> dict[str, Any]:
    """The values by name, each with its sentence and span; ``None`` or ``[]`` where not written."""
    total, fixed = reading.total, reading.fixed_part
    stated = reading.registered
    lists = {
        "deliverables": reading.deliverables,
        "rights": reading.rights,
        "acceptance": reading.acceptance,
        "equipment": reading.equipment,
    }
    return {
        "title": _found(reading.title),
        "project_name": _found(reading.project),
        "sellers": [_party(one) for one in reading.parties_as("seller")],
        "buyers": [_party(one) for one in reading.parties_as("buyer")],
        "signed_on": _found(reading.signed_on),
        "begins_on": _found(reading.begins_on),
        "ends_on": _found(reading.ends_on),
        "amount": _found(total, total.value.fen) if total else None,
        "fixed_amount": _found(fixed, fixed.value.fen) if fixed else None,
        "amount_words": _found(stated.value.words) if stated else None,
        "amounts_agree": stated.value.agrees if stated else None,
        "payment": _found(reading.payment),
        **{name: [_found(one) for one in found] for name, found in lists.items()},
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "label": party.label,
        "name": _found(party.name),
        "uscc": _found(party.code),
        "address": _found(party.address),
        "representative": _found(party.representative),
    }


def _found(one: Found[Any] | None, value: Any = None) -> dict[str, Any] | None:
    if one is None:
        return None
    said = one.value if value is None else value
    plain = said.isoformat() if hasattr(said, "isoformat") else said
    return {"value": plain, "sentence": one.sentence, "start": one.start, "end": one.end}


def _reason(reason: Reason) -> dict[str, Any]:
    facts = {"cue": reason.cue, "text": reason.text, "weight": reason.weight}
    return facts | {"evidence": _found(reason.found)}


def _brief(reason: Reason) -> str:
    return f"“{reason.found.value[:40]}”（{reason.weight:+.2f}）"


def as_lines(reading: Reading) -> Iterator[str]:
    """The reading for a terminal: the type with its reasons, the values, the lights that are on."""
    judgement = reading.judgement
    yield f"{judgement.name or '非技术合同'}  {judgement.likelihood[judgement.kind]:.0%}"
    yield from (f"  + {one.text}：{_brief(one)}" for one in judgement.speaks_for)
    yield from (f"  - {one.text}：{_brief(one)}" for one in judgement.speaks_against)
    for name, value in fields_of(reading).items():
        yield f"{name}: {_told(value)}"
    for light in reading.lights:
        if light.colour:
            yield f"{light.code} {light.colour.name.lower()}: {light.message}"


def _told(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(_told(one) for one in value) or "—"
    if isinstance(value, dict):
        return str(value["value"]) if "value" in value else _told(value["name"])
    return "—" if value is None else str(value)
