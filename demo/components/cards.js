// Until a picture is there its museum's cover stands in, out of focus; one that fails is not shown.
function look() {
  element.querySelectorAll("img").forEach((image) => {
    image.addEventListener("error", () => image.classList.add("broken"), { once: true });
    if (image.complete) return;
    image.classList.add("coming");
    image.addEventListener("load", () => image.classList.remove("coming"), { once: true });
  });
}
watch("value", look);
look();
