"""Makes the files that registrations and lists ask for by the outbox; may be killed at any point.

A head that covers the entry, the receipt, the file, the row, in this order: until the row is written
the thing is made again, with the same bytes, and once it is written nothing more is done.
"""

from collections.abc import Callable, Sequence

from marketplace import files, outbox
from marketplace.certificates import documents, operations, queries
from marketplace.certificates.models import RegistrationList
from marketplace.certificates.pdf import printed
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.ledger.operations import sign_head
from marketplace.transactions import transact


def issue(subjects: Sequence[str]) -> None:
    """Make what is missing of ``contract/<id>`` and ``list/<id>``.

    One that cannot be made does not keep the others from being made; it is named at the end.
    """
    transact(lambda: sign_head(now=utcnow()))
    outbox.do_each(subjects, _make)


def _make(subject: str) -> None:
    kind, _slash, key = subject.partition("/")
    MAKERS[kind](int(key))


def _issue_certificate(contract_id: int) -> None:
    version = queries.unproved_version(contract_id)
    if version is None:
        return
    proved, number = documents.certificate(version), version.version
    db.session.rollback()  # no transaction is open while the file is made
    digest = files.keep(printed(proved.document), proved.document.name)

    def record() -> None:
        operations.record_certificate(
            contract_id,
            number,
            position=proved.position,
            head_size=proved.head_size,
            digest=digest,
            now=utcnow(),
        )

    transact(record)


def _issue_list(list_id: int) -> None:
    asked = db.session.get(RegistrationList, list_id)
    if asked is None or asked.digest is not None:
        return
    document = documents.registration_list(asked)
    db.session.rollback()
    digest = files.keep(printed(document), document.name)
    transact(lambda: operations.record_list(list_id, digest=digest, now=utcnow()))


MAKERS: dict[str, Callable[[int], None]] = {
    "contract": _issue_certificate,
    "list": _issue_list,
}
