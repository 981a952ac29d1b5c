// Keys, signed notes and witnesses (C2SP signed-note, tlog-cosignature, tlog-policy).

// White space as Python has it, and what is not printed: it would move the cursor, or hide.
const WHITE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

const isSame = (one, other) => hex(one) === hex(other);
const words = text => text.split(new RegExp(`[${WHITE}]+`)).filter(Boolean);

/** The bytes that a text says in base64, in the one way to write them; none: it says none. */
function fromBase64(text) {
  try {
    const found = atob(text);
    return btoa(found) === text ? Uint8Array.from(found, one => one.charCodeAt(0)) : utf8("");
  } catch {
    return utf8("");
  }
}

/** Of `<name>+<id in hex>+<base64(kind ‖ key)>`; kind 1: a log's, 4: a witness's. */
function keyOf(text, kind = 1, then = undefined) {
  const trimmed = text.replace(new RegExp(`^[${WHITE}]+|[${WHITE}]+$`, "g"), "");
  const [, name, id, value] = /^([^+]*)\+([^+]*)\+([^]*)$/.exec(trimmed) ?? ["", "", "", ""];
  const raw = fromBase64(value);
  const digest = sha256(joined(utf8(`${name}\n`), raw)).slice(0, 4);
  if (raw.length !== 33 || raw[0] !== kind || hex(digest) !== id) {
    unsigned("公開鍵の形か番号が違います", "it is no key, or its id is another's", then);
  }
  return {name, id: digest, key: raw.slice(1)};
}

/** What a note says, and who signed it with which bytes, not yet checked. */
function parted(note) {
  const cut = note.lastIndexOf("\n\n");
  const below = note.slice(cut < 0 ? 0 : cut + 2);
  const isNote = new RegExp(`^(?:— [^${WHITE}]+ [A-Za-z0-9+/=]+\\n){0,64}$`).test(below);
  const lines = (isNote ? below.split("\n").slice(0, -1) : []).map(line => {
    const [, name, value] = line.split(" ");
    return {name, value: fromBase64(value)};
  });
  if (!isNote || lines.some(one => one.value.length === 0)) {
    unsigned("署名の行が読めません", "a line under the note is no signature, or one too many");
  }
  return {text: cut < 0 ? "" : note.slice(0, cut + 1), lines};
}

const isOf = (line, key) => line.name === key.name && isSame(line.value.slice(0, 4), key.id);

/** Refuse a note that the key did not sign; signatures of other keys are left alone. */
function checkSigned(note, key) {
  const {text, lines} = parted(note);
  const own = lines.filter(one => isOf(one, key));
  if (own.some(one => !isSigned(key.key, utf8(text), one.value.slice(4)))) {
    unsigned("この鍵による署名ではありません", "it is not this key's");
  }
  if (own.length === 0) unsigned("この鍵による署名がありません", "the key did not sign");
}

/** Whom the reader knows as witnesses, and who must have signed (C2SP tlog-policy). */
class WitnessPolicy {
  constructor(keys, policy) {
    this.keys = new Map();
    this.groups = new Map();
    this.quorum = null;
    this.logs = [];
    keys.forEach((text, n) => this.know(`証人 ${n + 1} / witness ${n + 1}`, text));
    (policy ?? "").split("\n").forEach((line, n) => {
      const [kind, ...rest] = words(line);
      if (kind === undefined || kind.startsWith("#")) return;
      if (!this.isTaken(kind, rest)) {
        misused(`方針の${n + 1}行目が読めません`, `line ${n + 1} of the policy cannot be read`);
      }
    });
    if (policy !== null && this.quorum === null) {
      misused("方針に quorum の行がありません", "the policy has no line quorum");
    }
  }

  know(name, text) {
    let key = null;
    try {
      key = keyOf(text, 4);
    } catch {
      misused(`${name}: 証人の公開鍵ではありません`, `${name}: no key of a witness`);
    }
    if ([...this.keys.values()].some(one => isSame(one.key, key.key))) { // under whatever name
      misused(`${name}: 同じ証人が2度あります`, `${name}: a witness stands twice`);
    }
    this.keys.set(name, key);
  }

  isTaken(kind, rest) {
    try {
      return this.takeLine(kind, rest);
    } catch {
      return false;
    }
  }

  /** Take in a line of a policy; false: it is none. */
  takeLine(kind, [name, ...rest]) {
    const isFree = !["none", ...this.keys.keys(), ...this.groups.keys()].includes(name);
    if (name === undefined) return false;
    if (kind === "log" && rest.length <= 1) this.logs.push(keyOf(name));
    else if (kind === "witness" && [1, 2].includes(rest.length) && isFree) this.know(name, rest[0]);
    else if (kind === "group" && rest.length >= 2 && isFree) return this.takeGroup(name, ...rest);
    else if (kind === "quorum" && rest.length === 0 && this.quorum === null && !isFree) {
      this.quorum = name;
    } else return false;
    return true;
  }

  takeGroup(name, least, ...inner) {
    const named = new Map([["any", 1], ["all", inner.length]]);
    const count = named.get(least) ?? (/^[0-9]+$/.test(least) ? Number(least) : 0);
    const used = [...this.groups.values()].flatMap(one => one.inner);
    const isKnown = one => this.keys.has(one) || this.groups.has(one);
    const isTwice = new Set(inner).size < inner.length;
    if (count < 1 || count > inner.length || isTwice
      || !inner.every(one => isKnown(one) && !used.includes(one))) return false;
    this.groups.set(name, {count, inner});
    return true;
  }

  isMet(name, signed) {
    const group = this.groups.get(name);
    if (group === undefined) return name === null || name === "none" || signed.includes(name);
    return group.inner.filter(one => this.isMet(one, signed)).length >= group.count;
  }

  /** The known witnesses who signed; a wrong cosignature refuses the note. */
  whoSigned(note) {
    const {text, lines} = parted(note);
    return [...this.keys].filter(([, key]) => {
      const own = lines.filter(one => isOf(one, key));
      for (const {value} of own) {
        const seconds = numberOf(value.slice(4, 12));
        const message = utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
        if (seconds >> 37n || !isSigned(key.key, message, value.slice(12))) {
          unsigned(`証人の署名が違います: ${key.name}`, `not the witness's: ${key.name}`);
        }
      }
      return own.length > 0;
    }).map(([name]) => name);
  }
}
