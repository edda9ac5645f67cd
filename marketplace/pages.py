"""Whole page or fragment, errors as pages, and what templates may call."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from marketplace import money
from marketplace.codes import current_codes
from marketplace.errors import InvalidInput, MarketplaceError
from marketplace.permissions import Permission, permits
from matching import find_words


def page(whole: str, *, fragment: str, **values: Any) -> str:
    """The fragment alone where HTMX asks for it, the whole page otherwise."""
    partial = (
        "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    )
    return render_template(fragment if partial else whole, **values)


def mark_terms(text: str, words: Sequence[str]) -> Markup:
    """``text`` with every occurrence of ``words`` in a mark element."""
    pieces, last = [], 0
    for start, end in sorted(find_words(text, words)):
        if start >= last:
            pieces += [escape(text[last:start]), Markup("<mark>%s</mark>") % text[start:end]]
            last = end
    return Markup("").join([*pieces, escape(text[last:])])


#: No list has so many pages; a larger number in an address is no number of a page.
LARGEST_PAGE = 10_000
#: What an address may carry on to the next; anything else that was typed into it is dropped.
ADDRESS_PARAMETERS = ("q", "field", "league", "mode", "stage", "band", "order", "page", "column")


def page_asked() -> int:
    """The number in the address; the first page where it is none."""
    return max(1, min(request.args.get("page", 1, type=int), LARGEST_PAGE))


def is_telling(word: str) -> bool:
    """Whether marking ``word`` helps a reader: single characters, units and numbers do not."""
    return len(word) > 1 and not (word.isascii() and len(word) < 3)


def address(**changes: Any) -> str:
    """The present address with some parameters changed; ``None`` or an empty list drops one."""
    given = {n: v for n, v in request.args.to_dict(flat=False).items() if n in ADDRESS_PARAMETERS}
    kept = {name: value for name, value in (given | changes).items() if value not in (None, [], "")}
    return f"{request.path}?{urlencode(kept, doseq=True)}" if kept else request.path


def may(permission: str, subject: Any = None) -> bool:
    """Whether the current user holds the permission of that name."""
    return permits(current_user, Permission(permission), subject)


def name_of(kind: str, code: str) -> str:
    """The name of a code; of a region with its league."""
    return (
        current_codes().full_region(code) if kind == "region" else current_codes().name(kind, code)
    )


def show_error(error: MarketplaceError) -> ResponseReturnValue:
    """An error of ours, as a page in the user's words or as one line for HTMX."""
    message = error.message
    if isinstance(error, InvalidInput):
        message = _("；").join(str(text) for texts in error.errors.values() for text in texts)
    if request.method == "POST" and request.referrer and not request.headers.get("HX-Request"):
        flash(str(message), "danger")
        if isinstance(error, InvalidInput) and request.referrer.startswith(request.host_url):
            return redirect(request.referrer, 303)
    return render_template("error.html", status=error.status, message=message), error.status


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """What the framework refuses, as a page in the user's words."""
    if error.code == 401:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if error.code is None or error.code < 400:
        return error.get_response()
    messages = {
        400: _("请求无效或页面已过期，请返回上一页刷新后重试"),
        404: _("没有找到这个页面"),
        405: _("不支持这样访问，请从页面上的按钮进入"),
        413: _("文件或内容过大，请控制在 32 MB 以内"),
        429: _("尝试次数过多，请稍后再试"),
        500: _("系统出错了，您的数据没有受到影响；请稍后重试"),
    }
    message = messages.get(error.code, error.name)
    return render_template("error.html", status=error.code, message=message), error.code


def refuse_impossible_text() -> None:
    """A NUL byte is in no text that a person typed, and PostgreSQL does not take it."""
    typed = (*request.args.values(), *request.form.values())
    if any("\0" in text for text in typed):
        abort(400)


def init_app(app: Flask) -> None:
    """Register error pages and the names that templates use."""
    app.before_request(refuse_impossible_text)
    app.register_error_handler(MarketplaceError, show_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.jinja_env.filters["mark_terms"] = mark_terms
    app.jinja_env.tests["telling"] = is_telling
    app.jinja_env.globals.update(
        address=address,
        codes=current_codes,
        format_both=money.format_both,
        format_fen=money.format_fen,
        format_range=money.format_range,
        format_yuan=money.format_yuan,
        in_capitals=money.in_capitals,
        get_locale=get_locale,
        may=may,
        name_of=name_of,
        settings=app.extensions["settings"],
    )
