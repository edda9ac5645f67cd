// Keys for the values of a contract that was read: N and P go on and back, C confirms.
(() => {
  "use strict";
  const values = [...document.querySelectorAll("[data-value]")];
  const inText = "input:not([type=checkbox]), textarea, select";
  let at = -1;

  const marksOf = (place) => [...document.querySelectorAll("mark[data-places]")]
    .filter((mark) => mark.dataset.places.split(" ").includes(place));

  const choose = (index, focus) => {
    if (!values[index]) return;
    at = index;
    for (const value of values) value.removeAttribute("aria-current");
    for (const mark of document.querySelectorAll("mark.current")) mark.classList.remove("current");
    values[at].setAttribute("aria-current", "true");
    const marks = marksOf(values[at].dataset.value);
    for (const mark of marks) mark.classList.add("current");
    const frame = document.querySelector(".contract-text");
    if (marks[0]) frame.scrollTop += marks[0].getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 3;
    if (focus) values[at].querySelector(`${inText}, .said`)?.focus();
  };

  const KEYS = {
    n: () => choose(Math.min(at + 1, values.length - 1), true),
    p: () => choose(Math.max(at - 1, 0), true),
    c: () => values[at]?.querySelector("input[type=checkbox]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey) return;
    if (event.target.matches?.(inText) && !event.altKey) return;
    const act = KEYS[event.altKey ? event.code.replace("Key", "").toLowerCase() : event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("focusin", (event) => {
    const value = event.target.closest?.("[data-value]");
    if (value) choose(values.indexOf(value), false);
  });
  for (const mark of document.querySelectorAll("mark[data-places]")) {
    mark.addEventListener("click", () => choose(values.findIndex((one) => one.dataset.value === mark.dataset.places.split(" ")[0]), true));
  }
})();
