"""What the verification page answers: facts that are not confidential, and the proof's own words.

A file is looked up by the digest of its bytes before anything is read from it. So no stranger's file
is ever parsed, and a file that was altered, or only saved again by some program, is refused: what it
says then is nobody's statement.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.certificates import queries
from marketplace.certificates.models import Certificate, RegistrationList
from marketplace.certificates.pdf import PROOF, attachments_of
from marketplace.certificates.queries import Standing
from marketplace.contracts import queries as contracts
from marketplace.contracts.queries import PublicFacts
from marketplace.ledger import queries as ledger
from marketplace.ledger.models import LedgerEntry, LedgerHead
from marketplace.ledger.signing import Signer
from marketplace.ledger.verify_proof import Answers


@dataclass(frozen=True)
class Line:
    """One contract of a list."""

    number: str
    version: int
    position: int
    standing: Standing


@dataclass(frozen=True)
class Verified:
    """The answer about one certificate or list; of a list ``facts`` and ``entry`` are empty."""

    issued: Certificate | RegistrationList
    number: str
    standing: Standing
    issued_at: datetime
    demonstration: bool
    head: LedgerHead | None
    facts: PublicFacts | None = None
    entry: LedgerEntry | None = None
    lines: Sequence[Line] = ()
    #: Of a file that was handed in: what its proofs say; none where a code was typed.
    answers: Answers | None = None

    @property
    def is_list(self) -> bool:
        """Whether it is a 登记清单."""
        return isinstance(self.issued, RegistrationList)


def about(issued: Certificate | RegistrationList, answers: Answers | None = None) -> Verified:
    """What anybody who holds it may know."""
    if isinstance(issued, RegistrationList):
        return _about_list(issued, answers)
    contract = issued.contract
    return Verified(
        issued=issued,
        number=contract.local_no or "",
        standing=queries.standing_of(contract, issued.version),
        issued_at=issued.issued_at,
        demonstration=contract.demonstration,
        head=ledger.latest_head(),
        facts=contracts.public_facts(contract.local_no or ""),
        entry=ledger.load(issued.position),
        answers=answers,
    )


def _about_list(issued: RegistrationList, answers: Answers | None) -> Verified:
    return Verified(
        issued=issued,
        number=issued.number,
        standing=queries.standing_of_list(issued),
        issued_at=issued.issued_at or issued.asked_at,
        demonstration=any(line.contract.demonstration for line in issued.lines),
        head=ledger.latest_head(),
        lines=[
            Line(
                number=line.contract.local_no or "",
                version=line.version,
                position=contracts.versions_of(line.contract)[line.version - 1].position,
                standing=queries.standing_of(line.contract, line.version),
            )
            for line in issued.lines
        ],
        answers=answers,
    )


def of_file(content: bytes, signer: Signer) -> Verified | None:
    """The answer about a file; none for a file that is not, to the byte, one that was issued here."""
    issued = queries.by_digest(hashlib.sha256(content).hexdigest())
    return about(issued, _proofs_say(content, signer)) if issued is not None else None


def _proofs_say(content: bytes, signer: Signer) -> Answers:
    """What ``verify_proof`` says of every proof inside; of several the worst, first in order of text."""
    worst: Answers = {}
    for name, proof in attachments_of(content).items():
        if name.startswith(PROOF):
            answers, _sound = ledger.check_file(proof, None, signer)
            for question, answer in answers.items():
                worst[question] = min(worst.get(question, answer), answer)
    return worst
