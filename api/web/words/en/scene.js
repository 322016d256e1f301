export default {
  "scene.title": "Scene",
};
