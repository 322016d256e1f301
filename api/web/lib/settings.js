/* What the installation says of itself to the page: the map and the limits of a case. */
import { get } from "./api.js";

const UNKNOWN = {
  version: "", map_tiles: "", map_attribution: "", map_file: false, case_cameras: 500, case_hours: 72, case_days: 90,
};
let asked = null;

/** The settings of the page, asked for once. */
export function pageSettings() {
  asked ??= get("/page").catch((error) => {
    asked = null;
    if (error.status === 404) return UNKNOWN;
    throw error;
  });
  return asked;
}
