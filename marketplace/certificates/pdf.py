"""HTML to PDF/A-3b, the same bytes for the same document; WeasyPrint and the system's fonts do it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from pypdf import PdfReader

from marketplace.errors import MarketplaceError

try:  # loads Pango, which is no Python package
    import weasyprint
except OSError as fault:
    MISSING = str(fault)
else:
    MISSING = ""

#: PDF/A-3b of ISO 19005-3: archivable, and may carry the proof as an attachment.
VARIANT = "pdf/a-3b"
FAMILY = "CJK"
PROOF = "proof"


class CannotPrint(MarketplaceError):
    """Raised here: a package of the operating system is missing; says which."""

    status = 503


@dataclass(frozen=True)
class Document:
    """What is to be printed; ``at`` is the instant of its facts, never of the printing."""

    name: str
    html: str
    at: datetime
    attachments: dict[str, bytes] = field(default_factory=dict)


def printed(document: Document) -> bytes:
    """The file; :class:`CannotPrint` names the package that is missing."""
    if MISSING:
        text = _("缺少系统软件包 libpango-1.0-0、libpangoft2-1.0-0，不能生成证明：%(fault)s")
        raise CannotPrint(text % {"fault": MISSING.splitlines()[0]})
    content = weasyprint.HTML(string=document.html, url_fetcher=_nothing_outside).write_pdf(
        pdf_variant=VARIANT,
        pdf_identifier=document.name.encode(),
        attachments=[*_attachments(document)],
    )
    if not any(FAMILY in font for font in fonts_of(content)):
        raise CannotPrint(_("缺少系统软件包 fonts-noto-cjk（中文字体），不能生成证明"))
    return content


def _attachments(document: Document) -> Iterator[Any]:
    for name, content in sorted(document.attachments.items()):  # as a name tree has to be
        yield weasyprint.Attachment(
            file_obj=BytesIO(content),
            name=name,
            description=name,
            created=document.at,
            modified=document.at,
            relationship="Data",
        )


def _nothing_outside(url: str, *_args: Any, **_kwargs: Any) -> Any:
    """A document holds all that it shows."""
    raise ValueError(f"a certificate opens no address: {url}")


def fonts_of(content: bytes) -> dict[str, bool]:
    """The fonts of a file, and whether each is embedded."""
    found = {}
    for page in PdfReader(BytesIO(content)).pages:
        resources: Any = page["/Resources"]
        for reference in resources.get("/Font", {}).values():
            font = reference.get_object()
            inner = font.get("/DescendantFonts", [font])[0].get_object()
            keys = inner["/FontDescriptor"].get_object().keys()
            is_embedded = any(key.startswith("/FontFile") for key in keys)
            found[str(font["/BaseFont"])] = is_embedded
    return found


def attachments_of(content: bytes) -> dict[str, bytes]:
    """The files inside one of ours, by name."""
    attached = PdfReader(BytesIO(content)).attachments
    return {name: contents[0] for name, contents in attached.items()}
