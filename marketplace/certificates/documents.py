"""What stands on a certificate or a list, with the ledger's proof inside: pure reading.

Nothing depends on the moment of printing: the receipt is made from the first head that covers the
entry, and the dates are those of the registration. So the bytes can be made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import segno
from flask import current_app, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from marketplace import money
from marketplace.certificates.check_code import grouped
from marketplace.certificates.models import ListLine, RegistrationList
from marketplace.certificates.operations import certificate_code
from marketplace.certificates.pdf import PROOF, Document
from marketplace.contracts import queries as contracts
from marketplace.contracts.models import Contract
from marketplace.contracts.proceedings import ContractVersion
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.ledger import verify_proof
from marketplace.ledger.models import LedgerHead
from marketplace.rules import Rules

NAMES = "names.json"


@dataclass(frozen=True)
class Proved:
    """A document, and where in the ledger its proof stands."""

    document: Document
    position: int
    head_size: int


@dataclass(frozen=True)
class Row:
    """One registered version in the words of the form."""

    contract: Contract
    version: ContractVersion

    @property
    def rules(self) -> Rules:
        """The rules under which it was decided."""
        return Rules.called(self.version.rules)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was registered, as it stood."""
        return self.version.facts

    @property
    def office(self) -> Mapping[str, str]:
        """The names of point, registrar and reviewer as they were; old versions did not keep them."""
        return self.facts.get("office") or contracts.office_of(self.contract)

    @property
    def kind(self) -> str:
        """合同类别: group and leaf."""
        leaf = self.facts["type"]
        group = self.rules.groups.get(self.rules.types[leaf].group, "")
        name = self.rules.name_of("type", leaf)
        return name if name == group else f"{group} · {name}"

    @property
    def deal(self) -> tuple[str, str]:
        """成交额 in figures and in 大写."""
        return _both(self.version.deal_amount)

    @property
    def technology(self) -> tuple[str, str]:
        """技术交易额 in figures and in 大写."""
        return _both(self.version.technology_amount)

    @property
    def signed_on(self) -> date:
        """签订日期."""
        return date.fromisoformat(self.facts["signed_on"])


def _both(fen: int) -> tuple[str, str]:
    return money.format_yuan(fen), money.in_capitals(fen)


def certificate(version: ContractVersion) -> Proved:
    """The certificate of ``version``; :class:`Conflict` while no head covers its entry."""
    contract = db.session.get_one(Contract, version.contract_id)
    number, head = contract.local_no or "", _head_over(version.position)
    code = certificate_code(number, version.version)
    html = render_template(
        "certificates/certificate.html",
        row=Row(contract, version),
        versions=contracts.versions_of(contract)[: version.version],
        code=grouped(code),
        entry=ledger.load(version.position),
        at=version.at,
        **_frame(f"{number}?{urlencode({'v': version.version, 'c': code})}", head),
    )
    attachments = _proofs([version], head, f"{PROOF}.json")
    name = f"{number}-v{version.version}.pdf"
    document = Document(name, html, version.at, attachments)
    return Proved(document, version.position, head.size)


def registration_list(asked: RegistrationList) -> Document:
    """The list as it was asked for."""
    rows = [_row(line) for line in asked.lines]
    versions = [row.version for row in rows]
    head = _head_over(max(version.position for version in versions))
    html = render_template(
        "certificates/list.html",
        asked=asked,
        rows=rows,
        rules=rows[0].rules,
        totals=[
            _both(sum(v.deal_amount for v in versions)),
            _both(sum(v.technology_amount for v in versions)),
        ],
        code=grouped(asked.code),
        at=asked.asked_at,
        **_frame(f"{asked.number}?{urlencode({'c': asked.code})}", head),
    )
    return Document(f"{asked.number}.pdf", html, asked.asked_at, _proofs(versions, head))


def _row(line: ListLine) -> Row:
    versions = contracts.versions_of(line.contract)
    return Row(line.contract, versions[line.version - 1])


def _head_over(position: int) -> LedgerHead:
    head = ledger.first_head_over(position)
    if head is None:
        raise Conflict(_("这一条还没有签署树头，请稍后再试"))
    return head


def _frame(path: str, head: LedgerHead) -> dict[str, Any]:
    """What every document bears: where it is verified, and the head that its proofs lead to."""
    site = current_app.extensions["settings"].public_url
    address = f"{site}/verify/{path}"
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=2, scale=1, omitsize=True, svgclass="qr", lineclass=None)
    return {"site": site, "qr": Markup(drawn), "head": head}


def _proofs(
    versions: Sequence[ContractVersion], head: LedgerHead, name: str = ""
) -> dict[str, bytes]:
    """The receipts, and the openings of the commitments that stand for names in the entries."""
    found = {}
    for version in versions:
        receipt = ledger.receipt(version.position, head)
        file = name or f"{PROOF}-{version.entry['number']}.json"
        found[file] = verify_proof.written(receipt)
    names = [opening for version in versions for opening in _openings(version)]
    return found | {NAMES: verify_proof.written({"format": "names", "names": names})}


def _openings(version: ContractVersion) -> list[dict[str, str]]:
    """Salt and value behind each commitment of an entry, as far as they were not purged."""
    parties = version.entry["parties"]
    sealed = [version.entry["project"], *parties["sellers"], *parties["buyers"]]
    rows = [row for one in sealed if (row := ledger.disclosure(one)) is not None]
    return [
        {"commitment": r.commitment, "field": r.field, "salt": r.salt.hex(), "value": r.value}
        for r in rows
        if r.salt is not None and r.value is not None
    ]
