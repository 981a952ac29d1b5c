// What goes out: a scanner's Enter leads on, and who has opened a document may approve.
// Everything goes without it: Enter then does nothing, and the page is loaded again by hand.
"use strict";

(() => {
  // A scanner of barcodes types the number and presses Enter: the next field takes the focus.
  document.addEventListener("keydown", (event) => {
    const scanned = event.target.dataset?.scan;
    if (!scanned || event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    document.getElementById(scanned)?.focus();
  });

  // A document opens in a tab or a window of its own, or is kept by the browser. Meanwhile the page
  // asks whether the opening is on record; the answer is the button. What was typed elsewhere stays.
  const EVERY_MS = 1000;
  const TIMES_MAX = 900;
  let asking = 0;
  const ask = (times) => {
    const part = document.getElementById("approve");
    if (!part || part.querySelector("[data-primary]") || times > TIMES_MAX) { asking = 0; return; }
    if (document.visibilityState === "visible") part.dispatchEvent(new Event("opened"));
    asking = setTimeout(ask, EVERY_MS, times + 1);
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-opens]")) return;
    clearTimeout(asking);
    asking = setTimeout(ask, EVERY_MS, 0);
  });

  // Pages without a document of their own are printed as they are.
  const printer = document.getElementById("print-page");
  if (printer) {
    printer.hidden = false;
    printer.addEventListener("click", () => window.print());
  }
})();
