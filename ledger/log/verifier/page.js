// The page: what is chosen goes to `check`, and what that says is shown as text, never as markup.

const POLICY_MAX = 2 ** 16; // bytes
const TITLES = {ja: "回答の証明を確かめる", en: "Check the proof of a reply"};
const SWITCH = {ja: "日本語", en: "English"};
const SHOWN = new Map([[GOOD, ["good", "✓"]], [CONSISTENT, ["consistent", "!"]],
  [USAGE, ["unable", "?"]]]);
const NO_UTF_8 = Uint8Array.of(0xff);

const element = id => document.getElementById(id);
let turn = 0; // so that only the newest run is shown

function made(name, className, text, lang = "") {
  const found = document.createElement(name);
  found.className = className;
  found.textContent = text;
  if (lang) found.lang = lang;
  return found;
}

/** A sentence in each language, of which one is seen; or a text that is in neither. */
function bilingual([ja, en]) {
  return en ? [made("span", "ja", ja, "ja"), made("span", "en", en, "en")] : [made("pre", "", ja)];
}

/** A verdict is of what is in the form now: it goes as soon as anything is changed. */
function forget() {
  turn += 1;
  element("result").hidden = true;
  delete element("result").dataset.code;
  element("steps").replaceChildren();
  element("verdict").replaceChildren();
  element("busy").replaceChildren();
}

function show([code, sentences]) {
  const [className, sign] = SHOWN.get(code) ?? ["refused", "✕"];
  const icon = made("span", "icon", sign);
  icon.setAttribute("aria-hidden", "true");
  element("busy").replaceChildren();
  element("verdict").className = `verdict ${className}`;
  element("verdict").replaceChildren(icon, ...bilingual(sentences.at(-1)));
  element("steps").replaceChildren();
  for (const one of sentences.slice(0, -1)) { // a record stands below its sentence
    if (one[1]) element("steps").append(made("li", "", ""));
    element("steps").lastElementChild.append(...bilingual(one));
  }
  element("result").hidden = false;
  element("result").dataset.code = code;
  element("verdict").focus();
}

async function bytesOf(file, most) {
  return new Uint8Array(await file.slice(0, most).arrayBuffer());
}

/** The page says that it cannot check, as it does before this script runs. */
function giveUp() {
  forget();
  element("unable").hidden = false;
  element("form").hidden = true;
}

async function run() {
  forget();
  const own = turn;
  const [proof] = element("proof").files, [policy] = element("policy").files;
  if (proof === undefined) {
    show([USAGE, [["proof.json を選んでください。", "choose proof.json"],
      ["合格ではありません(終了コード 2)。", "not good: exit code 2"]]]);
    return;
  }
  element("busy").replaceChildren(...bilingual(["確かめています…", "checking …"]));
  const content = await bytesOf(proof, FILE_MAX + 1).catch(() => null);
  const rules = policy ? await bytesOf(policy, POLICY_MAX).catch(() => NO_UTF_8) : null;
  await new Promise(done => { setTimeout(done, 50); }); // so that "checking" is seen
  if (own !== turn) return;
  const lines = element("witnesses").value.split("\n").filter(one => one.trim());
  show(check(content, element("key").value.trim(), lines, rules));
}

function change() {
  const spoken = document.documentElement.lang === "ja" ? "en" : "ja";
  const other = spoken === "ja" ? "en" : "ja";
  document.documentElement.lang = spoken;
  document.title = TITLES[spoken];
  element("switch").lang = other;
  element("switch").textContent = SWITCH[other];
}

/** A file that is dropped anywhere but on a field for files is the proof. */
function drop(event) {
  if (event.target.type === "file") return;
  event.preventDefault();
  if (event.type !== "drop" || event.dataTransfer.files.length !== 1) return;
  forget();
  element("proof").files = event.dataTransfer.files;
}

function start() {
  if (!isAble()) return; // the page goes on saying that it cannot check
  element("unable").hidden = true;
  element("form").hidden = false;
  element("switch").hidden = false;
  element("form").addEventListener("submit", event => {
    event.preventDefault();
    run().catch(giveUp); // what this browser lacks
  });
  element("form").addEventListener("input", forget);
  element("switch").addEventListener("click", change);
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, drop);
}

start();
