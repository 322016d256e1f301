/* The footage of one tracklet, its subject framed. For viewing: transcoded, no evidence. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { bytes, get, proxyUrl } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { iso, ms } from "../lib/time.js";
import { Failure } from "./failure.js";

const ROOM_MS = 1000; // before and after, where the case grants it
const LONGEST_MS = 30_000;
const KEPT = 16;
const WIDEST_PROXY = 1280; // wider cameras are made smaller by the service

const clips = new Map(); // url -> promise of a blob's url
const tracks = new Map(); // case/tracklet -> promise of {times, boxes}
const widths = new Map(); // case/camera -> promise of the camera's own width

/** Whether moving pictures may start by themselves. */
export const mayMove = () => !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The span to show of a sighting or candidate: as much of it as is granted, with room, never too long. */
export function shownSpan(store, { camera_id: cameraId, span }) {
  const from = ms(span.start);
  const to = Math.max(ms(span.end), from + 1);
  const granted = store.granted().find((one) => one.camera_id === cameraId)?.spans
    .find((one) => ms(one.start) < to && from < ms(one.end));
  const low = granted ? Math.max(ms(granted.start), from - ROOM_MS) : from;
  const high = granted ? Math.min(ms(granted.end), to + ROOM_MS) : to;
  return { fromMs: low, toMs: Math.min(high, low + LONGEST_MS), leadMs: from - low };
}

function clipOf(url) {
  if (!clips.has(url)) {
    clips.set(url, bytes(url).then(({ blob }) => URL.createObjectURL(blob)));
    clips.get(url).catch(() => clips.delete(url));
    for (const old of [...clips.keys()].slice(0, Math.max(0, clips.size - KEPT))) {
      clips.get(old).then((blobUrl) => URL.revokeObjectURL(blobUrl), () => {});
      clips.delete(old);
    }
  }
  return clips.get(url);
}

/** Boxes by time since the first, of all parts. */
function trackOf(caseId, trackletId) {
  const key = `${caseId}/${trackletId}`;
  if (!tracks.has(key)) {
    tracks.set(key, get(`/cases/${caseId}/tracklets/${trackletId}`).then(({ parts }) => {
      const firstMs = ms(parts[0].device_times[0]);
      return {
        times: parts.flatMap((part) => part.device_times.map((at) => ms(at) - firstMs)),
        boxes: parts.flatMap((part) => part.boxes),
      };
    }));
    tracks.get(key).catch(() => tracks.delete(key));
  }
  return tracks.get(key);
}

/** How wide the camera's own pictures are: boxes are in their pixels. */
async function cameraWidth(caseId, shown, videoWidth) {
  if (videoWidth < WIDEST_PROXY) return videoWidth;
  const key = `${caseId}/${shown.camera_id}`;
  if (!widths.has(key)) {
    const query = { camera_id: shown.camera_id, start: shown.span.start, end: shown.span.end };
    widths.set(key, get(`/cases/${caseId}/footage`, query).then((segments) => segments[0]?.width ?? videoWidth));
    widths.get(key).catch(() => widths.delete(key));
  }
  return widths.get(key);
}

/** The box at `atMs` after the first, between the two around it; null before and after. */
export function boxAt({ times, boxes }, atMs) {
  if (!times.length || atMs < times[0] - 200 || atMs > times.at(-1) + 200) return null;
  const after = times.findIndex((time) => time >= atMs);
  if (after <= 0) return boxes[after === 0 ? 0 : boxes.length - 1];
  const share = (atMs - times[after - 1]) / Math.max(1, times[after] - times[after - 1]);
  return boxes[after].map((to, side) => boxes[after - 1][side] + share * (to - boxes[after - 1][side]));
}

/**
 * `shown` is a candidate or sighting. `autoplay` starts it, where the reader lets things move;
 * `onEnd` is told when it is over, `videoRef` gets the element.
 */
export function SpanClip({ caseId, store, shown, autoplay = false, loop = false, controls = true, onEnd = null, videoRef = null }) {
  const { fromMs, toMs, leadMs } = shownSpan(store, shown);
  const url = proxyUrl(caseId, shown.camera_id, iso(fromMs), iso(toMs));
  const [state, setState] = useState({});
  const [tries, setTries] = useState(0);
  const [shape, setShape] = useState(null);
  const video = useRef(null);
  const frame = useRef(null);
  useEffect(() => {
    let stopped = false;
    setState({});
    clipOf(url).then(
      (blobUrl) => stopped || setState({ blobUrl }),
      (error) => stopped || setState({ error }),
    );
    return () => {
      stopped = true;
    };
  }, [url, tries]);
  useEffect(() => {
    if (videoRef) videoRef.current = video.current;
  });
  useEffect(() => {
    if (!shape || !video.current) return undefined;
    return framed({ caseId, shown, leadMs, video: video.current, frame: frame.current });
  }, [shape, shown.tracklet_id, state.blobUrl]);
  if (state.error) return html`<div class="clip"><${Failure} error=${state.error} retry=${() => setTries(tries + 1)} /></div>`;
  if (!state.blobUrl) return html`<div class="clip waiting" role="status">${t("shell.loading")}</div>`;
  const learn = () => video.current && setShape({ width: video.current.videoWidth, height: video.current.videoHeight });
  return html`<div class="spanclip" style=${shape ? { aspectRatio: `${shape.width} / ${shape.height}` } : {}}>
    <video ref=${video} src=${state.blobUrl} aria-label=${t("clip.label", { camera: store.cameraName(shown.camera_id) })}
      muted playsinline autoplay=${autoplay && mayMove()} loop=${loop} controls=${controls}
      onLoadedMetadata=${learn} onEnded=${onEnd} data-test="clip" />
    <span class="spanclip-box" ref=${frame} hidden />
  </div>`;
}

/** Keeps the frame on the subject while the clip runs; gives back how to stop. */
function framed({ caseId, shown, leadMs, video, frame }) {
  let stopped = false;
  let asked = 0;
  Promise.all([trackOf(caseId, shown.tracklet_id), cameraWidth(caseId, shown, video.videoWidth)]).then(
    ([track, width]) => {
      const scale = video.videoWidth / width;
      const draw = () => {
        if (stopped) return;
        place(frame, boxAt(track, video.currentTime * 1000 - leadMs), video, scale);
        asked = requestAnimationFrame(draw);
      };
      draw();
    },
    () => {}, // without its boxes the clip is shown all the same
  );
  return () => {
    stopped = true;
    cancelAnimationFrame(asked);
  };
}

function place(frame, box, video, scale) {
  frame.hidden = !box;
  if (!box) return;
  const [left, top, right, bottom] = box.map((side) => side * scale);
  Object.assign(frame.style, {
    left: `${(100 * left) / video.videoWidth}%`, top: `${(100 * top) / video.videoHeight}%`,
    width: `${(100 * (right - left)) / video.videoWidth}%`, height: `${(100 * (bottom - top)) / video.videoHeight}%`,
  });
}
