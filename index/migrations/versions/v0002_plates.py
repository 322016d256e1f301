"""Plates: what was read of each tracklet part, with its evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plates",
        sa.Column("plate_id", KEY, autoincrement=False, nullable=False),
        sa.Column("tracklet_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("device_ns", sa.BigInteger(), nullable=False),
        sa.Column("reading", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("shot_id", sa.BigInteger(), nullable=False),
        sa.Column("corners", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.camera_id"],
            name="fk_plates_camera_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tracklet_id", "part"],
            ["tracklets.tracklet_id", "tracklets.part"],
            name="fk_plates_tracklet_id_part",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plate_id", name="pk_plates"),
    )
    op.create_index("ix_plates_tracklet", "plates", ["tracklet_id", "part"])
    op.create_index("ix_plates_scope", "plates", ["camera_id", "device_ns"])
