// Keys of the officers' pages. Nothing here is needed: each key does what a link or a button does.
//
// Letters alone work outside fields, and can be switched off (WCAG 2.1.4). While an input method
// composes, every key is its own: the Enter that confirms a kanji sends no form.
"use strict";
(() => {
  const OFF = "ledger-keys-off";
  const COMPOSING = 229; // what browsers send for a key that an input method takes
  const EDITED = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]";
  const dialog = document.getElementById("keys");
  let goes = false;

  const isOff = () => {
    try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
  };
  const setOff = (off) => {
    try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* it lasts for this page alone */ }
  };
  const isShown = (one) => one.getClientRects().length > 0 && !one.disabled;
  const shown = (what, within = document) => [...within.querySelectorAll(what)].find(isShown);
  const press = (one) => { if (one) one.click(); return Boolean(one); };

  // The button of the form in which somebody works, also a lesser one that says so (data-own); else
  // the one of the page.
  const primary = () => {
    const form = document.activeElement?.closest("form");
    const found = (form && shown("[data-primary], [data-own]", form)) || shown("[data-primary]");
    if (found) return press(found);
    const why = shown("#why-not a");
    why?.focus();
    return Boolean(why);
  };

  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr, [data-row]")].filter(isShown);
  const row = () => document.activeElement?.closest("tr, [data-row]") ?? document.querySelector(":target");
  const move = (by) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(row());
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    const into = shown("[data-open]", all[next]) ?? shown("a, button, input", all[next]);
    into?.focus();
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  };

  const search = () => {
    const field = shown("[role=search] input[type=search]");
    if (field) { field.focus(); return true; }
    location.assign("/desk#q");
    return true;
  };
  const help = () => { dialog?.showModal(); return Boolean(dialog); };
  // What a page names for a key: of the row in which somebody is, else the first of the page.
  const named = (key) => {
    const what = `[data-key="${CSS.escape(key)}"]`;
    const within = row();
    const found = (within && shown(what, within)) || shown(what);
    if (found?.matches("input:not([type=checkbox]):not([type=radio]), select, textarea, fieldset")) {
      found.focus();
      return true;
    }
    return press(found);
  };

  const letter = (key) => {
    if (goes) {
      goes = false;
      return /^[1-9]$/.test(key) && press(shown(`[data-step="${key}"]`));
    }
    switch (key) {
      case "/": return search();
      case "n": return press(shown('a[href="/desk/new"]')) || (location.assign("/desk/new"), true);
      case "j": return move(1);
      case "k": return move(-1);
      case "?": return help();
      case "g": goes = true; return true;
      default: return /^[a-z]$/.test(key) && named(key);
    }
  };

  // In the capture phase: before anything else sees a key that belongs to an input method.
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === COMPOSING) {
      goes = false;
      // One browser ends composing before this key, and would send the form with it.
      if (event.key === "Enter" || event.keyCode === COMPOSING && event.code === "Enter") event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.defaultPrevented || event.altKey) return;
    if (dialog?.open) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      if (primary()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || isOff()) return;
    if (event.key === "Escape") { goes = false; return; }
    if (event.target instanceof Element && event.target.closest(EDITED)) return;
    if (event.repeat && !["j", "k"].includes(event.key)) return;
    if (letter(event.key)) event.preventDefault();
  }, true);

  const opener = document.getElementById("keys-help");
  if (dialog && opener) {
    opener.hidden = false;
    opener.addEventListener("click", help);
    const box = document.getElementById("keys-off");
    box.checked = isOff();
    box.addEventListener("change", () => setOff(box.checked));
  }
  if (location.hash === "#q") shown("[role=search] input[type=search]")?.focus();
})();
