/* Who is logged in, and the login that opens over a view when it has expired. */
import { Signal } from "./signal.js";
import { del, get, onLoginExpired, post } from "./api.js";

/** The account, null when nobody is in, undefined while it is not known yet. */
export const account = new Signal(undefined);
/** Whether the login lies over the view now. */
export const expired = new Signal(false);

let waiting = [];

onLoginExpired(
  () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (account.value) expired.value = true;
      else account.value = null;
    }),
);

export async function whoAmI() {
  try {
    account.value = await get("/session", {}, { quiet: true });
  } catch (error) {
    if (error.status !== 401) throw error;
    account.value = null;
  }
}

/** Logs in; requests that waited are sent again. Another account starts the page afresh. */
export async function logIn(name, password) {
  const session = await post("/session", { name, password, kind: "browser" }, { quiet: true });
  const before = account.value;
  if (before && before.account_id !== session.account.account_id) {
    sessionStorage.clear();
    location.reload();
    return;
  }
  account.value = session.account;
  expired.value = false;
  const resumed = waiting;
  waiting = [];
  for (const resume of resumed) resume();
}

export async function logOut() {
  try {
    await del("/session", { quiet: true });
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  sessionStorage.clear();
  location.hash = "#/login";
  location.reload();
}

export const hasRole = (role) => Boolean(account.value?.roles.includes(role));
