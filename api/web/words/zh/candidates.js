export default {
  "candidates.title": "候选",
};
