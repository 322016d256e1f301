export default {
  "scene.title": "现场",
};
