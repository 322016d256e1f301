"""`casetrace cameras`: add, change, correct and remove cameras, as an operator."""

import json
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError

from api.commands.cases import instant_from
from api.commands.options import here, password_from
from api.console import facts, say, show_json, table
from api.installation import Installation
from api.schemas.cameras import CameraChangeIn, CameraIn, CameraOut, GraphIn, graph_in
from core.errors import InvalidInput
from core.types import Account, Camera, ClockCorrection

Model = TypeVar("Model", CameraIn, CameraChangeIn)

app = typer.Typer(help="Cameras, their clocks and the roads between them.")

CameraId = Annotated[int, typer.Argument(min=1, help="The camera's id.")]
CameraPassword = Annotated[
    str,
    typer.Option(
        "--camera-password-env",
        metavar="NAME",
        help="Take the camera's password from this environment variable; `-` asks for it.",
    ),
]
Position = Annotated[str, typer.Option("--at", metavar="LON,LAT", help="Degrees.")]


@app.command("list")
def list_cameras(context: typer.Context) -> None:
    """Every camera."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        found = [CameraOut.of(camera, actor) for camera in service.cameras.all(actor)]
    rows = [camera.model_dump(mode="json") for camera in found]
    if installation.as_json:
        show_json(rows)
        return
    columns = ("camera_id", "name", "kind", "main_url", "lon_lat_deg", "retention_days", "recorded")
    table("cameras", columns, ([row[column] for column in columns] for row in rows))


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it; no two alike.")],
    url: Annotated[str, typer.Option(help="rtsp:// address without user and password.")] = "",
    sub_url: Annotated[str, typer.Option(help="The small stream, for the detector.")] = "",
    transport: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
    username: Annotated[str, typer.Option(help="The camera's user.")] = "",
    camera_password_env: CameraPassword = "",
    at: Position = "",
    kind: Annotated[str, typer.Option(help="street or checkpoint.")] = "street",
    retention_days: Annotated[int, typer.Option(help="0 takes the default.")] = 0,
    analysis_fps: Annotated[float, typer.Option(help="Looks a second; 0 takes the default.")] = 0.0,
    recorded: Annotated[bool, typer.Option(help="Keep its footage.")] = True,
) -> None:
    """Add a camera; its password is kept encrypted and never shown again."""
    installation = here(context)
    draft = _checked(
        CameraIn,
        name=name,
        lon_lat_deg=_position(at),
        kind=kind,
        main_url=url,
        sub_url=sub_url,
        transport=transport,
        username=username,
        password=_camera_password(camera_password_env),
        retention_days=retention_days,
        analysis_fps=analysis_fps,
        recorded=recorded,
    )
    with installation.signed_in() as (service, actor):
        _show(installation, service.cameras.add(actor, draft.to_core()), actor)


@app.command()
def change(
    context: typer.Context,
    camera_id: CameraId,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    url: Annotated[str | None, typer.Option(help="rtsp:// address.")] = None,
    sub_url: Annotated[str | None, typer.Option(help="The small stream.")] = None,
    username: Annotated[str | None, typer.Option(help="A new name.")] = None,
    camera_password_env: CameraPassword = "",
    at: Position = "",
    retention_days: Annotated[int | None, typer.Option(help="Days; 0 takes the default.")] = None,
    analysis_fps: Annotated[float | None, typer.Option(help="Looks a second.")] = None,
    recorded: Annotated[bool | None, typer.Option(help="Keep its footage.")] = None,
) -> None:
    """Change what is given; the rest stays."""
    installation = here(context)
    sent: dict[str, Any] = {
        "name": name,
        "main_url": url,
        "sub_url": sub_url,
        "username": username,
        "lon_lat_deg": _position(at),
        "password": _camera_password(camera_password_env) or None,
        "retention_days": retention_days,
        "analysis_fps": analysis_fps,
        "recorded": recorded,
    }
    wanted = {field: value for field, value in sent.items() if value is not None}
    change = _checked(CameraChangeIn, **wanted)
    with installation.signed_in() as (service, actor):
        draft = change.to_core(service.cameras.get(actor, camera_id))
        _show(installation, service.cameras.change(actor, camera_id, draft), actor)


@app.command()
def remove(
    context: typer.Context,
    camera_id: CameraId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a camera and everything that was seen by it. It cannot be undone."""
    with here(context).signed_in() as (service, actor):
        camera = service.cameras.get(actor, camera_id)
        if not yes:
            typer.confirm(f"Delete {camera.name} and all that it saw?", abort=True)
        rows = service.cameras.remove(actor, camera_id)
    say(f"{camera.name}: deleted, with {rows} rows")


@app.command()
def clock(
    context: typer.Context,
    camera_id: CameraId,
    since: Annotated[str, typer.Option(metavar="TIME", help="Device time from which it holds.")],
    offset_s: Annotated[float, typer.Option(help="Seconds that the device ran ahead of UTC.")],
    sigma_s: Annotated[float, typer.Option(help="One standard deviation of that, seconds.")] = 1.0,
) -> None:
    """Correct a camera's clock, backwards too: what was seen is mended."""
    installation = here(context)
    correction = ClockCorrection(instant_from(since), offset_s, sigma_s)
    with installation.signed_in() as (service, actor):
        camera = service.cameras.correct_clock(actor, camera_id, correction)
        _show(installation, camera, actor)


@app.command()
def graph(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="JSON edges or GeoJSON; else show.")] = None,
) -> None:
    """Show the roads between cameras, or replace them with a file's."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        if file is None:
            roads = service.cameras.roads(actor)
        else:
            roads = service.cameras.import_roads(actor, graph_from(file).to_core())
    shown = GraphIn.of(roads).model_dump(mode="json")
    if installation.as_json:
        show_json(shown)
        return
    edges = ((edge["start"], edge["end"], edge["distance_m"]) for edge in shown["edges"])
    table("roads", ("from", "to", "metres"), edges)


def graph_from(file: Path) -> GraphIn:
    """The roads that a file states."""
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{file}: want a JSON file: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{file}: want an object with edges, or a FeatureCollection")
    try:
        return graph_in(value)
    except ValidationError as error:
        raise InvalidInput(f"{file}: {_faults(error)}") from error


def _checked(model: type[Model], **fields: Any) -> Model:
    try:
        return model(**fields)
    except ValidationError as error:
        raise InvalidInput(f"camera: {_faults(error)}") from error


def _faults(error: ValidationError) -> str:
    """Which fields are wrong; their values are left out, one may be a password."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3]
    )


def _camera_password(variable: str) -> str:
    if not variable:
        return ""
    return password_from("" if variable == "-" else variable, prompt="the camera's password")


def _position(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput(f"position: want LON,LAT in degrees, got {text!r}") from error
    return lon, lat


def _show(installation: Installation, camera: Camera, actor: Account) -> None:
    shown = CameraOut.of(camera, actor).model_dump(mode="json")
    if installation.as_json:
        show_json(shown)
    else:
        facts(f"camera {camera.camera_id}", shown)
