/* Pictures through the one door: loaded when in sight, some at a time, kept in memory. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { bytes } from "../lib/api.js";
import { said } from "./failure.js";
import { Icon } from "./icon.js";

const AT_ONCE = 4; // the service decodes for each: more would only wait there
const KEPT = 600;

const held = new Map(); // url -> {blobUrl, headers}; the newest last
const users = new Map(); // url -> how many components show it
const queue = [];
let running = 0;

function evict() {
  for (const [url, one] of held) {
    if (held.size <= KEPT) return;
    if (users.get(url)) continue;
    URL.revokeObjectURL(one.blobUrl);
    held.delete(url);
  }
}

function next() {
  while (running < AT_ONCE && queue.length) {
    const job = queue.pop(); // the newest wish first: what is in sight now
    if (!job.signal?.aborted) start(job);
  }
}

function start(job) {
  running += 1;
  bytes(job.url, { signal: job.signal })
    .then(({ blob, headers }) => {
      if (!held.has(job.url)) held.set(job.url, { blobUrl: URL.createObjectURL(blob), headers });
      evict();
      job.resolve(held.get(job.url));
    }, job.reject)
    .finally(() => {
      running -= 1;
      next();
    });
}

/** The picture at `url` as {blobUrl, headers}; from memory where it was loaded before. An `urgent` one
 * waits for no other. */
export function loaded(url, { signal, urgent = false } = {}) {
  const known = held.get(url);
  if (known) {
    held.delete(url);
    held.set(url, known);
    return Promise.resolve(known);
  }
  return new Promise((resolve, reject) => {
    queue.push({ url, signal, resolve, reject });
    if (urgent) start(queue.pop());
    else next();
  });
}

function holding(url, by) {
  const count = (users.get(url) ?? 0) + by;
  if (count > 0) users.set(url, count);
  else users.delete(url);
}

/** `eager` loads it out of sight too. `onState` is told "ready" or the error. */
export function Picture({ src, alt, eager = false, onState = null, class: more = "", ...rest }) {
  const frame = useRef(null);
  const [seen, setSeen] = useState(eager);
  const [state, setState] = useState({ src: null });
  useEffect(() => {
    if (seen) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true),
      { rootMargin: "200px" },
    );
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [seen]);
  useEffect(() => {
    if (!seen || !src) return undefined;
    const stop = new AbortController();
    holding(src, 1);
    loaded(src, { signal: stop.signal }).then(
      ({ blobUrl }) => {
        if (stop.signal.aborted) return;
        setState({ src, blobUrl });
        onState?.("ready");
      },
      (error) => {
        if (stop.signal.aborted) return;
        setState({ src, error });
        onState?.(error);
      },
    );
    return () => {
      stop.abort();
      holding(src, -1);
    };
  }, [seen, src]);
  const { blobUrl, error } = state.src === src ? state : {};
  return html`<span class=${`picture ${more} ${error ? "gone" : blobUrl ? "" : "waiting"}`} ref=${frame} ...${rest}>
    ${blobUrl && html`<img src=${blobUrl} alt=${alt} draggable=${false} />`}
    ${error && html`<span class="picture-gone" role="img" aria-label=${`${alt}: ${said(error)}`} title=${said(error)}>
      <${Icon} name="warn" />
    </span>`}
  </span>`;
}
