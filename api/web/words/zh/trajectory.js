export default {
  "trajectory.title": "轨迹",
};
