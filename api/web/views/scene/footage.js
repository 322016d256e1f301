/* What the scene asks of the footage: where there is some, what moved, which cameras are near. */
import { get } from "../../lib/api.js";
import { utcMs } from "../../lib/clocks.js";
import { iso, ms } from "../../lib/time.js";
import { metres } from "../../parts/map.js";

/** Spans of UTC in ms, [{start, end}], in which footage of a camera is kept. */
export async function keptSpans(store, cameraId) {
  const segments = await get(`/cases/${store.caseId}/footage`, { camera_id: cameraId });
  const camera = store.camera(cameraId);
  const spans = segments
    .map(({ device_span: span }) => ({ start: utcMs(camera, span.start), end: utcMs(camera, span.end) }))
    .sort((a, b) => a.start - b.start);
  const joined = [];
  for (const span of spans) {
    const before = joined.at(-1);
    // A segment begins with the first picture after the one before it ended.
    if (before && span.start - before.end < 1000) before.end = Math.max(before.end, span.end);
    else joined.push({ ...span });
  }
  return joined;
}

const LABELS = { person: "person", bicycle: "rider", ebike: "rider", motorcycle: "rider", rider: "rider" };
const familyOf = (label) => LABELS[label] ?? "vehicle";

const BUCKETS = 800;
const LEAST_BUCKET_S = 0.2;

/** How much moved before a camera in a span (ms): {start, bucketMs, seen: {family: counts}}. */
export async function activity(store, cameraId, { start, end }) {
  const bucketS = Math.max(LEAST_BUCKET_S, Math.ceil((end - start) / BUCKETS) / 1000);
  const found = await get(`/cases/${store.caseId}/activity`, {
    camera_id: cameraId, start: iso(start), end: iso(end), bucket_s: bucketS,
  });
  const own = found.cameras.find((one) => one.camera_id === cameraId);
  return { start: ms(found.span.start), bucketMs: found.bucket_s * 1000, seen: own?.seen ?? {} };
}

/** Instants (ms) at which more begins to move than before. */
export function beginnings({ start, bucketMs, seen }) {
  const counts = Object.values(seen);
  const total = (k) => counts.reduce((sum, one) => sum + (one[k] ?? 0), 0);
  const found = [];
  for (let k = 0; k < (counts[0]?.length ?? 0); k += 1) {
    if (total(k) > (k ? total(k - 1) : 0)) found.push(start + k * bucketMs);
  }
  return found;
}

/** Tracklet parts of a camera in a span, with UTC times in ms and boxes in source pixels. */
export async function tracked(store, cameraId, start, end, limit = 200) {
  const parts = await get(`/cases/${store.caseId}/tracklets`, {
    camera_id: cameraId, start: iso(start), end: iso(end), limit,
  });
  const camera = store.camera(cameraId);
  return parts.map((part) => ({
    tracklet_id: part.tracklet_id,
    family: familyOf(part.class_label),
    label: part.class_label,
    times: part.device_times.map((device) => utcMs(camera, device)),
    boxes: part.boxes,
  }));
}

/** Boxes at an instant, between the two looks round it: [{tracklet_id, family, xyxy}]. */
export function boxesAt(parts, at, { slackMs = 350 } = {}) {
  return parts.flatMap((part) => {
    const { times, boxes } = part;
    if (at < times[0] - slackMs || at > times.at(-1) + slackMs) return [];
    const after = times.findIndex((time) => time >= at);
    if (after <= 0) return [{ ...part, xyxy: boxes[after < 0 ? boxes.length - 1 : 0] }];
    const share = (at - times[after - 1]) / (times[after] - times[after - 1]);
    const xyxy = boxes[after].map((side, k) => boxes[after - 1][k] * (1 - share) + side * share);
    return [{ ...part, xyxy }];
  });
}

/** Cameras by distance from a place: [{camera_id, distance_m, granted, looking}]. */
export async function nearest(store, place, at, limit = 24) {
  const granted = new Map(store.granted().map(({ camera_id: id, spans }) => [id, spans]));
  return [...store.state.cameras.values()]
    .filter((camera) => camera.lon_lat_deg)
    .map((camera) => ({
      camera_id: camera.camera_id,
      distance_m: metres(place, camera.lon_lat_deg),
      granted: (granted.get(camera.camera_id) ?? []).some((span) => ms(span.start) <= at && at < ms(span.end)),
    }))
    .sort((a, b) => a.distance_m - b.distance_m)
    .slice(0, limit);
}
