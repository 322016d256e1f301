"""What can go wrong, as one tree. A foreign error becomes one of these once, at its home module.

    CaseTraceError
    |-- InvalidInput            what the caller gave cannot be used; names wanted and got
    |   |-- InvalidBox          a box that is empty, not finite or outside its picture
    |   `-- TooLarge            bytes, pixels, rows, cameras or hours beyond a stated limit
    |-- SourceError             pixels or packets did not come
    |   |-- SourceUnavailable   address refused, host gone, time-out; worth another try
    |   |-- SourceRefused       wrong password, or outside the allow-list; do not try again
    |   `-- MediaCorrupt        not a video, truncated, no picture in it
    |-- ModelError              a model cannot be used
    |   |-- ModelMissing        not in the model folder
    |   |-- ModelMismatch       hash, input or output differ from its declaration
    |   `-- DeviceUnavailable   the asked-for provider or device is not there
    |-- StorageError            the disk or the database failed
    |   |-- StorageFull         free space fell under the reserve
    |   |-- StorageCorrupt      a checksum or a format does not hold
    |   |-- DuplicateId         an id that is already kept
    |   `-- Busy                another process holds the lease or the lock
    |-- NotFound                no such thing, or none inside the scope (the two look the same)
    |-- Conflict                the state does not allow the step (second approval, stale version)
    |-- AuthenticationFailed    no valid session, token or password
    `-- Forbidden               authority is missing; always leaves a DENY entry in the audit
        |-- CaseNotActive       not approved, expired, rejected, closed, or changed since
        |-- OutOfScope          cameras or hours beyond the case, or in the future
        `-- SamePerson          a step that asks for a second person was tried by the first

Every class has a `code`, stable for clients; `str(error)` is for people.
"""


class CaseTraceError(Exception):
    """Base of all; `code` is the stable name that the API and the command line show."""

    code = "error"


class InvalidInput(CaseTraceError):
    code = "invalid_input"


class InvalidBox(InvalidInput):
    code = "invalid_box"


class TooLarge(InvalidInput):
    code = "too_large"


class SourceError(CaseTraceError):
    code = "source_error"


class SourceUnavailable(SourceError):
    code = "source_unavailable"


class SourceRefused(SourceError):
    code = "source_refused"


class MediaCorrupt(SourceError):
    code = "media_corrupt"


class ModelError(CaseTraceError):
    code = "model_error"


class ModelMissing(ModelError):
    code = "model_missing"


class ModelMismatch(ModelError):
    code = "model_mismatch"


class DeviceUnavailable(ModelError):
    code = "device_unavailable"


class StorageError(CaseTraceError):
    code = "storage_error"


class StorageFull(StorageError):
    code = "storage_full"


class StorageCorrupt(StorageError):
    code = "storage_corrupt"


class DuplicateId(StorageError):
    code = "duplicate_id"


class Busy(StorageError):
    code = "busy"


class NotFound(CaseTraceError):
    code = "not_found"


class Conflict(CaseTraceError):
    code = "conflict"


class AuthenticationFailed(CaseTraceError):
    code = "authentication_failed"


class Forbidden(CaseTraceError):
    code = "forbidden"


class CaseNotActive(Forbidden):
    code = "case_not_active"


class OutOfScope(Forbidden):
    code = "out_of_scope"


class SamePerson(Forbidden):
    code = "same_person"
