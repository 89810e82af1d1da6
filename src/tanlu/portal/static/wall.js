// One scene after the other, two beside each other on a screen of double width; what is shown follows the server by itself.

const body = document.body;
const main = document.querySelector("main");
const [clock, bar, place, offline] = ["[data-clock]", "[data-bar]", "[data-place]", ".offline"].map((s) => document.querySelector(s));
const pause = document.querySelector("[data-act=pause]");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const wide = window.matchMedia("(min-aspect-ratio: 3/1)");
const hour = new Intl.DateTimeFormat(clock.dataset.lang, { timeZone: "Asia/Shanghai", dateStyle: "full", timeStyle: "short" });
const LOOK = 30_000;
const seconds = Number(body.dataset.rotate);
let at = 0;
let paused = seconds === 0;
let since = performance.now();

const scenes = () => [...main.querySelectorAll(".scene")];

function show(number, told = true) {
  const all = scenes();
  at = ((number % all.length) + all.length) % all.length;
  const shown = wide.matches && all.length > 1 ? [at, (at + 1) % all.length] : [at];
  all.forEach((scene, i) => {
    scene.hidden = !shown.includes(i);
    // the later of two stands right, also where the row begins anew
    scene.style.order = String(shown.indexOf(i));
  });
  place.textContent = place.dataset.text.replace("{place}", shown.map((i) => i + 1).join("–")).replace("{count}", all.length);
  since = performance.now();
  if (!told) return;
  const address = new URL(window.location.href);
  address.searchParams.set("scene", all[at].id);
  window.history.replaceState(null, "", address);
}

const step = () => (wide.matches ? 2 : 1);

function hold(wanted) {
  paused = wanted;
  pause.textContent = paused ? pause.dataset.resume : pause.dataset.pause;
  since = performance.now();
  bar.style.transform = "scaleX(0)";
}

const ACTS = { back: () => show(at - step()), next: () => show(at + step()), pause: () => hold(!paused) };
for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", ACTS[button.dataset.act]);
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const act = { ArrowLeft: "back", ArrowRight: "next", p: "pause", P: "pause" }[event.key];
  // a focused button answers the space bar itself
  if (act) ACTS[act]();
  else if (event.key === " " && event.target === body) {
    event.preventDefault();
    ACTS.pause();
  }
});
wide.addEventListener("change", () => show(at, false));

function tick() {
  clock.textContent = hour.format(new Date());
  clock.dateTime = new Date().toISOString();
  if (paused || document.hidden) {
    since = performance.now();
    return;
  }
  const share = (performance.now() - since) / (1000 * seconds);
  if (!still.matches) bar.style.transform = `scaleX(${Math.min(share, 1)})`;
  if (share >= 1) ACTS.next();
}

// The page is asked for again: scenes that say something else take the place of the old ones.
async function look() {
  try {
    const answer = await fetch(window.location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    offline.hidden = true;
    const found = [...fresh.querySelectorAll(".scene")];
    if (found.length && found.map((s) => s.innerHTML).join() !== scenes().map((s) => s.innerHTML).join()) {
      const here = scenes()[at]?.id;
      main.replaceChildren(...found);
      for (const part of [".wall h1", ".clock .small", "footer .small"]) document.querySelector(part).replaceWith(fresh.querySelector(part));
      show(Math.max(0, found.findIndex((s) => s.id === here)), false);
    }
  } catch {
    offline.hidden = false;
  }
}

window.addEventListener("offline", () => { offline.hidden = false; });
window.addEventListener("online", look);
document.addEventListener("tanlu:look", look);
const asked = scenes().findIndex((s) => s.id === new URL(window.location.href).searchParams.get("scene"));
show(Math.max(0, asked), false);
if (paused) hold(true);
tick();
setInterval(tick, 250);
setInterval(look, LOOK);
