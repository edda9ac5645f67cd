"""Bytes into text, when what a page declares and what it is are two things.

UTF-8 proves itself: bytes of another Chinese encoding are hardly ever valid UTF-8. So it is tried first
whatever is declared, then what is declared, then GB18030, which holds GB 2312 and GBK. A few broken
bytes (a summary cut in the middle of a character) leave U+FFFD where they stood; more than that means
the wrong encoding, and then there is no text.
"""

import codecs
import re

import webencodings

from scrapers.errors import FaultKind, ScrapeFailed

#: Broken characters per character beyond ASCII that are still a slip and not another encoding.
SLIPS = 0.01
META = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
#: Where HTML says that its encoding must stand (HTML, "prescan a byte stream").
PRESCAN = 1024
REPLACED = "\ufffd"


def decode(body: bytes, *, declared: str = "", url: str = "") -> str:
    """The text of a page; ``declared`` is the charset of its Content-Type.

    Raises ScrapeFailed(ENCODING) if nothing fits.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if body.startswith(mark):
            body = body[len(mark) :]
            text = body.decode(name, "replace")
            if is_plausible(text):  # a mark alone proves nothing: some servers put it before GBK
                return text
    for name in candidates(body, declared):
        text = body.decode(name, "replace")
        if is_plausible(text):
            return text
    raise ScrapeFailed(FaultKind.ENCODING, url, f"declared {declared or 'nothing'}")


def candidates(body: bytes, declared: str) -> list[str]:
    """Names of encodings to try, in order."""
    meta = META.search(body[:PRESCAN])
    labels = [declared, meta.group(1).decode("ascii") if meta else ""]
    named = [found.codec_info.name for label in labels if (found := webencodings.lookup(label))]
    # WHATWG reads gbk as what browsers see; gb18030 holds all of it and more.
    wide = ["gb18030" if name in {"gbk", "gb2312"} else name for name in named]
    return list(dict.fromkeys(["utf-8", *wide, "gb18030"]))


def is_plausible(text: str) -> bool:
    """Whether so few characters are broken or impossible that the encoding must be right."""
    beyond = sum(1 for c in text if c > "\x7f")
    broken = sum(
        1 for c in text if c == REPLACED or "\x80" <= c <= "\x9f" or "\ue000" <= c <= "\uf8ff"
    )
    return broken <= beyond * SLIPS
