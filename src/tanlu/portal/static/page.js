// Charts, the copy button, and announcements. Every page works without this file: tables and pictures are served.

const said = document.getElementById("said");

function announce(text) {
  said.textContent = text;
  said.classList.add("shown");
  setTimeout(() => said.classList.remove("shown"), 2500);
}

async function draw(figure) {
  const place = figure.querySelector(".plot");
  try {
    const answer = await fetch(figure.dataset.chart);
    if (!answer.ok) throw new Error(String(answer.status));
    const spec = await answer.json();
    // The expression interpreter ("ast") needs no eval, so the content security policy stays strict.
    const options = { renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: tooltip(place) };
    const { view } = await window.tanluCharts.embed(place, spec, options);
    // The place carries role and text of the picture; its marks would only repeat them one by one.
    place.querySelector("svg").setAttribute("aria-hidden", "true");
    figure.view = view;
    figure.dataset.drawn = "yes";
    figure.dispatchEvent(new CustomEvent("tanlu:drawn", { bubbles: true, detail: view }));
  } catch (error) {
    place.textContent = figure.dataset.failed;
    figure.dataset.drawn = "failed";
    console.error(error);
  }
}

function tooltip(place) {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  return (handler, event, item, value) => {
    if (value === null || value === undefined || value === "") {
      tip.remove();
      return;
    }
    tip.replaceChildren(...Object.entries(value).map(([name, text]) => {
      const line = document.createElement("div");
      const label = document.createElement("span");
      label.textContent = name;
      line.append(label, " ", String(text));
      return line;
    }));
    document.body.append(tip);
    const right = event.clientX + tip.offsetWidth + 24 > window.innerWidth;
    tip.style.left = `${event.clientX + (right ? -tip.offsetWidth - 12 : 12)}px`;
    tip.style.top = `${event.clientY + 12}px`;
  };
}

function watch(figures) {
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        observer.unobserve(entry.target);
        draw(entry.target);
      }
    }
  }, { rootMargin: "400px" });
  figures.forEach((figure) => observer.observe(figure));
}

function copying(buttons) {
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = new URL(window.location.href);
      address.hash = button.dataset.copy;
      await navigator.clipboard.writeText(address.href);
      announce(button.dataset.done);
    });
  }
}

// A part of the page that was put in later gets its charts and buttons too.
document.addEventListener("tanlu:fresh", (event) => {
  copying(event.detail.querySelectorAll("[data-copy]"));
  watch(event.detail.querySelectorAll("[data-chart]"));
});

// A file that the server would not read is told before it is sent.
for (const field of document.querySelectorAll("input[data-most-bytes]")) {
  field.addEventListener("change", () => {
    const files = [...field.files];
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const fits = bytes <= Number(field.dataset.mostBytes) && files.length <= Number(field.dataset.mostFiles);
    field.setCustomValidity(fits ? "" : field.dataset.tooLarge);
    field.reportValidity();
  });
}

copying(document.querySelectorAll("[data-copy]"));
watch(document.querySelectorAll("[data-chart]"));
