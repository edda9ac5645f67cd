// A visit's words survive a dead spot: they are kept on the telephone until they have arrived.
(() => {
  "use strict";
  const arrived = document.querySelector("[data-kept]");
  if (arrived) localStorage.removeItem(arrived.dataset.kept);

  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const key = form.dataset.keep;
  const fields = [...form.elements].filter((one) => one.name && one.matches("input:not([type=hidden]):not([type=file]), textarea, select"));
  const keep = () => {
    const values = Object.fromEntries(fields.map((one) => [one.name, one.value]));
    localStorage.setItem(key, JSON.stringify(values));
  };
  const kept = JSON.parse(localStorage.getItem(key) ?? "{}");
  let restored = false;
  for (const one of fields) {
    // What the server sent back was typed later than what is kept here.
    if (!kept[one.name] || (one.value && one.type !== "date")) continue;
    restored ||= one.value !== kept[one.name];
    one.value = kept[one.name];
  }
  form.querySelector("[data-restored]").hidden = !restored;
  form.addEventListener("input", keep);

  const offline = form.querySelector("[data-offline]");
  const say = () => { offline.hidden = navigator.onLine; };
  addEventListener("online", say);
  addEventListener("offline", say);
  form.addEventListener("submit", (event) => {
    keep();
    if (navigator.onLine) return;
    event.preventDefault();
    say();
    offline.scrollIntoView({block: "nearest"});
  });
  say();
})();
