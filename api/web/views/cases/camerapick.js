/* Which cameras: by a click on the map with a radius, one by one, or from the list. */
import { html, useMemo, useState } from "../../lib/html.js";
import { number, t } from "../../lib/i18n.js";
import { CameraMap, metres } from "../../parts/map.js";

const RADII_M = [100, 200, 300, 500, 1000, 2000];
const LISTED = 300;

export function CameraPick({ known, scene, onChange }) {
  const [place, setPlace] = useState(null);
  const [radiusM, setRadiusM] = useState(300);
  const [sought, setSought] = useState("");
  const all = useMemo(() => [...known.cameras.values()], [known.cameras]);
  const chosen = new Set(scene.camera_ids);
  const take = (ids) => onChange([...ids]);
  const toggle = (id) => {
    const after = new Set(chosen);
    if (!after.delete(id)) after.add(id);
    take(after);
  };
  const near = (at, radius) => all.filter((one) => one.lon_lat_deg && metres(at, one.lon_lat_deg) <= radius);
  const takeRound = (at, radius = radiusM) => {
    setPlace(at);
    take(new Set([...chosen, ...near(at, radius).map((one) => one.camera_id)]));
  };
  const shown = useMemo(() => listed(all, sought, place), [all, sought, place]);
  return html`<section class="camerapick" aria-label=${t("cases.cameraPick")}>
    <div class="camerapick-map">
      <${CameraMap} cameras=${all} place=${place} radiusM=${radiusM} onPlace=${takeRound} onCamera=${toggle}
        kinds=${new Map([...chosen].map((id) => [id, "chosen"]))} />
    </div>
    <div class="row wrap camerapick-bar">
      <label class="row"><span class="muted small nowrap">${t("cases.radius")}</span>
        <select value=${radiusM} onChange=${(event) => setRadiusM(Number(event.target.value))}>
          ${RADII_M.map((one) => html`<option value=${one} selected=${one === radiusM}>${one < 1000 ? `${one} m` : `${one / 1000} km`}</option>`)}
        </select></label>
      <input class="grow" type="search" placeholder=${t("cases.seekCamera")} aria-label=${t("cases.seekCamera")} value=${sought}
        onInput=${(event) => setSought(event.target.value)} data-test="camera-seek" />
      <button type="button" class="button small" onClick=${() => take(new Set([...chosen, ...shown.map((one) => one.camera_id)]))}
        data-test="camera-all">${t("cases.allShown")}</button>
      <button type="button" class="button small" disabled=${!chosen.size} onClick=${() => take([])}>${t("cases.none")}</button>
      <b class="nowrap">${t("cases.cameras", { n: number(chosen.size) })}</b>
    </div>
    <ul class="camerapick-list">${shown.slice(0, LISTED).map((camera) => html`<li key=${camera.camera_id}><label class="check">
      <input type="checkbox" checked=${chosen.has(camera.camera_id)} onChange=${() => toggle(camera.camera_id)}
        data-test=${`camera-${camera.camera_id}`} />
      <span class="grow clip-text">${camera.name}</span>
      ${camera.kind === "checkpoint" && html`<span class="chip">${t("cases.checkpoint")}</span>`}
      ${place && camera.lon_lat_deg && html`<span class="muted mono small">${number(metres(place, camera.lon_lat_deg))} m</span>`}
    </label></li>`)}
    ${shown.length > LISTED && html`<li class="muted small">${t("cases.moreCameras", { n: number(shown.length - LISTED) })}</li>`}</ul>
  </section>`;
}

function listed(all, sought, place) {
  const words = sought.trim().toLowerCase();
  const found = words ? all.filter((camera) => camera.name.toLowerCase().includes(words)) : all;
  const far = (camera) => (place && camera.lon_lat_deg ? metres(place, camera.lon_lat_deg) : Infinity);
  return [...found].sort((a, b) => (far(a) - far(b) || 0) || a.name.localeCompare(b.name, undefined, { numeric: true }));
}
