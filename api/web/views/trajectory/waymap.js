/* The way on the map: solid where people confirmed it, dashed where it is proposed, with where else one can have been. */
import { html } from "../../lib/html.js";
import { percent, t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { CameraMap } from "../../parts/map.js";
import { hopConfirmed, reach } from "./way.js";

export function WayMap({ store, trajectory, next, chosen, confirmed, onChoose, onCamera }) {
  const { cameras, roads } = useStore(store);
  const placed = (id) => cameras.get(id)?.lon_lat_deg ?? null;
  const kinds = new Map(store.granted().map((one) => [one.camera_id, "granted"]));
  for (const one of next) if (one.standing === "down") kinds.set(one.camera_id, "down");
  const shown = [...new Set([...trajectory.sightings.map((one) => one.camera_id), ...next.slice(0, 5).map((one) => one.camera_id)])];
  const draw = (L, map) => {
    const layers = [
      ...trajectory.hops.flatMap((hop) => hopLayers(L, { trajectory, hop, placed, chosen, confirmed, onChoose })),
      ...numbered(L, { trajectory, placed, chosen, confirmed, onChoose }),
      ...next.slice(0, 5).flatMap((one) => nextLayers(L, one, placed(one.camera_id), onCamera)),
    ];
    const group = L.layerGroup(layers).addTo(map);
    return () => group.remove();
  };
  const drawKey = [chosen, trajectory.sightings.map((one) => `${one.tracklet_id}${confirmed(one)}`),
    next.map((one) => `${one.camera_id}${one.probability}`)].join("|");
  return html`<${CameraMap} cameras=${[...cameras.values()]} roads=${roads} kinds=${kinds} draw=${draw} drawKey=${drawKey}
    fit=${shown} onCamera=${onCamera} label=${t("trajectory.map")} />`;
}

const latLng = ([lon, lat]) => [lat, lon];

function hopLayers(L, { trajectory, hop, placed, chosen, confirmed, onChoose }) {
  const from = placed(trajectory.sightings[hop.start].camera_id);
  const to = placed(trajectory.sightings[hop.end].camera_id);
  if (!from || !to) return [];
  const sure = hopConfirmed(trajectory, hop, confirmed);
  const isChosen = chosen === `h${hop.start}`;
  const names = `way-hop ${sure ? "" : "way-proposed"} ${hop.feasible ? "" : "way-cannot"} ${isChosen ? "way-chosen" : ""}`;
  const layers = [];
  const round = reach(from, to, hop);
  if (round) {
    layers.push(L.polygon(round.map(latLng), { className: `way-reach ${isChosen ? "way-chosen" : ""}`, interactive: false }));
  }
  const line = L.polyline([latLng(from), latLng(to)], { className: names });
  line.on("click", () => onChoose(`h${hop.start}`));
  layers.push(line, arrow(L, from, to, names));
  return layers;
}

/** A small arrow in the middle of a hop. */
function arrow(L, from, to, names) {
  const turn = (Math.atan2(-(to[1] - from[1]), (to[0] - from[0]) * Math.cos((from[1] * Math.PI) / 180)) * 180) / Math.PI;
  const svg = document.createElement("span");
  svg.className = `way-arrow ${names}`;
  svg.style.transform = `rotate(${turn}deg)`;
  const middle = [(from[1] + to[1]) / 2, (from[0] + to[0]) / 2];
  return L.marker(middle, { icon: L.divIcon({ html: svg, className: "way-mark", iconSize: [14, 14] }), interactive: false, keyboard: false });
}

/** One number a sighting; those of one camera stand together. */
function numbered(L, { trajectory, placed, chosen, confirmed, onChoose }) {
  const at = new Map();
  trajectory.sightings.forEach((sighting, place) => {
    if (!placed(sighting.camera_id)) return;
    if (!at.has(sighting.camera_id)) at.set(sighting.camera_id, []);
    at.get(sighting.camera_id).push(place);
  });
  return [...at].map(([cameraId, places]) => {
    const row = document.createElement("span");
    row.className = "way-numbers";
    for (const place of places) {
      const sighting = trajectory.sightings[place];
      const one = document.createElement("button");
      one.type = "button";
      one.tabIndex = -1;
      one.className = `way-number ${confirmed(sighting) ? "" : "way-proposed"} ${chosen === `s${place}` ? "way-chosen" : ""}`;
      one.textContent = place + 1;
      one.addEventListener("click", (event) => {
        event.stopPropagation();
        onChoose(`s${place}`);
      });
      row.append(one);
    }
    return L.marker(latLng(placed(cameraId)), {
      icon: L.divIcon({ html: row, className: "way-mark", iconSize: [22 * places.length, 22] }), keyboard: false, riseOnHover: true,
    });
  });
}

function nextLayers(L, one, place, onCamera) {
  if (!place) return [];
  const ring = L.circleMarker(latLng(place), { radius: 10 + 10 * one.probability, className: `way-next way-${one.standing}` });
  ring.bindTooltip(`${percent(one.probability)} · ${t(`trajectory.standing.${one.standing}`)}`, { direction: "bottom", offset: [0, 10] });
  ring.on("click", () => onCamera(one.camera_id));
  return [ring];
}
