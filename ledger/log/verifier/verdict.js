// What is said of a proof: an exit code, and sentences in Japanese and in English, the verdict last.

const FILE_MAX = 2 ** 27; // bytes

/** The records of a proof, each once; of a single showing the one. */
function recordsIn(members, log) {
  const isSingle = members.has("events");
  const shown = isSingle ? [members] : listIn(members.get("records"));
  if (!isSingle) shown.forEach(one => closed(one, "events line statement"));
  const records = shown.map(one => new RecordCheck(one, log, isSingle));
  const each = records.map(one => JSON.stringify([one.lineAndVersion, one.positions, one.texts]));
  if (new Set(each).size < each.length) {
    differs("同じ記録が2度あります", "a proof shows one record twice");
  }
  return records;
}

/** The members of a proof or of a showing. */
function proofOf(content) {
  if (content.length > FILE_MAX) {
    throw new ProofRefusal(VERSION, "大きすぎて、このプログラムでは確かめられません",
      "the file is too large for this program", "none");
  }
  let text = "";
  try {
    text = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(content);
  } catch {
    malformed("it is no UTF-8");
  }
  const members = read(text);
  if (!(members instanceof Map) || !isNumber(members.get("v"))) malformed("it is no proof");
  const version = members.get("v");
  if (version !== 1 && !FORMS.has(version)) {
    throw new ProofRefusal(
      VERSION, "このプログラムの知らない版です", `a proof of another version: ${version}`);
  }
  if (members.has("answer") !== FORMS.has(version)) malformed("a proof of another version");
  return members.has("records") ? closed(members, "checkpoint records v", "answer")
    : closed(members, "checkpoint events v", "line statement");
}

/** Which of the reader's witnesses cosigned the log, and whether that suffices them. */
function witnessSentence(log, key, known) {
  const others = log.lines.filter(one => !isOf(one, key)).length;
  if (known === null) {
    return others === 0
      ? ["証人の署名はありません。", "no witness cosigned the log, as far as the file tells"]
      : [`証人の署名 ${others} 件がありますが、確かめていません。`,
        `${others} cosignatures are there, and none is checked: give the keys`];
  }
  const isKey = one => one.name === key.name && isSame(one.id, key.id) && isSame(one.key, key.key);
  if (known.logs.length && !known.logs.some(isKey)) {
    unsigned("方針が挙げるログの証明ではありません", "your policy is about other logs");
  }
  const names = known.whoSigned(log.note), signed = names.length, all = known.keys.size;
  if (!known.isMet(known.quorum, names)) {
    unsigned(`方針が求める証人の署名が足りません(${signed} / ${all} 人)`,
      `your policy asks for more witnesses than signed: ${signed} of ${all}`);
  }
  return [`証人: 渡された ${all} 人のうち ${signed} 人が署名しています。`,
    `witnesses: ${signed} of the ${all} you know signed`];
}

/** Each record as it was recorded, and how many there are. */
function recordSentences(records, log, key) {
  const sentences = records.flatMap(one => {
    const at = one.positions.join(", ");
    return [[`台帳の位置 ${at} の記録:`, `recorded at position ${at}:`],
      [written(one.texts.map(read), "\n"), ""]];
  });
  const count = records.length, isOne = count === 1;
  const some = isOne ? "1 record" : `${count} records`;
  if (key === null) {
    const agree = `${some} ${isOne ? "agrees" : "agree"} with the checkpoint that is in the file`;
    return [...sentences,
      [`記録 ${count} 件は、ファイルの中で一致しています(ログ ${log.name}、${log.size} 件まで)。`,
        `${agree}, of ${log.name} at ${log.size}`],
      ["署名は確かめていません。公開鍵がないので、誰でもこのファイルを作れました。",
        "NOT checked: the signature. Without a key anybody could have made this file"]];
  }
  return [...sentences,
    [`記録 ${count} 件を証明しています(ログ ${log.name}、${log.size} 件までの署名)。`,
      `${some} ${isOne ? "is" : "are"} proven, in ${log.name} as it was signed at ${log.size}`]];
}

/** What the answer binds, and what the proof does not prove. */
function answerSentences(answer) {
  if (answer === null) {
    return [["証明していないこと: 回答にほかの記録がなかったこと(回答と結び付いていない形式です)",
      "not proven: that the reply told no other record (it binds no answer)"]];
  }
  const whom = answer.identifiers.map(one => `${one.get("scheme")} ${one.get("id")}`).join(", ");
  const {asOf, bound, withheld, position, request} = answer;
  const jaMore = withheld
    ? `と、一部又は全部を開示しないためここに示さない ${withheld} 件` : "";
  const enMore = withheld
    ? `; of ${withheld} more lines it withholds something, they are not shown` : "";
  const ja = `回答で示した記録は、台帳の位置 ${asOf} までの検索で、上の ${bound.length} 件`;
  const en = `the reply told these records and no others, as of position ${asOf}`;
  const version = answer.form > 1 ? [] : [["証明していないこと: 各記録が、回答で示した版であること",
    "not proven: that each record is shown in the version that the reply told"]];
  return [
    [`請求(台帳内の番号 ${request})の回答。本人の識別子: ${whom || "なし"}`,
      `the answer of case ${request} about ${whom || "identifiers that are not shown"}`],
    [`${ja}${jaMore}です(位置 ${position} に登録)。`,
      `bound at position ${position}: ${en}${enMore}`],
    ...version,
    ["証明していないこと: 知らせることができない記録(施行令第11条)の有無、"
      + "事業者が台帳に記録しなかった提供の有無",
    "not proven: whether there is a record that nobody may know of (Order 11), "
      + "or a transfer that was never recorded"]];
}

/** The sentence that a proof without a difference ends with, and its code. */
function verdictOf(key, answer) {
  if (key === null) {
    return [CONSISTENT,
      "食い違いはありません。ただし、誰の署名によるかは確かめていません(終了コード 5)。",
      "consistent, but nobody has signed for it: exit code 5"];
  }
  if (answer === null) {
    return [GOOD,
      "示された記録は本物です。回答の全部であることは、この形式では証明できません。",
      "the records are genuine; not proven that they are all"];
  }
  if (answer.form === 1) {
    return [GOOD,
      "示された記録は本物で、回答で示したものです。版までは、この形式では証明できません。",
      "genuine and those of the reply; not proven in which version"];
  }
  return [GOOD, "全て一致しました。", "all good"];
}

/** As the function of that name in check_proof.py; raises `ProofRefusal`. */
function checked(content, given, known) {
  let key = given ? keyOf(given, 1, "typo") : null;
  const members = proofOf(content);
  const note = textIn(members.get("checkpoint"));
  if (key === null && known !== null) {
    key = known.logs.find(one => one.name === note.split("\n")[0])
      ?? misused("ログの公開鍵を入力してください", "give the log's key");
  }
  const log = new ProofLog(note, key);
  const records = recordsIn(members, log);
  const version = members.get("v");
  const answer = FORMS.has(version)
    ? new AnswerBinding(members.get("answer"), log, records, version) : null;
  const sentences = recordSentences(records, log, key);
  if (key !== null) sentences.push(witnessSentence(log, key, known));
  const [code, ...end] = verdictOf(key, answer);
  return [code, [...sentences, ...answerSentences(answer), end]];
}

/** Sentences in which what hides a character, or moves others about, is shown as "?". */
function printable(sentences) {
  const safe = (text, allowed) => Array.from(text, one => (
    UNPRINTABLE.test(one) && !allowed.includes(one) ? "?" : one)).join("");
  return sentences.map(([ja, en]) => [safe(ja, en ? " \u3000" : " \u3000\n"), safe(en, " ")]);
}

/**
 * Check a file.
 *
 * @param content its bytes; null: it could not be read.
 * @param given the log's key, or nothing.
 * @param witnesses a key each.
 * @param policy bytes of a C2SP tlog-policy, or null.
 * @returns an exit code, and sentences [Japanese, English]: of what is printed as it is written the
 *   first alone. The last is the verdict. It never throws.
 */
function check(content, given, witnesses, policy) {
  try {
    if (content === null) {
      throw new ProofRefusal(
        MISSING, "ファイルが読めません", "the file cannot be read", "path");
    }
    let text = null;
    const options = {fatal: true, ignoreBOM: true};
    try {
      if (policy !== null) text = new TextDecoder("utf-8", options).decode(policy);
    } catch {
      misused("方針のファイルが読めません", "the policy cannot be read");
    }
    const known = witnesses.length || text ? new WitnessPolicy(witnesses, text) : null;
    const [code, sentences] = checked(content, given, known);
    return [code, printable(sentences)];
  } catch (error) {
    const {code, ja, en, then} = error instanceof ProofRefusal ? error : new ProofRefusal(
      HASH, "この証明は成り立ちません: 読み取れません", "the file proves nothing: unreadable");
    const sentences = [[ja, en], ...(Object.hasOwn(NEXT, then) ? [NEXT[then]] : []),
      [`合格ではありません(終了コード ${code})。`, `not good: exit code ${code}`]];
    return [code, printable(sentences)];
  }
}
