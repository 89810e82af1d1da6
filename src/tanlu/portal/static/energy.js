// The window of the dispatch: the slider, a click or a drag on the year move it; the page is asked for the hours of the new place.

const form = document.getElementById("window-form");
const slider = form?.querySelector("input[name=day]");
const DAY = 86400000;
const START = Date.UTC(2001, 0, 1);
const dates = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "zh-CN", { month: "short", day: "numeric", timeZone: "UTC" });
let year = null;
let waiting = 0;
let asked = 0;

function name(day) {
  return dates.format(new Date(START + (day - 1) * DAY));
}

function frame() {
  const first = START + (Number(slider.value) - 1) * DAY;
  const last = first + Number(slider.dataset.days) * DAY;
  document.getElementById("window-date").textContent = name(Number(slider.value));
  slider.setAttribute("aria-valuetext", name(Number(slider.value)));
  if (year) year.data("window", [{ t: first, t2: last }]).data("edges", [{ t: first }, { t: last }]).runAsync();
}

async function show() {
  const address = new URL(window.location.href);
  for (const [key, value] of new FormData(form)) address.searchParams.set(key, value);
  const own = ++asked;
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (own !== asked || !answer.ok) return;
  for (const place of ["#window-card", "#window-moves", "a.language"]) {
    const fresh = page.querySelector(place);
    const old = document.querySelector(place);
    if (fresh && old) old.replaceWith(fresh);
  }
  window.history.replaceState(null, "", address);
  const card = document.getElementById("window-card");
  document.dispatchEvent(new CustomEvent("tanlu:fresh", { detail: card }));
  document.getElementById("said").textContent = card.querySelector("h2").textContent;
}

function moved() {
  frame();
  clearTimeout(waiting);
  waiting = setTimeout(show, 200);
}

function to(event, svg) {
  const x = event.clientX - svg.getBoundingClientRect().left - year.origin()[0];
  const day = Math.floor((year.scale("x").invert(x) - START) / DAY) + 1 - Math.floor(Number(slider.dataset.days) / 2);
  slider.value = String(Math.min(Math.max(day, Number(slider.min)), Number(slider.max)));
  moved();
}

document.addEventListener("tanlu:drawn", (event) => {
  if (!event.target.closest("#year-card")) return;
  year = event.detail;
  const svg = event.target.querySelector("svg");
  svg.classList.add("brush");
  let held = false;
  svg.addEventListener("pointerdown", (e) => { held = true; to(e, svg); });
  svg.addEventListener("pointermove", (e) => { if (held && e.buttons) to(e, svg); });
  window.addEventListener("pointerup", () => { held = false; });
  frame();
});

if (slider) {
  slider.addEventListener("input", moved);
  frame();
}
