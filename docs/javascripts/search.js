// the theme hears keys only: words that come without one (pasted, spoken, written by hand) are told to it as well
document.addEventListener("input", (event) => {
  if (event.target.matches(".md-search__input")) event.target.dispatchEvent(new KeyboardEvent("keyup"));
});
