export default {
  "report.title": "Report",
};
