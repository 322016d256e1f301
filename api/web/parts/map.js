/* A map of cameras and the roads between them, drawn from the installation's own data. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { get } from "../lib/api.js";
import { pageSettings } from "../lib/settings.js";
import { styled } from "../lib/styled.js";

// Kinds of features in map.geojson that are drawn in their own way.
const GROUND = ["pavement", "street", "building", "water", "green"];
let library = null;

/** Leaflet with its styles, loaded when the first map is shown. */
export function leaflet() {
  library ??= Promise.all([import("leaflet"), styled("page/vendor/leaflet.css", { first: true })]).then(([L]) => L);
  return library;
}

let ground = null;

/** The installation's own GeoJSON of streets, null where there is none. */
function groundMap(settings) {
  if (!settings.map_file) return Promise.resolve(null);
  ground ??= get("/map.geojson").catch(() => null);
  return ground;
}

const latLng = ([lon, lat]) => [lat, lon];

/**
 * The map. `cameras`: CameraOut list, those without a place are left out. `kinds`: camera id -> class
 * names of its mark ("granted", "chosen", "near", "down"). `onCamera(id)`, `onPlace([lon, lat])` for a
 * click beside cameras. `place`: [lon, lat] marked, with `radiusM` round it. `draw(L, map)` adds layers of
 * a view's own and gives back how to take them away; it runs again when `drawKey` changes. `fit`: camera
 * ids to show, all where left out.
 */
export function CameraMap({
  cameras, roads = null, kinds = new Map(), onCamera = null, onPlace = null, place = null, radiusM = 0,
  draw = null, drawKey = "", fit = null, label = null,
}) {
  const own = useRef(null);
  const held = useRef(null);
  const calls = useRef({});
  const [ready, setReady] = useState(false);
  const [plain, setPlain] = useState(false);
  calls.current = { onCamera, onPlace };

  useEffect(() => {
    let gone = false;
    Promise.all([leaflet(), pageSettings()]).then(async ([L, settings]) => {
      if (gone) return;
      held.current = started(L, own.current, settings, calls);
      setReady(true);
      const drawn = await groundMap(settings);
      if (gone) return;
      // Lines from camera to camera say where streets are only as long as nothing better does.
      setPlain(!drawn && !settings.map_tiles);
      if (drawn) addGround(held.current, drawn);
    });
    return () => {
      gone = true;
      held.current?.resized.disconnect();
      held.current?.map.remove();
      held.current = null;
    };
  }, []);

  const placed = cameras.filter((camera) => camera.lon_lat_deg);
  const placedKey = placed.map((camera) => camera.camera_id).join();
  const fitKey = (fit ?? []).join();
  useEffect(() => {
    if (!ready) return;
    const { L, map } = held.current;
    const shown = fit ? placed.filter((camera) => fit.includes(camera.camera_id)) : placed;
    const points = (shown.length ? shown : placed).map((camera) => latLng(camera.lon_lat_deg));
    if (points.length) map.fitBounds(L.latLngBounds(points).pad(0.18), { maxZoom: 18, animate: false });
    else map.setView([0, 0], 2);
  }, [ready, placedKey, fitKey]);
  useEffect(() => plain ? addRoads(held.current, placed, roads) : undefined, [plain, placedKey, roads]);
  useEffect(() => ready ? addCameras(held.current, placed, calls) : undefined, [ready, placedKey]);
  useEffect(() => {
    if (!ready) return;
    for (const [cameraId, mark] of held.current.marks) {
      const kind = kinds.get(cameraId) ?? "";
      if (mark.kind === kind) continue;
      mark.kind = kind;
      mark.getElement()?.setAttribute("class", `map-camera leaflet-interactive ${kind}`);
      if (kind.includes("chosen")) mark.bringToFront();
    }
  });
  useEffect(() => {
    if (!ready || !place) return undefined;
    const { L, map } = held.current;
    const layers = [L.circleMarker(latLng(place), { radius: 5, className: "map-place", interactive: false })];
    if (radiusM) layers.push(L.circle(latLng(place), { radius: radiusM, className: "map-radius", interactive: false }));
    const group = L.layerGroup(layers).addTo(map);
    return () => group.remove();
  }, [ready, place?.join(), radiusM]);
  useEffect(() => {
    if (!ready || !draw) return undefined;
    return draw(held.current.L, held.current.map);
  }, [ready, drawKey]);

  return html`<div class="map" ref=${own} role="region" aria-label=${label ?? t("shell.map")} data-test="map"></div>`;
}

function started(L, element, settings, calls) {
  const map = L.map(element, { zoomControl: true, attributionControl: Boolean(settings.map_tiles), zoomSnap: 0.25,
    zoomAnimation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches });
  map.setView([0, 0], 2);
  map.attributionControl?.setPrefix(false);
  map.createPane("ground").style.zIndex = 250;
  map.createPane("roads").style.zIndex = 300;
  if (settings.map_tiles) L.tileLayer(settings.map_tiles, { attribution: settings.map_attribution, maxZoom: 20 }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.on("click", (event) => calls.current.onPlace?.([event.latlng.lng, event.latlng.lat]));
  const resized = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  resized.observe(element);
  return { L, map, resized, marks: new Map() };
}

function addGround({ L, map }, drawn) {
  L.geoJSON(drawn, {
    pane: "ground", interactive: false, renderer: L.svg({ pane: "ground" }), attribution: "",
    style: (feature) => ({ className: `map-ground ${GROUND.includes(feature.properties?.kind) ? feature.properties.kind : "other"}` }),
    pointToLayer: (_feature, at) => L.circleMarker(at, { radius: 0, interactive: false }),
  }).addTo(map);
}

function addRoads({ L, map }, cameras, roads) {
  if (!roads) return undefined;
  const at = new Map(cameras.map((camera) => [camera.camera_id, latLng(camera.lon_lat_deg)]));
  const lines = roads.edges
    .filter((edge) => edge.start < edge.end && at.has(edge.start) && at.has(edge.end))
    .map((edge) => [at.get(edge.start), at.get(edge.end)]);
  const layer = L.polyline(lines, {
    pane: "roads", renderer: L.svg({ pane: "roads" }), className: "map-road", interactive: false, smoothFactor: 0,
  }).addTo(map);
  return () => layer.remove();
}

function addCameras(own, cameras, calls) {
  const { L, map, marks } = own;
  for (const camera of cameras) {
    const mark = L.circleMarker(latLng(camera.lon_lat_deg), { radius: 6, className: "map-camera", bubblingMouseEvents: false });
    mark.on("click", () => calls.current.onCamera?.(camera.camera_id));
    mark.bindTooltip(camera.name, { direction: "top", offset: [0, -6], className: "map-name" });
    mark.addTo(map);
    mark.getElement().dataset.test = `map-camera-${camera.camera_id}`;
    marks.set(camera.camera_id, mark);
  }
  return () => {
    for (const mark of marks.values()) mark.remove();
    marks.clear();
  };
}

/** Metres between two [lon, lat], on a sphere. */
export function metres([lonA, latA], [lonB, latB]) {
  const rad = Math.PI / 180;
  const half = (value) => Math.sin(value / 2) ** 2;
  const part = half((latB - latA) * rad) + Math.cos(latA * rad) * Math.cos(latB * rad) * half((lonB - lonA) * rad);
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(part)));
}
