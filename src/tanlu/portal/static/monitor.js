// Load, emissions and the state of the intake as they come. The page works without this file: the same figures are served with it.

const live = document.getElementById("live");
const button = live.querySelector("button");
const strip = live.querySelector("[data-live]");
const intake = live.querySelector("[data-intake]");
const said = document.getElementById("said");
const whole = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const HEIGHT = 58;
let source = null;

function cell(text, kind = "td", right = false) {
  const made = document.createElement(kind);
  made.textContent = text;
  if (kind === "th") made.scope = "row";
  if (right) made.className = "right";
  return made;
}

// Civil time of the province is UTC+8 wherever the browser stands.
function civil(seconds) {
  return new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 16).replace("T", " ");
}

function showIntake(record) {
  if (!intake) return;
  const rows = Object.entries(record.protocols ?? {}).map(([name, count]) => {
    const row = document.createElement("tr");
    row.append(cell(name, "th"), cell(count.batches, "td", true), cell(count.readings, "td", true), cell(count.refused_readings, "td", true), cell(civil(count.last_at)));
    return row;
  });
  intake.querySelector("tbody").replaceChildren(...rows);
  intake.querySelector(".scroll").hidden = rows.length === 0;
  intake.querySelector(".empty").hidden = rows.length > 0;
}

function bar(hour, place, top) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const height = (HEIGHT * hour.value) / top;
  const drawn = { x: 20 * place + 1, width: 18, y: 60 - height, height, fill: hour.estimated ? "#A66F00" : "#1F78A8" };
  for (const [name, value] of Object.entries(drawn)) made.setAttribute(name, value);
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = `${hour.at} ${whole.format(hour.value)} kWh`;
  made.append(title);
  return made;
}

function showLive(record) {
  const known = Array.isArray(record.hours);
  strip.hidden = !known;
  live.querySelector("[data-live-none]").hidden = known;
  if (!known) return;
  const texts = {
    load: whole.format(record.load ?? 0), at: record.at, day: record.day, direct_t: whole.format(record.direct_t),
    purchased_t: whole.format(record.purchased_t), estimated: percent.format(record.estimated), missing: percent.format(record.missing),
  };
  for (const [name, text] of Object.entries(texts)) strip.querySelector(`[data-field="${name}"]`).textContent = text;
  const top = Math.max(1, ...record.hours.map((hour) => hour.value ?? 0));
  // an hour that is not known has no bar
  const bars = record.hours.flatMap((hour, place) => (hour.value ? [bar(hour, place, top)] : []));
  strip.querySelector("[data-bars]").replaceChildren(...bars);
}

function open() {
  // the browser opens it again by itself and says which event it saw last
  source = new EventSource(live.dataset.stream);
  source.addEventListener("intake", (event) => showIntake(JSON.parse(event.data)));
  source.addEventListener("live", (event) => showLive(JSON.parse(event.data)));
}

button.hidden = false;
button.addEventListener("click", () => {
  const running = source !== null;
  if (running) {
    source.close();
    source = null;
  } else open();
  button.textContent = running ? button.dataset.resume : button.dataset.pause;
  said.textContent = button.textContent;
});
open();
