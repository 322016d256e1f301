export default {
  "trajectory.title": "Trajectory",
};
