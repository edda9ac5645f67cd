"""Log in and out, sign up, passwords; the operator's lists of organisations and users."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm

from marketplace.accounts import operations, queries
from marketplace.accounts.forms import KIND_NAMES, LogInForm, MemberForm, PasswordForm, SignUpForm
from marketplace.accounts.models import OrganizationKind, User
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import limiter
from marketplace.permissions import Permission, Role, requires
from marketplace.transactions import transact

blueprint = Blueprint("accounts", __name__)
MONTH = 31 * 24 * 3600
#: Where a role's work begins; the others begin at their own listings.
FIRST_PAGES = {Role.OPERATOR: "listings.review", Role.BROKER: "board.home"}
FREE_ENDPOINTS = (
    "static",
    "accounts.change_password",
    "accounts.log_out",
    "accounts.choose_language",
)


def signed_in() -> User:
    """Whoever is logged in, loaded in the transaction at hand: the actor of an operation."""
    return operations.load_user(current_user.id)


def user_of_session(token: str) -> User | None:
    """What Flask-Login asks on each request."""
    return queries.by_session_token(token)


@blueprint.before_app_request
def demand_new_password() -> ResponseReturnValue | None:
    """Whoever was given a password may do nothing before choosing another."""
    if request.endpoint in FREE_ENDPOINTS or not current_user.is_authenticated:
        return None
    return (
        redirect(url_for("accounts.change_password")) if current_user.must_change_password else None
    )


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit("10 per minute", methods=["POST"])
def log_in() -> ResponseReturnValue:
    """Log in; afterwards to the page that asked for it."""
    form = LogInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        user = operations.authenticate(form.username.data.strip(), form.password.data)
        if user is not None:
            return _begin_session(user, form.next.data)
        form.password.errors = [_("用户名或密码不正确")]
    return render_template("accounts/log_in.html", form=form), 422 if form.errors else 200


def _begin_session(user: User, target: str) -> ResponseReturnValue:
    session.clear()
    login_user(user)
    local = target.startswith("/") and target.isprintable() and "\\" not in target[:2]
    local = local and not urlsplit(target).netloc
    return redirect(target if local else url_for(FIRST_PAGES.get(user.role, "listings.workbench")))


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    return redirect(url_for("matchmaking.home"))


@blueprint.post("/logout-everywhere")
@login_required
def log_out_everywhere() -> ResponseReturnValue:
    """End all sessions of the user."""
    user_id = current_user.id
    transact(lambda: operations.log_out_everywhere(operations.load_user(user_id), now=utcnow()))
    logout_user()
    flash(_("已在所有设备上退出登录"), "success")
    return redirect(url_for("accounts.log_in"))


@blueprint.route("/signup", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def sign_up() -> ResponseReturnValue:
    """An organisation signs up with its first member."""
    form = SignUpForm()
    if form.validate_on_submit():
        facts = {k: v.strip() if k != "password" else v for k, v in _facts(form).items()}
        facts["kind"] = OrganizationKind(facts["kind"])
        user = _accepted(form, lambda: operations.sign_up(**facts, now=utcnow()))
        if user is not None:
            login_user(user)
            flash(_("注册成功。运营方认证您的单位之前，内容可先存为草稿"), "success")
            return redirect(url_for("listings.workbench"))
    return render_template("accounts/sign_up.html", form=form), 422 if form.errors else 200


@blueprint.route("/password", methods=["GET", "POST"])
@login_required
def change_password() -> ResponseReturnValue:
    """Change one's own password; other sessions end."""
    form = PasswordForm()
    if form.validate_on_submit():
        user_id = current_user.id
        old, new = form.old_password.data, form.new_password.data

        def change() -> User:
            user = operations.load_user(user_id)
            operations.change_password(user, old, new, now=utcnow())
            return user

        user = _accepted(form, change)
        if user is not None:
            login_user(user)
            flash(_("密码已修改，其他设备上的登录已失效"), "success")
            return redirect(url_for("listings.workbench"))
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@blueprint.get("/operator/organizations")
@requires(Permission.VERIFY_ORGANIZATION)
def organizations() -> ResponseReturnValue:
    """Organisations, those that wait for verification first."""
    rows = queries.organizations()
    return render_template("accounts/organizations.html", rows=rows, kinds=KIND_NAMES)


@blueprint.post("/operator/organizations/<int:organization_id>/verify")
@requires(Permission.VERIFY_ORGANIZATION)
def verify_organization(organization_id: int) -> ResponseReturnValue:
    """Confirm an organisation."""

    def verify() -> None:
        organization = operations.load_organization(organization_id)
        actor = operations.load_user(current_user.id)
        operations.verify_organization(organization, actor=actor, now=utcnow())

    transact(verify)
    flash(_("单位已通过认证"), "success")
    return redirect(url_for("accounts.organizations"))


@blueprint.get("/operator/users")
@requires(Permission.MANAGE_USERS)
def users() -> ResponseReturnValue:
    """All users."""
    return render_template("accounts/users.html", rows=queries.users())


@blueprint.route("/operator/users/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def add_member() -> ResponseReturnValue:
    """A further member of an organisation; the password is shown once."""
    form = MemberForm(queries.organizations())
    if form.validate_on_submit():
        actor_id, facts = current_user.id, _facts(form)
        number = int(facts.pop("organization_id") or 0)
        facts |= {"role": Role(facts["role"]), "now": utcnow()}

        def add() -> str:
            organization = operations.load_organization(number) if number else None
            actor = operations.load_user(actor_id)
            return operations.add_member(**facts, organization=organization, actor=actor)

        password = _accepted(form, add)
        if password is not None:
            _show_password(facts["username"], password)
            return redirect(url_for("accounts.users"))
    return render_template("accounts/new_user.html", form=form), 422 if form.errors else 200


@blueprint.post("/operator/users/<int:user_id>/reset")
@requires(Permission.MANAGE_USERS)
def reset_password(user_id: int) -> ResponseReturnValue:
    """Give a user a new password, shown once."""
    actor_id = current_user.id

    def reset() -> tuple[str, str]:
        user, actor = operations.load_user(user_id), operations.load_user(actor_id)
        return user.username, operations.reset_password(user, actor=actor, now=utcnow())

    _show_password(*transact(reset))
    return redirect(url_for("accounts.users"))


@blueprint.get("/language/<any(zh_Hans_CN, en):code>")
def choose_language(code: str) -> ResponseReturnValue:
    """Remember a language and go back."""
    back = request.referrer or ""
    local = back.startswith(request.host_url)
    response = redirect(back if local else url_for("matchmaking.home"))
    response.set_cookie("language", code, max_age=12 * MONTH, samesite="Lax")
    return response


def _show_password(username: str, password: str) -> None:
    words = {"name": username, "password": password}
    flash(_("%(name)s 的新密码：%(password)s（只显示一次，首次登录须修改）", **words), "success")


def _facts(form: FlaskForm) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


def _accepted(form: FlaskForm, work: Any) -> Any:
    """What ``work`` gives; ``None`` where it refused, with its words beside the fields."""
    try:
        return transact(work)
    except InvalidInput as refusal:
        for name, messages in refusal.errors.items():
            form[name].errors = [*form[name].errors, *messages]
        return None
