// The expressions of a chart as plain functions. The content security policy forbids the library to write code, and its own way around
// walks the syntax tree at every evaluation; here each tree becomes functions once, which a chart that is given new data calls again.
//
// A function takes a scope: datum, params (signals and scales by name), event, item. Nodes are those of ESTree that Vega's expression
// language has: https://vega.github.io/vega/docs/expressions/

const CONSTANTS = {
  NaN, E: Math.E, LN2: Math.LN2, LN10: Math.LN10, LOG2E: Math.LOG2E, LOG10E: Math.LOG10E, PI: Math.PI,
  SQRT1_2: Math.SQRT1_2, SQRT2: Math.SQRT2, MIN_VALUE: Number.MIN_VALUE, MAX_VALUE: Number.MAX_VALUE,
};

const BINARY = {
  "+": (a, b) => (s) => a(s) + b(s), "-": (a, b) => (s) => a(s) - b(s),
  "*": (a, b) => (s) => a(s) * b(s), "/": (a, b) => (s) => a(s) / b(s),
  "%": (a, b) => (s) => a(s) % b(s), ">": (a, b) => (s) => a(s) > b(s),
  "<": (a, b) => (s) => a(s) < b(s), ">=": (a, b) => (s) => a(s) >= b(s),
  "<=": (a, b) => (s) => a(s) <= b(s), "==": (a, b) => (s) => a(s) == b(s),
  "!=": (a, b) => (s) => a(s) != b(s), "===": (a, b) => (s) => a(s) === b(s),
  "!==": (a, b) => (s) => a(s) !== b(s), "&": (a, b) => (s) => a(s) & b(s),
  "|": (a, b) => (s) => a(s) | b(s), "^": (a, b) => (s) => a(s) ^ b(s),
  "<<": (a, b) => (s) => a(s) << b(s), ">>": (a, b) => (s) => a(s) >> b(s),
  ">>>": (a, b) => (s) => a(s) >>> b(s),
};

const UNARY = {
  "+": (a) => (s) => +a(s), "-": (a) => (s) => -a(s), "!": (a) => (s) => !a(s), "~": (a) => (s) => ~a(s),
};

const text = (value) => String(value);
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const part = (name) => (value) => new Date(value)[name]();

// what the library leaves to the language that its expressions are written into
const FUNCTIONS = {
  isNaN: Number.isNaN, isFinite: Number.isFinite, parseFloat, parseInt, now: Date.now, utc: Date.UTC,
  ...Object.fromEntries(
    ["abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "exp", "floor", "log", "max", "min", "pow", "random", "round", "sin", "sqrt", "tan"]
      .map((name) => [name, Math[name]]),
  ),
  clamp: (value, low, high) => Math.max(low, Math.min(high, value)),
  datetime: (first, month, ...rest) => (month === undefined ? new Date(first) : new Date(first, month, ...rest)),
  date: part("getDate"), day: part("getDay"), year: part("getFullYear"), month: part("getMonth"), hours: part("getHours"),
  minutes: part("getMinutes"), seconds: part("getSeconds"), milliseconds: part("getMilliseconds"), time: part("getTime"),
  timezoneoffset: part("getTimezoneOffset"), utcdate: part("getUTCDate"), utcday: part("getUTCDay"), utcyear: part("getUTCFullYear"),
  utcmonth: part("getUTCMonth"), utchours: part("getUTCHours"), utcminutes: part("getUTCMinutes"), utcseconds: part("getUTCSeconds"),
  utcmilliseconds: part("getUTCMilliseconds"),
  length: (list) => list.length, join: (list, ...rest) => list.join(...rest), indexof: (list, ...rest) => list.indexOf(...rest),
  lastindexof: (list, ...rest) => list.lastIndexOf(...rest), slice: (list, ...rest) => list.slice(...rest),
  reverse: (list) => list.slice().reverse(), sort: (list) => list.slice().sort(order),
  upper: (value) => text(value).toUpperCase(), lower: (value) => text(value).toLowerCase(), trim: (value) => text(value).trim(),
  substring: (value, ...rest) => text(value).substring(...rest), split: (value, ...rest) => text(value).split(...rest),
  replace: (value, ...rest) => text(value).replace(...rest), btoa: (value) => btoa(value), atob: (value) => atob(value),
  regexp: (...rest) => new RegExp(...rest), test: (pattern, value) => RegExp(pattern).test(value),
};

// asked of the event that an expression answers
const OF_EVENT = new Set(["view", "item", "group", "xy", "x", "y"]);

// A function that stands as a member, such as a constructor, leads out of the language.
function checked(value) {
  if (typeof value === "function") throw new TypeError("a member that is a function");
  return value;
}

function identifier(name) {
  if (name === "datum") return (s) => s.datum;
  if (name === "event") return (s) => s.event;
  if (name === "item") return (s) => s.item;
  if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
  const key = `$${name}`;
  return (s) => s.params[key];
}

function member(node, make) {
  const object = make(node.object);
  if (!node.computed || node.property.type === "Literal") {
    const key = node.computed ? node.property.value : node.property.name;
    return (s) => checked(object(s)[key]);
  }
  const property = make(node.property);
  return (s) => checked(object(s)[property(s)]);
}

function call(node, make, library) {
  const name = node.callee.name.replace(/^_/, "");
  const given = node.arguments.map(make);
  const [a, b, c] = given;
  if (name === "if") return (s) => (a(s) ? b(s) : c(s));
  if (OF_EVENT.has(name)) return (s) => s.event.vega[name](...given.map((f) => f(s)));
  const run = library[name] ?? FUNCTIONS[name];
  if (given.length === 1) return (s) => run.call(library, a(s));
  if (given.length === 2) return (s) => run.call(library, a(s), b(s));
  return (s) => run.apply(library, given.map((f) => f(s)));
}

function object(node, make) {
  const pairs = node.properties.map((p) => [p.key.type === "Literal" ? p.key.value : p.key.name, make(p.value)]);
  return (s) => Object.fromEntries(pairs.map(([key, value]) => [key, checked(value(s))]));
}

const NODES = {
  Literal: ({ value }) => () => value,
  Identifier: (node) => identifier(node.name),
  MemberExpression: member,
  CallExpression: call,
  ArrayExpression: (node, make) => {
    const elements = node.elements.map(make);
    return (s) => elements.map((f) => f(s));
  },
  BinaryExpression: (node, make) => BINARY[node.operator](make(node.left), make(node.right)),
  UnaryExpression: (node, make) => UNARY[node.operator](make(node.argument)),
  ConditionalExpression: (node, make) => {
    const [test, yes, no] = [make(node.test), make(node.consequent), make(node.alternate)];
    return (s) => (test(s) ? yes(s) : no(s));
  },
  LogicalExpression: (node, make) => {
    const [left, right] = [make(node.left), make(node.right)];
    return node.operator === "&&" ? (s) => left(s) && right(s) : (s) => left(s) || right(s);
  },
  ObjectExpression: object,
};

function compiled(ast, library) {
  const make = (node) => NODES[node.type](node, make, library);
  return make(ast);
}

// A mark may be told its far edge or its middle instead of its size.
function spanned(item, channels, sorted, [near, far, middle, size]) {
  if (channels[far]) {
    if (!channels[near]) item[near] = item[far] - (item[size] || 0);
    else {
      if (sorted && item[near] > item[far]) [item[near], item[far]] = [item[far], item[near]];
      item[size] = item[far] - item[near];
    }
  }
  if (channels[middle]) item[near] = item[middle] - (item[size] || 0) / 2;
}

const BOXES = new Set(["group", "image", "rect"]);

// The five kinds of expression that the runtime of the library asks for.
export const expressions = {
  operator({ functions }, { ast }) {
    const run = compiled(ast, functions);
    return (params) => run({ params });
  },
  parameter({ functions }, { ast }) {
    const run = compiled(ast, functions);
    return (datum, params) => run({ datum, params });
  },
  event({ functions }, { ast }) {
    const run = compiled(ast, functions);
    return (event) => run({ event });
  },
  handler({ functions }, { ast }) {
    const run = compiled(ast, functions);
    return (params, event) => run({ params, event, datum: event.item?.datum });
  },
  encode({ functions }, { marktype, channels }) {
    const runs = Object.entries(channels).map(([name, { ast }]) => [name, compiled(ast, functions)]);
    const spans = [["x", "x2", "xc", "width"], ["y", "y2", "yc", "height"]].filter(([, far, middle]) => channels[far] || channels[middle]);
    const placed = marktype === "rule" ? [] : spans;
    return (item, params) => {
      const scope = { datum: item.datum, params, item };
      let modified = 0;
      for (const [name, run] of runs) {
        const value = run(scope);
        if (item[name] === value) continue;
        item[name] = value;
        modified = 1;
      }
      for (const span of placed) spanned(item, channels, BOXES.has(marktype), span);
      return modified;
    };
  },
};
