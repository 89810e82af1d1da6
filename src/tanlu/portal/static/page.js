// Charts, the copy button, and announcements. Every page works without this file: tables and pictures are served.

import { expressions } from "./expressions.js";

const said = document.getElementById("said");

function announce(text) {
  said.textContent = text;
  said.classList.add("shown");
  setTimeout(() => said.classList.remove("shown"), 2500);
}

// Colours of a picture are custom properties, so that it follows the theme, and paper, without being drawn anew.
const COLOUR = /^#[0-9a-f]{6}$/i;
const bound = (name, colour) => (COLOUR.test(colour) ? `var(--${name}-${colour.slice(1).toLowerCase()},${colour})` : colour);

export function painted(part) {
  if (typeof part === "string") return bound("c", part);
  if (Array.isArray(part)) return part.map(painted);
  if (part === null || typeof part !== "object") return part;
  const made = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, painted(value)]));
  // a text that stands on a fill
  if (COLOUR.test(part.ink) && COLOUR.test(part.fill)) made.ink = `var(--on-${part.fill.slice(1).toLowerCase()},${part.ink})`;
  return made;
}

// The place of a picture carries its role and text; the marks would only repeat them one by one.
const MUTE = { aria: false, mark: { aria: false }, axis: { aria: false }, legend: { aria: false } };

async function draw(figure) {
  const place = figure.querySelector(".plot");
  try {
    const answer = await fetch(figure.dataset.chart);
    if (!answer.ok) throw new Error(String(answer.status));
    const spec = painted(await answer.json());
    // Expressions stay trees ("ast") that become functions without eval, so the content security policy stays strict.
    const options = { renderer: "svg", ast: true, expr: expressions, config: MUTE, actions: false, defaultStyle: false, tooltip: tooltip(figure, spec.usermeta?.tip) };
    const { view } = await window.tanluCharts.embed(place, spec, options);
    place.querySelector("svg").setAttribute("aria-hidden", "true");
    figure.view = view;
    if (!figure.querySelector(".reader")) reader(figure);
    figure.dataset.drawn = "yes";
    figure.dispatchEvent(new CustomEvent("tanlu:drawn", { bubbles: true, detail: view }));
  } catch (error) {
    place.textContent = figure.dataset.failed;
    figure.dataset.drawn = "failed";
    console.error(error);
  }
}

// What stands in a row of a data set, as text; a chart whose figures change has it made when the pointer comes.
function told(figure, { data, key, fields }, at) {
  const row = figure.view.data(data).find((r) => String(r[key]) === at) ?? {};
  const numbers = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const shown = (name) => (name === key ? at : numbers.format(row[name]).replace("-", "\u2212"));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name === key || Number.isFinite(row[name])).map(([name, label]) => [label, shown(name)]));
}

function tooltip(figure, tip) {
  const box = document.createElement("div");
  box.className = "tip";
  box.setAttribute("aria-hidden", "true");
  return (handler, event, item, value) => {
    if (value === null || value === undefined || value === "") {
      box.remove();
      return;
    }
    const lines = tip && typeof value !== "object" ? told(figure, tip, String(value)) : value;
    box.replaceChildren(...Object.entries(lines).map(([name, text]) => {
      const line = document.createElement("div");
      const label = document.createElement("span");
      label.textContent = name;
      line.append(label, " ", String(text));
      return line;
    }));
    document.body.append(box);
    const right = event.clientX + box.offsetWidth + 24 > window.innerWidth;
    box.style.left = `${event.clientX + (right ? -box.offsetWidth - 12 : 12)}px`;
    box.style.top = `${event.clientY + 12}px`;
  };
}

// Name, figure and unit; the head of a column has the unit beside the name, and a figure that is not known has none.
function figureOf(head, text) {
  const unit = head.querySelector(".unit")?.textContent ?? "";
  const name = head.textContent.trim();
  const plain = unit ? name.slice(0, name.lastIndexOf(unit)).trim() : name;
  const shown = !unit || !/\d/.test(text) ? text : unit === "%" ? `${text}%` : `${text} ${unit}`;
  return `${plain} ${shown}`;
}

// A place in the table of a chart that the arrow keys move: said as the value of a slider, shown under the picture and marked in it.
function reader(figure) {
  const table = figure.closest(".chart")?.querySelector(".tools table");
  const rows = () => [...table.tBodies[0].rows];
  if (!table || rows().length < 2) return;
  const key = document.createElement("div");
  key.className = "reader";
  const mark = document.createElement("div");
  mark.className = "line";
  mark.hidden = true;
  const set = (name, value) => key.setAttribute(name, String(value));
  set("role", "slider");
  set("tabindex", 0);
  set("aria-label", `${figure.dataset.cursor}: ${figure.closest(".chart").querySelector("h2, h3, h4").textContent}`);
  set("aria-valuemin", 0);
  let at = 0;
  const move = (to) => {
    const all = rows();
    at = Math.max(0, Math.min(to, all.length - 1));
    const cells = [...all[at].cells].map((cell) => cell.textContent.trim());
    set("aria-valuemax", all.length - 1);
    set("aria-valuenow", at);
    const heads = [...table.tHead.rows[0].cells];
    set("aria-valuetext", cells.map((text, i) => (i ? figureOf(heads[i], text) : text)).join(document.documentElement.lang.startsWith("zh") ? "，" : ", "));
    key.textContent = key.getAttribute("aria-valuetext");
    point(figure, mark, cells[0]);
  };
  key.addEventListener("keydown", (event) => {
    const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: rows().length - 1, PageUp: at + 10, PageDown: at - 10 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  });
  key.addEventListener("focus", () => move(at));
  key.addEventListener("blur", () => { mark.hidden = true; });
  set("aria-valuenow", 0);
  set("aria-valuemax", rows().length - 1);
  set("aria-valuetext", rows()[0].cells[0].textContent.trim());
  figure.querySelector(".plot").append(mark);
  figure.querySelector(".plot").after(key);
}

// An upright line at a place of the horizontal scale, or a level one where the names stand on the left.
function point(figure, mark, name) {
  mark.hidden = true;
  const [left, top] = figure.view.origin();
  const number = Number(name);
  for (const [axis, from] of [["x", left], ["y", top]]) {
    let scale = null;
    try { scale = figure.view.scale(axis); } catch { continue; }
    const known = scale.bandwidth ? scale.domain().find((d) => String(d) === name) : Number.isFinite(number) && name !== "" ? number : undefined;
    const value = known === undefined ? NaN : scale(known);
    if (!Number.isFinite(value) || (axis === "y" && !scale.bandwidth)) continue;
    const place = from + value + (scale.bandwidth?.() ?? 0) / 2;
    const [width, height] = [figure.view.width(), figure.view.height()];
    const box = axis === "x" ? [place - 1, top, 2, height] : [left, place - 1, width, 2];
    ["left", "top", "width", "height"].forEach((side, i) => { mark.style[side] = `${box[i]}px`; });
    mark.hidden = false;
    return;
  }
}

// What is not on the screen is drawn when there is time, so that paper shows every chart.
function rest(figures) {
  const next = [...figures].find((figure) => !figure.dataset.drawn && !figure.dataset.asked);
  if (!next) return;
  next.dataset.asked = "yes";
  const turn = () => draw(next).then(() => rest(figures));
  if (window.requestIdleCallback) window.requestIdleCallback(turn, { timeout: 4000 });
  else setTimeout(turn, 500);
}

function watch(figures) {
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        observer.unobserve(entry.target);
        if (entry.target.dataset.asked) continue;
        entry.target.dataset.asked = "yes";
        draw(entry.target);
      }
    }
  }, { rootMargin: "400px" });
  figures.forEach((figure) => observer.observe(figure));
}

function copying(buttons) {
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = new URL(window.location.href);
      address.hash = button.dataset.copy;
      const day = new Date().toISOString().slice(0, 10);
      await navigator.clipboard.writeText(button.dataset.cite ? `${button.dataset.cite}, ${address.href} (${day})` : address.href);
      announce(button.dataset.done);
    });
  }
}

// A part of the page that was put in later gets its charts and buttons too.
document.addEventListener("tanlu:fresh", (event) => {
  copying(event.detail.querySelectorAll("[data-copy]"));
  watch(event.detail.querySelectorAll("[data-chart]"));
});

// A file that the server would not read is told before it is sent.
for (const field of document.querySelectorAll("input[data-most-bytes]")) {
  field.addEventListener("change", () => {
    const files = [...field.files];
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const fits = bytes <= Number(field.dataset.mostBytes) && files.length <= Number(field.dataset.mostFiles);
    field.setCustomValidity(fits ? "" : field.dataset.tooLarge);
    field.reportValidity();
  });
}

// Of some boxes only so many may be chosen: the others wait until one is given up.
for (const group of document.querySelectorAll("fieldset[data-most]")) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const few = () => {
    const full = boxes.filter((box) => box.checked).length >= Number(group.dataset.most);
    for (const box of boxes) box.disabled = full && !box.checked;
  };
  group.addEventListener("change", few);
  few();
}

copying(document.querySelectorAll("[data-copy]"));
watch(document.querySelectorAll("[data-chart]"));
window.addEventListener("load", () => setTimeout(() => rest(document.querySelectorAll("[data-chart]")), 1500));

// A sheet is narrower than a desk: charts are laid out for it, so that their letters can be read, and back again.
const SHEET = 660;
function sized(figure, width) {
  try {
    figure.view.signal("width", width).run();
  } catch {
    // a chart of fixed width is scaled as a whole
  }
}
window.addEventListener("beforeprint", () => {
  for (const figure of document.querySelectorAll("[data-drawn=yes]")) {
    figure.wide = figure.view.signal("width");
    if (figure.wide > SHEET) sized(figure, SHEET);
  }
});
window.addEventListener("afterprint", () => {
  for (const figure of document.querySelectorAll("[data-drawn=yes]")) if (figure.wide > SHEET) sized(figure, figure.wide);
});
window.addEventListener("beforeprint", () => document.querySelectorAll("[data-chart]:not([data-asked])").forEach((figure) => { figure.dataset.asked = "yes"; draw(figure); }));

const menu = document.querySelector(".menu");
menu?.addEventListener("click", () => menu.setAttribute("aria-expanded", String(menu.getAttribute("aria-expanded") !== "true")));

// The theme changes where one stands; without scripts the link leads through the server and back.
const root = document.documentElement;
const system = window.matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const themes = document.querySelector(".theme-switch");
themes?.addEventListener("click", (event) => {
  event.preventDefault();
  root.dataset.theme = dark() ? "light" : "dark";
  document.cookie = `tanlu_theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
  announce(themes.dataset[root.dataset.theme]);
});

// Who sent a form goes on where the answer stands instead of at the top of the page, and is told that it was taken.
// Who sent it with the pointer sees no ring around the answer: the ring says where the keyboard is.
addEventListener("pointerdown", () => { root.dataset.by = "pointer"; }, true);
addEventListener("keydown", () => { delete root.dataset.by; }, true);
addEventListener("submit", (event) => {
  if (event.target.matches("form.act")) sessionStorage.setItem("sent", root.dataset.by ?? "key");
});
const sent = sessionStorage.getItem("sent");
sessionStorage.removeItem("sent");
if (sent === "pointer") root.dataset.by = sent;
// a form that was taken is answered with the address of a page; what is wrong with one is said on the page itself
if (sent && performance.getEntriesByType("navigation")[0]?.redirectCount) {
  const told = document.querySelector("main [role=alert], main [role=status]");
  const place = told ?? document.querySelector("main h1");
  if (place && !location.hash) {
    place.tabIndex = -1;
    place.focus();
  }
  if (!told) announce(said.dataset.sent);
}
