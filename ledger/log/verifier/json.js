// Refusals, and JSON in the one way to write it. An object of JSON is a Map here, for its names are
// somebody's: "__proto__" is a name like any other.

const GOOD = 0, USAGE = 2, CONSISTENT = 5, HASH = 10, MISSING = 20, VERSION = 30, SIGNATURE = 40;
const DEPTH_MAX = 32, NUMBER_MAX = 2 ** 53 - 1;
const NULLABLE = ["acquisition", "address", "notice_id", "representative", "transferred_to"];

// What the reader does next after a refusal: by its code, or by what happened.
const NEXT = {
  10: ["元のファイルで確かめ直してください。同じ結果なら、上の行を事業者に伝えてください。",
    "check the file as you got it; if it stays so, send the line above to the operator"],
  20: ["足りないものを、事業者に求めてください。", "ask the business operator for what is missing"],
  30: ["新しい check_proof.html を事業者に求めてください。",
    "ask the business operator for a newer check_proof.html"],
  40: ["公開鍵を、回答とは別の経路で事業者に確かめてください。",
    "ask the business operator whose key it is, another way than the reply came"],
  path: ["ファイルを選び直してください。", "choose the file once more"],
  typo: ["鍵の文字が欠けたか、違っています。写し直してください(名前+番号+文字列)。",
    "a character of the key is wrong or lacks: copy it once more (name+id+text)"],
};

/** Why the proof is not accepted: a code, a sentence in each language, what next. */
class ProofRefusal extends Error {
  constructor(code, ja, en, then = String(code)) {
    super(en);
    Object.assign(this, {code, ja, en, then});
  }
}

function differs(ja, en) {
  throw new ProofRefusal(HASH, `この証明は成り立ちません: ${ja}`, `the file proves nothing: ${en}`);
}

function malformed(what) {
  differs("形式どおりではありません", `it is not what its format allows: ${what}`);
}

function unsigned(ja, en, then) {
  throw new ProofRefusal(SIGNATURE, `署名を確認できません: ${ja}`, `the signature: ${en}`, then);
}

function misused(ja, en) {
  throw new ProofRefusal(USAGE, ja, en);
}

// -- JSON ------------------------------------------------------------------------------------

const ESCAPES = new Map(Object.entries(
  {'"': '"', "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t"}));

/**
 * The value of a text that is written in the one way: without space, names in order and each once,
 * integers, no escape that is not needed. Anything else is refused where it stands.
 */
function read(text) {
  let at = 0;
  const expect = is => is || malformed("JSON");
  const take = word => expect(text.startsWith(word, at)) && (at += word.length);

  function string() {
    take('"');
    let found = "";
    for (let from = at; ; at++) {
      const code = text.charCodeAt(at);
      expect(code >= 0x20); // the end of the text is no number
      if (code !== 0x22 && code !== 0x5c) continue;
      found += text.slice(from, at);
      if (text[at++] === '"') return found;
      const short = ESCAPES.get(text[at]), long = text.slice(at, at + 5);
      const control = parseInt(long.slice(1), 16);
      expect(short !== undefined
        || (/^u00[01][0-9a-f]$/.test(long) && ![8, 9, 10, 12, 13].includes(control)));
      found += short ?? String.fromCharCode(control);
      at += short === undefined ? 4 : 0;
      from = at + 1;
    }
  }

  function number() {
    const [digits] = /^-?[0-9]{1,17}/.exec(text.slice(at, at + 18)) ?? malformed("JSON");
    const found = Number(digits);
    expect(/^(?:0|-?[1-9][0-9]{0,15})$/.test(digits) && Math.abs(found) <= NUMBER_MAX);
    at += digits.length;
    return found;
  }

  /** What stands between two brackets, each read by `one`. */
  function members(end, one) {
    at++;
    for (let n = 0; text[at] !== end; n++) {
      if (n) take(",");
      one();
    }
    at++;
  }

  function object(depth) {
    const found = new Map();
    let last = "";
    members("}", () => {
      const name = string();
      expect(/^[a-z0-9_]+$/.test(name) && name > last);
      last = name;
      take(":");
      if (NULLABLE.includes(name) && text.startsWith("null", at)) {
        take("null");
        found.set(name, null);
      } else found.set(name, value(depth + 1));
    });
    return found;
  }

  function list(depth) {
    const found = [];
    members("]", () => found.push(value(depth + 1)));
    return found;
  }

  function value(depth) {
    expect(depth <= DEPTH_MAX);
    if (text[at] === "{") return object(depth);
    if (text[at] === "[") return list(depth);
    if (text[at] === '"') return string();
    if (text[at] === "t") return take("true") && true;
    if (text[at] === "f") return take("false") && false;
    return number();
  }

  const found = value(0);
  expect(at === text.length);
  return found;
}

/** A value as it is written: in the one way, or, with a margin, a line for each part. */
function written(value, margin = "") {
  const inner = margin && `${margin} `;
  const lines = (ends, parts) => (parts.length
    ? ends[0] + parts.map(one => inner + one).join(",") + margin + ends[1] : ends);
  if (Array.isArray(value)) return lines("[]", value.map(one => written(one, inner)));
  if (!(value instanceof Map)) return JSON.stringify(value);
  const colon = margin ? ": " : ":";
  return lines("{}", [...value].map(([name, one]) => `"${name}"${colon}${written(one, inner)}`));
}

/** The object, which has these members and no other: what is not known proves nothing. */
function closed(value, needs, may = "") {
  const needed = needs.split(" "), known = [...needed, ...may.split(" ")];
  if (!(value instanceof Map) || !needed.every(one => value.has(one))
    || ![...value.keys()].every(one => known.includes(one))) {
    malformed("an object has too few or too many members");
  }
  return value;
}

const isNumber = value => typeof value === "number" && value >= 0;
const listIn = value => (Array.isArray(value) ? value : malformed("no list where one belongs"));
const textIn = value => (typeof value === "string" ? value : malformed("no text where one belongs"));

function numberIn(value, low = 0, high = NUMBER_MAX) {
  return isNumber(value) && low <= value && value <= high
    ? value : malformed("no number where one belongs");
}

function hashIn(value) {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value)
    ? unhex(value) : malformed("no hash where one belongs");
}

function streamIn(value) {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(textIn(value))
    ? unhex(value.replaceAll("-", "")) : malformed("no stream where one belongs");
}

const u32 = number => u64(numberIn(number, 0, 2 ** 32 - 1)).slice(4);
const lp = content => joined(u32(content.length), content);
