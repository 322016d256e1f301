/* Candidates: look, compare, decide; the gallery is ranked anew meanwhile and never loses its place. */
import { html, useEffect, useMemo, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { useKeys } from "../lib/keys.js";
import { go, href } from "../lib/route.js";
import { kept, useSignal } from "../lib/signal.js";
import { useStore } from "../lib/store.js";
import { Failure } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { mayMove, SpanClip } from "../parts/spanclip.js";
import { coloursOf, known, nameColours } from "./candidates/colours.js";
import { coversOf } from "./candidates/covering.js";
import { Filters } from "./candidates/filters.js";
import { Gallery, SIZES } from "./candidates/gallery.js";
import { Inspector } from "./candidates/inspector.js";
import { ALL, grouped, isSifted, items, sifted } from "./candidates/sifting.js";
import { verdictsOf } from "./candidates/verdicts.js";
import { lineAway } from "../lib/virtual.js";

const HOVER_MS = 700;
const MOST = 500;

const order = kept("casetrace.candidates.order", "rank", ["rank", "camera"]);
const size = kept("casetrace.candidates.size", "medium", Object.keys(SIZES));
const onHover = kept("casetrace.candidates.hover", "yes", ["yes", "no"]);
const advance = kept("casetrace.candidates.advance", "yes", ["yes", "no"]);

export function View({ caseId, store, options }) {
  const { answer, searching, searchFailed } = useStore(store);
  const verdicts = verdictsOf(store);
  useEffect(() => {
    if (!answer && !searching && !searchFailed && store.canSearch) store.search({ limit: verdicts.limit });
  }, [answer, searching, searchFailed, store.canSearch]);
  if (answer) return html`<${Looking} ...${{ caseId, store, answer, verdicts, options }} />`;
  if (searchFailed) {
    return html`<div class="pad"><${Failure} error=${searchFailed} retry=${() => store.search({ limit: verdicts.limit })} /></div>`;
  }
  if (searching) return html`<div class="empty" role="status">${t("candidates.searching")}</div>`;
  return html`<div class="empty" data-test="candidates-none"><p>${t("candidates.nothing")}</p>
    <div class="row"><a class="button primary" href=${href("scene", caseId)}>${t("candidates.toScene")}</a>
    <${FromConfirmed} store=${store} /></div></div>`;
}

/** A second reader has no verdicts yet; what others confirmed can be searched from all the same. */
export function FromConfirmed({ store }) {
  const { probes } = useStore(store);
  if (!probes.length) return null;
  return html`<button type="button" class="button" onClick=${() => store.search({ limit: verdictsOf(store).limit })} data-test="from-confirmed">
    ${t("candidates.fromConfirmed")}</button>`;
}

/** The candidates with the verdicts and colours of this moment. */
function useItems(store, answer, verdicts, caseId) {
  const { decisions } = useStore(store);
  const pending = useSignal(verdicts.pending);
  const colours = useSignal(known);
  useEffect(() => {
    nameColours(caseId, answer.candidates.map((one) => one.shot_id));
  }, [answer]);
  return useMemo(
    () => items(answer, (id) => verdicts.of(id), (shotId) => coloursOf(caseId).get(shotId)),
    [answer, decisions, pending, colours],
  );
}

/** How far each candidate came up since the answer before this one. */
function useMoves(answer) {
  const ranks = useRef({ answer, now: new Map(), before: new Map() });
  const own = ranks.current;
  if (own.answer !== answer || !own.now.size) {
    own.before = own.now;
    own.now = new Map(answer.candidates.map((one, place) => [one.tracklet_id, place + 1]));
    own.answer = answer;
  }
  return (id) => (own.before.has(id) ? own.before.get(id) - own.now.get(id) : 0);
}

function Looking({ caseId, store, answer, verdicts, options }) {
  const all = useItems(store, answer, verdicts, caseId);
  const moved = useMoves(answer);
  const [filters, setFilters] = useState({ ...ALL, ...store.draft("candidates.filters", {}) });
  const [focused, setFocused] = useState(options.tracklet ?? store.draft("candidates.focus", null));
  const [shotPlace, setShotPlace] = useState(0);
  const [playing, setPlaying] = useState(false);
  const by = useSignal(order);
  const shown = useMemo(() => sifted(all, filters), [all, filters]);
  const groups = useMemo(() => grouped(shown, by), [shown, by]);
  const inOrder = useMemo(() => groups.flatMap((group) => group.items), [groups]);
  const gallery = useRef(null);
  const item = inOrder.find((one) => one.id === focused) ?? all.find((one) => one.id === focused) ?? null;

  const focus = (id) => {
    if (id === focused || id == null) return;
    setFocused(id);
    setShotPlace(0);
    setPlaying(false);
    store.setDraft("candidates.focus", id);
  };
  const sift = (changed) => {
    setFilters(changed);
    store.setDraft("candidates.filters", isSifted(changed) ? changed : null);
  };
  useEffect(() => {
    if (!item && inOrder.length) focus(inOrder[0].id);
  }, [item, inOrder]);

  const step = (by) => {
    const place = inOrder.findIndex((one) => one.id === focused);
    focus(inOrder[Math.min(inOrder.length - 1, Math.max(0, place + by))]?.id);
  };
  const decide = (id, verdict) => {
    const place = inOrder.findIndex((one) => one.id === id);
    const next = inOrder.slice(place + 1).find((one) => !one.verdict);
    verdicts.decide(id, verdict, String(store.draft(`note.${id}`)).trim());
    if (advance.value === "yes" && id === focused && next) focus(next.id);
  };
  const undo = () => focus(verdicts.undo());
  const covers = useMemo(() => coversOf(caseId, answer), [answer]);
  useGalleryKeys({
    step, focus, undo, item, inOrder, caseId,
    line: (by) => focus(lineAway(gallery.current.layout, focused, by)),
    decide: (verdict) => item && decide(item.id, verdict),
    play: () => item && setPlaying(!playing),
    shot: (by) => item && (setPlaying(false), setShotPlace(wrapped(shotPlace + by, item.candidate.shot_ids.length))),
  });
  const preview = usePreview();
  return html`<div class="candidates">
    <${Filters} store=${store} all=${all} filters=${filters} onChange=${sift} />
    <section class="candidates-middle">
      <${Tools} ...${{ store, verdicts, shown, all, undo, answer }} />
      ${inOrder.length === 0 && html`<p class="empty" role="status">${t(all.length ? "candidates.allSifted" : "candidates.noneFound")}</p>`}
      <${Gallery} ...${{ caseId, store, groups, size: useSignal(size), focused, covers, api: gallery }}
        onFocus=${focus} onHover=${preview.hover} />
    </section>
    <${Inspector} ...${{ caseId, store, item, all, verdicts, verdict: item?.verdict ?? null, shotPlace, playing, covers }}
      moved=${item ? moved(item.id) : 0} onShot=${(place) => { setPlaying(false); setShotPlace(place); }}
      onPlay=${setPlaying} onDecide=${decide} />
    <${Preview} caseId=${caseId} store=${store} at=${preview.at} />
  </div>`;
}

const wrapped = (place, count) => (count ? (place + count) % count : 0);

function useGalleryKeys({ step, line, focus, decide, undo, play, shot, item, inOrder, caseId }) {
  const key = (name, does) => ({ does, words: `candidates.key.${name}` });
  useKeys("candidates.title", {
    j: key("next", () => step(1)),
    k: key("before", () => step(-1)),
    ArrowRight: key("next", () => step(1)),
    ArrowLeft: key("before", () => step(-1)),
    ArrowDown: key("down", () => line(1)),
    ArrowUp: key("up", () => line(-1)),
    Home: key("first", () => focus(inOrder[0]?.id)),
    End: key("last", () => focus(inOrder.at(-1)?.id)),
    c: key("confirm", () => decide("confirm")),
    r: key("reject", () => decide("reject")),
    u: key("unsure", () => decide("unsure")),
    z: key("undo", undo),
    n: key("note", () => document.getElementById("candidate-note")?.focus()),
    " ": key("play", play),
    "[": key("shotBefore", () => shot(-1)),
    "]": key("shotNext", () => shot(1)),
    o: key("order", () => { order.value = order.value === "rank" ? "camera" : "rank"; }),
    l: key("look", () => item && go("scene", caseId, { camera: item.candidate.camera_id, at: item.candidate.span.start })),
    "/": key("filter", () => document.querySelector("[data-test=filter-plate]")?.focus()),
    Escape: key("leave", () => document.querySelector("[data-test=gallery]")?.focus()),
  });
}

function Tools({ store, verdicts, shown, all, undo, answer }) {
  const { searching, searchFailed } = useStore(store);
  const back = useSignal(verdicts.undoable);
  const decided = all.filter((one) => one.verdict).length;
  const more = () => {
    verdicts.limit = MOST;
    store.search({ limit: MOST });
  };
  return html`<div class="candidates-tools">
    <span data-test="candidates-count"><b class="mono">${shown.length}</b>
      <span class="muted"> ${t("candidates.of", { n: all.length, decided })}</span></span>
    ${searching && html`<span class="muted small row" role="status"><i class="spinner" />${t("candidates.ranking")}</span>`}
    ${searchFailed && html`<span class="bad-text small row"><${Icon} name="warn" />${t("candidates.rankFailed")}
      <button class="button small" onClick=${() => store.search({ limit: verdicts.limit })}>${t("shell.retry")}</button></span>`}
    <span class="grow" />
    <${Choice} signal=${order} values=${["rank", "camera"]} words="candidates.order" />
    <${Choice} signal=${size} values=${Object.keys(SIZES)} words="candidates.size" />
    <${Toggle} signal=${onHover} words="candidates.hover" />
    <${Toggle} signal=${advance} words="candidates.advance" />
    <button class="button small" disabled=${!back.length} onClick=${undo} data-test="undo"><${Icon} name="undo" />${t("candidates.undo")}</button>
    ${answer.candidates.length >= verdicts.limit && verdicts.limit < MOST
      && html`<button class="button small" onClick=${more} data-test="more">${t("candidates.more", { n: MOST })}</button>`}
  </div>`;
}

function Choice({ signal, values, words }) {
  const chosen = useSignal(signal);
  return html`<span class="switch" role="group" aria-label=${t(words)}>
    ${values.map((value) => html`<button key=${value} type="button" aria-pressed=${value === chosen}
      onClick=${() => { signal.value = value; }} data-test=${`${words.split(".")[1]}-${value}`}>${t(`${words}.${value}`)}</button>`)}
  </span>`;
}

function Toggle({ signal, words }) {
  const on = useSignal(signal) === "yes";
  return html`<label class="check small nowrap"><input type="checkbox" checked=${on}
    onChange=${() => { signal.value = on ? "no" : "yes"; }} />${t(words)}</label>`;
}

/** The clip of the tile that the pointer rests on, after a moment; never where motion is not wanted. */
function usePreview() {
  const timer = useRef(null);
  const [at, setAt] = useState(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  const hover = (item, element = null) => {
    clearTimeout(timer.current);
    if (at) setAt(null);
    if (!item || onHover.value === "no" || !mayMove()) return;
    timer.current = setTimeout(() => setAt({ item, box: element.getBoundingClientRect() }), HOVER_MS);
  };
  return { at, hover };
}

const PREVIEW = { width: 416, height: 262 };

function Preview({ caseId, store, at }) {
  if (!at) return null;
  const { item, box } = at;
  const beside = box.right + 8 + PREVIEW.width < window.innerWidth ? box.right + 8 : box.left - 8 - PREVIEW.width;
  const left = Math.max(8, beside);
  const top = Math.max(8, Math.min(box.top, window.innerHeight - PREVIEW.height - 8));
  return html`<div class="preview" style=${{ left: `${left}px`, top: `${top}px`, width: `${PREVIEW.width}px` }} aria-hidden="true" data-test="preview">
    <${SpanClip} caseId=${caseId} store=${store} shown=${item.candidate} autoplay loop controls=${false} />
    <p class="small muted clip-text">${store.cameraName(item.candidate.camera_id)}</p>
  </div>`;
}
