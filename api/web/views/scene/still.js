/* The still picture of a camera at an instant: the newest wish wins, and what was shown stays until
   the next one is there. */
import { useEffect, useRef, useState } from "../../lib/html.js";
import { frameUrl } from "../../lib/api.js";
import { utcMs } from "../../lib/clocks.js";
import { iso } from "../../lib/time.js";
import { loaded } from "../../parts/picture.js";

const DEVICE_TIME = "X-CaseTrace-Device-Time";
const SOURCE_SIZE = "X-CaseTrace-Source-Size";
const COARSE_PX = 384;
const FINE_PX = 768; // taller than the screen's part of the view; boxes are in source pixels all the same

/** Asks for one frame: {blobUrl, width, height, shownMs}: the source's size, and its own instant in UTC. */
export async function frameAt(store, cameraId, at, { coarse = false, signal } = {}) {
  const url = frameUrl(store.caseId, cameraId, iso(at), { height: coarse ? COARSE_PX : FINE_PX });
  const { blobUrl, headers } = await loaded(url, { signal, urgent: true });
  const image = new Image();
  image.src = blobUrl;
  await image.decode();
  const device = headers.get(DEVICE_TIME);
  const [width, height] = headers.get(SOURCE_SIZE)?.split("x").map(Number) ?? [image.naturalWidth, image.naturalHeight];
  return {
    cameraId, at, coarse, blobUrl, width, height,
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
          const frame = await frameAt(store, now.cameraId, now.at, { coarse: now.coarse });
          setState({ frame, error: null, waiting: Boolean(wish.current) });
        } catch (error) {
          setState({ frame: null, error, failedAt: now.at, waiting: Boolean(wish.current) });
        }
      }
      busy.current = false;
    }
  }, [cameraId, at, coarse, off]);
  return state;
}
