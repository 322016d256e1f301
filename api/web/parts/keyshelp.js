/* The keys that every view shares, and the list of all that count now. */
import { html } from "../lib/html.js";
import { has, t } from "../lib/i18n.js";
import { layers, shownKey, useKeys } from "../lib/keys.js";
import { go, VIEWS } from "../lib/route.js";
import { Signal, useSignal } from "../lib/signal.js";
import { Dialog } from "./dialog.js";

export const showsKeys = new Signal(false);

export function useShellKeys(caseId) {
  const toView = Object.fromEntries(
    VIEWS.map((view, number) => [String(number + 1), {
      does: () => go(view, caseId), words: `${view}.title`, off: !caseId,
    }]),
  );
  useKeys("shell.keys.title", {
    "?": { does: () => { showsKeys.value = true; }, words: "shell.keys" },
    ...toView,
    "0": { does: () => go("cases"), words: "cases.title" },
  });
}

export function KeysHelp() {
  const shown = useSignal(showsKeys);
  const all = useSignal(layers);
  if (!shown) return null;
  const close = () => { showsKeys.value = false; };
  return html`<${Dialog} title=${t("shell.keys")} onClose=${close} test="keys-help">
    ${all.map((layer) => html`<section class="keys-help">
      <h3>${t(layer.title)}</h3>
      <dl>${Object.entries(layer.keys).filter(([, key]) => !key.off && key.words && has(key.words)).map(
        ([name, key]) => html`<div><dt><kbd>${shownKey(name)}</kbd></dt><dd>${t(key.words)}</dd></div>`,
      )}</dl>
    </section>`)}
  <//>`;
}
