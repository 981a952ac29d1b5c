// The moment of a history: a slider beside the field, and a field that is filled in is chosen.
// Everything goes without it: the position is typed, and the radio is pressed by hand.
"use strict";

(() => {
  const part = document.querySelector("[data-as-of]");
  if (!part) return;
  const choose = (moment) => {
    const radio = document.querySelector(`input[name=moment][value=${moment}]`);
    if (radio) radio.checked = true;
  };
  const field = part.querySelector("#position");
  const slider = part.querySelector("input[type=range]");
  slider.closest("label").hidden = false;
  slider.addEventListener("input", () => { field.value = slider.value; choose("position"); });
  field.addEventListener("input", () => { slider.value = field.value; choose("position"); });
  document.getElementById("as_of")?.addEventListener("input", () => choose("day"));
})();
