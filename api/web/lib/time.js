/* Instants as the service writes them (ISO 8601, UTC) and as people read them. */
import { kept } from "./signal.js";
import { locale, t } from "./i18n.js";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The IANA zone that instants are shown in. */
export const zone = kept("casetrace.zone", own);

export const ZONES = [...new Set([own, "Asia/Shanghai", "UTC", "Europe/Berlin", "America/New_York"])];

/** Milliseconds since 1970; digits beyond milliseconds are cut, never rounded up. */
export function ms(instant) {
  if (typeof instant === "number") return instant;
  return Date.parse(instant.replace(/(\.\d{3})\d+/, "$1"));
}

/** ISO 8601 in UTC with milliseconds, as the service takes it. */
export function iso(atMs) {
  return new Date(Math.round(atMs)).toISOString();
}

const PARTS = {
  date: { year: "numeric", month: "2-digit", day: "2-digit" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};
const formats = new Map();

function format(kind, where) {
  const key = `${kind} ${where} ${locale()}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat("sv-SE", { ...PARTS[kind], timeZone: where }));
  }
  return formats.get(key);
}

/** `2026-05-04`. */
export const day = (instant, where = zone.value) => format("date", where).format(ms(instant));
/** `07:55:12`, or `07:55:12.040` with `{ms: true}`. */
export function clock(instant, { ms: fine = false, where = zone.value } = {}) {
  const atMs = ms(instant);
  const whole = format("time", where).format(atMs);
  return fine ? `${whole}.${String(((atMs % 1000) + 1000) % 1000).padStart(3, "0")}` : whole;
}
/** `07:55`. */
export const minute = (instant, where = zone.value) => format("minute", where).format(ms(instant));
/** `2026-05-04 07:55:12`. */
export const full = (instant, options = {}) =>
  `${day(instant, options.where)} ${clock(instant, options)}`;
/** The same in UTC, for a title. */
export const utc = (instant) => `${full(instant, { ms: true, where: "UTC" })} UTC`;

/** A length in seconds: `4.2 s`, `3 min 10 s`, `2 h 5 min`; what is nothing is left out. */
export function length(seconds) {
  if (seconds < 60) return t("time.s", { n: seconds < 10 ? +seconds.toFixed(1) : Math.round(seconds) });
  const whole = Math.round(seconds);
  const [large, small, words] = whole < 3600
    ? [Math.floor(whole / 60), whole % 60, ["time.min", "time.s"]]
    : [Math.floor(whole / 3600), Math.round((whole % 3600) / 60), ["time.h", "time.min"]];
  return [t(words[0], { n: large }), small ? t(words[1], { n: small }) : ""].filter(Boolean).join(" ");
}

/** `2026-05-04 07:55:12`, as somebody types it, in the shown zone. */
export const typed = (instant) => full(instant);

/** Milliseconds of what somebody typed in the shown zone; NaN for what is no instant. */
export function read(text) {
  const found = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?\s*$/.exec(text);
  if (!found) return NaN;
  const [, year, month, date, hour, minutes, seconds = "0", rest = "0"] = found;
  const wall = Date.UTC(year, month - 1, date, hour, minutes, seconds) + Math.round(Number(rest) * 1000);
  const back = new Date(wall);
  if (back.getUTCDate() !== Number(date) || back.getUTCHours() !== Number(hour) || minutes > 59 || seconds > 59) return NaN;
  // The zone's offset hangs on the instant itself: a second round settles it near a change.
  let at = wall;
  for (let round = 0; round < 2; round += 1) at = wall - offsetMs(at);
  return at;
}

function offsetMs(atMs) {
  const wall = Date.parse(`${day(atMs)}T${clock(atMs)}Z`);
  return wall - Math.floor(atMs / 1000) * 1000;
}

/** `2026-05-04T07:55:12` for an input of type datetime-local, in the shown zone, and back. */
export const toInput = (instant) => `${day(instant)}T${clock(instant)}`;
export const fromInput = (text) => read(text.length === 16 ? `${text}:00` : text);
