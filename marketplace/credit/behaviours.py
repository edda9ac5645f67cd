"""What follows from the facts: who did what, when, by which source. Pure, so that it can be repeated."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Side, State
from marketplace.credit.facts import ENDINGS, Entry, Registration
from marketplace.credit.states import Behaviour
from marketplace.ledger.entry import Kind
from marketplace.working_days import local_day

#: With these an asked side has answered, whatever the answer.
ANSWERS = frozenset({Action.INTEREST, Action.ASK, Action.DECLINE})


@dataclass(frozen=True)
class Subject:
    """Whose behaviour: an organisation, or a broker."""

    organization_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class Found:
    """One behaviour with its source and where it can be looked up."""

    subject: Subject
    kind: Behaviour
    source: str
    day: date
    evidence: tuple[str, ...]

    @property
    def key(self) -> tuple[int | None, int | None, str, str]:
        """What no two records share."""
        return self.subject.organization_id, self.subject.user_id, self.kind.value, self.source


def of_registration(registration: Registration) -> Iterator[Found]:
    """What a contract's entries give its parties and its broker.

    While it stands: that it was registered, and each verified income. A revocation falls on the
    applicant; a cancellation is nobody's fault and takes away what the registration gave.
    """
    source = f"contract/{registration.contract_id}"
    if ending := _ending(registration):
        if ending.kind == Kind.REVOKED:
            applicant = Subject(organization_id=registration.applicant_id)
            yield _by_entry(applicant, Behaviour.REGISTRATION_REVOKED, source, ending)
        return
    for entry in registration.entries:
        for subject in _behind(registration):
            if entry.kind == Kind.REGISTERED and entry.version == 1:
                yield _by_entry(subject, Behaviour.CONTRACT_REGISTERED, source, entry)
            elif entry.kind == Kind.INCOME_VERIFIED:
                line = f"{source}/income/{entry.version}"
                yield _by_entry(subject, Behaviour.INCOME_VERIFIED, line, entry)


def groundless(registration: Registration) -> list[str]:
    """The sources that give nothing any more, because the registration was cancelled or revoked."""
    if _ending(registration) is None:
        return []
    source = f"contract/{registration.contract_id}"
    lines = [e.version for e in registration.entries if e.kind == Kind.INCOME_VERIFIED]
    return [source, *(f"{source}/income/{line}" for line in lines)]


def _ending(registration: Registration) -> Entry | None:
    return next((entry for entry in registration.entries if entry.kind in ENDINGS), None)


def _behind(registration: Registration) -> Iterator[Subject]:
    yield from (Subject(organization_id=one) for one in registration.organizations)
    if registration.broker_id is not None:
        yield Subject(user_id=registration.broker_id)


def _by_entry(subject: Subject, kind: Behaviour, source: str, entry: Entry) -> Found:
    return Found(subject, kind, source, entry.day, (f"ledger/{entry.position}",))


def of_introduction(
    introduction: Introduction, due: Callable[[datetime], datetime]
) -> Iterator[Found]:
    """Answers in time and missed ones, and meetings; ``due`` tells the deadline that begins then."""
    yield from _answers(introduction, due)
    for step in introduction.steps:
        evidence = (introduction.key, f"step/{step.id}")
        if step.action == Action.EXPIRE:
            for subject in _silent(introduction, step.source):
                kind = Behaviour.ANSWER_MISSED
                yield Found(subject, kind, introduction.key, local_day(step.at), evidence)
        elif step.action == Action.MEET:
            for subject in _everybody(introduction):
                kind = Behaviour.MEETING_CONFIRMED
                yield Found(subject, kind, introduction.key, local_day(step.at), evidence)


def _answers(introduction: Introduction, due: Callable[[datetime], datetime]) -> Iterator[Found]:
    """The first answer of each side, where it came before the deadline that ran then."""
    begins = introduction.sent_at
    answered: set[Side] = set()
    for said in introduction.answers:
        if said.side is not None and said.action in ANSWERS and said.side not in answered:
            answered.add(said.side)
            if begins is not None and said.at <= due(begins):
                subject = Subject(organization_id=introduction.owner_id(said.side))
                evidence = (introduction.key, f"answer/{said.id}")
                kind = Behaviour.ANSWERED_IN_TIME
                yield Found(subject, kind, introduction.key, local_day(said.at), evidence)
        if said.action in (Action.ASK, Action.SUPPLY):
            begins = said.at


def _silent(introduction: Introduction, state: State) -> list[Subject]:
    """Whose silence it was: the asked sides', or after a question that of whoever had asked first."""
    if state == State.QUESTIONED:
        return [_opener(introduction)]
    open_sides = set(introduction.asked_sides) - introduction.interested_sides
    return [Subject(organization_id=introduction.owner_id(s)) for s in Side if s in open_sides]


def _opener(introduction: Introduction) -> Subject:
    if introduction.opened_side is None:
        return Subject(user_id=introduction.broker_id)
    return Subject(organization_id=introduction.owner_id(introduction.opened_side))


def _everybody(introduction: Introduction) -> Iterator[Subject]:
    yield from (Subject(organization_id=introduction.owner_id(side)) for side in Side)
    if introduction.broker_id is not None:
        yield Subject(user_id=introduction.broker_id)


def distinct(found: Iterable[Found]) -> dict[tuple[int | None, int | None, str, str], Found]:
    """Each behaviour once, by its key; of several the first."""
    chosen: dict[tuple[int | None, int | None, str, str], Found] = {}
    for one in found:
        chosen.setdefault(one.key, one)
    return chosen
