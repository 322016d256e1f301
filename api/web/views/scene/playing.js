/* Playing a camera's recording in pieces: the next one is fetched while one plays. */
import { useEffect, useRef, useState } from "../../lib/html.js";
import { bytes, clipUrl, proxyUrl } from "../../lib/api.js";
import { iso } from "../../lib/time.js";

const PIECE_MS = 15_000;
const AHEAD_S = 7;

const needsProxy = new Set(); // cameras whose own packets this browser does not play

async function piece(store, cameraId, start, end) {
  const make = needsProxy.has(cameraId) ? proxyUrl : clipUrl;
  const { blob } = await bytes(make(store.caseId, cameraId, iso(start), iso(end)));
  return { blobUrl: URL.createObjectURL(blob), cameraId, start, end, proxy: needsProxy.has(cameraId) };
}

/**
 * Plays from `at` while `on`, until `until` (ms). Gives {video, piece, props, error, waiting}: `props` are for the
 * video element. `onTime(ms)` follows it; `onStop()` when there is nothing more.
 */
export function usePlaying(store, cameraId, { on, at, until, rate, onTime, onStop }) {
  const video = useRef(null);
  const [shown, setShown] = useState(null);
  const [error, setError] = useState(null);
  const next = useRef(null);
  const calls = useRef({});
  calls.current = { onTime, onStop };

  useEffect(() => {
    if (!on || !cameraId) return undefined;
    let gone = false;
    setError(null);
    piece(store, cameraId, at, Math.min(at + PIECE_MS, until)).then(
      (first) => (gone ? URL.revokeObjectURL(first.blobUrl) : setShown(first)),
      (failure) => {
        if (gone) return;
        setError(failure);
        calls.current.onStop();
      },
    );
    return () => {
      gone = true;
      next.current?.then((one) => one && URL.revokeObjectURL(one.blobUrl));
      next.current = null;
      setShown((before) => {
        if (before) URL.revokeObjectURL(before.blobUrl);
        return null;
      });
    };
    // Where it starts from is read once: while it plays `at` follows it.
  }, [on, cameraId, until]);

  useEffect(() => {
    if (video.current) video.current.playbackRate = rate;
  }, [rate, shown]);

  /** Original packets begin at the key frame before the start: the end is where both agree. */
  const timeOf = (element) => {
    const lead = Math.max(0, element.duration - (shown.end - shown.start) / 1000);
    return shown.start + (element.currentTime - (Number.isFinite(lead) ? lead : 0)) * 1000;
  };
  const loadedMeta = (event) => {
    const element = event.target;
    const lead = element.duration - (shown.end - shown.start) / 1000;
    if (Number.isFinite(lead) && lead > 0.05) element.currentTime = lead;
    element.playbackRate = rate;
    element.play().catch(() => calls.current.onStop());
  };
  const ticked = (event) => {
    const now = Math.min(Math.max(timeOf(event.target), shown.start), shown.end - 1);
    calls.current.onTime(now);
    if (!next.current && shown.end < until && event.target.duration - event.target.currentTime < AHEAD_S * rate) {
      next.current = piece(store, cameraId, shown.end, Math.min(shown.end + PIECE_MS, until)).catch((failure) => {
        setError(failure);
        return null;
      });
    }
  };
  const ended = async () => {
    const following = next.current ? await next.current : null;
    next.current = null;
    if (!following) {
      calls.current.onTime(shown.end - 1);
      calls.current.onStop();
      return;
    }
    URL.revokeObjectURL(shown.blobUrl);
    setShown(following);
  };
  const broke = async () => {
    if (needsProxy.has(cameraId)) {
      calls.current.onStop();
      return;
    }
    needsProxy.add(cameraId);
    const { start, end } = shown;
    try {
      setShown(await piece(store, cameraId, start, end));
    } catch (failure) {
      setError(failure);
      calls.current.onStop();
    }
  };
  const props = shown && {
    ref: video, src: shown.blobUrl, muted: true, playsinline: true,
    onLoadedMetadata: loadedMeta, onTimeUpdate: ticked, onEnded: ended, onError: broke,
  };
  return { props, error, waiting: on && !shown, proxy: Boolean(shown?.proxy) };
}
