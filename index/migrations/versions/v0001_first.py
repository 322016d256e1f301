"""The first version: all tables, and the triggers that keep the audit log append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _cameras()
    _writers()
    _tracks()
    _cases()
    _accounts()
    _audit()
    _guard_audit()


def _cameras() -> None:
    op.create_table(
        "cameras",
        sa.Column("camera_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lon_deg", sa.Double(), nullable=True),
        sa.Column("lat_deg", sa.Double(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("main_url", sa.Text(), nullable=False),
        sa.Column("sub_url", sa.Text(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("analysis_fps", sa.Double(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", name="pk_cameras"),
    )
    op.create_table(
        "clock_corrections",
        sa.Column("camera_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since_ns", sa.BigInteger(), nullable=False),
        sa.Column("offset_s", sa.Double(), nullable=False),
        sa.Column("sigma_s", sa.Double(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.camera_id"],
            name="fk_clock_corrections_camera_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("camera_id", "version", name="pk_clock_corrections"),
    )
    op.create_table(
        "graph_cameras",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.camera_id"],
            name="fk_graph_cameras_camera_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_graph_cameras"),
        sa.UniqueConstraint("camera_id", name="uq_graph_cameras_camera_id"),
    )
    op.create_table(
        "roads",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_camera_id", sa.BigInteger(), nullable=False),
        sa.Column("to_camera_id", sa.BigInteger(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_camera_id"],
            ["graph_cameras.camera_id"],
            name="fk_roads_from_camera_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_camera_id"],
            ["graph_cameras.camera_id"],
            name="fk_roads_to_camera_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_roads"),
    )
    op.create_index("ix_roads_from_camera_id", "roads", ["from_camera_id"])
    op.create_index("ix_roads_to_camera_id", "roads", ["to_camera_id"])
    op.create_table(
        "speed_priors",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("slow_mps", sa.Double(), nullable=False),
        sa.Column("usual_mps", sa.Double(), nullable=False),
        sa.Column("fast_mps", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_speed_priors"),
    )


def _writers() -> None:
    op.create_table(
        "writers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_writers"),
        sa.UniqueConstraint("number", name="uq_writers_number"),
    )
    op.create_table(
        "camera_leases",
        sa.Column("camera_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.camera_id"],
            name="fk_camera_leases_camera_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_leases"),
    )
    op.create_index("ix_camera_leases_owner", "camera_leases", ["owner"])


def _tracks() -> None:
    op.create_table(
        "epochs",
        sa.Column("camera_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", KEY, autoincrement=False, nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("clock_sigma_s", sa.Double(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.camera_id"], name="fk_epochs_camera_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("camera_id", "epoch", name="pk_epochs"),
    )
    op.create_table(
        "tracklets",
        sa.Column("tracklet_id", KEY, autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.SmallInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.SmallInteger(), nullable=False),
        sa.Column("device_ns", sa.LargeBinary(), nullable=False),
        sa.Column("xyxy", sa.LargeBinary(), nullable=False),
        sa.Column("confidence", sa.LargeBinary(), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.camera_id"], name="fk_tracklets_camera_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tracklet_id", "part", name="pk_tracklets"),
    )
    op.create_index(
        "ix_tracklets_scope",
        "tracklets",
        ["camera_id", "reach", "start_ns", "end_ns", "family", "tracklet_id", "part"],
    )
    op.create_table(
        "shots",
        sa.Column("shot_id", KEY, autoincrement=False, nullable=False),
        sa.Column("tracklet_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("device_ns", sa.BigInteger(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("x2", sa.Double(), nullable=False),
        sa.Column("y2", sa.Double(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.camera_id"], name="fk_shots_camera_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tracklet_id", "part"],
            ["tracklets.tracklet_id", "tracklets.part"],
            name="fk_shots_tracklet_id_part",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shot_id", name="pk_shots"),
    )
    op.create_index("ix_shots_scope", "shots", ["camera_id", "device_ns"])
    op.create_index("ix_shots_tracklet", "shots", ["tracklet_id", "part"])
    op.create_table(
        "footage",
        sa.Column("segment_id", KEY, autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.SmallInteger(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("first_pts", sa.BigInteger(), nullable=False),
        sa.Column("time_base_num", sa.BigInteger(), nullable=False),
        sa.Column("time_base_den", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.camera_id"], name="fk_footage_camera_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", name="pk_footage"),
    )
    op.create_index("ix_footage_scope", "footage", ["camera_id", "reach", "start_ns", "end_ns"])
    op.create_table(
        "activities",
        sa.Column("activity_id", KEY, autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.SmallInteger(), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.camera_id"], name="fk_activities_camera_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", name="pk_activities"),
    )
    op.create_index(
        "ix_activities_scope", "activities", ["camera_id", "reach", "start_ns", "end_ns"]
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", KEY, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("offence", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("requester", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("approver", sa.BigInteger(), nullable=True),
        sa.Column("opened_ns", sa.BigInteger(), nullable=False),
        sa.Column("decided_ns", sa.BigInteger(), nullable=True),
        sa.Column("expires_ns", sa.BigInteger(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
    )
    op.create_table(
        "probes",
        sa.Column("probe_id", KEY, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=True),
        sa.Column("device_ns", sa.BigInteger(), nullable=True),
        sa.Column("tracklet_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name="fk_probes_case_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("probe_id", name="pk_probes"),
    )
    op.create_index("ix_probes_case_id", "probes", ["case_id"])
    op.create_table(
        "probe_vectors",
        sa.Column("probe_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["probe_id"], ["probes.probe_id"], name="fk_probe_vectors_probe_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("probe_id", "model", name="pk_probe_vectors"),
    )
    op.create_table(
        "searches",
        sa.Column("search_id", KEY, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name="fk_searches_case_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("search_id", name="pk_searches"),
    )
    op.create_index("ix_searches_case_id", "searches", ["case_id"])
    op.create_table(
        "decisions",
        sa.Column("decision_id", KEY, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("tracklet_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name="fk_decisions_case_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_case_id_at_ns", "decisions", ["case_id", "at_ns"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
        sa.UniqueConstraint("folded_name", name="uq_accounts_folded_name"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("expires_ns", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.account_id"],
            name="fk_sessions_account_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", KEY, autoincrement=False, nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("seq > 0", name="ck_audit_from_one"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_kind", "audit", ["kind"])


_SQLITE_GUARD = (
    """
    CREATE TRIGGER audit_follows BEFORE INSERT ON audit
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
      OR NEW.previous IS NOT coalesce(
           (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), NEW.previous)
    BEGIN SELECT RAISE(ABORT, 'audit: an entry follows the newest one, without gap or fork'); END
    """,
    """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit: append-only'); END
    """,
    """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit: append-only'); END
    """,
)

_POSTGRES_GUARD = (
    """
    CREATE FUNCTION audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE newest record;
    BEGIN
      SELECT seq, hash INTO newest FROM audit ORDER BY seq DESC LIMIT 1;
      IF NEW.seq <> coalesce(newest.seq, 0) + 1
         OR NEW.previous <> coalesce(newest.hash, NEW.previous) THEN
        RAISE EXCEPTION 'audit: an entry follows the newest one, without gap or fork';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit: append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_follows BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_follows()
    """,
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
    """,
)


def _guard_audit() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARD if on_sqlite else _POSTGRES_GUARD:
        op.execute(statement)
