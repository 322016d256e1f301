/* The time of one camera: what is granted and kept, what moved, what was not searched, where one is. */
import { html, useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { t, useLanguage } from "../../lib/i18n.js";
import { useSignal } from "../../lib/signal.js";
import { clock, full, length, minute, zone } from "../../lib/time.js";
import { shownTheme, theme } from "../../lib/theme.js";

const HEIGHT = 76;
const RULER = 18;
const LANES = ["person", "rider", "vehicle"];
const LANE = 13;
const LANES_TOP = RULER + 4;
const LEAST_MS = 4000;
const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const TICK_PX = 86;

/**
 * `extent` {start, end} in ms; `granted`, `kept`, `missing` spans in ms; `marks` as of `activity` in
 * footage.js, or null. `onWindow` is told the shown part of the extent.
 */
export function Timeline({ extent, granted, kept, missing, marks, at, onScrub, onSettle, onWindow }) {
  const language = useLanguage();
  const where = useSignal(zone);
  useSignal(theme);
  const canvas = useRef(null);
  const held = useRef(null);
  const [width, setWidth] = useState(600);
  const [shown, setShown] = useState(extent);
  const [pointed, setPointed] = useState(null);
  useEffect(() => setShown(extent), [extent.start, extent.end]);
  useEffect(() => onWindow(shown), [shown]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(60, entry.contentRect.width)));
    observer.observe(canvas.current.parentElement);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    // Who plays past the edge takes the window along.
    const length_ = shown.end - shown.start;
    if (held.current || (at >= shown.start && at <= shown.end)) return;
    const start = Math.max(extent.start, Math.min(at - length_ * 0.1, extent.end - length_));
    setShown({ start, end: start + length_ });
  }, [at]);
  const layers = useMemo(() => ({ granted, kept, missing, marks }), [granted, kept, missing, marks]);
  useEffect(() => {
    draw(canvas.current, { width, shown, layers, colours: coloursOf(canvas.current) });
  }, [width, shown, layers, language, where, shownTheme()]);

  const msOf = (x) => shown.start + (x / width) * (shown.end - shown.start);
  const xOf = (time) => ((time - shown.start) / (shown.end - shown.start)) * width;
  const xIn = (event) => event.clientX - canvas.current.getBoundingClientRect().left;
  const bounded = (time) => Math.min(Math.max(time, extent.start), extent.end - 1);

  const down = (event) => {
    if (event.button !== 0) return;
    const pans = event.shiftKey || event.offsetY < RULER;
    held.current = { pans, x: xIn(event), shown };
    event.currentTarget.setPointerCapture(event.pointerId);
    if (!pans) onScrub(bounded(msOf(xIn(event))));
  };
  const move = (event) => {
    const x = xIn(event);
    setPointed(x);
    if (!held.current) return;
    if (held.current.pans) setShown(panned(held.current.shown, held.current.x - x, width, extent));
    else onScrub(bounded(msOf(x)));
  };
  const up = (event) => {
    const was = held.current;
    held.current = null;
    if (was && (!was.pans || Math.abs(was.x - xIn(event)) < 3)) onSettle(bounded(msOf(xIn(event))));
  };
  const wheel = (event) => {
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) setShown(panned(shown, event.deltaX, width, extent));
    else setShown(zoomed(shown, msOf(xIn(event)), Math.exp(event.deltaY * 0.002), extent));
  };
  useEffect(() => {
    const element = canvas.current.parentElement;
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  });
  const keyed = (event) => {
    const to = { Home: extent.start, End: extent.end - 1, PageUp: at - 60_000, PageDown: at + 60_000 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSettle(bounded(to));
  };
  const zoom = (by) => setShown(zoomed(shown, at, by, extent));
  const x = xOf(at);
  return html`<div class="scene-timeline" data-test="timeline">
    <div class="scene-timeline-plane" role="slider" tabindex="0" aria-label=${t("scene.timeline")} aria-valuemin="0"
      aria-valuemax=${Math.round((extent.end - extent.start) / 1000)} aria-valuenow=${Math.round((at - extent.start) / 1000)}
      aria-valuetext=${full(at)} onKeyDown=${keyed} onPointerDown=${down} onPointerMove=${move} onPointerUp=${up}
      onPointerLeave=${() => setPointed(null)}>
      <canvas ref=${canvas} height=${HEIGHT} aria-hidden="true"></canvas>
      ${x >= 0 && x <= width && html`<span class="scene-playhead" style=${{ left: `${x}px` }}></span>`}
      ${pointed !== null && html`<span class="scene-pointed mono" style=${{ left: `${Math.min(Math.max(pointed, 30), width - 30)}px` }}>${clock(msOf(pointed))}</span>`}
    </div>
    <div class="scene-timeline-legend small muted">
      ${LANES.map((family) => html`<span class="row"><i class=${`scene-swatch ${family}`}></i>${t(`family.${family}`)}</span>`)}
      <span class="row"><i class="scene-swatch missing"></i>${t("scene.notSearched")}</span>
      <span class="row"><i class="scene-swatch nothing"></i>${t("scene.noFootage")}</span>
      <span class="grow"></span>
      <span>${t("scene.shown", { length: length((shown.end - shown.start) / 1000) })}</span>
      <button type="button" class="button quiet small" onClick=${() => zoom(0.5)} aria-label=${t("scene.zoomIn")}>+</button>
      <button type="button" class="button quiet small" onClick=${() => zoom(2)} aria-label=${t("scene.zoomOut")}>−</button>
      <button type="button" class="button quiet small" onClick=${() => setShown(extent)}>${t("scene.zoomAll")}</button>
    </div>
  </div>`;
}

function panned({ start, end }, px, width, extent) {
  const span = end - start;
  const first = Math.min(Math.max(start + (px / width) * span, extent.start), Math.max(extent.start, extent.end - span));
  return { start: first, end: first + span };
}

function zoomed({ start, end }, round, by, extent) {
  const most = extent.end - extent.start;
  const span = Math.min(Math.max((end - start) * by, Math.min(LEAST_MS, most)), most);
  const first = round - ((round - start) / (end - start)) * span;
  return panned({ start: first, end: first + span }, 0, 1, extent);
}

function coloursOf(element) {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function draw(canvas, { width, shown, layers, colours }) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${HEIGHT}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const x = (time) => ((time - shown.start) / (shown.end - shown.start)) * width;
  const bar = (span, top, height, fill) => {
    const [from, to] = [Math.max(0, x(span.start)), Math.min(width, x(span.end))];
    if (to < 0 || from > width) return;
    pen.fillStyle = fill;
    pen.fillRect(from, top, Math.max(1, to - from), height);
  };
  pen.fillStyle = colours("bg");
  pen.fillRect(0, 0, width, HEIGHT);
  for (const span of layers.granted) bar(span, RULER, HEIGHT - RULER, colours("no-footage"));
  for (const span of layers.kept) {
    for (const grant of layers.granted) {
      const both = { start: Math.max(span.start, grant.start), end: Math.min(span.end, grant.end) };
      if (both.end > both.start) bar(both, RULER, HEIGHT - RULER, colours("raised"));
    }
  }
  drawMarks(pen, layers.marks, { x, width, colours });
  for (const span of layers.missing) bar(span, HEIGHT - 7, 7, colours("warn"));
  drawRuler(pen, { shown, width, x, colours });
}

/** One lane a family; the more move at once, the taller the column. */
function drawMarks(pen, marks, { x, width, colours }) {
  if (!marks) return;
  LANES.forEach((family, lane) => {
    const counts = marks.seen[family] ?? [];
    const most = counts.reduce((a, b) => Math.max(a, b), 4);
    const bottom = LANES_TOP + (lane + 1) * LANE + lane * 2;
    pen.fillStyle = colours(family);
    counts.forEach((count, k) => {
      const from = x(marks.start + k * marks.bucketMs);
      const to = x(marks.start + (k + 1) * marks.bucketMs);
      if (!count || to < 0 || from > width) return;
      const height = Math.max(2, LANE * (count / most));
      pen.fillRect(Math.floor(from), bottom - height, Math.max(1, Math.ceil(to) - Math.floor(from)), height);
    });
  });
}

function drawRuler(pen, { shown, width, x, colours }) {
  const stepS = TICKS_S.find((step) => ((step * 1000) / (shown.end - shown.start)) * width >= TICK_PX) ?? TICKS_S.at(-1);
  pen.font = `11px ${getComputedStyle(document.body).getPropertyValue("--mono")}`;
  pen.textBaseline = "middle";
  const step = stepS * 1000;
  for (let time = Math.ceil(shown.start / step) * step; time < shown.end; time += step) {
    const place = Math.round(x(time)) + 0.5;
    pen.fillStyle = colours("line");
    pen.fillRect(place, 0, 1, HEIGHT);
    pen.fillStyle = colours("muted");
    pen.fillText(stepS < 60 ? clock(time) : minute(time), place + 4, RULER / 2 + 1);
  }
}

