"""What the forms of a thread send, checked: texts, a meeting's plan, and a file."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from marketplace import files
from marketplace.brokering.threads.models import Meeting, PaperKind
from marketplace.brokering.threads.operations import Plan
from marketplace.errors import InvalidInput
from marketplace.ledger.entry import BEIJING
from marketplace.listings.cells import BadCell, bounded_text

MESSAGE_LIMIT, PAPER_LIMIT, AGENDA_LIMIT = 4_000, 20_000, 2_000
PLACE_LIMIT, LINK_LIMIT, NAME_LIMIT = 200, 300, 120
LONGEST_MEETING = 24 * 60
#: What a calendar can hold; beyond it a year is a slip of the finger.
YEARS = range(2020, 2100)
Errors = dict[str, list[str]]


def text_of(form: Mapping[str, str], name: str, limit: int) -> str:
    """A text that must say something; :class:`InvalidInput` names it."""
    try:
        text = bounded_text(form.get(name, ""), limit)
    except BadCell as fault:
        raise InvalidInput({name: [str(fault)]}) from fault
    if not text:
        raise InvalidInput({name: [_("请先填写内容")]})
    return text


def draft_of(form: Mapping[str, str]) -> str:
    """What is typed so far; what is too long to send is kept as far as a message goes."""
    return form.get("text", "").replace("\r\n", "\n")[:MESSAGE_LIMIT]


def plan_of(form: Mapping[str, str]) -> Plan:
    """A meeting's plan; time is Beijing's. :class:`InvalidInput` names every field that is wrong."""
    errors: Errors = {}
    starts_at = _moment(form.get("starts_at", ""), errors)
    minutes = _minutes(form.get("minutes", ""), errors)
    limits = {"place": PLACE_LIMIT, "link": LINK_LIMIT, "agenda": AGENDA_LIMIT}
    texts = {name: _text(form, name, limit, errors) for name, limit in limits.items()}
    if not errors and not (texts["place"] or texts["link"]):
        errors["place"] = [_("请填写会面地点或线上会议链接")]
    if texts["link"] and not _is_address(texts["link"]):
        errors["link"] = [_("链接应以 https:// 或 http:// 开头")]
    if errors or starts_at is None:
        raise InvalidInput(errors)
    return Plan(starts_at, minutes, **texts)


def shown(meeting: Meeting) -> dict[str, str]:
    """A meeting as the form writes it, in Beijing's time."""
    texts = {"place": meeting.place, "link": meeting.link, "agenda": meeting.agenda}
    starts_at = meeting.starts_at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
    return {"starts_at": starts_at, "minutes": str(meeting.minutes), **texts}


def _moment(text: str, errors: Errors) -> datetime | None:
    for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"):
        try:
            read = datetime.strptime(text.strip(), form)
        except ValueError:
            continue
        if read.year in YEARS:
            return read.replace(tzinfo=BEIJING)
    errors["starts_at"] = [_("时间应写作 2026-12-01 14:30（北京时间）")]
    return None


def _minutes(text: str, errors: Errors) -> int:
    folded = unicodedata.normalize("NFKC", text).strip()
    is_short = folded.isascii() and folded.isdigit() and len(folded) < 5
    if is_short and 0 < int(folded) <= LONGEST_MEETING:
        return int(folded)
    errors["minutes"] = [_("时长应为1至1440分钟的整数")]
    return 0


def _text(form: Mapping[str, str], name: str, limit: int, errors: Errors) -> str:
    try:
        return bounded_text(form.get(name, ""), limit)
    except BadCell as fault:
        errors[name] = [str(fault)]
        return ""


def _is_address(link: str) -> bool:
    """Only what a browser opens as a page: no script hides behind a link to a meeting."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def kind_of(form: Mapping[str, str]) -> PaperKind:
    """Which paper is written."""
    name = form.get("kind", "")
    if name not in list(PaperKind):
        raise InvalidInput({"kind": [_("没有这种文书")]})
    return PaperKind(name)


def upload_of(upload: FileStorage) -> tuple[str, bytes]:
    """The name without any path or unseen character, and the bytes."""
    plain = re.split(r"[/\\:]", upload.filename or "")[-1]
    name = "".join(c for c in plain if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    name = f"{stem[: NAME_LIMIT - len(ending) - 1]}{dot}{ending}"
    upload.stream.seek(0)  # read again where the transaction is repeated
    return name, upload.stream.read(files.LARGEST + 1)
