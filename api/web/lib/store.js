/* What the views of one case share. One store a case, made when the case is opened. */
import { useEffect, useReducer } from "./html.js";
import { get, post } from "./api.js";
import { aside, draft, setAside, setDraft } from "./drafts.js";
import { t } from "./i18n.js";
import { mayOpen } from "../parts/papers.js";

const stores = new Map();

/** The store of a case, the same one for all its views. */
export function storeOf(caseId) {
  if (!stores.has(caseId)) stores.set(caseId, new CaseStore(caseId));
  return stores.get(caseId);
}

const EMPTY = {
  loading: true,
  failed: null, // ApiError that kept the case from opening
  case: null, // CaseOut
  cameras: new Map(), // camera id -> CameraOut, those of the installation
  people: new Map(), // account id -> AccountOut
  roads: null, // GraphIn
  coverage: null, // CoverageOut of all that the case grants
  probes: [], // ProbeOut of the case, by time
  selected: new Set(), // probe ids that the next search is made with
  hidden: new Set(), // probe ids that were taken out of the tray; the case keeps them
  plate: "", // what was typed as a plate
  families: new Set(), // families to search in; empty takes those of the probes
  answer: null, // the last reconstruction, see `search`
  searching: false,
  searchFailed: null, // ApiError of the last search
  decisions: new Map(), // tracklet id -> DecisionOut, the caller's own newest
};

export class CaseStore {
  #watchers = new Set();
  #asked = 0;
  #picks = false; // whether somebody chose among the probes in this session

  constructor(caseId) {
    this.caseId = caseId;
    this.state = { ...EMPTY };
    const tray = this.draft("tray", {});
    this.#picks = Boolean(tray.selected);
    this.state.selected = new Set(tray.selected ?? []);
    this.state.hidden = new Set(aside(caseId, "hidden", []));
    this.state.families = new Set(tray.families ?? []);
    this.state.plate = tray.plate ?? "";
  }

  /** Puts `part` into the state and tells everybody. */
  set(part) {
    this.state = { ...this.state, ...part };
    for (const watcher of [...this.#watchers]) watcher(this.state);
  }

  subscribe(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  // --- what is typed and not sent yet -----------------------------------------------------------

  /** What was typed under `name`, kept over a reload; `fallback` where there is nothing. */
  draft(name, fallback = "") {
    return draft(this.caseId, name, fallback);
  }

  /** Keeps it; null drops it. */
  setDraft(name, value) {
    setDraft(this.caseId, name, value);
  }

  // --- loading ----------------------------------------------------------------------------------

  /** The case with all that its views need; runs once, or again with `again`. */
  async load({ again = false } = {}) {
    if (this.state.case && !again) return;
    const base = `/cases/${this.caseId}`;
    try {
      const [papers, cameras, people] = await Promise.all([
        get(base), get("/cameras"), get("/accounts"),
      ]);
      this.set({
        case: papers,
        cameras: new Map(cameras.map((camera) => [camera.camera_id, camera])),
        people: new Map(people.map((person) => [person.account_id, person])),
        loading: false,
        failed: null,
      });
    } catch (error) {
      this.set({ failed: error, loading: false });
      return;
    }
    if (!mayOpen(this.state.case)) return;
    await Promise.all([this.loadProbes(), this.loadCoverage(), this.loadDecisions(), this.#roads()]);
  }

  async loadProbes() {
    await this.#kept(get(`/cases/${this.caseId}/probes`), (probes) => {
      const there = new Set(probes.map((probe) => probe.probe_id));
      const chosen = this.#picks ? [...this.state.selected] : drawn(probes, this.state.hidden);
      const selected = new Set(chosen.filter((id) => there.has(id)));
      this.set({ probes, selected });
    });
  }

  async loadCoverage() {
    await this.#kept(get(`/cases/${this.caseId}/coverage`), (coverage) => this.set({ coverage }));
  }

  async loadDecisions() {
    await this.#kept(get(`/cases/${this.caseId}/decisions`), (made) => {
      this.set({ decisions: new Map(made.map((one) => [one.tracklet_id, one])) });
    });
  }

  async #roads() {
    await this.#kept(get("/roads"), (roads) => this.set({ roads }));
  }

  /** Part of a case that cannot be had leaves the rest usable; the reason is told. */
  async #kept(wanted, take) {
    try {
      take(await wanted);
    } catch (error) {
      this.set({ partFailed: error });
    }
  }

  // --- probes and searching ---------------------------------------------------------------------

  /** Takes a new probe into the tray, selected. */
  addProbe(probe) {
    this.set({
      probes: [...this.state.probes.filter((one) => one.probe_id !== probe.probe_id), probe],
      selected: new Set([...this.state.selected, probe.probe_id]),
    });
    this.#keepTray();
  }

  selectProbe(probeId, on) {
    const selected = new Set(this.state.selected);
    if (on) selected.add(probeId);
    else selected.delete(probeId);
    this.set({ selected });
    this.#keepTray();
  }

  /** Takes a probe out of the tray. It stays with the case, for what was searched with it. */
  hideProbe(probeId) {
    const selected = new Set(this.state.selected);
    selected.delete(probeId);
    this.set({ selected, hidden: new Set([...this.state.hidden, probeId]) });
    this.#keepTray();
  }

  setPlate(plate) {
    this.set({ plate });
    this.#keepTray();
  }

  setFamilies(families) {
    this.set({ families: new Set(families) });
    this.#keepTray();
  }

  #keepTray() {
    const { selected, hidden, plate, families } = this.state;
    this.#picks = true;
    this.setDraft("tray", { selected: [...selected], plate, families: [...families] });
    setAside(this.caseId, "hidden", [...hidden]);
  }

  /** Whether there is anything to search with. */
  get canSearch() {
    const { selected, plate, decisions } = this.state;
    const confirmed = [...decisions.values()].some((one) => one.verdict === "confirm");
    return selected.size > 0 || plate.trim() !== "" || confirmed;
  }

  /**
   * Searches with the tray and puts the answer into `state.answer`, as the route of
   * reconstructions gives it. Only the newest of several under way counts.
   */
  async search({ limit = 200 } = {}) {
    this.#asked += 1;
    const asked = this.#asked;
    const { selected, plate, families } = this.state;
    const body = { probe_ids: [...selected], limit };
    if (plate.trim()) body.plate = plate.trim();
    if (families.size) body.families = [...families];
    this.set({ searching: true, searchFailed: null });
    try {
      const answer = await this.#reconstructed(body);
      if (asked === this.#asked) this.set({ answer, searching: false });
    } catch (error) {
      if (asked === this.#asked) this.set({ searching: false, searchFailed: error });
    }
  }

  async #reconstructed(body) {
    try {
      return await post(`/cases/${this.caseId}/reconstructions`, body);
    } catch (error) {
      if (error.status !== 404 && error.status !== 405) throw error;
      return post(`/cases/${this.caseId}/searches`, body);
    }
  }

  /** Keeps a verdict; throws what the service says against it, and then nothing changed. */
  async decide(trackletId, verdict, note = "") {
    const body = { tracklet_id: trackletId, verdict, note };
    const made = await post(`/cases/${this.caseId}/decisions`, body);
    this.set({ decisions: new Map([...this.state.decisions, [trackletId, made]]) });
    return made;
  }

  // --- names ------------------------------------------------------------------------------------

  camera(cameraId) {
    return this.state.cameras.get(cameraId) ?? null;
  }

  cameraName(cameraId) {
    return this.camera(cameraId)?.name ?? t("shell.cameraGone", { id: cameraId });
  }

  personName(accountId) {
    const person = this.state.people.get(accountId);
    return person ? person.full_name || person.name : `#${accountId}`;
  }

  /** Cameras that the case grants, with the spans: [{camera_id, spans: [{start, end}]}]. */
  granted() {
    const spans = new Map();
    for (const grant of this.state.case?.grants ?? []) {
      if (!spans.has(grant.camera_id)) spans.set(grant.camera_id, []);
      spans.get(grant.camera_id).push({ start: grant.start, end: grant.end });
    }
    return [...spans].map(([camera_id, own]) => ({ camera_id, spans: own }));
  }
}

/** Probes that people drew or brought: what a new session begins with. */
function drawn(probes, hidden) {
  return probes
    .filter((probe) => probe.origin !== "shot" && !hidden.has(probe.probe_id))
    .map((probe) => probe.probe_id);
}

/** The state of a store in a component; with `pick` it renders again only when that part changes. */
export function useStore(store, pick = (state) => state) {
  const [, again] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    let seen = pick(store.state);
    return store.subscribe((state) => {
      const now = pick(state);
      if (Object.is(now, seen)) return;
      seen = now;
      again();
    });
  }, [store]);
  return pick(store.state);
}
