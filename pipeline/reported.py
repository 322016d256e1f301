"""What a report says of the models that an installation works with."""

from collections.abc import Mapping, Sequence

from cases.report_content import ModelShown
from core.protocols import Calibration
from core.runtime.models import ModelFolder
from core.types import ModelSpec
from pipeline.build import FAKE
from pipeline.settings import Settings
from reid.calibration import KnotCalibration


def models_shown(
    settings: Settings, models: ModelFolder, calibrations: Mapping[str, Calibration]
) -> Sequence[ModelShown]:
    """The models that the settings name, each once, in the order that pictures pass them."""
    names = (
        settings.detector,
        settings.person_embedder,
        settings.vehicle_embedder,
        settings.plate_finder,
        settings.plate_reader,
    )
    wanted = [name for name in dict.fromkeys(names) if name]
    return tuple(
        _fake(name) if name == FAKE else _shown(models.spec(name), calibrations) for name in wanted
    )


def _shown(spec: ModelSpec, calibrations: Mapping[str, Calibration]) -> ModelShown:
    known = calibrations.get(spec.key)
    fitted = known.provenance if isinstance(known, KnotCalibration) else None
    return ModelShown(
        spec.task,
        spec.name,
        spec.version,
        spec.sha256,
        spec.licence,
        f"{fitted.fitted_on}; {fitted.method}" if fitted else "",
        fitted.cllr_bits if fitted else None,
    )


def _fake(name: str) -> ModelShown:
    return ModelShown("test", name, "", "", "")
