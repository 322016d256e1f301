/* A picture with a box on it: drawn by mouse, finger or keys, with handles; boxes that were tracked can
   be taken with one click. All boxes are [x1, y1, x2, y2] in pixels of the picture itself. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";

const CLICK_PX = 4; // on the screen; a shorter way is a click, not a box
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const LEAST_PX = 2;

/** Whether a box is too small to say much about looks: under 24 px on its longer side, or a sliver. */
export function tooSmall([x1, y1, x2, y2]) {
  const [w, h] = [x2 - x1, y2 - y1];
  return Math.max(w, h) < 24 || Math.min(w, h) < 8;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const ordered = ([x1, y1, x2, y2]) => [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];

function inside([x1, y1, x2, y2], { width, height }) {
  return [clamp(x1, 0, width), clamp(y1, 0, height), clamp(x2, 0, width), clamp(y2, 0, height)];
}

function moved([x1, y1, x2, y2], dx, dy, { width, height }) {
  const byX = clamp(dx, -x1, width - x2);
  const byY = clamp(dy, -y1, height - y2);
  return [x1 + byX, y1 + byY, x2 + byX, y2 + byY];
}

/** A box in the middle, as a person stands. */
export function middleBox({ width, height }) {
  const h = height * 0.4;
  const w = Math.min(h * 0.4, width);
  return [(width - w) / 2, (height - h) / 2, (width + w) / 2, (height + h) / 2].map(Math.round);
}

/**
 * `size`: {width, height} of the picture; `children` shows it and fills its place. `box` or null and
 * `onBox(box or null)`; `offers`: [{xyxy, family, label}] with `onOffer(offer)`; `onEnter()` for Enter on the box.
 */
export function BoxStage({ size, box, onBox, offers = [], onOffer = null, onEnter = null, disabled = false, children }) {
  const stage = useRef(null);
  const plane = useRef(null);
  const editor = useRef(null);
  const drag = useRef(null);
  const [area, setArea] = useState({ width: 1, height: 1 });
  const hadBox = useRef(Boolean(box));
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setArea(entry.contentRect));
    observer.observe(stage.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    // A box that has just come takes the keys, so that arrows move it at once.
    if (box && !hadBox.current && !drag.current) editor.current?.focus({ preventScroll: true });
    hadBox.current = Boolean(box);
  }, [box]);

  const scale = Math.min(area.width / size.width, area.height / size.height) || 1;
  const shown = { width: size.width * scale, height: size.height * scale };
  const at = (event) => {
    const rect = plane.current.getBoundingClientRect();
    return [clamp((event.clientX - rect.left) / scale, 0, size.width), clamp((event.clientY - rect.top) / scale, 0, size.height)];
  };
  const down = (event) => {
    if (disabled || event.button !== 0) return;
    const part = event.target.dataset?.part ?? "new";
    drag.current = { part, from: at(event), first: box, screen: [event.clientX, event.clientY], began: false };
    plane.current.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const move = (event) => {
    const now = drag.current;
    if (!now) return;
    const far = Math.hypot(event.clientX - now.screen[0], event.clientY - now.screen[1]);
    if (!now.began && far < CLICK_PX) return;
    now.began = true;
    onBox(dragged(now, at(event), size));
  };
  const up = (event) => {
    const now = drag.current;
    drag.current = null;
    if (!now) return;
    if (!now.began) {
      const offer = offerAt(offers, now.from);
      if (offer && onOffer && now.part === "new") onOffer(offer);
      return;
    }
    const made = dragged(now, at(event), size).map((side) => Math.round(side * 10) / 10);
    onBox(made[2] - made[0] < LEAST_PX || made[3] - made[1] < LEAST_PX ? null : made);
    editor.current?.focus({ preventScroll: true });
  };
  const keyed = (event) => {
    const step = event.ctrlKey || event.metaKey ? 10 : 1;
    const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [];
    if (event.key === "Enter" && onEnter) onEnter();
    else if (event.key === "Escape" || event.key === "Delete") onBox(null);
    else if (dx === undefined) return;
    else if (event.shiftKey) onBox(grown(box, dx, dy, size));
    else onBox(moved(box, dx, dy, size));
    event.preventDefault();
    event.stopPropagation();
  };

  return html`<div class="boxstage" ref=${stage}>
    <div class=${`boxstage-plane ${disabled ? "" : "draws"}`} ref=${plane} data-test="box-plane"
      style=${{ width: `${shown.width}px`, height: `${shown.height}px` }}
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${() => { drag.current = null; }}>
      ${children}
      ${!disabled && offers.map((offer, k) => html`<button type="button" class=${`boxstage-offer ${offer.family}`} key=${`${offer.tracklet_id}.${k}`}
        style=${placed(offer.xyxy, scale)} tabindex=${box ? -1 : 0} aria-label=${t("scene.takeBox", { family: t(`family.${offer.family}`) })}
        title=${t("scene.takeBox", { family: t(`family.${offer.family}`) })} data-test="box-offer"
        onClick=${(event) => event.detail === 0 && onOffer?.(offer)}></button>`)}
      ${box && html`<div class=${`boxstage-box ${tooSmall(box) ? "small" : ""}`} ref=${editor} style=${placed(box, scale)} tabindex="0" role="application"
        aria-roledescription=${t("scene.box")} aria-label=${t("scene.boxAt", { x: Math.round(box[0]), y: Math.round(box[1]),
          w: Math.round(box[2] - box[0]), h: Math.round(box[3] - box[1]) })}
        data-part="inside" onKeyDown=${keyed} data-test="box">
        ${!disabled && HANDLES.map((name) => html`<span class=${`boxstage-handle ${name}`} data-part=${name}></span>`)}
        <span class="boxstage-box-size mono">${Math.round(box[2] - box[0])} × ${Math.round(box[3] - box[1])}</span>
      </div>`}
    </div>
  </div>`;
}

function placed([x1, y1, x2, y2], scale) {
  return { left: `${x1 * scale}px`, top: `${y1 * scale}px`, width: `${(x2 - x1) * scale}px`, height: `${(y2 - y1) * scale}px` };
}

function dragged({ part, from, first }, to, size) {
  if (part === "inside") return moved(first, to[0] - from[0], to[1] - from[1], size);
  if (part === "new") return inside(ordered([...from, ...to]), size);
  const [x1, y1, x2, y2] = first;
  return inside(ordered([
    part.includes("w") ? to[0] : x1, part.includes("n") ? to[1] : y1,
    part.includes("e") ? to[0] : x2, part.includes("s") ? to[1] : y2,
  ]), size);
}

function grown([x1, y1, x2, y2], dx, dy, size) {
  return inside([x1, y1, Math.max(x1 + LEAST_PX, x2 + dx), Math.max(y1 + LEAST_PX, y2 + dy)], size);
}

/** The smallest offered box under a point: who stands before a car is meant, not the car. */
function offerAt(offers, [x, y]) {
  const area = ({ xyxy: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1);
  return offers
    .filter(({ xyxy: [x1, y1, x2, y2] }) => x1 <= x && x <= x2 && y1 <= y && y <= y2)
    .sort((a, b) => area(a) - area(b))[0];
}
