// The guided tour of a first visit: an invitation at the head of a first page, then one panel a step. The steps are those of the page
// /tour, which can be read without this file. What has been seen is remembered in this browser only.

const KEY = "tanlu-tour";
const FIRST = ["/", "/public", "/programme", "/programme/board", "/programme/applications", "/programme/reviews", "/admin/people", "/admin/log"];
const prefix = document.documentElement.lang === "en" ? "/en" : "";
const here = window.location.pathname.replace(/^\/en(?=\/|$)/, "") || "/";

// A browser that keeps nothing is not asked again and again within a page; it is a new visit each time.
const memory = {
  get() { try { return localStorage.getItem(KEY); } catch { return "done"; } },
  set(value) { try { localStorage.setItem(KEY, value); } catch { /* the tour goes on without being remembered */ } },
};

function make(tag, text = "", properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = text;
  return element;
}

async function steps() {
  const answer = await fetch(`${prefix}/tour`);
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("tour");
}

function invite(tour) {
  const box = make("aside", "", { className: "tour-invite" });
  box.setAttribute("aria-label", tour.dataset.invite);
  box.append(make("p", tour.dataset.invite));
  for (const part of tour.querySelectorAll("[data-role]")) {
    if (tour.dataset.chosen && part.dataset.role !== tour.dataset.chosen) continue;
    const button = make("button", part.querySelector("h2").textContent, { type: "button", className: "small-button" });
    button.addEventListener("click", () => { box.remove(); show(tour, part.dataset.role, 0); });
    box.append(button);
  }
  const later = make("button", tour.dataset.later, { type: "button", className: "quiet small-button" });
  later.addEventListener("click", () => { memory.set("done"); box.remove(); document.getElementById("main").focus(); });
  box.append(later);
  document.getElementById("main").prepend(box);
}

function end() {
  memory.set("done");
  document.querySelector(".tour-panel")?.remove();
  document.querySelector(".tour-target")?.classList.remove("tour-target");
  document.getElementById("main").focus({ preventScroll: true });
}

function show(tour, role, index) {
  const all = [...tour.querySelectorAll(`[data-role="${CSS.escape(role)}"] li`)];
  if (index < 0 || index >= all.length) { end(); return; }
  memory.set(`${role}/${index}`);
  const step = all[index];
  const away = new URL(step.dataset.page, window.location.href).pathname !== window.location.pathname;
  document.querySelector(".tour-panel")?.remove();
  document.querySelector(".tour-target")?.classList.remove("tour-target");
  const inHead = step.dataset.target.startsWith(".top");
  // what is folded away or not there (the menu of a phone) is not pointed at
  const target = step.dataset.target && (!away || inHead) ? [...document.querySelectorAll(step.dataset.target)].find((e) => e.checkVisibility()) : null;
  if (target) {
    target.classList.add("tour-target");
    target.scrollIntoView({ block: "center" });
  }
  panel(tour, role, index, all, away && !inHead);
}

function panel(tour, role, index, all, away) {
  const step = all[index];
  const box = make("aside", "", { className: "tour-panel", tabIndex: -1 });
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-labelledby", "tour-head");
  box.setAttribute("aria-describedby", "tour-text");
  box.append(make("h2", `${step.querySelector("strong").textContent} `, { id: "tour-head" }), make("p", step.querySelector("span").textContent, { id: "tour-text" }));
  const row = make("p", "", { className: "buttons" });
  const act = (label, next, quiet) => {
    const button = make("button", label, { type: "button", className: quiet ? "quiet small-button" : "small-button" });
    button.addEventListener("click", next);
    row.append(button);
  };
  if (away) row.append(make("a", tour.dataset.go, { href: step.dataset.page, className: "button small-button" }));
  if (index + 1 < all.length) act(tour.dataset.next, () => show(tour, role, index + 1), away);
  if (index > 0) act(tour.dataset.back, () => show(tour, role, index - 1), true);
  act(tour.dataset.end, end, index + 1 < all.length);
  const keys = matchMedia("(hover: none)").matches ? "" : ` · ${tour.dataset.keys}`;
  box.append(row, make("p", `${index + 1} / ${all.length}${keys}`, { className: "small" }));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    else if (event.key === "ArrowRight") show(tour, role, Math.min(index + 1, all.length - 1));
    else if (event.key === "ArrowLeft") show(tour, role, Math.max(index - 1, 0));
    else return;
    event.preventDefault();
  });
  document.body.append(box);
  box.focus({ preventScroll: true });
}

const asked = new URLSearchParams(window.location.search).get("tour");
let state = memory.get();
if (asked) state = asked === "1" ? null : `${asked}/0`;
if (state !== "done" && here !== "/tour" && (state !== null || asked || FIRST.includes(here))) {
  const tour = await steps();
  const [role, index] = (state ?? "").split("/");
  if (tour && tour.querySelector(`[data-role="${CSS.escape(role)}"]`)) show(tour, role, Number(index) || 0);
  else if (tour) invite(tour);
}
