/* The still picture of a camera at an instant: the newest wish wins, and what was shown stays until
   the next one is there. */
import { useEffect, useRef, useState } from "../../lib/html.js";
import { frameUrl } from "../../lib/api.js";
import { utcMs } from "../../lib/clocks.js";
import { iso } from "../../lib/time.js";
import { loaded } from "../../parts/picture.js";

const DEVICE_TIME = "X-CaseTrace-Device-Time";

/** Asks for one frame: {blobUrl, width, height, shownMs}; `shownMs` is its own instant in UTC. */
export async function frameAt(store, cameraId, at, { height = null, signal } = {}) {
  const url = frameUrl(store.caseId, cameraId, iso(at), { height });
  const { blobUrl, headers } = await loaded(url, { signal });
  const image = new Image();
  image.src = blobUrl;
  await image.decode();
  const device = headers.get(DEVICE_TIME);
  return {
    cameraId, at, height, blobUrl, width: image.naturalWidth, height_px: image.naturalHeight,
    shownMs: device ? utcMs(store.camera(cameraId), device) : at,
  };
}

/** The picture for (camera, at). While `coarse` a small one does, and requests never pile up. */
export function useStill(store, cameraId, at, { coarse = false, off = false } = {}) {
  const [state, setState] = useState({ frame: null, error: null, waiting: false });
  const wish = useRef(null);
  const busy = useRef(false);
  useEffect(() => {
    if (off || !cameraId) return;
    wish.current = { cameraId, at, coarse };
    if (!busy.current) run();
    async function run() {
      busy.current = true;
      while (wish.current) {
        const now = wish.current;
        wish.current = null;
        setState((before) => ({ ...before, waiting: true }));
        try {
          const frame = await frameAt(store, now.cameraId, now.at, { height: now.coarse ? 360 : null });
          setState({ frame: { ...frame, coarse: now.coarse }, error: null, waiting: Boolean(wish.current) });
        } catch (error) {
          setState({ frame: null, error, failedAt: now.at, waiting: Boolean(wish.current) });
        }
      }
      busy.current = false;
    }
  }, [cameraId, at, coarse, off]);
  return state;
}
