// One lever: its slider, its words, its schedule.

const EPSILON = 1e-9;

export class Lever {
  constructor(place, levels) {
    this.place = place;
    this.levels = levels;
    this.range = place.querySelector("input[type=range]");
    const data = this.range.dataset;
    this.worlds = JSON.parse(data.worlds);
    this.step = Number(data.step);
    this.factor = Number(data.factor);
    this.unit = data.unit.startsWith("%") || !data.unit ? data.unit : ` ${data.unit}`;
    this.own = { start: Number(data.start), full: Number(data.full) };
    const numbers = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: Number(data.digits), maximumFractionDigits: Number(data.digits) });
    this.numbers = { format: (value) => numbers.format(value).replace("-", "\u2212") };
    this.least = Number(this.range.min);
    this.most = Number(this.range.max);
    this.value = Number(this.range.getAttribute("value"));
    this.start = place.querySelector(".start");
    this.full = place.querySelector(".full");
    this.reset = place.querySelector(".reset");
    this.range.value = String(this.value); // a browser that reloads a page keeps sliders where they were
    this.range.addEventListener("input", () => this.move(this.snapped(Number(this.range.value))));
    this.range.addEventListener("keydown", (event) => this.key(event));
    this.reset.addEventListener("click", () => { this.say("lever:reset"); this.range.focus(); });
    for (const button of place.querySelectorAll(".set-level")) {
      button.hidden = false;
      button.addEventListener("click", () => this.move(Number(button.dataset.value)));
    }
    for (const field of [this.start, this.full]) field.addEventListener("change", () => this.reschedule());
  }

  of(world) {
    return this.worlds[world];
  }

  changed(world) {
    return Math.abs(this.value - this.worlds[world]) > EPSILON;
  }

  get span() {
    return { start: Number(this.start.value), full: Number(this.full.value) };
  }

  get sound() {
    const { start, full } = this.span;
    return this.start.checkValidity() && this.full.checkValidity() && start < full;
  }

  get rescheduled() {
    return this.sound && (this.span.start !== this.own.start || this.span.full !== this.own.full);
  }

  marked(world) {
    return this.changed(world) || this.rescheduled;
  }

  say(name) {
    this.place.dispatchEvent(new CustomEvent(name));
  }

  // the nearest value on a step, an end of the range, or where a world stands
  snapped(value) {
    const stepped = Math.round(value / this.step) * this.step;
    const near = [Number(stepped.toFixed(9)), this.least, this.most, ...Object.values(this.worlds)];
    const inside = near.filter((v) => v >= this.least && v <= this.most);
    return inside.reduce((best, v) => (Math.abs(v - value) < Math.abs(best - value) ? v : best), inside[0]);
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const count = Math.max(Math.abs(steps) === 10 ? Math.round((this.most - this.least) / this.step / 10) : 1, 1) * Math.sign(steps);
    const grid = Math.round(this.value / this.step + (Math.sign(steps) * 1e-6)) * this.step;
    const off = Math.abs(grid - this.value) > EPSILON && Math.sign(grid - this.value) === Math.sign(steps);
    const next = Number((off && Math.abs(count) === 1 ? grid : grid + count * this.step).toFixed(9));
    this.move(Math.min(Math.max(next, this.least), this.most));
  }

  move(value) {
    if (Math.abs(value - this.value) <= EPSILON) {
      this.range.value = String(this.value);
      return;
    }
    this.value = value;
    this.say("lever:moved");
  }

  set(value, span, world) {
    this.value = value;
    this.start.value = String(span?.start ?? this.own.start);
    this.full.value = String(span?.full ?? this.own.full);
    this.judge();
    this.show(world);
  }

  judge() {
    const bad = !this.sound;
    this.place.querySelector(".span-bad").hidden = !bad;
    for (const field of [this.start, this.full]) {
      if (bad) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  reschedule() {
    this.judge();
    if (this.sound) this.say("lever:moved");
  }

  level() {
    const at = Object.keys(this.worlds).filter((w) => Math.abs(this.worlds[w] - this.value) <= EPSILON);
    if (at.length) return this.levels[`at:${at.includes("current") ? "current" : at[at.length - 1]}`];
    const order = Object.keys(this.worlds);
    const below = order.filter((w) => this.worlds[w] < this.value);
    const above = order.filter((w) => this.worlds[w] > this.value);
    const nearest = (side, sign) => side.reduce((best, w) => (sign * this.worlds[w] > sign * this.worlds[best] ? w : best), side[0]);
    if (!below.length) return this.levels[`beyond:${nearest(above, -1)}`];
    if (!above.length) return this.levels[`beyond:${nearest(below, 1)}`];
    const pair = [nearest(below, 1), nearest(above, -1)].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return this.levels[`between:${pair[0]}:${pair[1]}`];
  }

  show(world) {
    const amount = this.numbers.format(this.value * this.factor);
    const level = this.level();
    this.range.value = String(this.value);
    this.range.setAttribute("aria-valuetext", `${amount}${this.unit}`);
    this.place.querySelector(".amount").textContent = amount;
    this.place.querySelector(".level").textContent = level;
    this.place.classList.toggle("changed", this.marked(world));
    this.reset.hidden = !this.marked(world);
  }
}
