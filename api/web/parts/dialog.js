/* The browser's own modal dialog: focus stays inside, Escape closes. */
import { html, useEffect, useRef } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Icon } from "./icon.js";

/** `onClose` null makes it one that cannot be closed without an answer. */
export function Dialog({ title, onClose = null, wide = false, drawer = false, test = "dialog", children }) {
  const own = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    own.current.showModal();
    return () => before instanceof HTMLElement && before.isConnected && before.focus();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  // A click beside a drawer puts it away, as people are used to; elsewhere something typed could go.
  const beside = (event) => drawer && event.target === own.current && onClose?.();
  return html`<dialog ref=${own} class=${`dialog ${wide ? "wide" : ""} ${drawer ? "drawer" : ""}`} aria-label=${title}
      onCancel=${cancel} onClick=${beside} data-test=${test}>
    <header class="dialog-head">
      <h2 class="grow">${title}</h2>
      ${onClose && html`<button type="button" class="button quiet" onClick=${onClose} aria-label=${t("shell.close")}>
        <${Icon} name="close" />
      </button>`}
    </header>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}
