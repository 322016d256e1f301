"""`casetrace doctor`: what is in use here, and what is missing. It shows no secret."""

import platform
import shutil
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version as distribution_version
from urllib.parse import urlsplit, urlunsplit

import typer

from api.commands.options import here
from api.console import facts, show_json
from api.installation import Installation
from api.logs import BLANK, hidden
from core.errors import CaseTraceError
from pipeline.settings import Settings

# Each heavy library speaks for itself, at its home.
_HOMES = {
    "decoding": "ingest.versions",
    "models run by": "core.runtime.versions",
    "rows and vectors": "index.versions",
}


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(doctor)


def doctor(context: typer.Context) -> None:
    """Versions, providers, models, database, disk, settings; ends with 1 if one of them fails."""
    installation = here(context)
    report = examined(installation)
    if installation.as_json:
        show_json(report)
    else:
        for title, values in report.items():
            facts(title, values)
    if any(str(value).startswith("error[") for part in report.values() for value in part.values()):
        raise typer.Exit(1)


def examined(installation: Installation) -> dict[str, dict[str, object]]:
    """Facts by section; what fails says so in its place and hides nothing else."""
    report: dict[str, dict[str, object]] = {
        "casetrace": {
            "version": distribution_version("casetrace"),
            "python": platform.python_version(),
            "platform": platform.platform(),
        }
    }
    report |= {title: _versions(module) for title, module in _HOMES.items()}
    try:
        settings = installation.settings()
    except CaseTraceError as error:
        return report | {"installation": {"settings": _fault(error)}}
    report["database"] = _tried("schema", lambda: _database(installation, settings))
    report["models"] = _tried("folder", lambda: _models(installation))
    report["disk"] = _disk(settings)
    report["settings"] = _shown(settings)
    return report


def _versions(module: str) -> dict[str, object]:
    try:
        return dict(import_module(module).versions())
    except ImportError as error:
        return {module: f"error[missing]: {error}"}


def _tried(name: str, look: Callable[[], Mapping[str, object]]) -> dict[str, object]:
    try:
        return dict(look())
    except CaseTraceError as error:
        return {name: _fault(error)}


def _fault(error: CaseTraceError) -> str:
    return f"error[{error.code}]: {hidden(str(error))}"


def _database(installation: Installation, settings: Settings) -> dict[str, object]:
    with installation.service() as service:
        cameras = len(service.store.cameras.all())
        entries = service.store.audit.count()
    return {
        "url": without_password(settings.url),
        "cameras": cameras,
        "audit entries": entries,
    }


def _models(installation: Installation) -> dict[str, object]:
    with installation.service() as service:
        return {
            model.entry.spec.name: "present" if model.present else "not here"
            for model in service.models.list()
        }


def _disk(settings: Settings) -> dict[str, object]:
    usage = shutil.disk_usage(settings.data_dir)
    reserve = settings.disk_reserve_mb << 20
    full = usage.free <= reserve
    return {
        "free": f"{usage.free >> 20} MB of {usage.total >> 20} MB",
        "reserve": "error[storage_full]: under the reserve" if full else "holds",
    }


def _shown(settings: Settings) -> dict[str, object]:
    shown = settings.model_dump(mode="json")
    return {**hidden(shown), "database_url": without_password(settings.database_url)}


def without_password(url: str) -> str:
    """The URL with its user and password, and its query, which may hold one too, blanked."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url  # a file's; taking it apart would lose slashes
    where = parts.netloc.rpartition("@")
    netloc = f"{BLANK}@{where[2]}" if where[1] else parts.netloc
    return urlunsplit((parts.scheme, netloc, parts.path, BLANK if parts.query else "", ""))
