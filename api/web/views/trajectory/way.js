/* A trajectory as the view wants it: steps in order, and how sure each is. No components. */
import { ms } from "../../lib/time.js";

/** Sightings and hops in the order of time: [{key, kind, place, sighting?, hop?}]. */
export function steps(trajectory) {
  const found = [];
  trajectory.sightings.forEach((sighting, place) => {
    found.push({ key: `s${place}`, kind: "sighting", place, sighting });
    const hop = trajectory.hops.find((one) => one.start === place);
    if (hop) found.push({ key: `h${place}`, kind: "hop", place, hop });
  });
  return found;
}

/** Whether people confirmed it; what is under way counts already. */
export function isConfirmed(sighting, verdict) {
  return verdict ? verdict === "confirm" : !sighting.proposed;
}

/** A hop is as sure as its less sure end. */
export const hopConfirmed = (trajectory, hop, confirmed) =>
  confirmed(trajectory.sightings[hop.start]) && confirmed(trajectory.sightings[hop.end]);

/** `margin` nats as odds for people: 12:1. */
export function odds(margin) {
  const ratio = Math.exp(Math.abs(margin));
  return ratio >= 10_000 ? ">10 000:1" : `${ratio >= 9.5 ? Math.round(ratio) : ratio.toFixed(1)}:1`;
}

/** Milliseconds that the trajectory and what may come next take; a far outlook does not squeeze it. */
export function timeRange(trajectory, next) {
  const starts = trajectory.sightings.map((one) => ms(one.span.start));
  const ends = trajectory.sightings.map((one) => ms(one.span.end));
  const outlook = next.map((one) => ms(one.expected.end));
  if (!starts.length) return null;
  const from = Math.min(...starts);
  const last = Math.max(...ends);
  const own = Math.max(last - from, 10_000);
  const to = Math.min(Math.max(last, ...outlook), last + 0.6 * own);
  return [from - 0.03 * own, to + 0.03 * own];
}

/** The cameras of the axis: those of the sightings by first time, then those that may come next. */
export function lanes(trajectory, next) {
  const inTime = [...trajectory.sightings].sort((one, other) => ms(one.span.start) - ms(other.span.start));
  const missed = trajectory.hops.flatMap((hop) => hop.missed);
  return [...new Set([...inTime.map((one) => one.camera_id), ...missed, ...next.slice(0, 4).map((one) => one.camera_id)])];
}

/**
 * Where the subject can have been between two cameras: the ellipse round both that the fastest way
 * allows in the time, as [lon, lat] points; null where it says nothing (no place, or no time to stray).
 */
export function reach(from, to, hop) {
  if (!from || !to || !hop.fastest_s || !hop.distance_m || !hop.feasible) return null;
  const metresPerLat = 111_320;
  const metresPerLon = metresPerLat * Math.cos((((from[1] + to[1]) / 2) * Math.PI) / 180);
  const x = (to[0] - from[0]) * metresPerLon;
  const y = (to[1] - from[1]) * metresPerLat;
  const apart = Math.hypot(x, y);
  const way = Math.min((hop.distance_m / hop.fastest_s) * Math.max(hop.gap_s, 0), 4 * apart);
  if (apart < 1 || way <= apart * 1.02) return null;
  const long = way / 2;
  const short = Math.sqrt(long ** 2 - (apart / 2) ** 2);
  const turn = Math.atan2(y, x);
  return Array.from({ length: 48 }, (_, place) => {
    const angle = (place / 48) * 2 * Math.PI;
    const u = long * Math.cos(angle);
    const v = short * Math.sin(angle);
    return [
      (from[0] + to[0]) / 2 + (u * Math.cos(turn) - v * Math.sin(turn)) / metresPerLon,
      (from[1] + to[1]) / 2 + (u * Math.sin(turn) + v * Math.cos(turn)) / metresPerLat,
    ];
  });
}

const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Round instants of a range, about `wanted` of them. */
export function ticks([fromMs, toMs], wanted) {
  const step = 1000 * (TICKS_S.find((one) => (toMs - fromMs) / 1000 / one <= wanted) ?? TICKS_S.at(-1));
  const found = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) found.push(at);
  return { found, step };
}
