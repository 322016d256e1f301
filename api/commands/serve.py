"""`casetrace serve`: the HTTP service."""

from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn

from api.commands.options import here
from api.logs import configure_logs
from core.errors import InvalidInput
from core.runtime.answering import ready_to_answer

log = structlog.get_logger("api")

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(serve)


def serve(
    context: typer.Context,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file.")] = None,
) -> None:
    """Answer HTTP until stopped, at the address and port of the settings."""
    # Imported here because it loads all that serves: `--help` should not wait for it.
    from api.app import create_app

    installation = here(context)
    settings = installation.settings()
    configure_logs(settings.log_level)
    _check_tls(tls_certificate, tls_key)
    with installation.service() as service:
        if tls_certificate is None and settings.host not in _LOOPBACK:
            log.warning("no TLS: passwords cross the network in the clear", host=settings.host)
        config = uvicorn.Config(
            create_app(service),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            ssl_certfile=tls_certificate,
            ssl_keyfile=tls_key,
        )
        ready_to_answer()
        log.info("serving", host=settings.host, port=settings.port)
        uvicorn.Server(config).run()


def _check_tls(certificate: Path | None, key: Path | None) -> None:
    if (certificate is None) != (key is None):
        raise InvalidInput("TLS: want a certificate and its key, got one of them")
    for path in (certificate, key):
        if path is not None and not path.is_file():
            raise InvalidInput(f"TLS: no file {path}")
