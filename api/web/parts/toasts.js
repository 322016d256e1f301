/* What just happened, said for some seconds in a corner and to screen readers. */
import { html } from "../lib/html.js";
import { Signal, useSignal } from "../lib/signal.js";
import { t } from "../lib/i18n.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 6000;
const toasts = new Signal([]);
let last = 0;

/** Says `text`; `kind` is "", "good" or "bad". What is bad stays until it is put away. */
export function tell(text, kind = "") {
  last += 1;
  const toast = { id: last, text, kind };
  toasts.value = [...toasts.value.slice(-3), toast];
  if (kind !== "bad") setTimeout(() => putAway(toast.id), SHOWN_MS);
}

function putAway(id) {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function Toasts() {
  const shown = useSignal(toasts);
  return html`<div class="toasts" role="status" aria-live="polite" data-test="toasts">
    ${shown.map(
      (toast) => html`<div class=${`toast ${toast.kind}`} key=${toast.id}>
        <span class="grow">${toast.text}</span>
        <button class="button quiet small" aria-label=${t("shell.close")} onClick=${() => putAway(toast.id)}>
          <${Icon} name="close" />
        </button>
      </div>`,
    )}
  </div>`;
}
