// The studio: a moved lever is run on the server, and the charts get new data. All that was chosen stands in the address.

import { Charts, write } from "./studio_charts.js";
import { Lever } from "./studio_levers.js";

const root = document.getElementById("studio");
const form = document.getElementById("levers");
const said = document.getElementById("studio-said");
const failed = document.getElementById("studio-failed");
const assumed = document.getElementById("assumed");
const levels = JSON.parse(root.dataset.levels);
const base = form.elements.base;
const growth = form.elements.growth;
const levers = new Map([...form.querySelectorAll(".lever")].map((place) => [place.dataset.lever, new Lever(place, levels)]));
const charts = new Charts(root, document);
const REST = 150; // milliseconds without a move until the draws are made
const SETTLED = 100; // and until the address says where the levers stand: browsers refuse one that changes with every pixel
const cards = new Map([...root.querySelectorAll("[data-key]")].map((card) => [card.dataset.key, card]));
const cells = new Map([...root.querySelectorAll("[data-cell]")].map((place) => [place.dataset.cell, place]));
// on a telephone all actions are seen at once before one is opened
if (matchMedia("(max-width: 900px)").matches) for (const place of form.querySelectorAll(".action ~ .action")) place.open = false;
const actions = [...form.querySelectorAll(".action")].map((place) => ({
  badge: place.querySelector(".moved"), levers: [...place.querySelectorAll(".lever")].map((own) => levers.get(own.dataset.lever)),
}));
let link = root.dataset.link;
let world = base.value;
let depth = 0; // entries of the history that are ours
let moving = false; // a move has begun and its entry of the history is made
let resting = 0;
let wanted = false;
let running = false;
let drawing = null;
let settling = 0;

function setting() {
  const out = { base: base.value, growth: growth.value, levers: {}, schedules: {}, lang: root.dataset.lang, group: charts.group, year: charts.year };
  for (const [id, lever] of levers) {
    if (lever.changed(base.value)) out.levers[id] = lever.value;
    if (lever.rescheduled) out.schedules[id] = lever.span;
  }
  return out;
}

// ---- asking: one question at a time; what was asked in between is left out, the last is always answered

function ask() {
  wanted = true;
  if (!running) turn();
}

async function turn() {
  running = true;
  while (wanted) {
    wanted = false;
    await once();
  }
  running = false;
}

async function post(address, body, signal) {
  const answer = await fetch(address, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal,
  });
  const found = await answer.json();
  if (answer.ok) return found;
  const told = Array.isArray(found.detail) ? found.detail.map((p) => p.problem ? `${p.problem} → ${p.mend}` : p.msg) : [found.detail];
  throw new Error(told.join(" "));
}

async function once() {
  const names = charts.shown();
  try {
    const found = await post(root.dataset.simulate, { ...setting(), series: false, charts: names });
    failed.hidden = true;
    charts.former();
    await charts.update(found.charts, found.link);
    told(found);
  } catch (error) {
    complain(error);
  }
}

function complain(error) {
  if (error.name === "AbortError") return;
  failed.textContent = error instanceof TypeError ? failed.dataset.lost : error.message;
  failed.hidden = false;
}

function told(found) {
  link = found.link;
  for (const [key, figure] of Object.entries(found.figures)) headline(key, figure);
  for (const [key, cell] of Object.entries(found.cells ?? {})) tell(key, cell);
  clearTimeout(settling);
  settling = setTimeout(address, SETTLED);
  root.dataset.at = link;
}

function headline(key, figure) {
  const card = cards.get(key);
  write(card.querySelector(".value"), figure.text);
  write(card.querySelector(".change"), figure.change);
  card.classList.remove("stale");
}

function tell(key, cell) {
  const place = cells.get(key);
  if (!place) return;
  write(place.querySelector(".now"), cell.text);
  const goal = place.querySelector(".goal");
  if (!goal) return;
  goal.className = `goal ${cell.met ? "met" : "missed"}`;
  goal.querySelector(".mark").textContent = cell.met ? "✓" : "✕";
  goal.querySelector(".hidden").textContent = cell.met ? root.dataset.met : root.dataset.missed;
}

// ---- the draws: asked for when the hand rests, and given up when it moves again

function rest() {
  clearTimeout(resting);
  drawing?.abort();
  cards.get("chance").classList.add("stale");
  charts.stale("fan", true);
  charts.stale("wedges", true);
  assumed.classList.add("stale");
  resting = setTimeout(draw, REST);
}

async function draw() {
  if (running) {
    resting = setTimeout(draw, 50);
    return;
  }
  moving = false;
  drawing = new AbortController();
  try {
    const found = await post(root.dataset.fan, { ...setting(), charts: ["fan"] }, drawing.signal);
    headline("chance", found.figures.chance);
    await charts.update(found.charts, found.link);
    charts.stale("fan", false);
    const words = ["peak", "co2", "chance"].map((key) => [".name", ".value"].map((part) => cards.get(key).querySelector(part).textContent).join(" "));
    said.textContent = words.join("; ");
    if (charts.waits(link)) {
      const more = await post(root.dataset.wedges, { ...setting(), charts: ["wedges"] }, drawing.signal);
      await charts.update(more.charts, more.link);
      charts.stale("wedges", false);
    }
    const told = await post(root.dataset.assumed, setting(), drawing.signal);
    write(assumed, told.text);
    assumed.hidden = false;
    assumed.classList.remove("stale");
    await charts.tables(link);
    root.dataset.rested = link;
  } catch (error) {
    complain(error);
  }
}

// ---- the address

function address() {
  clearTimeout(settling);
  settling = 0;
  const here = new URL(window.location.href);
  here.searchParams.set("s", link);
  here.searchParams.delete("saved");
  if (charts.group !== charts.firstGroup) here.searchParams.set("group", charts.group);
  else here.searchParams.delete("group");
  if (charts.years.value !== charts.years.dataset.usual || here.searchParams.has("year")) here.searchParams.set("year", charts.years.value);
  window.history.replaceState({ depth }, "", here);
  for (const a of document.querySelectorAll("a.language, #downloads a, #targets-link, .results .tools a[download]")) {
    const there = new URL(a.href);
    there.searchParams.set("s", link);
    if (there.searchParams.has("year")) there.searchParams.set("year", charts.years.value);
    a.href = there;
  }
  document.querySelector("#save [name=s]").value = link;
  document.querySelector("#compare [name=s]").value = link;
}

function begin() {
  if (moving) return;
  moving = true;
  if (settling) address(); // the entry before is to say where the levers stood
  depth += 1;
  charts.keep();
  window.history.pushState({ depth }, "", window.location.href);
  document.getElementById("undo").disabled = false;
}

function moved() {
  begin();
  delete root.dataset.rested;
  count();
  ask();
  rest();
}

window.addEventListener("popstate", async (event) => {
  depth = event.state?.depth ?? 0;
  document.getElementById("undo").disabled = depth === 0;
  const there = new URL(window.location.href).searchParams.get("s");
  charts.keep();
  try {
    const found = await post(root.dataset.simulate, { link: there ?? "", base: root.dataset.base, growth: root.dataset.growth, lang: root.dataset.lang, series: false, charts: charts.shown(), group: charts.group, year: charts.year });
    adopt(found);
    charts.former();
    await charts.update(found.charts, found.link);
    told(found);
    rest();
  } catch (error) {
    complain(error);
  }
});

function adopt(found) {
  base.value = found.base;
  growth.value = found.growth;
  world = found.base;
  for (const [id, lever] of levers) lever.set(found.levers[id] ?? lever.of(found.base), found.schedules[id], found.base);
  count();
}

// ---- the panel

function count() {
  let all = 0;
  for (const { badge, levers: own } of actions) {
    const changed = own.filter((lever) => lever.marked(base.value)).length;
    badge.hidden = changed === 0;
    write(badge, String(changed));
    all += changed;
  }
  write(document.getElementById("changed-count"), String(all));
}

function filter() {
  const words = document.getElementById("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = document.getElementById("only-changed").checked;
  let found = 0;
  for (const action of form.querySelectorAll(".action")) {
    let here = 0;
    for (const place of action.querySelectorAll(".lever")) {
      const fits = words.every((w) => place.dataset.words.includes(w)) && (!only || place.classList.contains("changed"));
      place.hidden = !fits;
      here += fits ? 1 : 0;
    }
    action.hidden = here === 0;
    if (here && (words.length || only)) action.open = true;
    found += here;
  }
  document.getElementById("none-found").hidden = found > 0;
}

for (const lever of levers.values()) {
  lever.show(base.value);
  lever.place.addEventListener("lever:moved", () => { lever.show(base.value); moved(); });
  lever.place.addEventListener("lever:reset", () => { lever.set(lever.of(base.value), null, base.value); moved(); });
}

base.addEventListener("change", () => {
  // a lever that was not touched follows the new world, one that was moved stays
  for (const lever of levers.values()) if (!lever.changed(world)) lever.set(lever.of(base.value), lever.rescheduled ? lever.span : null, base.value);
  world = base.value;
  for (const lever of levers.values()) lever.show(world);
  form.elements.former.value = world;
  moved();
});
growth.addEventListener("change", moved);

document.getElementById("reset-all").addEventListener("click", () => {
  for (const lever of levers.values()) lever.set(lever.of(base.value), null, base.value);
  said.textContent = root.dataset.resetDone;
  moved();
});
document.getElementById("undo").addEventListener("click", () => {
  if (depth) window.history.back();
});
document.getElementById("undo").disabled = true;
document.getElementById("find").addEventListener("input", filter);
document.getElementById("only-changed").addEventListener("change", filter);
document.getElementById("panel-tools").hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("sector-group").addEventListener("change", (event) => charts.open(event.target.value, link).then(address));

charts.years.addEventListener("change", () => { ask(); rest(); });

const share = document.getElementById("share");
share.hidden = !navigator.clipboard;
share.addEventListener("click", async () => {
  await navigator.clipboard.writeText(window.location.href);
  said.textContent = share.dataset.done;
  share.textContent = share.dataset.done;
});

const compare = document.getElementById("compare");
function few() {
  const boxes = [...compare.querySelectorAll("[name=s]")];
  const chosen = boxes.filter((b) => b.checked).length;
  for (const box of boxes) if (!box.dataset.broken) box.disabled = !box.checked && chosen >= Number(compare.dataset.most);
  compare.querySelector("button").disabled = chosen < 2;
}
for (const box of compare.querySelectorAll("[name=s]:disabled")) box.dataset.broken = "yes";
compare.addEventListener("change", few);
few();
count();
root.dataset.at = link;
charts.ready(() => link, () => { ask(); rest(); });
draw();
