"use strict";
// The strip of sample grids is always there; with a script, a slider goes through it.
(() => {
  const slider = document.getElementById("slider");
  if (!slider) return;
  const viewer = document.getElementById("viewer");
  const shown = document.createElement("img");
  const when = document.getElementById("when");
  const figures = document.querySelectorAll(".strip figure");
  const show = () => {
    const picture = figures[slider.value].querySelector("img");
    shown.src = picture.src;
    shown.alt = picture.alt;
    shown.width = picture.width;
    shown.height = picture.height;
    when.textContent = figures[slider.value].querySelector("figcaption").textContent;
    slider.setAttribute("aria-valuetext", when.textContent);
    figures.forEach((figure, i) => figure.classList.toggle("chosen", i === Number(slider.value)));
  };
  figures.forEach((figure, i) => figure.addEventListener("click", () => { slider.value = i; show(); }));
  slider.addEventListener("input", show);
  show();
  shown.id = "shown";
  viewer.prepend(shown);
  viewer.hidden = false;
})();
