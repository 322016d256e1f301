"""What keeps and finds here, for `doctor`."""

import sqlite3

import alembic
import faiss
import sqlalchemy


def versions() -> dict[str, str]:
    """Versions of FAISS and of what is under the rows."""
    return {
        "faiss": faiss.__version__,
        "sqlalchemy": sqlalchemy.__version__,
        "alembic": alembic.__version__,
        "sqlite": sqlite3.sqlite_version,
    }
