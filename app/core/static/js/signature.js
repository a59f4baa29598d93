// A signature drawn with finger, pen or mouse on a canvas; sent as PNG in a hidden field, empty if nothing was drawn.
const pad = document.getElementById("signature-pad");
const field = document.getElementById("signature");
const ink = pad.getContext("2d");
let drawing = false;

const blank = () => { ink.clearRect(0, 0, pad.width, pad.height); field.value = ""; };

function place(event) {
  const box = pad.getBoundingClientRect();
  return [(event.clientX - box.left) * (pad.width / box.width), (event.clientY - box.top) * (pad.height / box.height)];
}

document.getElementById("signature-field").hidden = false;
Object.assign(ink, { lineWidth: 3, lineCap: "round", lineJoin: "round", strokeStyle: "#10204a" });
pad.addEventListener("pointerdown", (event) => {
  drawing = true;
  pad.setPointerCapture(event.pointerId);
  ink.beginPath();
  ink.moveTo(...place(event));
});
pad.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  ink.lineTo(...place(event));
  ink.stroke();
});
for (const name of ["pointerup", "pointercancel"]) {
  pad.addEventListener(name, () => { if (drawing) field.value = pad.toDataURL("image/png"); drawing = false; });
}
document.getElementById("signature-clear").addEventListener("click", blank);
