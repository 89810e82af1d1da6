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

function watch(figures) {
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        observer.unobserve(entry.target);
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
      await navigator.clipboard.writeText(address.href);
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

copying(document.querySelectorAll("[data-copy]"));
watch(document.querySelectorAll("[data-chart]"));

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
