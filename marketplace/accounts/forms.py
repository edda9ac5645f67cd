"""Shapes of the account forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from marketplace.accounts.models import OrganizationKind
from marketplace.codes import current_codes

KIND_NAMES = {
    OrganizationKind.ENTERPRISE: _l("企业"),
    OrganizationKind.INSTITUTE: _l("高校或科研院所"),
    OrganizationKind.BROKER: _l("技术转移服务机构"),
    OrganizationKind.REGISTRATION_POINT: _l("技术合同登记点"),
}
REQUIRED = InputRequired(_l("此项必填"))


class LogInForm(FlaskForm):
    """User name and password."""

    username = StringField(_l("用户名"), [REQUIRED], render_kw={"autocomplete": "username"})
    password = PasswordField(_l("密码"), [REQUIRED], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class SignUpForm(FlaskForm):
    """An organisation and its first member."""

    name = StringField(_l("单位名称"), [REQUIRED, Length(max=200)])
    uscc = StringField(_l("统一社会信用代码"), [REQUIRED], render_kw={"maxlength": 24})
    kind = SelectField(
        _l("单位类型"),
        choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()],
    )
    region = SelectField(_l("所在地区"), [REQUIRED])
    display_name = StringField(_l("联系人称呼"), [REQUIRED, Length(max=64)])
    username = StringField(
        _l("用户名"), [REQUIRED, Length(3, 64)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _l("密码（至少8个字符）"), [REQUIRED], render_kw={"autocomplete": "new-password"}
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        codes = current_codes()
        self.region.choices = [
            SelectChoice(code, name, optgroup=group)
            for league, group in codes.leagues.items()
            for code, name in ({league: group} | codes.banners(league)).items()
        ]


class PasswordForm(FlaskForm):
    """The old password and a new one."""

    old_password = PasswordField(
        _l("原密码"), [REQUIRED], render_kw={"autocomplete": "current-password"}
    )
    new_password = PasswordField(
        _l("新密码（至少8个字符）"), [REQUIRED], render_kw={"autocomplete": "new-password"}
    )


class EmptyForm(FlaskForm):
    """A button: nothing but the token against forgery."""
