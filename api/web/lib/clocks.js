/* A camera's own clock against UTC, by its clock history. */
import { ms } from "./time.js";

const byTime = (clocks) => [...clocks].sort((a, b) => ms(a.since) - ms(b.since));

/** Seconds that the device ran ahead at a device time (ms); 0 before its first correction. */
export function aheadS(camera, deviceMs) {
  let ahead = 0;
  for (const step of byTime(camera?.clocks ?? [])) if (ms(step.since) <= deviceMs) ahead = step.offset_s;
  return ahead;
}

/** UTC milliseconds of a device time (ms or text). */
export function utcMs(camera, device) {
  const at = ms(device);
  return at - aheadS(camera, at) * 1000;
}
