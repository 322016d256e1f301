/* Every request to the service. An expired login asks for it over the view and sends again. */

const BASE = "/api/v1";

/** What the service refused or could not do: `code` is stable, `message` is for people. */
export class ApiError extends Error {
  constructor(status, { code = "unreachable", message = "", request_id = "", detail = [] } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = request_id;
    this.detail = detail;
  }
}

let logInAgain = null;

/** `ask` opens the login over the view and resolves once somebody is in. The shell sets it. */
export function onLoginExpired(ask) {
  logInAgain = ask;
}

export const get = (path, query, options) => answer("GET", path, { query, ...options });
export const post = (path, body, options) => answer("POST", path, { body: body ?? {}, ...options });
export const put = (path, body, options) => answer("PUT", path, { body, ...options });
export const patch = (path, body, options) => answer("PATCH", path, { body, ...options });
export const del = (path, options) => answer("DELETE", path, options);
/** Sends a FormData. */
export const upload = (path, form, options) => answer("POST", path, { form, ...options });

/** The bytes at `url` (as made by the functions below) with their headers: {blob, headers}. */
export async function bytes(url, { signal } = {}) {
  const response = await fetched("GET", url, { signal });
  return { blob: await response.blob(), headers: response.headers };
}

async function answer(method, path, { body, form, query, signal, quiet = false } = {}) {
  const response = await fetched(method, url(path, query), { body, form, signal, quiet });
  return response.status === 204 ? null : response.json();
}

async function fetched(method, where, { body, form, signal, quiet = false }) {
  const headers = { Accept: "application/json, */*", "X-CaseTrace-Request": "page" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const init = { method, headers, signal, body: form ?? (body && JSON.stringify(body)) };
  for (;;) {
    let response;
    try {
      response = await fetch(where, init);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0);
    }
    if (response.ok) return response;
    const failure = await failureOf(response);
    if (failure.status !== 401 || quiet || !logInAgain) throw failure;
    await logInAgain();
  }
}

async function failureOf(response) {
  try {
    return new ApiError(response.status, (await response.json()).error);
  } catch {
    return new ApiError(response.status, { code: "internal", message: response.statusText });
  }
}

/** `/api/v1` + path with a query; values that are null are left out, lists are repeated. */
export function url(path, query = {}) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") given.append(name, one);
    }
  }
  const text = given.toString();
  return BASE + path + (text && `?${text}`);
}

export const shotUrl = (caseId, shotId, { searchId = null, height = null } = {}) =>
  url(`/cases/${caseId}/shots/${shotId}.jpg`, { search_id: searchId, height });
export const probeUrl = (caseId, probeId) => url(`/cases/${caseId}/probes/${probeId}.jpg`);
export const frameUrl = (caseId, cameraId, at, { height = null } = {}) =>
  url(`/cases/${caseId}/cameras/${cameraId}/frame.jpg`, { at, height });
/** The camera's own packets. */
export const clipUrl = (caseId, cameraId, start, end) =>
  url(`/cases/${caseId}/cameras/${cameraId}/clip.mp4`, { start, end });
/** H.264 that every browser plays. */
export const proxyUrl = (caseId, cameraId, start, end) =>
  url(`/cases/${caseId}/cameras/${cameraId}/proxy.mp4`, { start, end });
