/* An instant that somebody types, in the shown zone and the same everywhere: 2026-05-04 07:55:12. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { useSignal } from "../lib/signal.js";
import { iso, ms, read, typed, zone } from "../lib/time.js";

// Where each part stands in the text, and what one step of it is.
const PARTS = [
  { until: 10, step: 86_400_000 }, { until: 13, step: 3_600_000 }, { until: 16, step: 60_000 },
  { until: Infinity, step: 1000 },
];

/** `onChange` is told the instant (ISO, UTC) once the text is one. Up and down step the part at the cursor. */
export function InstantInput({ at, onChange, label = null, ...rest }) {
  const shown = useSignal(zone);
  const own = useRef(null);
  const [text, setText] = useState(typed(at));
  useEffect(() => setText(typed(at)), [at, shown]);
  const wrong = Number.isNaN(read(text));
  const commit = () => {
    if (!wrong && read(text) !== Math.floor(ms(at) / 1000) * 1000) onChange(iso(read(text)));
  };
  const keyed = (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter") commit();
    if (!by || wrong) return;
    event.preventDefault();
    const caret = own.current.selectionStart;
    const after = iso(read(text) + by * PARTS.find((part) => caret <= part.until).step);
    setText(typed(after));
    onChange(after);
    requestAnimationFrame(() => own.current?.setSelectionRange(caret, caret));
  };
  return html`<input class="mono" type="text" inputmode="numeric" autocomplete="off" spellcheck=${false} ref=${own} value=${text}
    aria-label=${label ?? undefined} aria-invalid=${wrong} title=${t("time.typed")} maxlength="23"
    onInput=${(event) => setText(event.target.value)} onBlur=${commit} onKeyDown=${keyed} ...${rest} />`;
}
