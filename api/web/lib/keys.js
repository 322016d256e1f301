/* Keys of the page. A view says which it takes; `?` shows all that are taken now. */
import { Signal } from "./signal.js";
import { useEffect, useRef } from "./html.js";

/** The layers of keys now, innermost last: [{title, keys}]. */
export const layers = new Signal([]);

/**
 * Takes `keys` while the component is shown: {"j": {does: fn, words: "candidates.key.next"}}.
 * A name is `KeyboardEvent.key` ("ArrowLeft", " ", "c"), with "Shift+" or "Ctrl+" before it where
 * wanted. `title` is a key of words. While somebody types only Escape and Ctrl+ keys count.
 */
export function useKeys(title, keys) {
  const now = useRef(keys);
  now.current = keys;
  const names = Object.keys(keys).join("\n");
  useEffect(() => {
    const layer = { title, get keys() { return now.current; } };
    layers.value = [...layers.value, layer];
    return () => {
      layers.value = layers.value.filter((one) => one !== layer);
    };
  }, [title, names]);
}

const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";
const PRESSED = "button, a[href], summary, [role=button], [role=option], input[type=checkbox], input[type=radio]";

function nameOf(event) {
  const { key } = event;
  const shifted = event.shiftKey && key.length > 1 ? "Shift+" : "";
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + shifted + (key.length === 1 ? key.toLowerCase() : key);
}

function taken(event, name) {
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.altKey || event.isComposing) return null;
  if (target.matches(TYPED) && name !== "Escape" && !name.startsWith("Ctrl+")) return null;
  // Space and Enter on a button press that button.
  if ((name === " " || name === "Enter") && target.matches(PRESSED)) return null;
  for (const layer of [...layers.value].reverse()) {
    const key = layer.keys[name];
    if (key && !key.off) return key;
  }
  return null;
}

/** Starts listening. A dialog that is open takes its own keys only. */
export function listen() {
  window.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog:modal")) return;
    const key = taken(event, nameOf(event));
    if (!key || event.defaultPrevented) return;
    event.preventDefault();
    key.does(event);
  });
}

/** A key's name as people know it. */
export function shownKey(name) {
  const words = {
    " ": "␣", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc",
    "Shift+ArrowLeft": "⇧←", "Shift+ArrowRight": "⇧→", "Shift+ArrowUp": "⇧↑", "Shift+ArrowDown": "⇧↓",
  };
  return words[name] ?? name.replace("Ctrl+", "Ctrl ").replace("Shift+", "⇧");
}
