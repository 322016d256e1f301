"""Which audit event each route leaves: a route that is not here fails a test, and so the build.

None is for routes that touch no person's data, or that only show the caller its own account; each
of those says why.
"""

from collections.abc import Mapping
from typing import Final

from cases.events import EventKind as Kind

EVENT_OF: Final[Mapping[str, Kind | None]] = {
    # session
    "login": Kind.LOGIN,
    "logout": Kind.LOGOUT,
    "me": None,  # one's own name and roles
    "change_password": Kind.PASSWORD_CHANGED,
    # accounts
    "list_accounts": None,  # names of colleagues, so that members can be named
    "create_account": Kind.ACCOUNT_CREATED,
    "change_roles": Kind.ACCOUNT_CHANGED,
    "reset_password": Kind.PASSWORD_CHANGED,
    "disable_account": Kind.ACCOUNT_DISABLED,
    # cameras
    "list_cameras": None,  # devices and places, nothing that they saw
    "add_camera": Kind.CAMERA_CHANGED,
    "get_camera": None,  # as list_cameras
    "change_camera": Kind.CAMERA_CHANGED,
    "remove_camera": Kind.CAMERA_DELETED,
    "correct_clock": Kind.CLOCK_CORRECTED,
    "get_roads": None,  # distances
    "import_roads": Kind.ROADS_CHANGED,
    # cases
    "list_cases": None,  # the papers of cases that the caller has a part in, not what was found
    "request_case": Kind.CASE_REQUESTED,
    "get_case": Kind.READ_CASE,
    "amend_case": Kind.CASE_AMENDED,
    "add_member": Kind.MEMBER_ADDED,
    "approve_case": Kind.CASE_APPROVED,
    "reject_case": Kind.CASE_REJECTED,
    "close_case": Kind.CASE_CLOSED,
    # probes
    "list_probes": Kind.READ_CASE,
    "probe_by_upload": Kind.PROBE_ADDED,
    "probe_by_frame": Kind.PROBE_ADDED,
    "probe_by_shot": Kind.PROBE_ADDED,
    "probes_of_confirmed": Kind.READ_TRACKLETS,  # and probe_added for each that is new
    "get_probe_picture": Kind.READ_PROBE,
    # searches and decisions
    "search": Kind.SEARCH,
    "list_searches": Kind.READ_CASE,
    "get_search": Kind.READ_SEARCH,
    "list_decisions": Kind.READ_CASE,
    "decide": Kind.DECISION,
    "get_trajectory": Kind.READ_TRAJECTORY,
    "reconstruct": Kind.SEARCH,  # and search_answered when it has ended
    "name_colours": Kind.READ_SHOT,
    "compare_scenes": Kind.SERIES,  # and series_answered when it has ended
    # report
    "get_report_status": Kind.READ_REPORT,
    "get_report_html": Kind.REPORT_MADE,  # and read_report before it
    "get_report_pdf": Kind.REPORT_MADE,
    # footage
    "list_case_cameras": Kind.READ_CASE,
    "get_activity": Kind.READ_ACTIVITY,
    "list_footage": Kind.READ_FOOTAGE,
    "get_frame": Kind.READ_FRAME,
    "get_clip": Kind.READ_CLIP,
    "get_proxy": Kind.READ_PROXY,
    "list_tracklets": Kind.READ_TRACKLETS,
    "get_tracklet": Kind.READ_TRACKLETS,
    "get_shot": Kind.READ_SHOT,
    "get_coverage": Kind.READ_COVERAGE,
    # audit
    "read_audit": Kind.AUDIT_READ,
    "verify_chain": Kind.AUDIT_VERIFIED,
    # the page
    "get_page": None,  # the same files for everybody
    "get_page_file": None,  # as get_page
    "get_page_settings": None,  # where tiles come from
    "get_ground_map": None,  # streets, as on any map
    # health
    "healthz": None,  # whether the process lives
    "readyz": None,  # whether database and disk answer
    "metrics": None,  # counts by route and status
}
"""Route name to the kind of its entry, whether it was allowed or denied."""
