"""The migrations make the tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from marketplace import audit, outbox
from marketplace.audit import Tag
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.outbox import Topic


def test_the_migrations_lead_to_the_models_and_back(app: Flask) -> None:
    db.drop_all()
    db.session.execute(text("DROP TABLE IF EXISTS alembic_version"))
    db.session.commit()
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, db.metadata) == []
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    db.session.execute(text("DROP TABLE alembic_version"))
    db.session.commit()


def test_a_migrated_store_knows_every_word_of_the_code(app: Flask) -> None:
    db.drop_all()
    db.session.execute(text("DROP TABLE IF EXISTS alembic_version"))
    db.session.commit()
    upgrade()
    for tag in Tag:
        audit.record(None, tag, "market", now=utcnow())
    for topic in Topic:
        outbox.put(topic, "market", now=utcnow())
    db.session.commit()
    assert db.session.scalar(text("SELECT count(*) FROM audit_entry")) == len(Tag)
    db.session.execute(text("DELETE FROM audit_entry"))
    db.session.execute(text("DELETE FROM outbox_row"))
    db.session.commit()
    db.drop_all()
    db.session.execute(text("DROP TABLE alembic_version"))
    db.session.commit()


def test_who_was_there_before_the_contracts_still_is(app: Flask) -> None:
    db.drop_all()
    db.session.execute(text("DROP TABLE IF EXISTS alembic_version"))
    db.session.commit()
    upgrade(revision="0002")
    at = {"at": "2026-01-01 00:00:00+00:00"}
    organization = (
        "INSERT INTO organization (id, name, kind, region, created_at)"
        " VALUES (1, '某企业', 'enterprise', '150200', :at)"
    )
    user = (
        'INSERT INTO "user" (id, username, display_name, password_hash, session_token, role,'
        " organization_id, must_change_password, created_at)"
        " VALUES (1, 'u', 'u', 'x', 't', 'enterprise', 1, false, :at)"
    )
    for statement in (organization, user):
        db.session.execute(text(statement), at)
    db.session.commit()
    upgrade()
    assert db.session.execute(text('SELECT organization_id, role FROM "user"')).all() == [
        (1, "enterprise")
    ]
    office = organization.replace("(1, '某企业', 'enterprise'", "(2, '科技厅', 'authority'")
    db.session.execute(text(office), at)
    db.session.commit()
    db.drop_all()
    db.session.execute(text("DROP TABLE alembic_version"))
    db.session.commit()
