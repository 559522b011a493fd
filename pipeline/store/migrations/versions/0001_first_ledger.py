"""The first ledger: ten tables, append only.

The tables are written out here, not taken from `tables.py`, so that this file still makes the
same schema when `tables.py` has moved on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "library",
    "run",
    "run_end",
    "object",
    "scan",
    "print",
    "step",
    "step_object",
    "export",
    "event",
)


def _text(name: str, *, null: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null, unique=unique)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _length() -> sa.Column[int]:
    return sa.Column("bytes", sa.BigInteger(), nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _ref(name: str, target: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(target), nullable=null)


def _object() -> sa.Column[str]:
    return sa.Column("sha256", sa.String(), sa.ForeignKey("object.sha256"), nullable=False)


def upgrade() -> None:
    """Make the tables, their indexes and the triggers."""
    _make_runs()
    _make_subjects()
    _make_steps()
    _make_outcomes()
    for table, column in (
        ("run", "box"),
        ("scan", "sha256"),
        ("step", "run_id"),
        ("step", "scan_id"),
        ("step", "print_id"),
        ("step", "key"),
        ("step_object", "sha256"),
        ("export", "print_id"),
        ("event", "run_id"),
        ("event", "kind"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    for table in _TABLES:
        _refuse_changes(table)


def _make_runs() -> None:
    op.create_table("library", sa.Column("id", sa.String(), primary_key=True), _text("created_at"))
    op.create_table(
        "run",
        _id(),
        _text("command"),
        _text("recipe_name", null=True),
        _json("recipe"),
        _text("box", null=True),
        _text("device", null=True),
        _json("software"),
        _text("started_at"),
    )
    op.create_table(
        "run_end",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("run.id"), primary_key=True),
        _number("exit_code"),
        _json("summary"),
        _text("ended_at"),
    )


def _make_subjects() -> None:
    op.create_table(
        "object",
        sa.Column("sha256", sa.String(), primary_key=True),
        _length(),
        _text("suffix"),
        _text("created_at"),
    )
    op.create_table(
        "scan",
        _id(),
        _ref("run_id", "run.id"),
        _text("box"),
        _text("name"),
        sa.Column("name_bytes", sa.LargeBinary(), nullable=False),
        _text("sha256"),
        _length(),
        _text("created_at"),
        sa.UniqueConstraint("box", "name_bytes", "sha256"),
    )
    op.create_table(
        "print",
        _id(),
        _text("name", unique=True),
        _ref("scan_id", "scan.id"),
        _number("ordinal"),
        _object(),
        _json("geometry"),
        _text("created_at"),
        sa.UniqueConstraint("scan_id", "ordinal", "sha256"),
    )


def _make_steps() -> None:
    op.create_table(
        "step",
        _id(),
        _ref("run_id", "run.id"),
        _ref("scan_id", "scan.id"),
        _ref("print_id", "print.id", null=True),
        _text("key"),
        _text("stage"),
        _number("stage_version"),
        _json("options"),
        _text("status"),
        _text("decision", null=True),
        _text("reason"),
        _number("error_number", null=True),
        _text("error_text", null=True),
        _json("measures"),
        _json("models"),
        _text("device", null=True),
        _text("dtype", null=True),
        _json("software"),
        _json("notes"),
        _ref("same_as", "step.id", null=True),
        _text("started_at"),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.CheckConstraint("status IN ('done', 'failed')", name="step_status"),
    )
    op.create_table(
        "step_object",
        sa.Column("step_id", sa.Integer(), sa.ForeignKey("step.id"), primary_key=True),
        sa.Column("direction", sa.String(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        _text("role"),
        _object(),
        sa.CheckConstraint("direction IN ('in', 'out')", name="step_object_direction"),
    )


def _make_outcomes() -> None:
    op.create_table(
        "export",
        _id(),
        _ref("run_id", "run.id"),
        _ref("print_id", "print.id"),
        _ref("step_id", "step.id"),
        _text("path"),
        _text("sha256"),
        _length(),
        _json("options"),
        _text("created_at"),
    )
    op.create_table(
        "event",
        _id(),
        _ref("run_id", "run.id"),
        _ref("scan_id", "scan.id", null=True),
        _ref("print_id", "print.id", null=True),
        _text("kind"),
        _text("message"),
        _json("data"),
        _text("created_at"),
    )


def _refuse_changes(table: str) -> None:
    message = f"the ledger is append only: {table}"
    if op.get_bind().dialect.name == "sqlite":
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
