export default {
  "cases.title": "Cases",
  "cases.until": "readable until",
  "cases.state.active": "Active",
  "cases.state.requested": "Waiting for approval",
  "cases.state.emergency": "Emergency, not approved yet",
  "cases.state.expired": "Expired",
  "cases.state.rejected": "Rejected",
  "cases.state.closed": "Closed",
};
