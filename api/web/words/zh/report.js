export default {
  "report.title": "报告",
};
