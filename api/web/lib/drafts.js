/* What somebody typed and did not send yet: kept over a reload and an expired login, by account. */
import { account } from "./session.js";

const keyOf = (scope, name) => `casetrace.draft.${account.value?.account_id ?? ""}.${scope}.${name}`;

/** What was kept under `name` in `scope` (a case id, or "new"); `fallback` where there is nothing. */
export function draft(scope, name, fallback = "") {
  try {
    const stored = sessionStorage.getItem(keyOf(scope, name));
    return stored === null ? fallback : JSON.parse(stored);
  } catch {
    return fallback;
  }
}

/** Keeps it; null drops it. */
export function setDraft(scope, name, value) {
  try {
    if (value === null) sessionStorage.removeItem(keyOf(scope, name));
    else sessionStorage.setItem(keyOf(scope, name), JSON.stringify(value));
  } catch {
    /* A browser that keeps nothing loses drafts on a reload only. */
  }
}

/** The same for good, on this browser: for what somebody put aside, never for what was typed. */
export function aside(scope, name, fallback) {
  try {
    const stored = localStorage.getItem(keyOf(scope, name));
    return stored === null ? fallback : JSON.parse(stored);
  } catch {
    return fallback;
  }
}

export function setAside(scope, name, value) {
  try {
    localStorage.setItem(keyOf(scope, name), JSON.stringify(value));
  } catch {
    /* As above. */
  }
}
