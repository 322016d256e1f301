/* What is searched for: probes, a plate, among whom. From here straight to the candidates. */
import { html, useRef, useState } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { probeUrl } from "../../lib/api.js";
import { useStore } from "../../lib/store.js";
import { Icon } from "../../parts/icon.js";
import { Instant } from "../../parts/instant.js";
import { Picture } from "../../parts/picture.js";

export const FAMILIES = ["person", "rider", "vehicle"];

export function Tray({ store, onSearch, onFile }) {
  const state = useStore(store);
  const shown = state.probes.filter((probe) => !state.hidden.has(probe.probe_id));
  const file = useRef(null);
  return html`<aside class="scene-tray" aria-label=${t("scene.tray")} data-test="tray">
    <header class="row"><h2 class="h3 grow">${t("scene.tray")}</h2>
      <button type="button" class="button small" onClick=${() => file.current.click()} data-test="tray-image">
        <${Icon} name="image" />${t("scene.image")}</button>
      <input ref=${file} class="visually-hidden" type="file" accept="image/*" tabindex="-1" aria-label=${t("scene.image")}
        onChange=${(event) => { const [one] = event.target.files; event.target.value = ""; if (one) onFile(one); }} data-test="tray-file" />
    </header>
    <div class="scene-tray-probes">
      ${shown.length === 0 && html`<p class="muted scene-tray-hint">${t("scene.trayHint")}</p>`}
      <ul>${shown.map((probe) => html`<${Probe} key=${probe.probe_id} store=${store} probe=${probe} on=${state.selected.has(probe.probe_id)} />`)}</ul>
    </div>
    <${PlateField} store=${store} plate=${state.plate} onSearch=${onSearch} />
    <fieldset class="scene-tray-families"><legend>${t("scene.among")}</legend>
      <div class="row">${FAMILIES.map((family) => html`<button type="button" class="button small" aria-pressed=${state.families.has(family)}
        onClick=${() => store.setFamilies(toggled(state.families, family))} data-test=${`among-${family}`}>${t(`family.${family}`)}</button>`)}</div>
      <p class="muted small">${t(state.families.size ? "scene.amongThese" : "scene.amongProbes")}</p>
    </fieldset>
    <button type="button" class="button primary scene-tray-search" disabled=${!store.canSearch} onClick=${onSearch} data-test="search">
      <${Icon} name="search" />${t("scene.search")}<kbd>S</kbd></button>
  </aside>`;
}

function toggled(set, one) {
  const after = new Set(set);
  if (!after.delete(one)) after.add(one);
  return after;
}

function Probe({ store, probe, on }) {
  const from = probe.origin === "upload" ? t("scene.fromImage") : store.cameraName(probe.camera_id);
  const name = t("scene.probeOf", { family: t(`family.${probe.family}`), from });
  return html`<li class=${`scene-probe ${on ? "" : "off"}`} data-test="probe">
    <label class="scene-probe-pick">
      <input type="checkbox" checked=${on} onChange=${(event) => store.selectProbe(probe.probe_id, event.target.checked)} aria-label=${name} />
      <${Picture} src=${probeUrl(store.caseId, probe.probe_id)} alt=${name} eager />
    </label>
    <div class="grow scene-probe-text"><b>${t(`family.${probe.family}`)}</b>
      <span class="clip-text" title=${from}>${from}</span>
      ${probe.at && html`<span class="muted"><${Instant} at=${probe.at} show="clock" /></span>`}
      ${probe.models.length === 0 && html`<span class="warn-text small" title=${t("scene.noVector")}>${t("scene.noVectorShort")}</span>`}
    </div>
    <button type="button" class="button quiet small" onClick=${() => store.hideProbe(probe.probe_id)} aria-label=${t("scene.removeProbe", { name })}
      title=${t("scene.removeProbe", { name })} data-test="probe-remove"><${Icon} name="close" /></button>
  </li>`;
}

function PlateField({ store, plate, onSearch }) {
  const [composing, setComposing] = useState(false);
  return html`<label class="field scene-tray-plate"><span>${t("scene.plate")}</span>
    <input class="mono" value=${plate} spellcheck=${false} autocomplete="off" maxlength="40" placeholder=${t("scene.plate.example")}
      onInput=${(event) => store.setPlate(event.target.value)} onCompositionStart=${() => setComposing(true)}
      onCompositionEnd=${() => setComposing(false)}
      onKeyDown=${(event) => { if (event.key === "Enter" && !composing && plate.trim()) { event.preventDefault(); onSearch(); } }}
      data-test="plate" />
    <span class="muted small">${t("scene.plateHint")}</span></label>`;
}
