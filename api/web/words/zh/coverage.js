export default {
  "coverage.title": "未检索部分",
  "coverage.searched": "已检索",
};
