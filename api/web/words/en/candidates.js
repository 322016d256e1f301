export default {
  "candidates.title": "Candidates",
};
