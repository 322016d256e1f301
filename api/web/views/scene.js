/* The scene: from a place and a minute to a picture of whom to look for. */
import { html, useCallback, useEffect, useMemo, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { useKeys } from "../lib/keys.js";
import { go } from "../lib/route.js";
import { useStore } from "../lib/store.js";
import { ms } from "../lib/time.js";
import { CameraMap } from "../parts/map.js";
import { tell } from "../parts/toasts.js";
import { nearest } from "./scene/footage.js";
import { ImageDialog } from "./scene/image.js";
import { Player } from "./scene/player.js";
import { Tray } from "./scene/tray.js";
import { Wall } from "./scene/wall.js";

export function View({ caseId, store, options }) {
  const { cameras, roads, case: papers } = useStore(store);
  const granted = useMemo(() => store.granted(), [papers]);
  const [where, setWhere] = useState(() => startOf(store, granted, options));
  const [near, setNear] = useState(null);
  const [file, setFile] = useState(null);
  const settledAt = useSettled(where.at);
  useEffect(() => store.setDraft("scene", where), [where]);
  useEffect(() => {
    if (options.camera || options.at) setWhere((now) => ({ ...now, ...chosen(options) }));
  }, [options.camera, options.at]);

  const setAt = useCallback((at) => setWhere((now) => ({ ...now, at })), []);
  const choose = (cameraId) => setWhere((now) => ({ ...now, cameraId, at: insideGrant(granted, cameraId, now.at) }));
  useEffect(() => {
    if (!where.place) {
      setNear(null);
      return undefined;
    }
    let gone = false;
    nearest(store, where.place, settledAt).then((found) => gone || setNear(found), (error) => gone || tell(error.message, "bad"));
    return () => { gone = true; };
  }, [where.place?.join(), settledAt]);
  const toPlace = async (place) => {
    setWhere((now) => ({ ...now, place }));
    const first = (await nearest(store, place, where.at)).find((one) => one.granted);
    if (first) choose(first.camera_id);
  };
  const shown = useMemo(() => near ?? listed(store, granted), [near, granted, cameras]);
  const step = (by) => {
    const mine = shown.filter((one) => one.granted);
    const now = mine.findIndex((one) => one.camera_id === where.cameraId);
    const next = mine[(now + by + mine.length) % mine.length];
    if (next) choose(next.camera_id);
  };
  const search = () => {
    if (!store.canSearch) return;
    store.search();
    go("candidates", caseId);
  };
  const took = (probe, searches) => {
    setFile(null);
    store.addProbe(probe);
    if (searches) search();
    else tell(t("scene.inTray"), "good");
  };
  useFiles(setFile);
  useKeys("scene.title", {
    n: { does: () => step(1), words: "scene.key.nextCamera" },
    p: { does: () => step(-1), words: "scene.key.previousCamera" },
    s: { does: search, words: "scene.search", off: !store.canSearch },
  });
  const mapCameras = useMemo(() => [...cameras.values()], [cameras]);
  return html`<div class="scene">
    <div class="scene-left">
      <div class="scene-map">
        <${CameraMap} cameras=${mapCameras} roads=${roads} kinds=${kindsOf(granted, near, where.cameraId)} place=${where.place}
          fit=${granted.map((one) => one.camera_id)} onPlace=${toPlace} onCamera=${(id) => granted.some((one) => one.camera_id === id) && choose(id)}
          label=${t("scene.map")} />
      </div>
      <${Wall} store=${store} cameras=${shown} at=${settledAt} chosen=${where.cameraId} onChoose=${choose} place=${where.place}
        onForget=${() => setWhere((now) => ({ ...now, place: null }))} />
    </div>
    <${Player} store=${store} cameraId=${where.cameraId} at=${where.at} setAt=${setAt} onProbe=${took} onSearch=${search} />
    <${Tray} store=${store} onSearch=${search} onFile=${setFile} />
    ${file && html`<${ImageDialog} store=${store} file=${file} onProbe=${took} onClose=${() => setFile(null)} />`}
  </div>`;
}

const chosen = ({ camera = null, at = null }) => ({
  ...(camera ? { cameraId: camera } : {}), ...(at ? { at: ms(at) } : {}),
});

function startOf(store, granted, options) {
  const first = listed(store, granted)[0]?.camera_id ?? null;
  const kept = store.draft("scene", {});
  const cameraId = granted.some((one) => one.camera_id === kept.cameraId) ? kept.cameraId : first;
  const start = { cameraId, at: kept.at ?? firstInstant(granted, cameraId), place: kept.place ?? null };
  return { ...start, ...chosen(options) };
}

/** A second into the first grant: the picture before the first of a grant is not granted. */
function firstInstant(granted, cameraId) {
  const spans = granted.find((one) => one.camera_id === cameraId)?.spans ?? [];
  return spans.length ? Math.min(...spans.map((span) => ms(span.start))) + 1000 : 0;
}

/** The instant, if the camera is granted then; else the nearest one that is. */
function insideGrant(granted, cameraId, at) {
  const spans = (granted.find((one) => one.camera_id === cameraId)?.spans ?? []).map(({ start, end }) => [ms(start), ms(end)]);
  if (!spans.length || spans.some(([start, end]) => start <= at && at < end)) return at;
  const edges = spans.flatMap(([start, end]) => [start, end - 1]);
  return edges.sort((a, b) => Math.abs(a - at) - Math.abs(b - at))[0];
}

function listed(store, granted) {
  const name = ({ camera_id: id }) => store.cameraName(id);
  return [...granted].sort((a, b) => name(a).localeCompare(name(b), undefined, { numeric: true }))
    .map(({ camera_id }) => ({ camera_id, distance_m: null, granted: true }));
}

function kindsOf(granted, near, cameraId) {
  const kinds = new Map(granted.map((one) => [one.camera_id, "granted"]));
  for (const one of near ?? []) kinds.set(one.camera_id, `${kinds.get(one.camera_id) ?? ""} near`);
  if (cameraId) kinds.set(cameraId, `${kinds.get(cameraId) ?? ""} chosen`);
  return kinds;
}

/** The instant once it rests: the wall does not follow every step of a scrub. */
function useSettled(at, afterMs = 350) {
  const [settled, setSettled] = useState(at);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(at), afterMs);
    return () => clearTimeout(timer);
  }, [at]);
  return settled;
}

/** Pictures that are dropped anywhere or pasted. */
function useFiles(take) {
  useEffect(() => {
    const pictured = (items) => [...(items ?? [])].find((file) => file.type.startsWith("image/"));
    const over = (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
    const drop = (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      take(event.dataTransfer.files[0]);
    };
    const paste = (event) => {
      const file = pictured(event.clipboardData?.files);
      if (file) take(file);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("drop", drop);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("drop", drop);
      window.removeEventListener("paste", paste);
    };
  }, []);
}

