"""A valid request for every route: one that somebody with all rights gets an answer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.house import HERE, PASSWORD, SEEN_HERE, picture

START, END = "2026-05-04T07:10:00Z", "2026-05-04T07:11:00Z"
BOX = [10, 10, 200, 300]
GRANT = {"camera_id": str(HERE), "start": START, "end": END}


@dataclass(frozen=True, slots=True)
class Valid:
    """A request that somebody with all rights would get an answer to."""

    json: Any = None
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""

    def options(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {"params": dict(self.params)}
        if self.json is not None:
            chosen["json"] = self.json
        if self.file:
            chosen |= {"data": dict(self.form), "files": {"picture": ("a.jpg", self.file)}}
        return chosen


SPAN = {"start": START, "end": END}
VALID: Mapping[str, Valid] = {
    "login": Valid({"name": "ann", "password": PASSWORD, "kind": "bearer"}),
    "logout": Valid(),
    "me": Valid(),
    "change_password": Valid({"old": PASSWORD, "new": "quite another long phrase"}),
    "list_accounts": Valid(),
    "create_account": Valid(
        {
            "name": "new.one",
            "full_name": "New One",
            "organisation": "Precinct 1",
            "roles": ["investigator"],
            "password": PASSWORD,
        }
    ),
    "change_roles": Valid({"roles": ["investigator"]}),
    "reset_password": Valid({"password": "quite another long phrase"}),
    "disable_account": Valid(),
    "list_cameras": Valid(),
    "add_camera": Valid({"name": "gate 9"}),
    "get_camera": Valid(),
    "change_camera": Valid({"retention_days": 5}),
    "remove_camera": Valid(),
    "correct_clock": Valid({"since": START, "offset_s": 1.5, "sigma_s": 0.5}),
    "get_roads": Valid(),
    "get_page": Valid(),
    "get_page_file": Valid(),
    "get_page_settings": Valid(),
    "get_ground_map": Valid(),
    "import_roads": Valid({"edges": [{"start": "1", "end": "2", "distance_m": 410}]}),
    "list_cases": Valid(),
    "request_case": Valid(
        {
            "reference": "2026-05-0999",
            "offence": "theft of a bag",
            "legal_basis": "criminal procedure act",
            "purpose": "find where the thief went",
            "expires": "2026-05-08T00:00:00Z",
            "grants": [GRANT],
        }
    ),
    "get_case": Valid(),
    "amend_case": Valid({"reason": "he went east", "grants": [GRANT]}),
    "add_member": Valid({"account_id": "1"}),
    "approve_case": Valid({"version": 1}),
    "reject_case": Valid({"reason": "far too wide"}),
    "close_case": Valid({"reason": "found him"}),
    "list_probes": Valid(),
    "probe_by_upload": Valid(form={"family": "person", "box": "10,10,200,300"}, file=picture()),
    "probe_by_frame": Valid({"camera_id": str(HERE), "at": START, "box": BOX, "family": "person"}),
    "probe_by_shot": Valid({"shot_id": str(SEEN_HERE * 10)}),
    "probes_of_confirmed": Valid(),
    "get_probe_picture": Valid(),
    "search": Valid({"probe_ids": ["1"]}),
    "list_searches": Valid(),
    "get_search": Valid(),
    "list_decisions": Valid(),
    "decide": Valid({"tracklet_id": str(SEEN_HERE), "verdict": "confirm"}),
    "get_trajectory": Valid(),
    "reconstruct": Valid({}),
    "list_case_cameras": Valid(params={"near": "116.39,39.9", "at": START}),
    "get_activity": Valid(),
    "compare_scenes": Valid(
        {
            "scenes": [
                {"cameras": [str(HERE)], "span": {"start": START, "end": END}},
                {"cameras": [str(HERE)], "span": {"start": END, "end": "2026-05-04T07:12:00Z"}},
            ]
        }
    ),
    "get_report_status": Valid(),
    "get_report_html": Valid(params={"language": "en", "zone": "+08:00"}),
    "get_report_pdf": Valid(params={"language": "zh"}),
    "list_footage": Valid(),
    "get_frame": Valid(params={"at": START}),
    "get_clip": Valid(params=SPAN),
    "get_proxy": Valid(params=SPAN),
    "list_tracklets": Valid(),
    "get_tracklet": Valid(),
    "get_shot": Valid(),
    "name_colours": Valid({"shot_ids": [str(SEEN_HERE * 10)]}),
    "get_coverage": Valid(),
    "read_audit": Valid(),
    "verify_chain": Valid(),
    "healthz": Valid(),
    "readyz": Valid(),
    "metrics": Valid(),
}
