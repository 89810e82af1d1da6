// Uploads with a bar, names that are found while they are typed. Every form works without this file.

for (const form of document.querySelectorAll("form[data-progress]")) {
  form.addEventListener("submit", event => {
    event.preventDefault();
    const bar = form.querySelector("progress"), said = document.querySelector("#said");
    const request = new XMLHttpRequest();
    request.open("POST", form.action || location.href);
    bar.hidden = false;
    let told = -1;
    request.upload.addEventListener("progress", e => {
      if (!e.lengthComputable) return;
      bar.value = 100 * e.loaded / e.total;
      const tenth = Math.floor(bar.value / 10);
      if (tenth === told) return;
      told = tenth;
      said.textContent = `${form.dataset.progress} ${Math.round(bar.value)} %`;
      said.classList.add("shown");
    });
    request.addEventListener("load", () => {
      if (request.status < 400 && request.responseURL) { location.assign(request.responseURL); return; }
      // the answer is a page of this server: its message is shown in place of the form's page
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const fresh = page.querySelector("main"), here = document.querySelector("main");
      if (fresh) here.replaceWith(fresh); else location.reload();
      said.classList.remove("shown");
      findNames();
      document.querySelector("#problems-said")?.focus();
    });
    request.addEventListener("error", () => location.reload());
    request.send(new FormData(form));
  });
}

// also for a form that took the place of another
function findNames() {
  for (const input of document.querySelectorAll("input[data-find]")) {
    let waiting = 0, asked = "";
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      const words = input.value.trim();
      if (words.length < 2 || words === asked || [...input.list.options].some(o => o.value === words)) return;
      waiting = setTimeout(async () => {
        asked = words;
        const address = new URL(input.dataset.find, location.href);
        address.searchParams.set("q", words);
        const answer = await fetch(address).catch(() => null);
        if (!answer?.ok || asked !== words) return;
        const options = (await answer.json()).map(label => Object.assign(document.createElement("option"), {value: label}));
        input.list.replaceChildren(...options);
      }, 200);
    });
  }
}

findNames();
document.querySelector("#problems-said")?.focus();
