"""Shapes of the account forms."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from marketplace.accounts.models import SELF_SIGN_UP, Organization, OrganizationKind
from marketplace.codes import current_codes
from marketplace.permissions import Role

KIND_NAMES = {
    OrganizationKind.ENTERPRISE: _l("企业"),
    OrganizationKind.INSTITUTE: _l("高校或科研院所"),
    OrganizationKind.BROKER: _l("技术转移服务机构"),
    OrganizationKind.REGISTRATION_POINT: _l("技术合同登记点"),
    OrganizationKind.AUTHORITY: _l("科技主管部门"),
    OrganizationKind.TAX_OR_FINANCE: _l("税务或财政部门"),
}
ROLE_NAMES = {
    Role.ENTERPRISE: _l("企业人员"),
    Role.INSTITUTE: _l("科研人员"),
    Role.BROKER: _l("技术经纪人"),
    Role.CLERK: _l("登记员"),
    Role.REVIEWER: _l("复核员"),
    Role.OPERATOR: _l("运营人员"),
    Role.AUTHORITY: _l("科技主管部门人员"),
    Role.EXPERT: _l("评审专家"),
    Role.TAX: _l("税务或财政人员"),
}


def stripped(text: str | None) -> str:
    """What was typed without the blanks around it, so that blanks alone are nothing."""
    return (text or "").strip()


TEXT: dict[str, Any] = {"filters": [stripped]}
REQUIRED = DataRequired(_l("此项必填"))


class LogInForm(FlaskForm):
    """User name and password."""

    username = StringField(_l("用户名"), [REQUIRED], render_kw={"autocomplete": "username"})
    password = PasswordField(_l("密码"), [REQUIRED], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class SignUpForm(FlaskForm):
    """An organisation and its first member."""

    name = StringField(_l("单位名称"), [REQUIRED, Length(max=200)], **TEXT)
    uscc = StringField(_l("统一社会信用代码"), [REQUIRED], **TEXT, render_kw={"maxlength": 24})
    kind = SelectField(
        _l("单位类型"),
        choices=[SelectChoice(kind.value, KIND_NAMES[kind]) for kind in SELF_SIGN_UP],
    )
    region = SelectField(_l("所在地区"), [REQUIRED])
    display_name = StringField(_l("联系人称呼"), [REQUIRED, Length(max=64)], **TEXT)
    username = StringField(
        _l("用户名"), [REQUIRED, Length(3, 64)], **TEXT, render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _l("密码（至少8个字符）"), [REQUIRED], render_kw={"autocomplete": "new-password"}
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        codes = current_codes()
        self.region.choices = [SelectChoice("", _l("请选择"))] + [
            SelectChoice(code, name, optgroup=group)
            for league, group in codes.leagues.items()
            for code, name in ({league: group} | codes.banners(league)).items()
        ]


class MemberForm(FlaskForm):
    """A further member of an organisation, or another operator."""

    organization_id = SelectField(_l("单位"))
    role = SelectField(
        _l("角色"), choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()]
    )
    display_name = StringField(_l("称呼"), [REQUIRED, Length(max=64)], **TEXT)
    username = StringField(
        _l("用户名"), [REQUIRED, Length(3, 64)], **TEXT, render_kw={"autocomplete": "off"}
    )

    def __init__(self, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named = [SelectChoice(str(one.id), one.name) for one in organizations]
        self.organization_id.choices = [SelectChoice("", _l("市场运营方")), *named]


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
