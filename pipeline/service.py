"""Everything that a command or the HTTP service works with, opened once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cases.accounts import Accounts
from cases.audit import AuditLog
from cases.authority import CaseLimits
from cases.desk import CaseDesk
from cases.reading import ReadingDoor
from cases.reconstruction import Reconstructions
from cases.report import Reports
from cases.search import CaseSearch, SearchRequest
from cases.series import Series
from cases.trajectory import Trajectories
from core.clocks import Now, system_now
from core.ids import IdSource
from core.protocols import Calibration, Store
from core.runtime.models import ModelFolder
from index.retention import Retention
from ingest.addresses import resolve_camera
from ingest.footage import FootageReader
from ingest.uploads import UploadOpener
from pipeline.build import Kept, load_calibrations, load_embedders, open_kept
from pipeline.cameras import CameraDesk
from pipeline.leases import Leases
from pipeline.prober import EmbeddingProber
from pipeline.reported import models_shown
from pipeline.secrets import SecretBox
from pipeline.settings import Settings


@dataclass(frozen=True)
class Service:
    """One installation in use. Models and the upload worker are loaded when first needed."""

    settings: Settings
    kept: Kept
    ids: IdSource
    leases: Leases
    now: Now

    @property
    def store(self) -> Store:
        return self.kept.store

    @cached_property
    def models(self) -> ModelFolder:
        return ModelFolder(self.settings.models)

    @cached_property
    def secrets(self) -> SecretBox:
        return SecretBox(self.settings.data_dir / "secret.key")

    @cached_property
    def limits(self) -> CaseLimits:
        return CaseLimits(
            max_cameras=self.settings.case_cameras, max_hours=self.settings.case_hours
        )

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.store.audit, self.now)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(
            self.store.accounts,
            self.audit,
            self.now,
            session_s=self.settings.session_hours * 3600.0,
        )

    @cached_property
    def desk(self) -> CaseDesk:
        return CaseDesk(self.store, self.kept.probes, self.audit, self.now, self.limits)

    @cached_property
    def door(self) -> ReadingDoor:
        kept = self.kept
        return ReadingDoor(
            self.store,
            kept.vectors,
            kept.shots,
            kept.footage,
            kept.probes,
            FootageReader(),
            self.audit,
            self.now,
            plates=kept.plates,
            limits=self.limits,
        )

    @cached_property
    def opener(self) -> UploadOpener:
        return UploadOpener()

    @cached_property
    def prober(self) -> EmbeddingProber:
        return EmbeddingProber(lambda: load_embedders(self.settings, self.models))

    @cached_property
    def calibrations(self) -> Mapping[str, Calibration]:
        return load_calibrations(self.settings, self.models)

    @cached_property
    def calibrations_to_anybody(self) -> Mapping[str, Calibration]:
        return load_calibrations(self.settings, self.models, anybody=True)

    @cached_property
    def search(self) -> CaseSearch:
        return CaseSearch(
            self.door,
            self.store,
            self.prober,
            self.opener,
            self.kept.probes,
            self.calibrations,
            self.audit,
            self.now,
            self.ids,
        )

    @cached_property
    def reconstructions(self) -> Reconstructions:
        return Reconstructions(
            self.door,
            self.store,
            self.search,
            self.prober,
            self.calibrations_to_anybody,
            self.now,
            self.ids,
        )

    @cached_property
    def trajectories(self) -> Trajectories:
        return Trajectories(self.door, self.store, self.audit, self.now)

    @cached_property
    def series(self) -> Series:
        return Series(
            self.door,
            self.store,
            self.prober,
            self.calibrations,
            self.audit,
            self.now,
            self.ids,
            self.search.settle,
        )

    @cached_property
    def reports(self) -> Reports:
        return Reports(
            self.door,
            self.store,
            self.audit,
            self.now,
            reconstruct=lambda actor, case_id: self.reconstructions.reconstruct(
                actor, case_id, SearchRequest(from_confirmed=True)
            ),
            # What a report's chances rest on.
            models=lambda: models_shown(self.settings, self.models, self.calibrations_to_anybody),
        )

    @cached_property
    def retention(self) -> Retention:
        kept = self.kept
        return Retention(
            self.store,
            kept.vectors,
            kept.shots,
            kept.footage,
            self.now,
            plates=kept.plates,
            default_days=self.settings.retention_days,
        )

    @cached_property
    def cameras(self) -> CameraDesk:
        return CameraDesk(
            self.store,
            self.audit,
            self.ids,
            self.now,
            seal=self.secrets.seal,
            check_address=lambda url: resolve_camera(url, self.settings.camera_networks),
            erase=lambda camera_id: self.retention.erase_camera(camera_id),
        )

    def close(self) -> None:
        """Give leases and connections back; safe to call twice."""
        if "opener" in self.__dict__:
            self.opener.close()
        self.leases.close()
        self.kept.close()


def open_service(settings: Settings, *, now: Now = system_now) -> Service:
    """The installation of `settings`; its database gets its tables if it has none."""
    kept = open_kept(settings)
    leases = Leases(kept.store.writers, now)
    try:
        ids = IdSource(leases.take_any_writer("desk"), now)
    except BaseException:
        leases.close()
        kept.close()
        raise
    service = Service(settings, kept, ids, leases, now)
    service.desk.sweep()
    return service
