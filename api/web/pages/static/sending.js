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

  // What is printed opens in a tab of its own; the number of the post is scanned next. Whoever printed
  // it before (several at once) scans at once: what a scanner types first leads into the field.
  for (const printed of document.querySelectorAll("[data-then]")) {
    const field = document.getElementById(printed.dataset.then);
    printed.addEventListener("click", () => field?.focus());
    printed.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (/^[0-9A-D]$/.test(event.key)) field?.focus();
    });
  }

  // A document opens in a tab or a window of its own, or is kept by the browser. Meanwhile the page
  // asks whether the opening is on record; the answer is the button. What was typed elsewhere stays.
  // It is asked in a page that is seen, and for some minutes: whoever left is not kept signed in.
  const MINUTES_MAX = 15;
  const isTyped = () => [...document.querySelectorAll("textarea")].some((one) => one.value);
  // Whoever has typed is led nowhere: what they send is answered with what became of it, and stays.
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.hx.redirect && isTyped()) event.preventDefault();
  });
  const asks = (id, seconds, isDone) => {
    let asking = 0;
    const ask = (times) => {
      const part = document.getElementById(id);
      if (!part || isDone(part) || times > (MINUTES_MAX * 60) / seconds) return;
      if (document.visibilityState === "visible") part.dispatchEvent(new Event("asked"));
      asking = setTimeout(ask, seconds * 1000, times + 1);
    };
    return () => { clearTimeout(asking); asking = setTimeout(ask, seconds * 1000, 0); };
  };
  const whetherOpened = asks("approve", 1, (part) => part.querySelector("[data-primary]"));
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-opens]")) whetherOpened();
  });

  // From the list of what waits for an approval, the letter opens beside the page of the approval.
  const OPENING = "#opening";
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-letter]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    open(link.dataset.letter, "_blank", "noopener");
    if (!link.hash) link.hash = OPENING;
  });
  const letters = document.getElementById("letters-help");
  if (letters) letters.hidden = false;
  if (location.hash === OPENING) whetherOpened();

  // Whoever prepared a letter waits for somebody else: once that has decided, the page leads on.
  asks("waiting", 3, () => false)();

  // Pages without a document of their own are printed as they are.
  const printer = document.getElementById("print-page");
  if (printer) {
    printer.hidden = false;
    printer.addEventListener("click", () => window.print());
  }
})();
