/* What the service says in English sentences, in the reader's language. One that is not known stays as it is. */
import { t } from "./i18n.js";

const FAMILIES = { person: "told.person", rider: "told.rider", vehicle: "told.vehicle" };
const family = (text) => text.split(" or ").map((one) => (FAMILIES[one] ? t(FAMILIES[one]) : one)).join(" / ");
const WAYS = { "by road": "told.byRoad", "as the crow flies": "told.byLine" };
const way = (text) => t(WAYS[text] ?? "told.other", { text });
const clocks = (seconds) => (seconds ? t("told.clocks", { s: seconds }) : "");
const NAMED = /tracklet (\d+)/g;

// Each with what its groups fill in; the words are told.KEY.
const SENTENCES = [
  ["likeConfirmed", /^most like a confirmed sighting, tracklet (\d+)$/, ["tracklet"]],
  ["pushed", /^looks like a tracklet that was rejected, which counts against it$/, []],
  ["notCompared", /^its appearance was not compared: it counts neither for nor against$/, []],
  ["noPlate", /^no plate was read: it counts neither for nor against$/, []],
  ["notAlike", /^not among the most alike: its appearance counts as the least of theirs, 0 at most$/, []],
  ["noRoad", /^no road and no position: cannot be judged$/, []],
  ["overlap", /^views that overlap$/, []],
  ["sameCamera", /^the same camera(?:, clocks within ([\d.]+) s)?$/, ["clocks"]],
  ["tooFast", /^(\d+) m (.+?) in (-?[\d.]+) s(?:, clocks within ([\d.]+) s)?: a (.+) takes ([\d.]+) s at least$/,
    ["m", "way", "s", "clocks", "family", "least"]],
  ["tooSlow", /^(\d+) m (.+?) in (-?[\d.]+) s: longer than a slow (.+) takes$/, ["m", "way", "s", "family"]],
  ["atOnce", /^(\d+) m (.+?) at the same time(?:, clocks within ([\d.]+) s)?: within what clocks and views allow$/,
    ["m", "way", "clocks"]],
  ["usual", /^(\d+) m (.+?) in (-?[\d.]+) s(?:, clocks within ([\d.]+) s)?: ([\d.]+) m\/s$/, ["m", "way", "s", "clocks", "speed"]],
  ["doubled", /^tracklets (\d+) and (\d+): at once in the view of (.+), doubled or two subjects$/,
    ["tracklet", "other", "camera"]],
  ["twoPlaces", /^tracklets (\d+) and (\d+): at once at (.+) and (.+), for ([\d.]+) s from (\S+)$/,
    ["tracklet", "other", "camera", "camera2", "s", "at"]],
  ["unseenBlind", /^(.+) to (.+): unseen for (\d+) s from (\S+); not searched throughout: (.+)$/,
    ["camera", "camera2", "s", "at", "blind"]],
  ["unseen", /^(.+) to (.+): unseen for (\d+) s from (\S+)$/, ["camera", "camera2", "s", "at"]],
  ["gone", /^tracklet (\d+): was confirmed, and is not in the case any more$/, ["tracklet"]],
  ["contested", /^tracklet (\d+): confirmed by one person, rejected by another$/, ["tracklet"]],
];

const MADE = { way, clocks, family };

/** `text` in the reader's language; `named(trackletId)` and `timed(instant)` say them as people know them. */
export function told(text, { named = (id) => `#${id}`, timed = (at) => at } = {}) {
  for (const [key, pattern, groups] of SENTENCES) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = {};
    groups.forEach((group, place) => {
      const value = found[place + 1] ?? "";
      if (group === "tracklet" || group === "other") values[group] = named(value);
      else if (group === "at") values[group] = timed(value);
      else values[group] = MADE[group] ? MADE[group](value) : value;
    });
    return t(`told.${key}`, values);
  }
  return text.replace(NAMED, (_, id) => named(id));
}

/** The tracklets that a sentence names. */
export function trackletsIn(text) {
  return [...text.matchAll(/\b(\d{9,19})\b/g)].map((found) => found[1]);
}

/** How the subject changed carrier, as `person to rider`. */
export function change(text) {
  const [from, to] = text.split(" to ");
  return FAMILIES[from] && FAMILIES[to] ? t("told.change", { from: t(FAMILIES[from]), to: t(FAMILIES[to]) }) : text;
}
