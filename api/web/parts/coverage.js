/* How much of the case was searched, always in sight; what is missing and why, in a drawer. */
import { html, useMemo, useState } from "../lib/html.js";
import { has, number, percent, t } from "../lib/i18n.js";
import { useStore } from "../lib/store.js";
import { length, ms } from "../lib/time.js";
import { Dialog } from "./dialog.js";
import { Instant } from "./instant.js";

const LISTED = 200;
const ENOUGH = 0.99;

export function CoverageMark({ store }) {
  const coverage = useStore(store, (state) => state.answer?.coverage ?? state.coverage);
  const [open, setOpen] = useState(false);
  if (!coverage) return null;
  const share = shareOf(coverage);
  return html`<button type="button" class=${`button quiet coverage-mark ${share < ENOUGH ? "low" : ""}`} onClick=${() => setOpen(true)}
      title=${t("coverage.open")} data-test="coverage">
      ${t("coverage.searched")} <span class="coverage-bar" aria-hidden="true"><i style=${{ width: `${share * 100}%` }}></i></span>
      <b>${percent(share)}</b></button>
    ${open && html`<${Drawer} store=${store} coverage=${coverage} onClose=${() => setOpen(false)} />`}`;
}

/** The searched share, 0 where nothing was asked for. */
export function shareOf({ asked_s: asked, searched_s: searched }) {
  return asked ? Math.min(1, searched / asked) : 0;
}

function Drawer({ store, coverage, onClose }) {
  const rows = useMemo(() => byCamera(store, coverage), [coverage]);
  const reasons = useMemo(() => byReason(coverage.missing), [coverage]);
  return html`<${Dialog} drawer title=${t("coverage.title")} onClose=${onClose} test="coverage-drawer">
    <p>${t("coverage.about", {
      share: percent(shareOf(coverage)), searched: length(coverage.searched_s), asked: length(coverage.asked_s),
    })}</p>
    ${reasons.length > 0 && html`<ul class="row wrap">${reasons.map(([why, seconds]) =>
      html`<li class="chip warn">${whyWords(why)}: ${length(seconds)}</li>`)}</ul>`}
    <ul class="coverage-list">${rows.slice(0, LISTED).map((row) => html`<li class="coverage-camera" key=${row.camera_id}>
      <details><summary><span class="clip-text">${store.cameraName(row.camera_id)}</span>
        <${Strip} row=${row} /><span class="mono">${percent(row.share)}</span></summary>
        ${row.missing.length === 0 ? html`<p class="coverage-spans muted">${t("coverage.allOfIt")}</p>`
          : html`<ul class="coverage-spans">${row.missing.map((one) => html`<li>
            <span><${Instant} at=${one.start} /> – <${Instant} at=${one.end} show="clock" /></span>
            <span class="mono">${length((ms(one.end) - ms(one.start)) / 1000)}</span><span>${whyWords(one.why)}</span></li>`)}</ul>`}
      </details></li>`)}</ul>
    ${rows.length > LISTED && html`<p class="muted">${t("coverage.more", { n: number(rows.length - LISTED) })}</p>`}
  <//>`;
}

function whyWords(why) {
  const key = `coverage.why.${why}`;
  return has(key) ? t(key) : why;
}

/** Cameras of the case with the share searched of each, the least first. */
function byCamera(store, { missing }) {
  const lacks = new Map();
  for (const one of missing) {
    if (!lacks.has(one.camera_id)) lacks.set(one.camera_id, []);
    lacks.get(one.camera_id).push(one);
  }
  const lengthMs = (spans) => spans.reduce((sum, span) => sum + ms(span.end) - ms(span.start), 0);
  return store.granted()
    .map(({ camera_id, spans }) => {
      const own = lacks.get(camera_id) ?? [];
      return { camera_id, spans, missing: own, share: 1 - Math.min(1, lengthMs(own) / lengthMs(spans)) };
    })
    .sort((a, b) => a.share - b.share);
}

function byReason(missing) {
  const seconds = new Map();
  for (const { why, start, end } of missing) seconds.set(why, (seconds.get(why) ?? 0) + (ms(end) - ms(start)) / 1000);
  return [...seconds].sort((a, b) => b[1] - a[1]);
}

function Strip({ row }) {
  const first = Math.min(...row.spans.map((span) => ms(span.start)));
  const last = Math.max(...row.spans.map((span) => ms(span.end)));
  const place = ({ start, end }) => ({
    left: `${((ms(start) - first) / (last - first)) * 100}%`, width: `${((ms(end) - ms(start)) / (last - first)) * 100}%`,
  });
  return html`<span class="coverage-strip" aria-hidden="true">
    ${row.spans.map((span) => html`<i style=${place(span)}></i>`)}${row.missing.map((span) => html`<i class="missing" style=${place(span)}></i>`)}
  </span>`;
}
