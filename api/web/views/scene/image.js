/* A picture from outside the footage, with a box on it, as a probe. */
import { html, useEffect, useState } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { upload } from "../../lib/api.js";
import { BoxStage, middleBox, tooSmall } from "../../parts/boxstage.js";
import { Dialog } from "../../parts/dialog.js";
import { said } from "../../parts/failure.js";
import { FAMILIES } from "./tray.js";

const MOST_BYTES = 50 * 1024 * 1024;

/** `file`: what was chosen, dropped or pasted. `onProbe(probe, search)` when it was taken. */
export function ImageDialog({ store, file, onProbe, onClose }) {
  const [picture, setPicture] = useState(null);
  const [box, setBox] = useState(null);
  const [family, setFamily] = useState("person");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const tooLarge = file.size > MOST_BYTES;
  useEffect(() => {
    if (tooLarge) return undefined;
    const blobUrl = URL.createObjectURL(file);
    const image = new Image();
    image.onload = () => setPicture({ blobUrl, width: image.naturalWidth, height: image.naturalHeight });
    // The service may still read what this browser cannot show, such as HEIC: then it is taken whole.
    image.onerror = () => setPicture({ blobUrl: null });
    image.src = blobUrl;
    return () => URL.revokeObjectURL(blobUrl);
  }, [file]);
  const send = async (search) => {
    setBusy(true);
    setError(null);
    const form = new FormData();
    form.append("picture", file, file.name || "pasted");
    form.append("family", family);
    if (box) form.append("box", box.join());
    try {
      onProbe(await upload(`/cases/${store.caseId}/probes/upload`, form), search);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} wide title=${t("scene.image")} onClose=${onClose} test="image-dialog">
    ${tooLarge && html`<p class="bad-text" role="alert" data-test="image-too-large">${t("scene.imageTooLarge", { mib: Math.ceil(file.size / 1048576) })}</p>`}
    ${picture?.blobUrl && html`<div class="scene-image-stage"><${BoxStage} size=${picture} box=${box} onBox=${setBox} onEnter=${() => send(true)}>
      <img src=${picture.blobUrl} alt=${t("scene.imageAlt")} draggable=${false} /><//></div>`}
    ${picture && !picture.blobUrl && html`<p class="note warn">${t("scene.imageUnshown")}</p>`}
    ${picture && html`<div class="row wrap">
      <div class="row" role="group" aria-label=${t("scene.family")}>${FAMILIES.map((one) => html`<button type="button" class="button small"
        aria-pressed=${family === one} onClick=${() => setFamily(one)} data-test=${`image-${one}`}>${t(`family.${one}`)}</button>`)}</div>
      ${picture.blobUrl && !box && html`<button type="button" class="button small" onClick=${() => setBox(middleBox(picture))}>${t("scene.boxByKeys")}</button>`}
      <span class=${`grow small ${box && tooSmall(box) ? "warn-text" : "muted"}`} role="status">
        ${box ? (tooSmall(box) ? t("scene.boxSmall") : "") : t("scene.imageWhole")}</span>
      <button type="button" class="button" disabled=${busy} onClick=${() => send(false)} data-test="image-add">${t("scene.toTray")}</button>
      <button type="button" class="button primary" disabled=${busy} onClick=${() => send(true)} data-test="image-search">${t("scene.searchBox")}</button>
    </div>`}
    ${error && html`<p class="bad-text" role="alert" data-test="image-error">${said(error)}</p>`}
  <//>`;
}
