export default {
  "coverage.title": "What was not searched",
  "coverage.searched": "Searched",
};
