"""People's decisions about faces: one table, append only."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLE = "face_choice"
_MESSAGE = f"the ledger is append only: {_TABLE}"


def upgrade() -> None:
    """Make the table, its index and its triggers."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("print_id", sa.Integer(), sa.ForeignKey("print.id"), nullable=False),
        *(
            sa.Column(f"box_{side}", sa.Double(), nullable=False)
            for side in ("left", "top", "right", "bottom")
        ),
        sa.Column("face", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("strength", sa.Double(), nullable=True),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.CheckConstraint("action IN ('restore', 'leave', 'forget')", name="face_choice_action"),
    )
    op.create_index(f"ix_{_TABLE}_print_id", _TABLE, ["print_id"])
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER "{_TABLE}_no_{change.lower()}" BEFORE {change} ON "{_TABLE}" '
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {_TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER {_TABLE}_append_only BEFORE UPDATE OR DELETE ON "{_TABLE}" '
        f"FOR EACH ROW EXECUTE FUNCTION {_TABLE}_append_only()"
    )
