"""The marketplace: ``create_app`` is the single assembly point, and starts nothing."""

from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.pool import NullPool

from config import Settings
from marketplace import pages
from marketplace.access import views as access
from marketplace.accounts import passwords
from marketplace.accounts import views as accounts
from marketplace.accounts.models import Visitor
from marketplace.alerts import views as alerts
from marketplace.background import views as background
from marketplace.brokering import views as introductions
from marketplace.brokering.agreements import views as agreements
from marketplace.brokering.board import views as board
from marketplace.brokering.brokers import views as brokers
from marketplace.brokering.cases import views as cases
from marketplace.brokering.disclosure import statements
from marketplace.brokering.disclosure import views as disclosure
from marketplace.brokering.receipts import views as introduction_receipts
from marketplace.brokering.refinements import views as refinements
from marketplace.brokering.threads import views as threads
from marketplace.brokering.visits import views as visits
from marketplace.certificates import views as certificates
from marketplace.codes import Codes
from marketplace.contracts import directory
from marketplace.contracts import views as contracts
from marketplace.contracts.exchange import views as exchange
from marketplace.contracts.network import views as network
from marketplace.contracts.office import views as office
from marketplace.contracts.reading import installation
from marketplace.contracts.reading import views as reading
from marketplace.contracts.receipts import views as receipts
from marketplace.credit import rules as credit_rules
from marketplace.credit import views as credit
from marketplace.extensions import babel, csrf, db, limiter, login_manager, migrate
from marketplace.funnel import views as funnel
from marketplace.intake import catalogue
from marketplace.intake import views as intake
from marketplace.ledger import signing
from marketplace.ledger import views as ledger
from marketplace.likeness import views as likeness
from marketplace.listings import views as listings
from marketplace.matchmaking import indexing
from marketplace.matchmaking import views as matchmaking
from marketplace.notices import mail
from marketplace.notices import views as notices
from marketplace.quality import views as quality
from marketplace.rules import rules_from
from marketplace.statistics import definitions
from marketplace.statistics import views as statistics
from marketplace.working_days import Calendar

BROKERING_VIEWS = (
    *(introductions, disclosure, threads, introduction_receipts),
    *(brokers, board, cases, visits, refinements, agreements),
)
CONTRACT_VIEWS = (exchange, reading, contracts, office, receipts, network)
LANGUAGES = ("zh_Hans_CN", "en")
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
LARGEST_UPLOAD = 32 * 1024 * 1024


FEATURES = (
    *(accounts, notices, ledger, listings, matchmaking, alerts, likeness, quality),
    *BROKERING_VIEWS,
    *(certificates, credit, statistics, funnel, intake),
    *CONTRACT_VIEWS,
    background,
)


def create_app(settings: Settings) -> Flask:
    """The application for ``settings``, with everything bound and nothing started."""
    app = Flask(__name__, static_folder=str(Path(__file__).parent.parent / "static"))
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    _give_data(app, settings)
    _bind_extensions(app)
    passwords.init_app(app, testing=settings.testing)
    _give_means(app, settings)
    pages.init_app(app)
    access.init_app(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    app.after_request(_set_headers)
    return app


def _give_data(app: Flask, settings: Settings) -> None:
    """The code lists, rules and statements by which the application goes."""
    registration = settings.registration
    app.extensions["codes"] = Codes(settings.codes, settings.regions)
    app.extensions["rules"] = rules_from(registration.rules, registration.code_lists)
    app.extensions["calendar"] = Calendar.from_tables(registration.calendar)
    directory.init_app(app, targets=registration.targets, zones=registration.zones)
    definitions.init_app(app, settings.statistics)
    credit_rules.init_app(app, settings.credit)
    installation.init_app(app, settings.reading)
    statements.init_app(app, settings.confidentiality)


def _give_means(app: Flask, settings: Settings) -> None:
    """The index, the sources, the ledger's key and the mail."""
    indexing.init_app(
        app,
        folder=settings.home / "index",
        terms=settings.terms,
        thesaurus=settings.thesaurus,
        encoder=settings.encoder,
        query_prefix=settings.query_prefix,
        recipe=settings.recipe,
    )
    catalogue.init_app(
        app,
        folder=settings.home / "intake",
        contact=settings.public_url,
        tables=settings.intake,
        terms=settings.terms,
        thesaurus=settings.thesaurus,
    )
    signing.init_app(
        app,
        seed=settings.ledger_key,
        ledger=settings.ledger_name,
        former_keys=settings.ledger_former_keys,
    )
    mail.init_app(
        app,
        url=settings.smtp_url,
        sender=settings.mail_from,
        public_url=settings.public_url,
        secret=settings.secret_key,
    )


def _flask_config(settings: Settings) -> dict[str, object]:
    unpooled = settings.testing or settings.database_url.startswith("sqlite")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # A SQLite connection costs nothing to open, and one left in a pool holds its file.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # what people wrote stays out of logs
            **({"poolclass": NullPool} if unpooled else {"pool_pre_ping": True}),
        },
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": LARGEST_UPLOAD,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "BABEL_DEFAULT_LOCALE": LANGUAGES[0],
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "WTF_CSRF_TIME_LIMIT": None,
        "TESTING": settings.testing,
        "RATELIMIT_ENABLED": not settings.testing,
    }


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"))
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=chosen_language)
    login_manager.init_app(app)
    login_manager.anonymous_user = Visitor
    login_manager.user_loader(accounts.user_of_session)
    login_manager.unauthorized_handler(_to_login)


def chosen_language() -> str:
    """The language of the cookie; Chinese unless another was chosen."""
    return next((one for one in LANGUAGES if one == request.cookies.get("language")), LANGUAGES[0])


def _to_login() -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        return "", 401  # a login page inside a list or a status line would mislead
    return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")))


def _set_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.vary.update(("HX-Request", "HX-History-Restore-Request"))
    if g.get("_login_user") is not None and g._login_user.is_authenticated:
        response.headers["Cache-Control"] = "no-store"
    return response
