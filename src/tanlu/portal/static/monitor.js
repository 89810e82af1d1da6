// The state of the intake as it comes. The page works without this file: the same table is served with it.

const live = document.getElementById("live");
const button = live.querySelector("button");
const body = live.querySelector("tbody");
const said = document.getElementById("said");
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

function show(record) {
  const rows = Object.entries(record.protocols ?? {}).map(([name, count]) => {
    const row = document.createElement("tr");
    row.append(cell(name, "th"), cell(count.batches, "td", true), cell(count.readings, "td", true), cell(count.refused_readings, "td", true), cell(civil(count.last_at)));
    return row;
  });
  body.replaceChildren(...rows);
  live.querySelector(".scroll").hidden = rows.length === 0;
  live.querySelector(".empty").hidden = rows.length > 0;
}

function open() {
  // the browser opens it again by itself and says which event it saw last
  source = new EventSource(live.dataset.stream);
  source.addEventListener("intake", (event) => show(JSON.parse(event.data)));
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
