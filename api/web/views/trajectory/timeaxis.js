/* The same way by time: a lane a camera, clock doubt as whiskers, hatched where nothing was searched. */
import { html, useLayoutEffect, useRef, useState } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { clock, minute, ms } from "../../lib/time.js";
import { hopConfirmed, lanes, ticks, timeRange } from "./way.js";

const LANE = 26;
const LABEL = 118;
const TOP = 20;

export function TimeAxis({ store, trajectory, next, candidates, chosen, confirmed, onChoose }) {
  const own = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setWidth(own.current.clientWidth));
    observer.observe(own.current);
    setWidth(own.current.clientWidth);
    return () => observer.disconnect();
  }, []);
  const range = timeRange(trajectory, next);
  return html`<div class="axis" ref=${own} data-test="axis">
    ${range && width > 0 && html`<${Drawn} ...${{ store, trajectory, next, candidates, chosen, confirmed, onChoose, range, width }} />`}
  </div>`;
}

function Drawn({ store, trajectory, next, candidates, chosen, confirmed, onChoose, range, width }) {
  const rows = lanes(trajectory, next);
  const x = (atMs) => LABEL + ((atMs - range[0]) / (range[1] - range[0])) * (width - LABEL - 8);
  const y = (cameraId) => TOP + LANE * rows.indexOf(cameraId) + LANE / 2;
  const { found, step } = ticks(range, (width - LABEL) / 90);
  const height = TOP + LANE * rows.length + 4;
  return html`<svg width=${width} height=${height} role="img" aria-label=${t("trajectory.axis")}>
    <defs><pattern id="axis-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" class="axis-hatch" /></pattern></defs>
    ${found.map((at) => html`<g key=${at}><line class="axis-grid" x1=${x(at)} x2=${x(at)} y1=${TOP - 4} y2=${height} />
      <text class="axis-tick" x=${x(at)} y="12">${step < 60_000 ? clock(at) : minute(at)}</text></g>`)}
    ${rows.map((id, place) => html`<g key=${id}>
      <line class="axis-lane" x1="0" x2=${width} y1=${TOP + LANE * place} y2=${TOP + LANE * place} />
      <text class="axis-name" x="4" y=${y(id) + 4}><title>${store.cameraName(id)}</title>${short(store.cameraName(id))}</text></g>`)}
    ${missing(trajectory, rows, range).map((one, place) => html`<rect key=${place} class="axis-missing" fill="url(#axis-hatch)"
      x=${x(one.from)} width=${Math.max(2, x(one.to) - x(one.from))} y=${y(one.cameraId) - LANE / 2 + 1} height=${LANE - 2}>
      <title>${t("trajectory.notSearched", { why: one.why })}</title></rect>`)}
    ${next.filter((one) => rows.includes(one.camera_id)).map((one) => html`<${Outlook} key=${`n${one.camera_id}`} ...${{ one, x, y, range }} />`)}
    ${rivals(trajectory, candidates, rows).map((one) => html`<rect key=${`r${one.tracklet_id}`} class="axis-rival"
      x=${x(ms(one.span.start))} width=${Math.max(3, x(ms(one.span.end)) - x(ms(one.span.start)))} y=${y(one.camera_id) + 7} height="4"><title>${t("trajectory.rival")}</title></rect>`)}
    ${trajectory.hops.map((hop) => html`<${Leap} key=${`h${hop.start}`} ...${{ trajectory, hop, x, y, chosen, confirmed, onChoose }} />`)}
    ${trajectory.sightings.map((one, place) => html`<${Block} key=${`s${place}`} ...${{ one, place, x, y, chosen, confirmed, onChoose }} />`)}
  </svg>`;
}

const short = (name) => (name.length > 17 ? `${name.slice(0, 16)}…` : name);

function Block({ one, place, x, y, chosen, confirmed, onChoose }) {
  const from = x(ms(one.span.start));
  const to = Math.max(from + 6, x(ms(one.span.end)));
  const doubt = x(ms(one.span.start) + 2000 * one.clock_sigma_s) - from;
  const middle = y(one.camera_id);
  return html`<g class=${`axis-sighting ${confirmed(one) ? "" : "way-proposed"} ${chosen === `s${place}` ? "way-chosen" : ""}`} onClick=${() => onChoose(`s${place}`)}>
    ${doubt > 1 && html`<path class="axis-doubt" d=${`M${from - doubt} ${middle - 4}v8M${from - doubt} ${middle}H${to + doubt}M${to + doubt} ${middle - 4}v8`} />`}
    <rect x=${from} width=${to - from} y=${middle - 8} height="16" rx="2"><title>${t("trajectory.clockDoubt", { s: one.clock_sigma_s.toFixed(1) })}</title></rect>
    <text x=${(from + to) / 2} y=${middle + 4}>${place + 1}</text>
  </g>`;
}

function Leap({ trajectory, hop, x, y, chosen, confirmed, onChoose }) {
  const before = trajectory.sightings[hop.start];
  const after = trajectory.sightings[hop.end];
  const names = `axis-hop ${hopConfirmed(trajectory, hop, confirmed) ? "" : "way-proposed"} ${hop.feasible ? "" : "way-cannot"} ${chosen === `h${hop.start}` ? "way-chosen" : ""}`;
  return html`<line class=${names} x1=${x(ms(before.span.end))} y1=${y(before.camera_id)} x2=${x(ms(after.span.start))} y2=${y(after.camera_id)}
    onClick=${() => onChoose(`h${hop.start}`)} />`;
}

function Outlook({ one, x, y, range }) {
  const from = Math.max(range[0], ms(one.expected.start));
  const to = Math.min(range[1], ms(one.expected.end));
  if (to <= from) return null;
  return html`<rect class=${`axis-next way-${one.standing}`} x=${x(from)} width=${x(to) - x(from)} y=${y(one.camera_id) - 7} height="14" rx="2">
    <title>${t(`trajectory.standing.${one.standing}`)}</title></rect>`;
}

function missing(trajectory, rows, range) {
  return trajectory.coverage.missing
    .filter((one) => rows.includes(one.camera_id))
    .map((one) => ({ cameraId: one.camera_id, why: one.why, from: Math.max(range[0], ms(one.start)), to: Math.min(range[1], ms(one.end)) }))
    .filter((one) => one.to > one.from);
}

/** Rivals that are known by their candidates, in lanes that are there. */
function rivals(trajectory, candidates, rows) {
  const ids = new Set(trajectory.sightings.flatMap((one) => one.rivals.flatMap((rival) => rival.tracklet_ids)));
  for (const one of trajectory.sightings) ids.delete(one.tracklet_id);
  return [...ids].map((id) => candidates.get(id)).filter((one) => one && rows.includes(one.camera_id));
}
