// A signature drawn with finger, pen or mouse; sent as PNG in a hidden field, empty if nothing was drawn.
import SignaturePad from "../vendor/signature-pad/signature_pad.min.js";

const canvas = document.getElementById("signature-pad");
const field = document.getElementById("signature");
const pad = new SignaturePad(canvas, { penColor: "#10204a", minWidth: 1, maxWidth: 3.2 });

// The canvas is as wide as its box, and at most twice as sharp: what is drawn stays under the finger.
function fit() {
  const sharp = Math.min(window.devicePixelRatio || 1, 2, 1500 / canvas.offsetWidth);
  canvas.width = canvas.offsetWidth * sharp;
  canvas.height = canvas.offsetHeight * sharp;
  canvas.getContext("2d").scale(sharp, sharp);
  pad.redraw();
}

document.getElementById("signature-field").hidden = false;
fit();
window.addEventListener("resize", fit);
pad.addEventListener("endStroke", () => { field.value = pad.toDataURL("image/png"); });
document.getElementById("signature-clear").addEventListener("click", () => { pad.clear(); field.value = ""; });
