/* Which candidates are shown, in which order and groups. No components, no requests. */
import { ms } from "../../lib/time.js";

export const ALL = {
  cameras: [], classes: [], verdicts: [], upper: [], lower: [], body: [],
  from: null, to: null, plate: "",
};
export const PARTS = ["upper", "lower", "body"];
const BREAK_MS = 10 * 60_000; // a camera's silence that begins a new group

// What people have settled has no chance any more.
const SETTLED = { confirm: "why.given", reject: "why.out" };

/**
 * The candidates of an answer as the gallery wants them, with the caller's verdicts of this moment.
 *
 * A second look is blind to the first: where others have confirmed something that the caller has not
 * decided, no chance is shown of what lies on the trajectory, confirmed or proposed, before the verdict.
 */
export function items(answer, verdictOf, coloursOf) {
  const sightings = answer.trajectory?.sightings ?? [];
  const onWay = new Set(sightings.map((one) => one.tracklet_id));
  const secondLook = sightings.some((one) => !one.proposed && !verdictOf(one.tracklet_id));
  return answer.candidates.map((candidate, place) => {
    const verdict = verdictOf(candidate.tracklet_id) ?? candidate.verdict;
    const blind = secondLook && !verdict && onWay.has(candidate.tracklet_id);
    return {
      id: candidate.tracklet_id,
      candidate,
      rank: place + 1,
      verdict,
      // Why no chance is shown, a key of words; null where there is one to show.
      silent: blind ? "why.blind" : SETTLED[verdict] ?? (candidate.probability === null ? "why.uncalibrated" : null),
      chance: blind || SETTLED[verdict] ? null : candidate.probability,
      colours: coloursOf(candidate.shot_id),
      onWay: onWay.has(candidate.tracklet_id),
      atMs: ms(candidate.span.start),
    };
  });
}

const TESTS = {
  cameras: (one, chosen) => chosen.includes(one.candidate.camera_id),
  classes: (one, chosen) => chosen.includes(one.candidate.class_label),
  verdicts: (one, chosen) => chosen.includes(one.verdict ?? "open"),
  upper: (one, chosen) => has(one, "upper", chosen),
  lower: (one, chosen) => has(one, "lower", chosen),
  body: (one, chosen) => has(one, "body", chosen),
};

function has(one, part, chosen) {
  return Boolean(one.colours?.some((colour) => colour.part === part && chosen.includes(colour.colour)));
}

/** Those that pass every filter but `except`. */
export function sifted(all, filters, except = null) {
  const names = Object.keys(TESTS).filter((name) => name !== except && filters[name].length);
  const plate = plain(filters.plate);
  return all.filter((one) =>
    names.every((name) => TESTS[name](one, filters[name]))
    && (except === "time" || filters.from === null || one.atMs >= filters.from)
    && (except === "time" || filters.to === null || one.atMs <= filters.to)
    && (!plate || plain(one.candidate.plate?.text ?? "").includes(plate)));
}

/** A plate without what people write between its signs. */
export function plain(text) {
  return text.normalize("NFKC").toUpperCase().replace(/[\s·.\-_]/g, "");
}

/** How many there would be of each choice of a filter, all others being as they are: Map. */
export function counts(all, filters, name) {
  const found = new Map();
  for (const one of sifted(all, filters, name)) {
    for (const choice of choices(one, name)) found.set(choice, (found.get(choice) ?? 0) + 1);
  }
  return found;
}

/** The choices of a filter that a candidate falls under. */
export function choices(one, name) {
  if (name === "cameras") return [one.candidate.camera_id];
  if (name === "classes") return [one.candidate.class_label];
  if (name === "verdicts") return [one.verdict ?? "open"];
  return (one.colours ?? []).filter((colour) => colour.part === name).map((colour) => colour.colour);
}

export const isSifted = (filters) =>
  Object.entries(filters).some(([, value]) => (Array.isArray(value) ? value.length : value !== null && value !== ""));

/** By rank in one group, or by camera (the best first) and time, a long silence beginning a new group. */
export function grouped(shown, by) {
  if (by === "rank") return [{ key: null, items: shown }];
  const cameras = new Map();
  for (const one of shown) {
    const id = one.candidate.camera_id;
    if (!cameras.has(id)) cameras.set(id, []);
    cameras.get(id).push(one);
  }
  return [...cameras.values()].flatMap(spells);
}

function spells(own) {
  const inTime = [...own].sort((one, other) => one.atMs - other.atMs);
  const groups = [];
  for (const one of inTime) {
    const last = groups.at(-1);
    if (last && one.atMs - last.items.at(-1).atMs < BREAK_MS) last.items.push(one);
    else groups.push({ key: `${one.candidate.camera_id}@${one.atMs}`, cameraId: one.candidate.camera_id, items: [one] });
  }
  return groups;
}

/** How many fall into each of `bins` equal parts of the time that all take. */
export function timeBins(shown, [fromMs, toMs], bins) {
  const found = new Array(bins).fill(0);
  const each = Math.max(1, toMs - fromMs) / bins;
  for (const one of shown) {
    found[Math.min(bins - 1, Math.max(0, Math.floor((one.atMs - fromMs) / each)))] += 1;
  }
  return found;
}
