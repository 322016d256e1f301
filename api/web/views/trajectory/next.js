/* Where the subject may have come by next: for the eye, or for the approver. */
import { html, useState } from "../../lib/html.js";
import { percent, t } from "../../lib/i18n.js";
import { href } from "../../lib/route.js";
import { clock, iso, length, ms } from "../../lib/time.js";
import { AskMore } from "../../parts/askmore.js";
import { Icon } from "../../parts/icon.js";

const ROOM_MS = 60_000; // asked for before and after the time that is expected
const CHIPS = { in_scope: "", down: "warn", outside: "warn" };

export function NextCameras({ caseId, store, next, after, onCamera }) {
  const [asking, setAsking] = useState(null);
  if (!next.length) return null;
  return html`<section class="next" aria-label=${t("trajectory.next")} data-test="next">
    <h3>${t("trajectory.next")}</h3>
    <ol>${next.map((one) => html`<li key=${one.camera_id} class="next-one" data-test="next-camera" data-camera=${one.camera_id} onPointerEnter=${() => onCamera(one.camera_id)}>
      <div class="row"><b class="mono next-chance">${percent(one.probability)}</b>
        <span class="grow clip-text">${store.cameraName(one.camera_id)}</span>
        <span class=${`chip ${CHIPS[one.standing] ?? ""}`}>${t(`trajectory.standing.${one.standing}`)}</span></div>
      <span class="next-bar"><i style=${{ width: `${100 * one.probability}%` }} /></span>
      <div class="row small muted"><span class="grow"><span class="mono">${clock(one.expected.start)}–${clock(one.expected.end)}</span>
        ${one.distance_m !== null ? ` · ${Math.round(one.distance_m)} m` : ""}${one.unseen_s > 0 ? ` · ${t("trajectory.unseen", { length: length(one.unseen_s) })}` : ""}</span>
        ${one.standing === "outside"
          ? html`<button class="button small" onClick=${() => setAsking(one)} data-test="ask"><${Icon} name="lock" />${t("trajectory.ask")}</button>`
          : html`<a class="button small" href=${href("scene", caseId, { camera: one.camera_id, at: one.expected.start })} data-test="look"><${Icon} name="camera" />${t("candidates.lookThere")}</a>`}
      </div>
    </li>`)}</ol>
    ${asking && html`<${AskMore} store=${store} cameraIds=${[asking.camera_id]} onClose=${() => setAsking(null)}
      span=${{ start: iso(ms(asking.expected.start) - ROOM_MS), end: iso(Math.min(ms(asking.expected.end) + ROOM_MS, Date.now() - 1000)) }}
      reason=${t("trajectory.askReason", { camera: store.cameraName(asking.camera_id), from: after, chance: percent(asking.probability) })} />`}
  </section>`;
}
