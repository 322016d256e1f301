/* Where the subject may have come by next: for the eye, or for the approver. */
import { html, useState } from "../../lib/html.js";
import { percent, t } from "../../lib/i18n.js";
import { href } from "../../lib/route.js";
import { clock, iso, length, ms } from "../../lib/time.js";
import { AskMore } from "../../parts/askmore.js";
import { Icon } from "../../parts/icon.js";

const ROOM_MS = 60_000; // asked for before and after the time that is expected
const CHIPS = { in_scope: "", partly: "warn", down: "warn", outside: "warn" };

export function NextCameras({ caseId, store, next, after }) {
  const [asking, setAsking] = useState(null);
  if (!next.length) return null;
  return html`<section class="next" aria-label=${t("trajectory.next")} data-test="next">
    <h3>${t("trajectory.next")}</h3>
    <ol>${next.map((one) => html`<${Next} key=${one.camera_id} ...${{ caseId, store, one, onAsk: setAsking }} />`)}</ol>
    ${asking && html`<${AskMore} store=${store} cameraIds=${[asking.camera_id]} onClose=${() => setAsking(null)}
      span=${{ start: iso(ms(asking.expected.start) - ROOM_MS), end: iso(Math.min(ms(asking.expected.end) + ROOM_MS, Date.now() - 1000)) }}
      reason=${t("trajectory.askReason", { camera: store.cameraName(asking.camera_id), from: after, chance: percent(asking.probability) })} />`}
  </section>`;
}

/** When to look, inside what the case grants; null where it grants nothing of the expected time. */
function whenToLook(store, one) {
  const from = ms(one.expected.start);
  const to = ms(one.expected.end);
  const spans = store.granted().find((granted) => granted.camera_id === one.camera_id)?.spans ?? [];
  const found = spans.find((span) => ms(span.start) < to && from < ms(span.end));
  return found ? { at: iso(Math.max(from, ms(found.start))), whole: ms(found.start) <= from && to <= ms(found.end) } : null;
}

function Next({ caseId, store, one, onAsk }) {
  const look = whenToLook(store, one);
  const partly = one.standing === "in_scope" && one.unseen_s > 1;
  const standing = partly ? "partly" : one.standing;
  return html`<li class="next-one" data-test="next-camera" data-camera=${one.camera_id} data-standing=${one.standing}>
    <div class="row"><b class="mono next-chance">${percent(one.probability)}</b>
      <span class="grow clip-text">${store.cameraName(one.camera_id)}</span>
      <span class=${`chip ${CHIPS[standing] ?? ""}`}>${t(`trajectory.standing.${standing}`)}</span></div>
    <span class="next-bar"><i style=${{ width: `${100 * one.probability}%` }} /></span>
    <div class="row small muted"><span class="grow"><span class="mono">${clock(one.expected.start)}–${clock(one.expected.end)}</span>
      ${one.distance_m !== null ? ` · ${Math.round(one.distance_m)} m` : ""}
      ${one.unseen_s > 1 && html`<span class="nowrap"> · ${t("trajectory.unseen", { length: length(one.unseen_s) })}</span>`}</span>
      ${look && html`<a class="button small" href=${href("scene", caseId, { camera: one.camera_id, at: look.at })} data-test="look"><${Icon} name="camera" />${t("candidates.lookThere")}</a>`}
      ${!look?.whole && html`<button type="button" class="button small" onClick=${() => onAsk(one)} title=${t("trajectory.ask")} aria-label=${t("trajectory.ask")} data-test="ask">
        <${Icon} name="lock" />${look ? "" : t("trajectory.ask")}</button>`}
    </div>
  </li>`;
}
