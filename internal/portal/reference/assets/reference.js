// Filters the list of operations as one types, and opens what a link leads to.
// Without this module the form asks the server, and details are opened by hand.

const form = document.querySelector("form[data-filter]");

if (form) {
  const input = form.querySelector("input[type=search]");
  const found = form.querySelector("[data-found]");
  const none = document.querySelector("[data-none]");
  const groups = [...document.querySelectorAll("[data-group]")].map((element) => ({
    element,
    rows: [...element.querySelectorAll("[data-operation]")].map((row) => ({
      row, text: (row.textContent + " " + element.firstElementChild.textContent).toLowerCase(),
    })),
  }));
  const whole = !new URLSearchParams(location.search).get("q");

  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of groups) {
      let any = false;
      for (const { row, text } of group.rows) {
        const matches = words.every((word) => text.includes(word));
        if (row.hidden === matches) row.hidden = !matches;
        if (matches) shown++;
        any ||= matches;
      }
      if (group.element.hidden === any) group.element.hidden = !any;
    }
    none.hidden = shown > 0;
    found.textContent = `${shown} shown`;
  };

  // A list that the server has filtered already lacks the rest: then it is asked.
  if (whole && none) {
    input.addEventListener("input", filter);
    form.addEventListener("submit", (event) => {
      if (!form.by || form.by.value === (form.by.querySelector("[selected]")?.value ?? form.by.value)) {
        event.preventDefault();
        filter();
      }
    });
  }
  form.by?.addEventListener("change", () => form.submit());
}

// reveal opens the details around the element that the address names.
function reveal() {
  let id;
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let at = target; at; at = at.parentElement) {
    if (at.tagName === "DETAILS") at.open = true;
  }
  target.scrollIntoView({ block: "start" });
}

addEventListener("hashchange", reveal);
reveal();
