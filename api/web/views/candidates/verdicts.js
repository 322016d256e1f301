/* What the reader decides: shown at once, sent in order, taken back by a further verdict. */
import { t } from "../../lib/i18n.js";
import { Signal } from "../../lib/signal.js";
import { said } from "../../parts/failure.js";
import { tell } from "../../parts/toasts.js";

const RANK_AGAIN_MS = 500; // several verdicts in a row are ranked with once

const kept = new WeakMap();

/** The verdicts of a case's store; the same object for as long as the page is open. */
export function verdictsOf(store) {
  if (!kept.has(store)) kept.set(store, new Verdicts(store));
  return kept.get(store);
}

class Verdicts {
  /** tracklet id -> verdict that is under way; watched by who shows it. */
  pending = new Signal(new Map());
  /** What can be taken back, the newest last: [{trackletId, before}]. */
  undoable = new Signal([]);
  limit = 200;
  #line = Promise.resolve();
  #timer = null;

  constructor(store) {
    this.store = store;
  }

  of(trackletId) {
    return this.pending.value.get(trackletId) ?? this.store.state.decisions.get(trackletId)?.verdict ?? null;
  }

  decide(trackletId, verdict, note = "") {
    const given = { trackletId, before: this.of(trackletId) };
    // At once: who takes back what is still under way means that, not the one before it.
    this.undoable.value = [...this.undoable.value, given];
    this.#mark(trackletId, verdict);
    this.#line = this.#line.then(() => this.#send({ trackletId, verdict, note, given }));
    return this.#line;
  }

  /** Gives the verdict from before once more, or leaves it open; both stay in the log. */
  undo() {
    const last = this.undoable.value.at(-1);
    if (!last) return null;
    this.undoable.value = this.undoable.value.slice(0, -1);
    const { trackletId, before } = last;
    this.#mark(trackletId, before ?? "unsure");
    this.#line = this.#line.then(() => this.#send({ trackletId, verdict: before ?? "unsure", note: "" }));
    tell(t("candidates.undone", { verdict: t(`candidates.verdict.${before ?? "unsure"}`) }));
    return trackletId;
  }

  async #send({ trackletId, verdict, note, given = null }) {
    try {
      await this.store.decide(trackletId, verdict, note);
      if (note) this.store.setDraft(`note.${trackletId}`, null);
      this.#rankAgain();
    } catch (error) {
      this.undoable.value = this.undoable.value.filter((one) => one !== given);
      tell(t("candidates.notKept", { why: said(error) }), "bad");
    } finally {
      if (this.pending.value.get(trackletId) === verdict) this.#mark(trackletId, null);
    }
  }

  #mark(trackletId, verdict) {
    const pending = new Map(this.pending.value);
    if (verdict) pending.set(trackletId, verdict);
    else pending.delete(trackletId);
    this.pending.value = pending;
  }

  #rankAgain() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.pending.value.size) this.#rankAgain();
      else if (this.store.canSearch) this.store.search({ limit: this.limit });
    }, RANK_AGAIN_MS);
  }
}
