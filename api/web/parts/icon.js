/* Line icons of 16 units, drawn here: no fonts, no pictures. */
import { html } from "../lib/html.js";

const PATHS = {
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.2 3.2L13 5",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5L14 14",
  play: "M5 3.5v9l7.5-4.5z",
  pause: "M5 3.5v9M11 3.5v9",
  back: "M10 3L5 8l5 5",
  forward: "M6 3l5 5-5 5",
  first: "M11 3L6 8l5 5M4 3v10",
  last: "M5 3l5 5-5 5M12 3v10",
  box: "M3 3h10v10H3z",
  image: "M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5 3 3 1.5-1.5 3 3M10.5 6h.01",
  plate: "M1.5 5h13v6h-13zM4 8h2M7.5 8h1M10 8h2",
  trash: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.5 8.5h6l.5-8.5",
  clock: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.5V8l2.5 1.5",
  warn: "M8 2.5l6 11H2zM8 6.5v3M8 11.7h.01",
  info: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7v4M8 4.8h.01",
  camera: "M2 5h7.5v6H2zM9.5 7l4-2v6l-4-2",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  user: "M8 2.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM3 13.5c.5-3 2.5-4 5-4s4.5 1 5 4",
  lock: "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  down: "M3.5 6L8 10.5 12.5 6",
  up: "M3.5 10L8 5.5 12.5 10",
  keys: "M1.5 4h13v8h-13zM4 6.5h.01M6.600 6.5h.01M9.300 6.5h.01M12 6.5h.01M5 9.5h6",
  map: "M2 4l4-1.5 4 1.5 4-1.5v9.5L10 13.5 6 12l-4 1.5zM6 2.5V12M10 4v9.5",
  grid: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  question: "M5.5 6a2.500 2.500 0 1 1 3.600 2.200C8.300 8.700 8 9.200 8 10M8 12.500h.01",
  undo: "M5.500 3.500L2.500 6.500l3 3M2.500 6.500h7a3.500 3.500 0 0 1 0 7H6",
  way: "M3.500 3a1.200 1.200 0 1 1 0 2.400 1.200 1.200 0 0 1 0-2.400zM12.500 10.600a1.200 1.200 0 1 1 0 2.400 1.200 1.200 0 0 1 0-2.400zM4.700 4.200H10a2 2 0 0 1 0 4H6a2 2 0 0 0 0 4h5.300",
  swap: "M3 5.500h9M9.500 3L12 5.500 9.500 8M13 10.500H4M6.500 8L4 10.500 6.500 13",
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}
