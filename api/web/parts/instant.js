/* An instant in the shown zone, with UTC when pointed at. */
import { html } from "../lib/html.js";
import { useSignal } from "../lib/signal.js";
import { clock, full, minute, utc, zone } from "../lib/time.js";

/** `show` is "full", "clock" or "minute"; `ms` adds milliseconds. */
export function Instant({ at, show = "full", ms = false }) {
  useSignal(zone);
  const text = { full, clock, minute }[show](at, show === "minute" ? undefined : { ms });
  return html`<time class="mono" datetime=${typeof at === "string" ? at : undefined} title=${utc(at)}>${text}</time>`;
}
