/* The cameras of the case, or those next to a place, each with what it showed at that moment. */
import { html, useMemo, useState } from "../../lib/html.js";
import { number, t } from "../../lib/i18n.js";
import { frameUrl } from "../../lib/api.js";
import { iso, ms } from "../../lib/time.js";
import { AskMore } from "../../parts/askmore.js";
import { Icon } from "../../parts/icon.js";
import { Picture } from "../../parts/picture.js";

/** `cameras`: [{camera_id, distance_m, granted}] in the order shown; `at` the settled instant in ms. */
export function Wall({ store, cameras, at, chosen, onChoose, place, onForget }) {
  const [asking, setAsking] = useState(null);
  const granted = useMemo(() => new Map(store.granted().map(({ camera_id: id, spans }) => [id, spans])), [store.state.case]);
  const holds = (id) => (granted.get(id) ?? []).some((span) => ms(span.start) <= at && at < ms(span.end));
  return html`<section class="scene-wall" aria-label=${t("scene.wall")} data-test="wall">
    <header class="row scene-wall-head">
      <h2 class="h3 grow">${place ? t("scene.nearest") : t("scene.cameras")}</h2>
      ${place && html`<button type="button" class="button quiet small" onClick=${onForget} data-test="wall-all">${t("scene.allCameras")}</button>`}
    </header>
    <ul class="scene-wall-list">${cameras.map((one) => html`<li key=${one.camera_id}>
      ${one.granted ? html`<${Tile} store=${store} one=${one} at=${at} holds=${holds(one.camera_id)} chosen=${one.camera_id === chosen} onChoose=${onChoose} />`
        : html`<${Outside} store=${store} one=${one} onAsk=${() => setAsking(one.camera_id)} />`}
    </li>`)}</ul>
    ${cameras.length === 0 && html`<p class="muted pad">${t("scene.noCameras")}</p>`}
    ${asking && html`<${AskMore} store=${store} cameraIds=${[asking]} onClose=${() => setAsking(null)}
      reason=${t("scene.askReason", { camera: store.cameraName(asking) })} />`}
  </section>`;
}

function Tile({ store, one, at, holds, chosen, onChoose }) {
  const name = store.cameraName(one.camera_id);
  return html`<button type="button" class="scene-walltile" aria-pressed=${chosen} onClick=${() => onChoose(one.camera_id)}
      data-test=${`tile-${one.camera_id}`} title=${name}>
    ${holds ? html`<${Picture} class="scene-walltile-picture" src=${frameUrl(store.caseId, one.camera_id, iso(at), { height: 96 })}
      alt=${t("scene.showed", { camera: name })} />`
      : html`<span class="scene-walltile-picture scene-walltile-none muted">${t("scene.notGrantedThen")}</span>`}
    <span class="scene-walltile-name"><span class="grow clip-text">${name}</span>
      ${one.distance_m !== null && html`<span class="mono muted">${number(one.distance_m)} m</span>`}</span>
  </button>`;
}

function Outside({ store, one, onAsk }) {
  return html`<div class="scene-walltile outside" data-test=${`outside-${one.camera_id}`}>
    <span class="scene-walltile-name"><${Icon} name="lock" /><span class="grow clip-text">${store.cameraName(one.camera_id)}</span>
      <span class="mono muted">${number(one.distance_m)} m</span></span>
    <button type="button" class="button small" onClick=${onAsk} data-test="ask-more">${t("ask.short")}</button>
  </div>`;
}
