// The proof itself, in the order and with the words of check_proof.py: events that stand in the log,
// statements and lines that they commit to, the answer that binds them.
//
// Source: RFC 9162; the ledger's event format, sections 1, 3, 9 and 11; its log format, "Proof of a
// reply".

const FORMS = new Map([[2, 1], [3, 2]]); // version of a proof, to the form of its answer
const HEADER_MAX = 4095; // bytes
const LINES_MAX = 1000, PARTS_MAX = 1000000;
const CHUNK = "principals-appended", ANSWER = "answer-committed";
const CHANGES = ["transfer-corrected", "transfer-reclassified"];
const RECORDED = ["provision-recorded", "receipt-recorded", "referable-provision-recorded",
  "joint-use-transfer-recorded", "exempt-transfer-recorded"];
const ALWAYS = "actor at command facts ledger stream type v version ";
// What the header of each type must have, and may have besides (event format, section 1).
const TYPES = new Map([
  ...[...RECORDED, ...CHANGES].map(kind => [kind, ["sealed judged_at statement", "lines"]]),
  [CHUNK, ["sealed lines", "judged_at"]],
  ["transfer-completed", ["blind parts", ""]],
  [ANSWER, ["sealed", ""]],
]);
const STATEMENT = "direction basis method duty counterparty items recorded_on";
const STATEMENT_MAY = "transferred_on transferred_from transferred_to date_not_recorded acquisition"
  + " opt_out_published consent";

// -- events, statements and lines -------------------------------------------------------------

/** The log as its checkpoint says it: name, size, root; and the note that says so. */
class ProofLog {
  constructor(note, key) {
    const {text, lines} = parted(note);
    if (key !== null) checkSigned(note, key);
    const body = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]{44})\n$/.exec(text);
    const root = fromBase64(body?.[3] ?? "");
    if (root.length !== 32) unsigned("チェックポイントの形が違います", "the note is no checkpoint");
    Object.assign(this, {note, lines, name: body[1], size: BigInt(body[2]), root});
    const slash = this.name.lastIndexOf("/");
    this.ledger = this.name.slice(slash + 1);
    const isOrigin = !UNPRINTABLE.test(this.name) && !this.name.includes("+");
    const isLedger = /^[^\x00-\x20\x7f"+/\\]+$/.test(this.ledger) && utf8(this.ledger).length <= 100;
    const isLine = one => !/[+\x00-\x1f]/.test(one.name) && one.value.length > 4;
    if (!isOrigin || slash < 0 || !isLedger || lines.length === 0 || !lines.every(isLine)) {
      unsigned("チェックポイントの形が違います", "the note is no checkpoint of a ledger");
    }
    if (key !== null && this.name !== key.name) {
      unsigned("別のログのチェックポイントです", "the checkpoint is of another log");
    }
  }
}

/** Whether the path proves that the leaf has this index (RFC 9162, section 2.1.3.2). */
function isThere(leaf, index, size, path, root) {
  let at = BigInt(index), last = BigInt(size) - 1n;
  if (at > last) return false;
  for (const node of path) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      leaf = sha256(joined([1], node, leaf));
      for (; at && !(at & 1n); at >>= 1n) last >>= 1n;
    } else leaf = sha256(joined([1], leaf, node));
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && isSame(leaf, root);
}

const pathIn = value => listIn(value).map(hashIn);

/** A header that is proven by a tree, of an event of this ledger. */
function headerIn(one, size, root, ledger) {
  const text = textIn(one.get("header")), content = utf8(text);
  const index = numberIn(one.get("index")), path = pathIn(one.get("path"));
  const event = sha256(joined(utf8("ppl/event/1\0"), content));
  if (!isThere(sha256(joined([0], event)), index, size, path, root)) {
    differs("記録の見出しが、台帳のその位置にありません",
      "an event does not stand where it is said to stand");
  }
  if (content.length > HEADER_MAX) malformed("a header is too long");
  const header = read(text);
  checkHeader(header);
  if (header.get("ledger") !== ledger) {
    differs("別の台帳の記録です", "an event is of another ledger");
  }
  return header;
}

/** Refuse a header that its type does not have. */
function checkHeader(header) {
  const kind = header instanceof Map ? header.get("type") : null;
  if (!TYPES.has(kind)) malformed("an event is shown that nothing is in");
  const [needs, may] = TYPES.get(kind), isChange = CHANGES.includes(kind);
  closed(header, ALWAYS + needs, may);
  if (header.get("v") !== 1) {
    throw new ProofRefusal(
      VERSION, "このプログラムの知らない版です", "unknown version of a header");
  }
  for (const name of ["actor", "at", "ledger"]) textIn(header.get(name));
  numberIn(header.get("version"), 1);
  streamIn(header.get("stream"));
  streamIn(header.get("command"));
  if (!(header.get("facts") instanceof Map)) malformed("facts");
  if (header.has("statement")) hashIn(header.get("statement"));
  if (header.has("lines")) {
    const lines = closed(header.get("lines"), "count root", isChange ? "" : "first");
    numberIn(lines.get("count"), 1, LINES_MAX);
    hashIn(lines.get("root"));
    if (!isChange) numberIn(lines.get("first"));
  }
  if (header.has("parts")) {
    const parts = closed(header.get("parts"), "count lines root");
    numberIn(parts.get("count"), 2, PARTS_MAX);
    numberIn(parts.get("lines"), 1);
    hashIn(parts.get("root"));
  }
}

/** What a header commits to of a text, by its salt (event format, section 3). */
function committed(header, one, kind, j) {
  const place = joined(lp(utf8(header.get("ledger"))), streamIn(header.get("stream")),
    u64(header.get("version")), [kind], u32(j));
  const message = joined(utf8("ppl/commitment/1\0"), place, lp(utf8(one.get("text"))));
  const found = hmac(hashIn(one.get("salt")), message);
  if (one.has("commitment") && !isSame(found, hashIn(one.get("commitment")))) {
    differs("内容が書き換えられています", "a text is not the one that was committed to");
  }
  return found;
}

/** The statement is the one that the header commits to. */
function checkStatement(one, header) {
  closed(read(textIn(one.get("text"))), STATEMENT, STATEMENT_MAY);
  if (hex(committed(header, one, 0, 0)) !== header.get("statement")) {
    differs("提供の内容が書き換えられています",
      "the statement is not the one that was committed to");
  }
}

/** The number in the transfer of a line that the header commits to. */
function lineNumber(one, header) {
  const j = numberIn(one.get("index")), lines = header.get("lines");
  if (lines === undefined || j >= lines.get("count")) malformed("the event has no such line");
  const isNumbered = !lines.has("first");
  const needs = isNumbered ? "principal n" : "principal";
  const text = closed(read(textIn(one.get("text"))), needs, "verdict items");
  closed(text.get("principal"), "scheme id", "name");
  if (text.has("verdict")) {
    closed(text.get("verdict"), "findings", "duty statutory_items retain_through");
  }
  const leaf = sha256(joined([0], committed(header, one, 1, j)));
  const path = pathIn(one.get("path"));
  if (!isThere(leaf, j, lines.get("count"), path, hashIn(lines.get("root")))) {
    differs("ご本人の行が書き換えられています", "the line is not the one that was committed to");
  }
  return isNumbered ? numberIn(text.get("n")) : lines.get("first") + j;
}

/** A record as it is proven: positions, texts, and which line of which transfer it is. */
class RecordCheck {
  constructor(shown, log, isSingle) {
    this.headers = new Map(); // by its place: "event", or "event,part"
    this.positions = [];
    listIn(shown.get("events")).forEach((one, e) => {
      this.takeEvent(e, closed(one, "header index path", "parts"), log);
    });
    const members = [["statement", "in salt text"], ["line", "in salt text index path"]];
    const texts = new Map(members.filter(([name]) => shown.has(name)).map(([name, needs]) => (
      [name, closed(shown.get(name), needs + (isSingle ? "" : " commitment"))])));
    const at = new Map([...texts].map(([name, one]) => (
      [name, listIn(one.get("in")).map(n => numberIn(n)).join(",")])));
    this.checkIndexes([...at.values()]);
    this.stream = this.headers.get("0").get("stream");
    if ([...this.headers.values()].some(one => one.get("stream") !== this.stream)) {
      differs("別の提供の記録が混ざっています", "the events are not of one stream");
    }
    const [statement, line] = [texts.get("statement"), texts.get("line")];
    if (statement) checkStatement(statement, this.headers.get(at.get("statement")));
    this.number = line ? lineNumber(line, this.headers.get(at.get("line"))) : null;
    this.texts = members.map(([name]) => texts.get(name)?.get("text")).filter(one => one);
    const shownAt = name => (at.has(name) ? this.positions[at.get(name).split(",")[0]] : null);
    this.line = [this.stream, this.number]; // and in its version, as an answer binds it
    this.lineAndVersion = [...this.line, shownAt("statement"), shownAt("line")];
  }

  /** An event that the log proves, and the parts that it proves. */
  takeEvent(e, event, log) {
    const header = headerIn(event, log.size, log.root, log.ledger);
    this.headers.set(`${e}`, header);
    if ([CHUNK, ANSWER].includes(header.get("type"))) {
      malformed("a chunk is shown by its completion only");
    }
    this.positions.push(event.get("index") + 1);
    listIn(event.has("parts") ? event.get("parts") : []).forEach((part, n) => {
      closed(part, "header index path");
      if (!header.has("parts") || (numberIn(part.get("index")) > 0) !== (n > 0)) {
        malformed("the first part is not the recorded event");
      }
      const root = header.get("parts");
      this.headers.set(
        `${e},${n}`, headerIn(part, root.get("count"), hashIn(root.get("root")), log.ledger));
    });
  }

  /** Something is shown, each of it in an event that is there, and no event for nothing. */
  checkIndexes(places) {
    const event = place => place.split(",")[0];
    const isUsed = place => (/,0$/.test(place) ? true
      : place.includes(",") ? places.includes(place) : places.some(one => event(one) === place));
    if (places.length === 0 || !places.every(one => this.headers.has(one))
      || ![...this.headers.keys()].every(isUsed)) {
      malformed("an event is shown that nothing is in, or is not there");
    }
  }
}

// -- the answer (event format, section 11) ----------------------------------------------------

/** What the reply told, as it was bound in the log when the reply was approved. */
class AnswerBinding {
  constructor(value, log, records, version) {
    const members = closed(value, "asked event lines salt");
    const event = closed(members.get("event"), "header index path");
    const header = headerIn(event, log.size, log.root, log.ledger);
    if (header.get("type") !== ANSWER) {
      differs("回答を裏付ける記録ではありません", "this event binds no answer");
    }
    this.form = FORMS.get(version);
    this.request = header.get("stream");
    this.position = event.get("index") + 1;
    const facts = closed(header.get("facts"), "as_of answer");
    this.asOf = numberIn(facts.get("as_of"));
    if (this.asOf >= this.position) malformed("an answer as of a position behind itself");
    const asked = closed(members.get("asked"), "identifiers tried");
    hashIn(asked.get("tried"));
    this.identifiers = listIn(asked.get("identifiers")).map(one => closed(one, "id scheme"));
    for (const one of this.identifiers) [one.get("id"), one.get("scheme")].forEach(textIn);
    const lines = listIn(members.get("lines")).map(one => this.takeLine(one));
    const message = joined(utf8(`ppl/answer/${this.form}\0`), lp(utf8(log.ledger)),
      streamIn(this.request), u64(this.asOf), lp(utf8(written(asked))), u32(lines.length),
      ...lines.flatMap(one => [this.form === 1 ? [] : [one.bound ? 0 : 1], one.digest]));
    if (!isSame(hmac(hashIn(members.get("salt")), message), hashIn(facts.get("answer")))) {
      differs("台帳に残された回答は、これとは別のものです",
        "the answer that was bound told something else");
    }
    this.bound = lines.filter(one => one.bound).map(one => one.bound);
    this.withheld = lines.length - this.bound.length;
    this.checkRecords(records);
  }

  /** A line in its version, and its hash; of one that is not shown the hash alone. */
  takeLine(value) {
    if (typeof value === "string") return {bound: null, digest: hashIn(value)};
    const more = this.form > 1 ? ["statement_at", "line_at"] : [];
    const names = ["first", "last", "version", "line", ...more];
    const one = closed(value, `${names.join(" ")} stream`);
    const [first, last, version, line, ...places] = names.map(name => numberIn(one.get(name)));
    const digest = sha256(joined(utf8(`ppl/index-entry/${this.form}\0`), streamIn(one.get("stream")),
      u64(first), u64(last), u64(version), u32(line), ...places.map(u64)));
    return {bound: [one.get("stream"), line, ...places], digest};
  }

  /** The records are those that were told, each once, in that version. */
  checkRecords(records) {
    const text = lines => lines.map(one => JSON.stringify(one));
    const isWithin = (some, others) => some.every(one => others.includes(one));
    const shown = text(records.map(one => one.line));
    const bound = text(this.bound.map(one => one.slice(0, 2)));
    if (shown.length < bound.length || !isWithin(bound, shown)) {
      throw new ProofRefusal(MISSING, "回答にある記録が足りません",
        "the file proves nothing: a record that was told is not shown");
    }
    if (shown.length > bound.length || !isWithin(shown, bound)) {
      differs("回答にない記録があります", "a record is shown that was not told");
    }
    const [versions, told] = [text(records.map(one => one.lineAndVersion)), text(this.bound)];
    if (this.form > 1 && !(isWithin(versions, told) && isWithin(told, versions))) {
      differs("回答とは別の版の記録です", "a record is shown in another version than was told");
    }
    if (records.some(one => one.positions.some(at => at > this.asOf))) {
      differs("回答より後の版の記録です", "a record is shown as it was after the answer");
    }
  }
}
