export default {
  "cases.title": "案件",
  "cases.until": "可查阅至",
  "cases.state.active": "有效",
  "cases.state.requested": "待审批",
  "cases.state.emergency": "紧急，待补批",
  "cases.state.expired": "已到期",
  "cases.state.rejected": "已驳回",
  "cases.state.closed": "已结案",
};
