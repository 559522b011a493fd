"""Captions of scans and prints, and scans of their backs: two tables, append only."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, their indexes and their triggers."""
    op.create_table(
        "caption",
        sa.Column("id", sa.Integer(), primary_key=True),
        _ref("run_id", "run.id"),
        _ref("scan_id", "scan.id"),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        *(_text(name) for name in ("title", "date", "edtf", "place")),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        *(_text(name) for name in ("note", "via", "source")),
        sa.Column("source_sha256", sa.String(), sa.ForeignKey("object.sha256"), nullable=False),
        _text("created_at"),
    )
    op.create_table(
        "scan_back",
        sa.Column("id", sa.Integer(), primary_key=True),
        _ref("run_id", "run.id"),
        _ref("scan_id", "scan.id", null=True),
        _ref("back_scan_id", "scan.id"),
        _text("created_at"),
    )
    for table, column in (
        ("caption", "scan_id"),
        ("scan_back", "scan_id"),
        ("scan_back", "back_scan_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    for table in ("caption", "scan_back"):
        _refuse_changes(table)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _ref(name: str, target: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(target), nullable=null)


def _refuse_changes(table: str) -> None:
    message = f"the ledger is append only: {table}"
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER "{table}_no_{change.lower()}" BEFORE {change} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )
