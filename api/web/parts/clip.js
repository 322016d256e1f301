/* A clip of one camera, loaded whole so that it can be stepped through. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { bytes } from "../lib/api.js";
import { Failure } from "./failure.js";

/** `onEnd` is told when it is over; `videoRef` gets the element. */
export function Clip({ src, label = "", autoplay = false, loop = false, controls = true, onEnd = null, videoRef = null }) {
  const own = useRef(null);
  const [state, setState] = useState({});
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let blobUrl = null;
    setState({});
    bytes(src, { signal: stop.signal }).then(
      ({ blob }) => {
        if (stop.signal.aborted) return;
        blobUrl = URL.createObjectURL(blob);
        setState({ blobUrl });
      },
      (error) => stop.signal.aborted || setState({ error }),
    );
    return () => {
      stop.abort();
      if (blobUrl) URL.revokeObjectURL(blobUrl);
    };
  }, [src, tries]);
  useEffect(() => {
    if (videoRef) videoRef.current = own.current;
  });
  if (state.error) return html`<div class="clip"><${Failure} error=${state.error} retry=${() => setTries(tries + 1)} /></div>`;
  if (!state.blobUrl) return html`<div class="clip waiting" role="status">${t("shell.loading")}</div>`;
  return html`<div class="clip"><video ref=${own} src=${state.blobUrl} aria-label=${label} muted playsinline
    autoplay=${autoplay} loop=${loop} controls=${controls} onEnded=${onEnd} /></div>`;
}
