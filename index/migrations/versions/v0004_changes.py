"""Changes: how often each camera's tracklets were added to or deleted from.

What was read of a scope holds as long as no number of its cameras moves on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "tracklet_changes",
        sa.Column("camera_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.camera_id"],
            name="fk_tracklet_changes_camera_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("camera_id", name="pk_tracklet_changes"),
    )
    # A camera that has tracklets has a number: none at all would look like one that was deleted.
    op.execute("INSERT INTO tracklet_changes SELECT camera_id, 0 FROM cameras")
