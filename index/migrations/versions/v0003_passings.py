"""Passings: a scope's tracklets with their classes are read from one index, without their boxes."""

from alembic import op

revision = "0003"
down_revision = "0002"

COLUMNS = ["camera_id", "reach", "start_ns", "end_ns", "family", "tracklet_id", "part"]


def upgrade() -> None:
    op.drop_index("ix_tracklets_scope", "tracklets")
    op.create_index("ix_tracklets_scope", "tracklets", [*COLUMNS, "class_id"])
