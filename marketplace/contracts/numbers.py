"""Registration numbers: YYYY + PPCC + point + serial, without a gap and never used again."""

from flask_babel import gettext as _
from sqlalchemy.dialects import postgresql, sqlite

from marketplace.contracts.points import NumberSequence
from marketplace.errors import Conflict
from marketplace.extensions import db

LARGEST_SERIAL = 999_999


def issue(point_code: str, year: int) -> str:
    """The next number of ``point_code`` (six digits) in ``year``, sixteen digits.

    The row that counts stays locked until the transaction ends: whoever comes next waits and then
    counts on, and a registration that fails gives its number back with everything else.
    """
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(NumberSequence).values(point_code=point_code, year=year, last=1)
    counted = first.on_conflict_do_update(
        index_elements=[NumberSequence.point_code, NumberSequence.year],
        set_={"last": NumberSequence.last + 1},
    ).returning(NumberSequence.last)
    serial = db.session.scalars(counted, execution_options={"populate_existing": True}).one()
    if serial > LARGEST_SERIAL:
        raise Conflict(_("该登记点本年度的登记编号已用完，请联系主管部门"))
    return f"{year:04d}{point_code}{serial:06d}"
