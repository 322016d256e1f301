/* How much of the case was searched, always in sight; what is missing and why, in a drawer. */
import { html, useState } from "../lib/html.js";
import { percent, t } from "../lib/i18n.js";
import { useStore } from "../lib/store.js";
import { Dialog } from "./dialog.js";

export function CoverageMark({ store }) {
  const coverage = useStore(store, (state) => state.answer?.coverage ?? state.coverage);
  const [open, setOpen] = useState(false);
  if (!coverage) return null;
  const share = coverage.asked_s ? coverage.searched_s / coverage.asked_s : 0;
  return html`<button class="button quiet coverage-mark" onClick=${() => setOpen(true)} data-test="coverage">
      ${t("coverage.searched")} ${percent(share)}</button>
    ${open && html`<${Dialog} title=${t("coverage.title")} onClose=${() => setOpen(false)}>${percent(share)}<//>`}`;
}
