// Solves the check of a form against robots in a worker, while the form is
// being filled in. Without this module a form is sent without a solution, which
// the portal takes under tighter limits.

for (const form of document.querySelectorAll("form[data-proof]")) check(form);

function check(form) {
  const solution = form.elements.solution;
  const status = form.querySelector("[data-proof-status]");
  let waiting = null;
  let worker;
  try {
    worker = new Worker(form.dataset.proof, { type: "module" });
  } catch {
    return;
  }
  const settled = (value) => {
    worker.terminate();
    solution.value = value;
    form.dataset.proofDone = "";
    status.textContent = "";
    if (waiting) form.requestSubmit(waiting.submitter ?? undefined);
  };
  worker.onmessage = (event) => settled(event.data);
  worker.onerror = () => settled("");
  worker.postMessage(form.elements.challenge.value);
  form.addEventListener("submit", (event) => {
    if ("proofDone" in form.dataset) return;
    event.preventDefault();
    waiting = event;
    status.textContent = "One moment: your browser completes a check against robots.";
  });
}
