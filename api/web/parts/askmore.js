/* Asking the approver for more cameras or hours of a case, from wherever one is. */
import { html, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { patch } from "../lib/api.js";
import { iso, ms } from "../lib/time.js";
import { Dialog } from "./dialog.js";
import { said } from "./failure.js";
import { InstantInput } from "./instantinput.js";
import { tell } from "./toasts.js";

/**
 * `cameraIds` that are wanted, `span` {start, end} (ISO) for them: where left out, the whole time of the case.
 * The case cannot be read until somebody has approved it; that is said before it is sent.
 */
export function AskMore({ store, cameraIds, span = null, reason: first, onClose }) {
  const { grants } = store.state.case;
  const [asked, setAsked] = useState(() => span ?? whole(grants));
  const [reason, setReason] = useState(first);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const more = cameraIds.map((camera_id) => ({ camera_id, ...asked }));
      const papers = await patch(`/cases/${store.caseId}`, { reason, grants: [...grants, ...more] });
      tell(t("ask.sent"), "good");
      onClose();
      store.set({ case: papers });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("ask.title")} onClose=${onClose} test="ask-dialog">
    <p><b>${cameraIds.map((id) => store.cameraName(id)).join(", ")}</b></p>
    <form class="stack" onSubmit=${send}>
      <div class="row">
        <label class="field grow"><span>${t("cases.from")}</span><${InstantInput} at=${asked.start}
          onChange=${(start) => setAsked({ ...asked, start })} /></label>
        <label class="field grow"><span>${t("cases.to")}</span><${InstantInput} at=${asked.end}
          onChange=${(end) => setAsked({ ...asked, end: iso(Math.min(ms(end), Date.now() - 1000)) })} /></label>
      </div>
      <label class="field"><span>${t("cases.reason")}</span>
        <textarea required value=${reason} onInput=${(event) => setReason(event.target.value)} data-test="ask-reason"></textarea></label>
      <p class="note warn">${t("cases.amendStops")}</p>
      ${error && html`<p class="bad-text" role="alert">${said(error)}</p>`}
      <div class="row"><button class="button primary" disabled=${busy} data-test="ask-send">${t("cases.send")}</button>
        <button type="button" class="button quiet" onClick=${onClose}>${t("shell.cancel")}</button></div>
    </form>
  <//>`;
}

function whole(grants) {
  const starts = grants.map((grant) => ms(grant.start));
  const ends = grants.map((grant) => ms(grant.end));
  return { start: iso(Math.min(...starts)), end: iso(Math.max(...ends)) };
}
