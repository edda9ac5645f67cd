"""The reading of one contract: a frozen value with everything that was found, and where.

Nothing is invented: what is not written is ``None`` or an empty list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from marketplace.contracts.reading import clauses, dates
from marketplace.contracts.reading.amounts import Sum, Total, sums_of, total_of
from marketplace.contracts.reading.cues import KINDS, Kind
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.grounds import Evidence, GroundLight, lights_of
from marketplace.contracts.reading.kinds import Judgement, Scales
from marketplace.contracts.reading.parties import Party, parties_of
from marketplace.contracts.reading.payments import Method, leaves_price_open, method_of
from marketplace.contracts.reading.sentences import Found


@dataclass(frozen=True)
class Reading:
    """What a contract's text says, as far as it says it."""

    text: str
    title: Found[str] | None
    project: Found[str] | None
    parties: tuple[Party, ...]
    signed_on: Found[date] | None
    begins_on: Found[date] | None
    ends_on: Found[date] | None
    total: Found[Total] | None
    #: What is fixed of a price that a royalty leaves open.
    fixed_part: Found[Total] | None
    sums: tuple[Found[Sum], ...]
    payment: Found[Method] | None
    deliverables: tuple[Found[str], ...]
    rights: tuple[Found[str], ...]
    acceptance: tuple[Found[str], ...]
    equipment: tuple[Found[str], ...]
    judgement: Judgement
    lights: tuple[GroundLight, ...]

    @property
    def registered(self) -> Found[Total] | None:
        """The sum that is registered: the price, or its fixed part where a royalty leaves it open."""
        return self.total or self.fixed_part

    def parties_as(self, role: str) -> list[Party]:
        """The parties on one side, ``seller`` or ``buyer``."""
        return [party for party in self.parties if party.role == role]


class Reader:
    """Reads contracts by the cues, weights and wording of one installation."""

    def __init__(
        self,
        cues: Iterable[Mapping[str, Any]],
        weights: Iterable[Mapping[str, str]],
        wording: Iterable[Mapping[str, str]],
    ) -> None:
        self.scales = Scales.from_tables(cues, weights, wording)

    @cached_property
    def _title_cues(self) -> list[Any]:
        return [cue for cue in self.scales.cues if cue.in_title]

    def read(self, text: str, title: str = "") -> Reading:
        """Read ``text``; ``title`` is what the sender calls it, where it is known."""
        script = Script(text)
        heading = clauses.title_of(script, title)
        folded = Script(heading.value).flat.text if heading else ""
        judgement = self.scales.judge(script, folded)
        parties = parties_of(script)
        price, signed = total_of(script), dates.signed_on(script)
        is_open = price is not None and leaves_price_open(script, price)
        method = method_of(script, price.value.fen if price else None)
        term = dates.term_of(script)
        said = self.kind_of_title(folded)
        case = Evidence(script, said, judgement, parties, price, method, signed)
        return Reading(
            text=text,
            title=heading,
            project=clauses.project_of(script),
            parties=tuple(parties),
            signed_on=signed,
            begins_on=term.begins,
            ends_on=term.ends,
            total=None if is_open else price,
            fixed_part=price if is_open else None,
            sums=tuple(sums_of(script)),
            payment=method,
            deliverables=tuple(clauses.deliverables_of(script)),
            rights=tuple(clauses.rights_of(script)),
            acceptance=tuple(clauses.acceptance_of(script)),
            equipment=tuple(clauses.equipment_of(script)),
            judgement=judgement,
            lights=tuple(lights_of(case)),
        )

    def kind_of_title(self, title: str) -> Kind | None:
        """The kind that the title alone names; ``None`` where it names none or several."""
        said = set()
        for cue in self._title_cues:
            if cue.pattern.search(title):
                said.add(KINDS[cue.prior.index(max(cue.prior))])
        return said.pop() if len(said) == 1 else None
