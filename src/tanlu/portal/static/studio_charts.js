// The charts of the studio: drawn once by the page, then given new data; what they showed before stays faint behind.

const FORMER = "former-";
const SLOW = "wedges";

function plain(rows) {
  return JSON.parse(JSON.stringify(rows)); // without the marks that the chart library puts on rows
}

// Rows that are there get new values: a chart whose rows are replaced makes all its marks again.
function renew(view, set, columns) {
  const [rows, count, fields] = [view.data(set), Object.values(columns)[0].length, Object.entries(columns)];
  if (rows.length !== count) {
    view.data(set, Array.from({ length: count }, (_, i) => Object.fromEntries(fields.map(([key, values]) => [key, values[i]]))));
    return;
  }
  const places = new Map(rows.map((row, i) => [row, i]));
  const change = view.changeset();
  for (const [key, values] of fields) {
    if (rows.some((row, i) => row[key] !== values[i])) change.modify(() => true, key, (row) => values[places.get(row)]);
  }
  view.change(set, change);
}

// A text that stays is not touched: each change lays the page out again.
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

export class Charts {
  constructor(root, page) {
    this.root = root;
    this.views = new Map();
    this.seen = new Set();
    this.at = new Map(); // link whose data a chart shows
    this.kept = new Map();
    this.picker = page.getElementById("sector-group");
    this.group = this.picker.value;
    this.years = page.getElementById("flow-year");
    // the group that a page opens by itself is not worth a word in the address
    this.firstGroup = new URL(window.location.href).searchParams.has("group") ? "" : this.group;
    page.addEventListener("tanlu:drawn", (event) => this.drawn(event.target));
    this.observer = new IntersectionObserver((entries) => this.look(entries), { rootMargin: "80px" });
    for (const card of root.querySelectorAll("section.chart")) this.observe(card);
    for (const figure of root.querySelectorAll("[data-drawn=yes]")) this.drawn(figure);
  }

  observe(card) {
    this.observer.observe(card);
    for (const details of card.querySelectorAll("details")) details.addEventListener("toggle", () => details.open && this.tables(this.link()));
  }

  get year() {
    return Number(this.years.value);
  }

  name(card) {
    return card.getAttribute("aria-labelledby").replace("title-studio-", "");
  }

  card(name) {
    return this.root.querySelector(`section[aria-labelledby="title-studio-${name}"]`);
  }

  ready(link, ask) {
    this.link = link;
    this.ask = ask;
  }

  drawn(figure) {
    const card = figure.closest("section.chart");
    if (!card || !this.root.contains(card)) return;
    const name = this.name(card);
    this.views.set(name, figure.view);
    this.at.set(name, new URL(figure.dataset.chart, window.location.href).searchParams.get("s"));
    if (this.link && this.at.get(name) !== this.link()) this.ask();
  }

  look(entries) {
    for (const entry of entries) {
      const name = this.name(entry.target);
      if (entry.isIntersecting) this.seen.add(name);
      else this.seen.delete(name);
      if (entry.isIntersecting && this.link && this.views.has(name) && this.at.get(name) !== this.link()) this.ask();
    }
  }

  // charts on the screen that one run is enough for
  shown() {
    return [...this.views.keys()].filter((name) => this.seen.has(name) && name !== SLOW);
  }

  // whether the chart that needs many runs is on the screen and of another setting
  waits(link) {
    return this.views.has(SLOW) && this.seen.has(SLOW) && this.at.get(SLOW) !== link;
  }

  // what the charts show now, before a move
  keep() {
    for (const [name, view] of this.views) {
      const sets = this.sets(view).filter((set) => set.startsWith(FORMER));
      this.kept.set(name, sets.map((set) => [set, plain(view.data(set.slice(FORMER.length)))]));
    }
  }

  // what was kept becomes the faint scenario behind
  former() {
    for (const [name, sets] of this.kept) for (const [set, rows] of sets) this.views.get(name)?.data(set, rows);
    this.kept.clear();
  }

  sets(view) {
    return Object.keys(view.getState({ data: () => true, signals: () => false }).data);
  }

  async update(found, link) {
    const turns = [];
    for (const [name, picture] of Object.entries(found)) {
      // the words do not wait for a picture that the page is still drawing, with the same data
      this.words(name, picture);
      const view = this.views.get(name);
      if (!view) continue;
      for (const [set, columns] of Object.entries(picture.data)) {
        // the central run comes at once; the bands stay until the draws are made
        if (name === "fan" && set === "bands" && columns.year.length < 2) continue;
        renew(view, set, columns);
      }
      for (const [signal, value] of Object.entries(picture.signals)) view.signal(signal, value);
      this.at.set(name, link);
      turns.push(view.runAsync());
    }
    await Promise.all(turns);
  }

  words(name, picture) {
    const card = this.card(name);
    write(card.querySelector("h2"), picture.title);
    write(card.querySelector(".sub").firstChild, `${picture.subtitle} `);
    write(card.querySelector("figcaption"), picture.summary);
    card.querySelector(".plot").setAttribute("aria-label", picture.summary);
    card.dataset.stale = "yes";
  }

  stale(name, is) {
    this.card(name)?.querySelector("figure").classList.toggle("stale", is);
  }

  // the tables that are open are asked for when the hand rests; the others when they are opened
  async tables(link) {
    const open = [...this.root.querySelectorAll("section.chart[data-stale]")].filter((card) => card.querySelector(".tools details[open] table"));
    if (!open.length) return;
    const page = await this.page(link, this.group);
    if (!page || link !== this.link()) return;
    for (const card of open) {
      const fresh = page.querySelector(`section[aria-labelledby="${card.getAttribute("aria-labelledby")}"] table`);
      if (fresh) card.querySelector("table").replaceWith(fresh);
      delete card.dataset.stale;
    }
  }

  async page(link, group) {
    const address = new URL(window.location.href);
    address.searchParams.set("s", link);
    address.searchParams.set("group", group);
    address.searchParams.set("year", this.year);
    address.searchParams.set("drawn", "yes");
    const answer = await fetch(address);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  // another group of sectors: other series, so the card is put in anew
  async open(group, link) {
    const page = await this.page(link, group);
    const fresh = page?.getElementById("title-studio-sector").closest("section");
    if (!fresh) return;
    this.group = group;
    const focused = document.activeElement === this.picker;
    this.views.delete("sector");
    const old = this.card("sector");
    this.observer.unobserve(old);
    fresh.querySelector(".inline-entry").replaceWith(old.querySelector(".inline-entry"));
    old.replaceWith(fresh);
    this.observe(fresh);
    document.dispatchEvent(new CustomEvent("tanlu:fresh", { detail: fresh }));
    if (focused) this.picker.focus();
  }
}
