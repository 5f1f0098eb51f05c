"use strict";

// The page uses the public REST API and nothing else.

const byId = id => document.getElementById(id);
const shapeNames = ["circle", "rectangle", "triangle", "star", "heart"];
const digitNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const pointNames = ["rectangle", "circle"];
const asked = {};

// Sends one instance and shows the answer. An answer that a newer question has overtaken is dropped.
async function predict(model, instance, names, shown) {
  const turn = asked[model] = (asked[model] || 0) + 1;
  const target = `/v1/models/${model}:predict`;
  byId(`${model}-request`).textContent = `POST ${target}\n{"instances": [${shown}]}`;
  const started = performance.now();
  try {
    const response = await fetch(target, { method: "POST", body: JSON.stringify({ instances: [instance] }) });
    const answer = await response.json();
    if (turn !== asked[model]) return null;
    if (answer.error) throw new Error(answer.error);
    const prediction = answer.predictions[0];
    if (names) showScores(model, prediction, names, performance.now() - started);
    else byId(`${model}-result`).replaceChildren(element("p", "answer", `y = ${prediction}`));
    return prediction;
  } catch (error) {
    if (turn === asked[model]) showError(model, error.message);
    return null;
  }
}

function showScores(model, prediction, names, milliseconds) {
  const best = prediction.scores.indexOf(Math.max(...prediction.scores));
  const answer = element("p", "answer", prediction.classes);
  const list = element("ul", "bars");
  names.forEach((name, i) => {
    const row = element("li", i === best ? "best" : "");
    const track = element("span", "track");
    const fill = element("span", "fill");
    track.append(fill);
    row.append(element("span", "name", name), track, element("span", "value", `${(100 * prediction.scores[i]).toFixed(1)} %`));
    list.append(row);
    requestAnimationFrame(() => { fill.style.width = `${100 * prediction.scores[i]}%`; });
  });
  byId(`${model}-result`).replaceChildren(answer, list, element("p", "note", `answered in ${milliseconds.toFixed(0)} ms`));
}

function showError(model, message) {
  byId(`${model}-result`).replaceChildren(element("p", "error", message));
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// ---- shapes: a picture, 224 x 224 x 3, values 0 to 1

const shapesCanvas = byId("shapes-canvas");
const shapesContext = shapesCanvas.getContext("2d", { willReadFrequently: true });

async function takePicture(file) {
  if (!file) return;
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    showError("shapes", `${file.name} is not a picture that this browser can read.`);
    return;
  }

  // The whole picture, stretched as the model was trained; transparent parts are white.
  shapesContext.fillStyle = "#fff";
  shapesContext.fillRect(0, 0, 224, 224);
  shapesContext.imageSmoothingQuality = "high";
  shapesContext.drawImage(picture, 0, 0, 224, 224);
  byId("shapes-hint").hidden = true;
  const pixels = shapesContext.getImageData(0, 0, 224, 224).data;
  const rows = [];
  for (let y = 0, at = 0; y < 224; y++) {
    const row = [];
    for (let x = 0; x < 224; x++, at += 4) {
      row.push([pixels[at], pixels[at + 1], pixels[at + 2]].map(v => Math.round(v / 255 * 10000) / 10000));
    }
    rows.push(row);
  }
  await predict("shapes", rows, shapeNames, `[[[${rows[0][0].join(", ")}], … 224 × 224 pixels …]]`);
}

byId("shapes-file").addEventListener("change", event => takePicture(event.target.files[0]));
const drop = byId("shapes-drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, event => { event.preventDefault(); drop.classList.remove("over"); });
}
drop.addEventListener("drop", event => takePicture(event.dataTransfer.files[0]));

// ---- digits: a drawing, 28 x 28 x 1, white on black, values 0 to 1

const pad = byId("digits-canvas");
const padContext = pad.getContext("2d", { willReadFrequently: true });
const seen = byId("digits-seen");
const seenContext = seen.getContext("2d", { willReadFrequently: true });
let last = null;

function clearPad() {
  padContext.fillStyle = "#000";
  padContext.fillRect(0, 0, 224, 224);
  seenContext.fillStyle = "#000";
  seenContext.fillRect(0, 0, 28, 28);
  asked.digits = (asked.digits || 0) + 1;
  byId("digits-result").replaceChildren();
}

function position(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
}

function stroke(from, to) {
  padContext.strokeStyle = "#fff";
  padContext.lineWidth = 20;
  padContext.lineCap = padContext.lineJoin = "round";
  padContext.beginPath();
  padContext.moveTo(...from);
  padContext.lineTo(...to);
  padContext.stroke();
}

// Centres what is drawn and scales it to the size that the digits of the training had.
function askDigit() {
  const pixels = padContext.getImageData(0, 0, 224, 224).data;
  let left = 224, top = 224, right = -1, bottom = -1;
  for (let y = 0; y < 224; y++) {
    for (let x = 0; x < 224; x++) {
      if (pixels[4 * (224 * y + x)] > 40) {
        left = Math.min(left, x); right = Math.max(right, x);
        top = Math.min(top, y); bottom = Math.max(bottom, y);
      }
    }
  }
  if (right < 0) return;
  const width = right - left + 1, height = bottom - top + 1, scale = 24 / Math.max(width, height);
  seenContext.fillStyle = "#000";
  seenContext.fillRect(0, 0, 28, 28);
  seenContext.imageSmoothingQuality = "high";
  seenContext.drawImage(pad, left, top, width, height, 14 - width * scale / 2, 14 - height * scale / 2, width * scale, height * scale);
  const small = seenContext.getImageData(0, 0, 28, 28).data;
  const rows = [];
  for (let y = 0; y < 28; y++) {
    const row = [];
    for (let x = 0; x < 28; x++) row.push([Math.round(small[4 * (28 * y + x)] / 255 * 1000) / 1000]);
    rows.push(row);
  }
  predict("digits", rows, digitNames, "[[… 28 × 28 values from 0 to 1 …]]");
}

pad.addEventListener("pointerdown", event => {
  pad.setPointerCapture(event.pointerId);
  last = position(pad, event);
  stroke(last, last);
});
pad.addEventListener("pointermove", event => {
  if (!last) return;
  const next = position(pad, event);
  stroke(last, next);
  last = next;
});
for (const name of ["pointerup", "pointercancel"]) {
  pad.addEventListener(name, () => {
    if (last) askDigit();
    last = null;
  });
}
pad.addEventListener("keydown", event => {
  if (!/^[0-9]$/.test(event.key)) return;
  clearPad();
  padContext.fillStyle = "#fff";
  padContext.font = "bold 200px sans-serif";
  padContext.textAlign = "center";
  padContext.textBaseline = "middle";
  padContext.fillText(event.key, 112, 118);
  askDigit();
});
byId("digits-clear").addEventListener("click", clearPad);

// ---- points: two numbers from -1 to 1

const plane = byId("points-canvas");
const planeContext = plane.getContext("2d");
const clicked = [];
let cursor = [0, 0];

function drawPlane() {
  const [line, text, accent] = ["--line", "--soft", "--accent"].map(name => resolveColor(name));
  planeContext.clearRect(0, 0, 224, 224);
  planeContext.strokeStyle = line;
  planeContext.lineWidth = 1;
  planeContext.beginPath();
  for (let i = 0; i <= 8; i++) {
    planeContext.moveTo(28 * i + 0.5, 0);
    planeContext.lineTo(28 * i + 0.5, 224);
    planeContext.moveTo(0, 28 * i + 0.5);
    planeContext.lineTo(224, 28 * i + 0.5);
  }
  planeContext.stroke();
  planeContext.strokeStyle = text;
  planeContext.beginPath();
  planeContext.moveTo(112.5, 0);
  planeContext.lineTo(112.5, 224);
  planeContext.moveTo(0, 112.5);
  planeContext.lineTo(224, 112.5);
  planeContext.stroke();
  planeContext.lineWidth = 2.5;
  planeContext.strokeStyle = accent;
  for (const { point: [x, y], name } of clicked) {
    const px = 112 + 112 * x, py = 112 - 112 * y;
    planeContext.beginPath();
    if (name === "circle") planeContext.arc(px, py, 7, 0, 2 * Math.PI);
    else planeContext.rect(px - 8, py - 5.5, 16, 11);
    planeContext.stroke();
  }
  if (document.activeElement === plane) {
    const px = 112 + 112 * cursor[0], py = 112 - 112 * cursor[1];
    planeContext.lineWidth = 1.5;
    planeContext.beginPath();
    planeContext.moveTo(px - 6, py);
    planeContext.lineTo(px + 6, py);
    planeContext.moveTo(px, py - 6);
    planeContext.lineTo(px, py + 6);
    planeContext.stroke();
  }
}

// A canvas does not know light-dark(); an element does.
function resolveColor(name) {
  const probe = element("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

async function askPoint(x, y) {
  const point = [x, y].map(v => Math.round(Math.max(-1, Math.min(1, v)) * 1000) / 1000);
  cursor = point;
  byId("points-where").textContent = `x = ${point[0]}, y = ${point[1]}`;
  const prediction = await predict("points", point, pointNames, `[${point.join(", ")}]`);
  if (prediction) {
    clicked.push({ point, name: prediction.classes });
    drawPlane();
  }
}

plane.addEventListener("click", event => {
  const [x, y] = position(plane, event);
  askPoint(x / 112 - 1, 1 - y / 112);
});
plane.addEventListener("keydown", event => {
  const move = { ArrowLeft: [-0.05, 0], ArrowRight: [0.05, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] }[event.key];
  if (move) {
    event.preventDefault();
    cursor = cursor.map((v, i) => Math.max(-1, Math.min(1, Math.round((v + move[i]) * 100) / 100)));
    byId("points-where").textContent = `x = ${cursor[0]}, y = ${cursor[1]}`;
    drawPlane();
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    askPoint(...cursor);
  }
});
plane.addEventListener("focus", drawPlane);
plane.addEventListener("blur", drawPlane);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPlane);

// ---- linear: one number

byId("linear-form").addEventListener("submit", event => {
  event.preventDefault();
  const x = Number(byId("linear-x").value);
  predict("linear", x, null, x);
});

clearPad();
drawPlane();
