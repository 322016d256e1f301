"""The tables. Instants are int64 nanoseconds; arrays are little-endian blobs.

What lies over an interval (tracklet parts, footage, activity) carries a `reach`: the class of its
length. Whoever asks for an overlap asks per class, and each class is one short range of the index
`(camera_id, reach, start_ns)`. Without it an index on start times would have to be read from the
beginning of time, because anything before could still last.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from core.clocks import DAY_NS, HOUR_NS, NS
from core.errors import InvalidInput

REACHES_NS = (16 * NS, 128 * NS, HOUR_NS, DAY_NS, 1 << 62)
"""Upper bounds of the length classes: a part, a minute of footage, an hour, a day, anything."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def reach_of(start_ns: int, end_ns: int) -> int:
    """The length class of an interval: the first whose bound is not shorter."""
    length_ns = end_ns - start_ns
    for reach, bound_ns in enumerate(REACHES_NS):
        if length_ns <= bound_ns:
            return reach
    raise InvalidInput(f"span: want at most {REACHES_NS[-1]} ns, got {length_ns}")


# SQLite keeps a table in the order of a key that is called INTEGER (it has 64 bits all the same).
_KEY = BigInteger().with_variant(Integer(), "sqlite")


def _key(name: str) -> Column[int]:
    return Column(name, _KEY, primary_key=True, autoincrement=False)


def _number(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _words(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _real(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Double, nullable=null)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _camera_key() -> Column[int]:
    return Column(
        "camera_id",
        BigInteger,
        ForeignKey("cameras.camera_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


def _camera() -> Column[int]:
    return Column(
        "camera_id",
        BigInteger,
        ForeignKey("cameras.camera_id", ondelete="CASCADE"),
        nullable=False,
    )


def _case() -> Column[int]:
    return Column(
        "case_id", BigInteger, ForeignKey("cases.case_id", ondelete="CASCADE"), nullable=False
    )


def _reach() -> Column[int]:
    return Column("reach", SmallInteger, nullable=False)


# --- who may write -----------------------------------------------------------------------------

writers = Table(
    "writers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    _words("owner", null=True),
    _number("until_ns"),
    UniqueConstraint("number"),
)

camera_leases = Table(
    "camera_leases",
    metadata,
    _camera_key(),
    _words("owner"),
    _number("until_ns"),
    Index(None, "owner"),
)

# --- cameras -----------------------------------------------------------------------------------

cameras = Table(
    "cameras",
    metadata,
    _key("camera_id"),
    _words("name"),
    _real("lon_deg", null=True),
    _real("lat_deg", null=True),
    _words("kind"),
    _words("main_url"),
    _words("sub_url"),
    _words("transport"),
    _words("username"),
    _bytes("secret"),
    Column("retention_days", Integer, nullable=False),
    _real("analysis_fps"),
    Column("recorded", Boolean, nullable=False),
)

clock_corrections = Table(
    "clock_corrections",
    metadata,
    _camera_key(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _number("since_ns"),
    _real("offset_s"),
    _real("sigma_s"),
    _number("at_ns"),
)

graph_cameras = Table(
    "graph_cameras",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    _camera(),
    UniqueConstraint("camera_id"),
)

roads = Table(
    "roads",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column(
        "from_camera_id",
        BigInteger,
        ForeignKey("graph_cameras.camera_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column(
        "to_camera_id",
        BigInteger,
        ForeignKey("graph_cameras.camera_id", ondelete="CASCADE"),
        nullable=False,
    ),
    _real("distance_m"),
    Index(None, "from_camera_id"),
    Index(None, "to_camera_id"),
)

speed_priors = Table(
    "speed_priors",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    _words("family"),
    _real("slow_mps"),
    _real("usual_mps"),
    _real("fast_mps"),
)

# --- what ingest writes ------------------------------------------------------------------------

epochs = Table(
    "epochs",
    metadata,
    _camera_key(),
    _key("epoch"),
    _number("start_ns"),
    _words("clock"),
    _real("clock_sigma_s"),
    Column("height", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    _words("origin"),
)

tracklets = Table(
    "tracklets",
    metadata,
    _key("tracklet_id"),
    Column("part", Integer, primary_key=True, autoincrement=False),
    _camera(),
    _number("epoch"),
    Column("class_id", SmallInteger, nullable=False),
    _words("family"),
    _number("start_ns"),
    _number("end_ns"),
    _reach(),
    _bytes("device_ns"),
    _bytes("xyxy"),
    _bytes("confidence"),
    _words("links"),
    Index(
        "ix_tracklets_scope",
        "camera_id",
        "reach",
        "start_ns",
        "end_ns",
        "family",
        "tracklet_id",
        "part",
        "class_id",
    ),
)

tracklet_changes = Table(
    "tracklet_changes",
    metadata,
    _camera_key(),
    _number("changes"),
)

shots = Table(
    "shots",
    metadata,
    _key("shot_id"),
    _number("tracklet_id"),
    Column("part", Integer, nullable=False),
    _camera(),
    _number("device_ns"),
    _real("x1"),
    _real("y1"),
    _real("x2"),
    _real("y2"),
    _real("quality"),
    _words("key"),
    ForeignKeyConstraint(
        ["tracklet_id", "part"],
        ["tracklets.tracklet_id", "tracklets.part"],
        ondelete="CASCADE",
    ),
    Index("ix_shots_tracklet", "tracklet_id", "part"),
    Index("ix_shots_scope", "camera_id", "device_ns"),
)

plates = Table(
    "plates",
    metadata,
    _key("plate_id"),
    _number("tracklet_id"),
    Column("part", Integer, nullable=False),
    _camera(),
    _number("device_ns"),
    _bytes("reading"),
    _words("layout"),
    _words("colour"),
    Column("reads", Integer, nullable=False),
    _number("shot_id"),
    _bytes("corners"),
    ForeignKeyConstraint(
        ["tracklet_id", "part"],
        ["tracklets.tracklet_id", "tracklets.part"],
        ondelete="CASCADE",
    ),
    Index("ix_plates_tracklet", "tracklet_id", "part"),
    Index("ix_plates_scope", "camera_id", "device_ns"),
)

footage = Table(
    "footage",
    metadata,
    _key("segment_id"),
    _camera(),
    _number("epoch"),
    _number("start_ns"),
    _number("end_ns"),
    _reach(),
    _words("codec"),
    Column("height", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    _number("first_pts"),
    _number("time_base_num"),
    _number("time_base_den"),
    _number("size_bytes"),
    _words("sha256"),
    _words("key"),
    Index("ix_footage_scope", "camera_id", "reach", "start_ns", "end_ns"),
)

activities = Table(
    "activities",
    metadata,
    _key("activity_id"),
    _camera(),
    _words("kind"),
    _number("start_ns"),
    _number("end_ns"),
    _reach(),
    _number("frames"),
    _words("detail"),
    Index("ix_activities_scope", "camera_id", "reach", "start_ns", "end_ns"),
)

# --- cases -------------------------------------------------------------------------------------

cases = Table(
    "cases",
    metadata,
    _key("case_id"),
    Column("version", Integer, nullable=False),
    _words("state"),
    _words("reference"),
    _words("offence"),
    _words("legal_basis"),
    _words("purpose"),
    _number("requester"),
    _words("members"),
    _number("approver", null=True),
    _number("opened_ns"),
    _number("decided_ns", null=True),
    _number("expires_ns"),
    _words("grants"),
    Column("emergency", Boolean, nullable=False),
    Column("hold", Boolean, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    _key("probe_id"),
    _case(),
    _words("family"),
    _words("origin"),
    _number("created_ns"),
    _words("key"),
    _number("camera_id", null=True),
    _number("device_ns", null=True),
    _number("tracklet_id", null=True),
    Index(None, "case_id"),
)

probe_vectors = Table(
    "probe_vectors",
    metadata,
    Column(
        "probe_id",
        BigInteger,
        ForeignKey("probes.probe_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("model", Text, primary_key=True),
    _bytes("rows"),
)

searches = Table(
    "searches",
    metadata,
    _key("search_id"),
    _case(),
    _number("at_ns"),
    _words("detail"),
    Index(None, "case_id"),
)

decisions = Table(
    "decisions",
    metadata,
    _key("decision_id"),
    _case(),
    _number("tracklet_id"),
    _number("actor"),
    _words("verdict"),
    _number("at_ns"),
    _words("note"),
    Index(None, "case_id", "at_ns"),
)

# --- accounts and the audit --------------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    _key("account_id"),
    _words("name"),
    _words("folded_name"),
    _words("full_name"),
    _words("organisation"),
    _words("roles"),
    _words("password_hash"),
    Column("disabled", Boolean, nullable=False),
    UniqueConstraint("folded_name"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column(
        "account_id",
        BigInteger,
        ForeignKey("accounts.account_id", ondelete="CASCADE"),
        nullable=False,
    ),
    _number("created_ns"),
    _number("expires_ns"),
    _words("kind"),
    Index(None, "account_id"),
)

audit = Table(
    "audit",
    metadata,
    _key("seq"),
    _number("at_ns"),
    _words("kind"),
    _words("outcome"),
    _number("actor", null=True),
    _words("actor_name"),
    _words("organisation"),
    _number("case_id", null=True),
    _words("purpose"),
    _words("detail"),
    _words("previous"),
    _words("hash"),
    CheckConstraint("seq > 0", name="from_one"),
    Index(None, "kind"),
)
