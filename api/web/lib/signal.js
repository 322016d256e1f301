/* A value that can be watched. Everything of the page that more than one place shows is one. */
import { useEffect, useReducer } from "./html.js";

export class Signal {
  #value;
  #watchers = new Set();

  constructor(value) {
    this.#value = value;
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.tell();
  }

  /** Calls `watcher` after each change; gives back how to stop. */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell() {
    for (const watcher of [...this.#watchers]) watcher(this.#value);
  }
}

/** The value in a component, which renders again when it changes. */
export function useSignal(signal) {
  const [, again] = useReducer((count) => count + 1, 0);
  useEffect(() => signal.watch(again), [signal]);
  return signal.value;
}

/** A signal kept by the browser under `key`; what cannot be read back counts as `fallback`. */
export function kept(key, fallback, allowed = null) {
  let first = fallback;
  try {
    const stored = localStorage.getItem(key);
    if (stored !== null && (!allowed || allowed.includes(stored))) first = stored;
  } catch {
    /* A browser that keeps nothing still shows the page. */
  }
  const signal = new Signal(first);
  signal.watch((value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* As above. */
    }
  });
  return signal;
}
