import shell from "./shell.js";
import cases from "./cases.js";
import scene from "./scene.js";
import coverage from "./coverage.js";
import errors from "./errors.js";
import candidates from "./candidates.js";
import trajectory from "./trajectory.js";
import report from "./report.js";
import series from "./series.js";

export default {
  ...shell, ...cases, ...scene, ...coverage, ...errors, ...candidates, ...trajectory, ...report, ...series,
};
